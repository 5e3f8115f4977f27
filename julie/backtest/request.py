"""From words to a `Request`: which bars, which instruments are traded on them, which strategies,
which news.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from julie.backtest.runner import Request
from julie.core.bars import Bars
from julie.core.calendar import load_calendar
from julie.core.errors import DataError, UsageError
from julie.core.instruments import DEFAULT_TRADED, Instrument, same_market
from julie.core.news import NewsTimes
from julie.core.sessions import date_of
from julie.defense.news import P
from julie.feeds.news import news_times
from julie.settings import Settings
from julie.store.read import load_several, ordinal
from julie.strategies.base import Strategy
from julie.strategies.catalogue import named
from julie.synth import sample


@dataclass(frozen=True, slots=True)
class Asked:
    """The command line's words about a run."""

    # (file or folder, symbol), an empty name = the dataset of the data folder; none = the sample
    sources: tuple[tuple[str, str], ...] = ()
    trade: tuple[str, ...] = ()
    mapping: Mapping[str, str] | None = None
    adjust: str = ""  # back or raw; empty = as configured
    tz: str | None = None
    first: str | None = None
    last: str | None = None
    strategies: tuple[str, ...] = ()


def chosen(words: Sequence[str], settings: Settings) -> tuple[Strategy, ...]:
    """The strategies named, else those that the configuration enables; in alphabetical order."""
    names = words or settings.strategies.enabled()
    if not names:
        raise UsageError(
            "no strategy is enabled", "enable one in config.yaml, or name some with --strategies"
        )
    found = {one.name: one for one in map(named, names)}
    return tuple(found[name] for name in sorted(found))


def outside(words: Sequence[str]) -> dict[str, Strategy]:
    """The strategies among the words that are files of their own."""
    return {one.name: one for one in (named(word) for word in words if ".py" in word)}


def make_request(asked: Asked, settings: Settings, data_dir: Path) -> Request:
    """Load everything a run needs."""
    strategies = chosen(asked.strategies, settings)
    table = settings.instrument_table()
    first = _days(asked)[0]
    series = _bars(asked, settings, table, data_dir)
    traded = traded_on(asked.trade, series, table)
    news = news_of(settings)
    return Request(series, traded, strategies, settings, news, first, has_vix=not asked.sources)


def _days(asked: Asked) -> tuple[date | None, date | None]:
    """First and last trading day asked for."""
    found = [ordinal(asked.first, "--from"), ordinal(asked.last, "--to")]
    first, last = (None if day is None else date_of(day) for day in found)
    if first is not None and last is not None and first > last:
        raise UsageError(f"--from {first} lies after --to {last}", "exchange them")
    return first, last


def _bars(
    asked: Asked, settings: Settings, table: Mapping[str, Instrument], data_dir: Path
) -> tuple[Bars, ...]:
    if not asked.sources:
        return tuple(_until(bars, _days(asked)[1]) for bars in sample(data_dir).bars.values())
    return load_several(
        [source or _dataset(data_dir, symbol) for source, symbol in asked.sources],
        [_known(symbol, table) for _, symbol in asked.sources],
        mapping={**settings.data.map, **(asked.mapping or {})},
        adjust="raw" if (asked.adjust or settings.data.adjust) == "raw" else "back",
        end=asked.last,
        tz=asked.tz,
        symbol_mode=settings.data.symbol_mode,
        method=settings.data.roll_by,
        contract=settings.data.contract,
    )


def _dataset(data_dir: Path, symbol: str) -> str:
    folder = data_dir / "bars"
    if not folder.is_dir():
        raise UsageError(
            f"there are no bars of {symbol} under {folder}",
            f"`julie data import FILE --symbol {symbol}` brings them in, --data FILE reads a file",
        )
    return str(folder)


def _until(bars: Bars, last: date | None) -> Bars:
    """The sample up to a trading day."""
    if last is None:
        return bars
    calendar = load_calendar()
    day = calendar.day[calendar.index_of(bars.ts)]
    rows = int(np.searchsorted(day, (last - date(1970, 1, 1)).days, side="right"))
    if rows == 0:
        raise DataError(
            f"the sample has no bars up to {last}",
            f"it holds the trading days {date_of(int(day[0]))} to {date_of(int(day[-1]))}",
        )
    return bars.rows(0, rows)


def _known(symbol: str, table: Mapping[str, Instrument]) -> Instrument:
    found = table.get(symbol.upper())
    if found is None:
        raise UsageError(
            f"unknown instrument {symbol!r}",
            f"known: {', '.join(sorted(table))}; others go under `instruments:` in config.yaml",
        )
    return found


def traded_on(
    words: Sequence[str], series: Sequence[Bars], table: Mapping[str, Instrument]
) -> tuple[Instrument, ...]:
    """What is traded on each series: named with --trade, else its micro."""
    if words and len(words) != len(series):
        raise UsageError(
            f"{len(words)} x --trade but {len(series)} instruments",
            "give one --trade an instrument",
        )
    symbols = words or [
        DEFAULT_TRADED.get(b.instrument.symbol, b.instrument.symbol) for b in series
    ]
    traded = tuple(_known(symbol, table) for symbol in symbols)
    for one, bars in zip(traded, series, strict=True):
        if not same_market(one.symbol, bars.instrument.symbol):
            raise UsageError(
                f"{one.symbol} cannot be traded on {bars.instrument.symbol}: another market",
                f"trade {bars.instrument.symbol} or its micro",
            )
    twice = {one.symbol for one in traded if sum(one.symbol == b.symbol for b in traded) > 1}
    if twice:
        raise UsageError(
            f"{', '.join(sorted(twice))} would be traded on two series",
            "name what is traded on each with --trade",
        )
    return traded


def news_of(settings: Settings) -> NewsTimes:
    """The calendar that the news judge is given; nothing when it is off."""
    entry = settings.defense.layers().get("news", {})
    numbers = P() if isinstance(entry, str) else P(**entry)
    return news_times(numbers.file, numbers.fixed_times)
