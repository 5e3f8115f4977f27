"""Trades of a run as a person asks for them: lines, plain objects, or a page of charts."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from julie.backtest.record_files import TRADES_FILE, read_columns
from julie.backtest.report.model import Report
from julie.backtest.report.page import page
from julie.backtest.report.series import encoded_bars, leg_columns
from julie.backtest.report.when import eastern_times
from julie.backtest.result import Coded, Columns
from julie.core.bars import Bars

BARS_BEFORE: Final = 45
BARS_AFTER: Final = 20

Rows = npt.NDArray[np.int64]


def trades_of(folder: Path) -> Columns:
    """The legs of a run."""
    return read_columns(folder / TRADES_FILE)


def last_legs(trades: Columns, last: int | None) -> Rows:
    """Rows of the newest `last` trades with all their legs, oldest first; None takes all."""
    ids, entry = np.asarray(trades["trade_id"]), np.asarray(trades["entry_ts"])
    order = np.lexsort((np.asarray(trades["leg"]), ids, entry))
    if last is None:
        return order
    newest = list(dict.fromkeys(ids[order[::-1]].tolist()))[:last]
    kept: Rows = order[np.isin(ids[order], newest)]
    return kept


def leg_objects(trades: Columns, rows: Rows) -> list[dict[str, Any]]:
    """Legs as JSON has them: the record's names, null where not applicable, times in words too."""
    columns: dict[str, list[Any]] = {}
    for name, column in trades.items():
        if isinstance(column, Coded):
            columns[name] = [word or None for word in column.take(rows).words()]
        else:
            values = column[rows]
            known = np.isfinite(values) if values.dtype.kind == "f" else np.ones(len(rows), bool)
            pairs = zip(values.tolist(), known.tolist(), strict=True)
            columns[name] = [value if ok else None for value, ok in pairs]
    for name in ("decided", "entry", "exit"):
        columns[f"{name}_time"] = eastern_times(np.asarray(trades[f"{name}_ts"])[rows])
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def leg_lines(trades: Columns, rows: Rows) -> list[str]:
    """Legs as lines of a terminal."""
    head = (
        f"{'entry (ET)':<17}{'trade':>6}{'leg':>4} {'strategy':<22}{'':<5}{'side':<6}{'qty':>3}"
        f"{'in':>11}{'out':>11}  {'exit':<12}{'net':>11}"
    )
    lines = [head]
    for leg in leg_objects(trades, rows):
        side = "long" if leg["side"] > 0 else "short"
        lines.append(
            f"{leg['entry_time'][:16].replace('T', ' '):<17}{leg['trade_id']:>6}{leg['leg']:>4} "
            f"{leg['strategy'][:21]:<22}{leg['instrument']:<5}{side:<6}{leg['qty']:>3}"
            f"{leg['entry_price']:>11,.2f}{leg['exit_price']:>11,.2f}  {leg['exit_reason']:<12}"
            f"{leg['net']:>11,.2f}"
        )
    return lines


def trades_page(report: Report, trades: Columns, rows: Rows, bars: Mapping[str, Bars]) -> str:
    """A self-contained page with a candle chart for each of the trades."""
    ids = np.asarray(trades["trade_id"])[rows]
    windows = [
        _window(trades, rows, np.flatnonzero(ids == trade), bars)
        for trade in dict.fromkeys(ids[::-1].tolist())
    ]
    whole = len(np.unique(np.asarray(trades["trade_id"])))
    series = {
        "trades": leg_columns(trades, rows),
        "windows": windows,
        "ticks": {symbol: one.instrument.tick for symbol, one in bars.items()},
    }
    facts = {
        "run_id": report.summary.run_id,
        "simulated": report.simulated,
        "words": f"The newest {len(windows):,} of {whole:,} trades, newest first.",
    }
    return page(
        f"Trades of {report.summary.run_id}",
        "trades.js",
        {"report": msgspec.json.encode(facts), "series": msgspec.json.encode(series)},
    )


def _window(trades: Columns, rows: Rows, places: Rows, bars: Mapping[str, Bars]) -> dict[str, Any]:
    """The bars round all legs of one trade; `places` count within `rows`."""
    legs = rows[places]
    instruments = trades["instrument"]
    symbol = (instruments if isinstance(instruments, Coded) else Coded.of(instruments)).take(legs)
    series = bars[symbol.words()[0]]
    first = int(np.asarray(trades["entry_ts"])[legs].min())
    last = int(np.asarray(trades["exit_ts"])[legs].max())
    start = int(np.searchsorted(series.ts, first, side="right")) - 1 - BARS_BEFORE
    stop = int(np.searchsorted(series.ts, last, side="right")) + BARS_AFTER
    return {
        "symbol": symbol.words()[0],
        "trades": places.tolist(),
        **encoded_bars(series, max(start, 0), min(stop, len(series))),
    }
