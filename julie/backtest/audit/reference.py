"""The batch side of every comparison: each column's values over the audited rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from julie.backtest.audit.findings import MOST_SHOWN, Findings, unequal
from julie.core.bars import Bars
from julie.core.candidates import Array
from julie.market.blocks import adjusted_rows
from julie.market.columns.column import Column
from julie.market.columns.graph import BLOCK, Graph

Wanted = Mapping[str, Sequence[Column]]
Ends = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """Column values by instrument, from `first[symbol]` on."""

    values: dict[str, dict[Column, Array]]
    first: dict[str, int]

    def check(
        self, graph: Graph, symbol: str, start: int, stop: int, row: int, how: str, found: Findings
    ) -> None:
        """Compare buffer rows start..stop of a graph, which are the series' rows from `row` on."""
        at = row - self.first[symbol]
        frame = graph.frame(symbol)
        skip = max(-at, 0)
        start, at = start + skip, at + skip
        if start >= stop:
            return
        for column, batch in self.values[symbol].items():
            rows = unequal(batch[at : at + stop - start], frame.buffers[column][start:stop])
            for r in rows[:MOST_SHOWN]:
                found.differ(
                    f"{how}: {symbol} {column.expression} row {row + skip + r}:"
                    f" batch {batch[at + r]!r}, here {frame.buffers[column][start + r]!r}"
                )
            found.hidden += max(len(rows) - MOST_SHOWN, 0)
        found.count("column values", (stop - start) * len(self.values[symbol]))


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


def reference(
    graph: Graph,
    series: Sequence[Bars],
    symbols: Sequence[str],
    ts: npt.NDArray[np.int64],
    first_ts: int,
    wanted: Wanted,
) -> Reference:
    """Run batch and keep every wanted column from `first_ts` on."""
    first = {
        s: int(np.searchsorted(bars.ts, first_ts)) for s, bars in zip(symbols, series, strict=True)
    }
    parts: dict[str, dict[Column, list[Array]]] = {s: {c: [] for c in wanted[s]} for s in symbols}
    for symbol, start, stop, row in run_blocks(graph, series, symbols, ts, block_ends(len(ts))):
        skip = min(max(first[symbol] - row, 0), stop - start)
        for column, kept in parts[symbol].items():
            kept.append(graph.frame(symbol).buffers[column][start + skip : stop].copy())
    return Reference(
        {s: {c: np.concatenate(p) for c, p in cs.items()} for s, cs in parts.items()}, first
    )
