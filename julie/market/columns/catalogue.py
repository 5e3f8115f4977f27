"""Every column of the market that a person may write, with an example of its arguments.

The examples are what the laws of columns are tried on: equal in blocks of any length, blind to the
future, forgetful after their memory, and true upside down.
"""

from collections.abc import Callable, Mapping
from typing import Final

from julie.market.columns import (
    averages,
    bands,
    directional,
    extremes,
    memory,
    minutes,
    oscillators,
    percentile,
    raw,
    volume,
)
from julie.market.columns.column import Column
from julie.market.columns.expression import Entry
from julie.market.columns.expression import parse as parse_with
from julie.market.columns.peers import peer, peer_age
from julie.market.columns.structures import STRUCTURES
from julie.market.columns.timeframe import new_bar, on

BARS = (raw.OPEN, raw.HIGH, raw.LOW, raw.CLOSE, raw.VOLUME, raw.SHIFT)
CLOCKS = (raw.DAY, raw.MINUTE, raw.DAY_MINUTES, raw.SESSION, raw.DAY_OPEN, raw.SESSION_OPEN)


def _plain(column: Column) -> Entry:
    return Entry(lambda: column)


def entries(*rows: tuple[Callable[..., Column], str]) -> dict[str, Entry]:
    """Constructors by their own name, each with its example."""
    return {build.__name__: Entry(build, example) for build, example in rows}


CONSTRUCTORS: Final[Mapping[str, Entry]] = {
    **{column.output.name: _plain(column) for column in (*BARS, *CLOCKS)},
    **entries(
        (on, "5m, ema(close, 5)"),
        (new_bar, "5m"),
        (peer, "NQ, ema(close, 5)"),
        (peer_age, "NQ"),
        (averages.sma, "close, 20"),
        (averages.ema, "close, 20"),
        (averages.wilder, "close, 14"),
        (averages.true_range, ""),
        (averages.atr, "14"),
        (extremes.highest, "high, 20"),
        (extremes.lowest, "rsi(14), 3"),
        (extremes.stdev, "close, 20"),
        (bands.bollinger_mid, "20, 2.0"),
        (bands.bollinger_upper, "20, 2.0"),
        (bands.bollinger_lower, "20, 2.0"),
        (bands.bollinger_width, "20, 2.0"),
        (bands.keltner_upper, "20, 1.5, 14"),
        (bands.keltner_lower, "20, 1.5, 14"),
        (bands.donchian_high, "20"),
        (bands.donchian_low, "20"),
        (bands.supertrend_line, "10, 3.0"),
        (bands.supertrend_direction, "10, 3.0"),
        (oscillators.rsi, "14"),
        (oscillators.macd_line, "12, 26"),
        (oscillators.macd_signal, "12, 26, 9"),
        (oscillators.macd_hist, "12, 26, 9"),
        (oscillators.stochastic_k, "14, 3"),
        (oscillators.stochastic_d, "14, 3, 3"),
        (oscillators.williams, "14"),
        (oscillators.typical, ""),
        (oscillators.cci, "20"),
        (directional.adx, "14"),
        (directional.plus_di, "14"),
        (directional.minus_di, "14"),
        (directional.er, "30"),
        (directional.persistence, "30"),
        (directional.persistence_up, "30"),
        (directional.persistence_down, "30"),
        (directional.ratio, "atr(5), atr(60)"),
        (memory.within, "supertrend_direction(10, 3.0), 5"),
        (memory.since, "supertrend_direction(10, 3.0), -1, 100"),
        (memory.count_run, "supertrend_direction(10, 3.0), 1, 100"),
        (percentile.percentile, "atr(14)"),
        (percentile.quantile, "atr(14), 20"),
        (percentile.session_median, "close, 5"),
        (minutes.minute_mean, "volume"),
        (minutes.minute_stdev, "volume"),
        (minutes.minute_median, "true_range, 5"),
        (minutes.rvol, ""),
        (volume.vwap, ""),
        (volume.vwap_sd, ""),
        (volume.ny_vwap, ""),
        (volume.ny_vwap_sd, ""),
        *STRUCTURES,
    ),
}


def parse(text: str, known: Mapping[str, Entry] = CONSTRUCTORS) -> Column:
    """The column that an expression means, such as `on(5m, ema(close, 20))`."""
    return parse_with(text, known)
