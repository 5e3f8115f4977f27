"""What the plots are drawn from: the curve, the legs' columns and candles of the days that traded.

Everything is embedded as JSON, so the page can be checked against the parquet. A long run keeps the
newest legs and days up to a size that a browser opens gladly, and says how many those are.
"""

from collections.abc import Iterator
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from julie.backtest.ledger import Ledger
from julie.backtest.report.model import Curve
from julie.backtest.result import Coded, Columns, RunResult
from julie.core.bars import Bars
from julie.core.sessions import date_of

MOST_LEGS: Final = 12_000
CANDLE_BYTES: Final = 3_000_000
NS_A_MS: Final = 1_000_000

_TIMES: Final = {"decided_ms": "decided_ts", "entry_ms": "entry_ts", "exit_ms": "exit_ts"}
_NUMBERS: Final = (
    *("trade_id", "leg", "side", "qty", "entry_price", "exit_price", "stop_price", "target_price"),
    *("stop_at_exit", "net", "mae", "mfe", "bars", "tie"),
)
_WORDS: Final = ("strategy", "instrument", "exit_reason", "session", "mode")

Rows = npt.NDArray[np.int64]


def series_json(result: RunResult, book: Ledger, curve: Curve, *, plots: bool) -> bytes:
    """The embedded series; without plots only what says that there are none."""
    if not plots:
        none = Curve(ms=[], cents=[], drawdown=[])
        return msgspec.json.encode({"plots": False, "curve": none})
    rows = book.leg_row[-MOST_LEGS:]
    candles, candles_note = day_candles(result, rows)
    whole = {
        "plots": True,
        "curve": curve,
        "trades": leg_columns(result.trades, rows),
        "trades_note": _left_out(len(rows), len(book.leg_row), "legs"),
        "ticks": {symbol: table.tick for symbol, table in result.instruments.items()},
        "candles": candles,
        "candles_note": candles_note,
    }
    return msgspec.json.encode(whole)


def leg_columns(trades: Columns, rows: Rows) -> dict[str, Any]:
    """Legs as columns; words as places in a list, times in ms since 1970."""
    columns: dict[str, list[Any]] = {}
    words: dict[str, list[str]] = {}
    for name, source in _TIMES.items():
        columns[name] = (np.asarray(trades[source])[rows] // NS_A_MS).tolist()
    for name in _NUMBERS:
        columns[name] = np.asarray(trades[name])[rows].tolist()
    for name in _WORDS:
        column = trades[name]
        coded = column if isinstance(column, Coded) else Coded.of(column)
        columns[name], words[name] = coded.codes[rows].tolist(), list(coded.names)
    return {"columns": columns, "words": words}


def day_candles(result: RunResult, rows: Rows) -> tuple[list[msgspec.Raw], str]:
    """Candles of each day and instrument that `rows` (the embedded legs) trade, newest first."""
    kept: list[msgspec.Raw] = []
    size = days = 0
    for made in _traded_days(result, rows):
        days += 1
        if size <= CANDLE_BYTES:
            kept.append(msgspec.Raw(made))
            size += len(made)
    return kept, _left_out(len(kept), days, "days with a trade")


def encoded_bars(bars: Bars, start: int, stop: int) -> dict[str, Any]:
    """Rows of a series in ticks: four small numbers a bar, times by the gaps between them."""
    tick = bars.instrument.tick
    opened, high, low, close = (
        np.rint(price[start:stop] / tick).astype(np.int64)
        for price in (bars.open, bars.high, bars.low, bars.close)
    )
    before = np.concatenate((opened[:1], close[:-1]))
    top, bottom = np.maximum(opened, close), np.minimum(opened, close)
    flat = np.stack((opened - before, high - top, bottom - low, close - opened), axis=1)
    ts = bars.ts[start:stop]
    skipped = np.diff(ts) // bars.base_ns - 1
    gaps = np.flatnonzero(skipped)
    return {
        "start_ms": int(ts[0]) // NS_A_MS,
        "step_ms": bars.base_ns // NS_A_MS,
        "first_close": int(opened[0]),
        "gaps": np.stack((gaps + 1, skipped[gaps]), axis=1).tolist(),
        "bars": flat.reshape(-1).tolist(),
    }


def _traded_days(result: RunResult, rows: Rows) -> Iterator[bytes]:
    instruments = result.trades["instrument"]
    coded = instruments if isinstance(instruments, Coded) else Coded.of(instruments)
    entry = np.asarray(result.trades["entry_ts"])[rows]
    day_of = np.maximum(np.searchsorted(result.day_open, entry, side="right") - 1, 0)
    code_of = coded.codes[rows]
    for day in range(len(result.days) - 1, -1, -1):
        today = np.flatnonzero(day_of == day)
        for code in np.unique(code_of[today]).tolist():
            bars = result.bars[coded.names[code]]
            start, stop = _day_rows(bars, result.day_open, day)
            if stop <= start:
                continue
            yield msgspec.json.encode(
                {
                    "symbol": coded.names[code],
                    "day": date_of(int(result.days[day])).isoformat(),
                    "trades": today[code_of[today] == code].tolist(),
                    **encoded_bars(bars, start, stop),
                }
            )


def _day_rows(bars: Bars, day_open: npt.NDArray[np.int64], day: int) -> tuple[int, int]:
    edges = day_open[day : day + 2]
    start = int(np.searchsorted(bars.ts, edges[0]))
    stop = int(np.searchsorted(bars.ts, edges[1])) if len(edges) > 1 else len(bars)
    return start, stop


def _left_out(kept: int, whole: int, what: str) -> str:
    if kept == whole:
        return ""
    return (
        f"The newest {kept:,} of {whole:,} {what} are embedded here; trades.parquet has them all, "
        "and `julie trades --plot` draws any of them."
    )
