"""Columns over whole series of bars, a block at a time: years need no more memory than days.

The first series carries the columns; others are peers, joined by close time. Prices go in adjusted
for rolls; what comes out stands on that adjusted series too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from julie.core.bars import Bars
from julie.core.errors import UsageError
from julie.market.columns import peers, timeframe
from julie.market.columns.column import MISSING, Column, walk
from julie.market.columns.frame import Buffer
from julie.market.columns.graph import BLOCK, Graph

Ends = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Some rows of the first series with the columns' values, NaN where one is not ready."""

    ts: Buffer
    values: dict[Column, Buffer]


def adjusted_rows(bars: Bars, start: int, stop: int) -> dict[str, Buffer]:
    """Rows as the graph takes them: prices moved by the shift of their contract."""
    shift = bars.shift[start:stop]
    names = ("open", "high", "low", "close")
    rows: dict[str, Buffer] = {name: getattr(bars, name)[start:stop] + shift for name in names}
    return rows | {"ts": bars.ts[start:stop], "volume": bars.volume[start:stop], "shift": shift}


def refuse(column: Column, series: Sequence[Bars], tables: Mapping[str, Buffer]) -> None:
    """Say at once which series or table a column lacks."""
    own, named = series[0], [bars.instrument.symbol for bars in series]
    for one in walk(column):
        if one.kernel in (peers.PEER, peers.PEER_AGE) and one.where not in named:
            raise UsageError(
                f"{column.expression} needs bars of {one.where}",
                f"add --data FILE --symbol {one.where}",
            )
        if one.kernel in (timeframe.ON, timeframe.NEW) and (
            timeframe.SECONDS[one.where] < own.base_s
        ):
            raise UsageError(
                f"{column.expression} asks for {one.where} bars of {own.base_s // 60}-minute bars",
                "ask for a longer timeframe, or give finer bars",
            )
        for table in one.kernel.tables:
            known = table == "bar_min" or table in tables or f"{named[0]}:{table}" in tables
            if not known:
                raise UsageError(
                    f"{column.expression} needs the table {table!r}, which was not given",
                    "leave it out: no table by bucket is part of this run",
                )


def blocks(
    series: Sequence[Bars],
    columns: Sequence[Column],
    tables: Mapping[str, Buffer],
    capacity: int = BLOCK,
) -> Iterator[Block]:
    """The columns of the first series, block by block."""
    for column in columns:
        refuse(column, series, tables)
    symbols = [bars.instrument.symbol for bars in series]
    wanted: dict[str, Sequence[Column]] = dict.fromkeys(symbols, ())
    wanted[symbols[0]] = columns
    bar_s = {symbol: bars.base_s for symbol, bars in zip(symbols, series, strict=True)}
    graph = Graph(wanted, bar_s, tables, capacity)
    frame, done = graph.frame(symbols[0]), [0] * len(series)
    while done[0] < len(series[0]):
        # as far as no series brings more rows than a block holds
        full = [b.ts[min(a + capacity, len(b)) - 1] for a, b in zip(done, series, strict=True)]
        left = [len(b) - a > capacity for a, b in zip(done, series, strict=True)]
        end = min((ts for ts, more in zip(full, left, strict=True) if more), default=full[0])
        graph.roll()
        begun = done[0]
        for k, bars in enumerate(series):
            stop = int(np.searchsorted(bars.ts, end, side="right"))
            graph.append(symbols[k], adjusted_rows(bars, done[k], stop))
            done[k] = stop
        rows = slice(frame.start, frame.fill)
        graph.advance()
        found = {c: _number(graph.buffer(symbols[0], c)[rows]) for c in columns}
        yield Block(series[0].ts[begun : done[0]], found)


def _number(values: Buffer) -> Buffer:
    if values.dtype == np.int8:
        return np.where(values == MISSING, np.nan, values.astype(np.float64))
    return values.copy()


def run_blocks(
    graph: Graph,
    series: Sequence[Bars],
    symbols: Sequence[str],
    ts: npt.NDArray[np.int64],
    ends: Ends,
) -> Iterator[tuple[str, int, int, int]]:
    """Advance a graph in blocks that end at the given steps: (symbol, start, stop, first row)."""
    done = [0] * len(series)
    for end in ends:
        rows = [int(np.searchsorted(bars.ts, ts[end - 1], side="right")) for bars in series]
        if any(graph.frame(s).free() < b - a for s, a, b in zip(symbols, done, rows, strict=True)):
            graph.roll()
        for symbol, bars, a, b in zip(symbols, series, done, rows, strict=True):
            graph.append(symbol, adjusted_rows(bars, a, b))
        starts = {symbol: graph.frame(symbol).start for symbol in symbols}
        graph.advance()
        for symbol, a in zip(symbols, done, strict=True):
            yield symbol, starts[symbol], graph.frame(symbol).fill, a
        done = rows


def block_ends(total: int, at: Sequence[int] = (), largest: int = BLOCK) -> Ends:
    """Ends of blocks: at every step named, and often enough that no block is too large."""
    ends = np.unique(
        np.concatenate([np.arange(largest, total, largest), np.asarray(at, np.int64), [total]])
    ).astype(np.int64)
    return ends[ends > 0]  # a run without a warm-up has no first block
