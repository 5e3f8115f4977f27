"""The batch side of every comparison: each column's values over the audited rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from julie.backtest.audit.findings import MOST_SHOWN, Findings, unequal
from julie.core.bars import Bars
from julie.core.candidates import Array
from julie.market.blocks import block_ends, run_blocks
from julie.market.columns.column import Column
from julie.market.columns.graph import Graph

Wanted = Mapping[str, Sequence[Column]]


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
