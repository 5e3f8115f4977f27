"""Checks on the series itself: cut it, change its future, start it on another day; columns and
candidates must not care.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from julie.backtest.audit.columns import EXAMPLE_TABLES
from julie.backtest.audit.findings import Findings
from julie.backtest.audit.reference import Reference
from julie.backtest.engine import new_graph
from julie.backtest.runner import Run
from julie.core.bars import Bars
from julie.core.candidates import Array, Candidates, concatenate
from julie.market.blocks import adjusted_rows, block_ends, run_blocks
from julie.market.columns.column import Column
from julie.market.columns.graph import Graph

CUTS = 200
FUTURES = 50
AHEAD = 64  # rows whose future is changed
PARTS = (
    "row",
    "side",
    "strategy",
    "stop_pts",
    "target_pts",
    "limit_pts",
    "confidence",
    "ref_close",
)


def _of_rows(run: Run, symbol: str, k: int, start: int, stop: int) -> Candidates:
    c = run.judged.candidates
    return c.take((c.instrument == k) & (c.row >= start) & (c.row < stop))


def _compare_candidates(
    run: Run, k: int, here: list[Candidates], start: int, stop: int, how: str, found: Findings
) -> None:
    symbol = run.pipeline.symbols[k]
    batch = _of_rows(run, symbol, k, start, stop)
    live = concatenate(here).sorted_by_time()
    found.count("candidates at cuts", len(batch))
    same = len(batch) == len(live) and all(
        np.array_equal(batch[name], live[name], equal_nan=batch[name].dtype.kind == "f")
        for name in PARTS
    )
    if not same:
        names = [s.name for s in run.facts.strategies]
        left = sorted(
            {(int(r), names[int(s)]) for r, s in zip(batch.row, batch.strategy, strict=True)}
        )
        right = sorted(
            {(int(r), names[int(s)]) for r, s in zip(live.row, live.strategy, strict=True)}
        )
        odd = sorted(set(left) ^ set(right)) or left
        found.differ(
            f"{how}: {symbol} candidates of rows {start}-{stop - 1}: {odd[:3]} differ from batch"
        )


def cut(
    run: Run, graph: Graph, batch: Reference, first_ts: int, seed: int, found: Findings
) -> None:
    """Blocks that end on seeded rows and round every candidate: nothing behind the end exists for
    them.
    """
    ts, series = run.line.ts, run.request.series
    total, first = len(ts), int(np.searchsorted(ts, first_ts))
    rng = np.random.default_rng(seed)
    steps = run.line.step_of(np.unique(run.judged.candidates.ts))
    near = np.concatenate([steps, steps + 1, steps + 2])
    seeded = rng.integers(first + 1, total, min(CUTS, total - first - 1))
    ends = block_ends(
        total, [*seeded.tolist(), *near[(near > first) & (near < total)].tolist()], first or total
    )
    found.count("cuts", len(ends))
    symbols = run.pipeline.symbols
    for symbol, start, stop, row in run_blocks(graph, series, symbols, ts, ends):
        if stop == start or row + stop - start <= batch.first[symbol]:
            continue
        batch.check(graph, symbol, start, stop, row, "cut", found)
        if row >= batch.first[symbol]:
            here = run.pipeline.candidates(graph, symbol, start, stop)
            _compare_candidates(
                run, symbols.index(symbol), here, row, row + stop - start, "cut", found
            )


def _changed(bars: Bars, row: int, rng: np.random.Generator) -> Bars:
    """The same bars up to `row`, others after it."""
    tick = bars.instrument.tick
    n = len(bars) - row - 1
    move = np.cumsum(rng.integers(-12, 13, n)) * tick
    after = np.concatenate([np.zeros(row + 1), move])
    volume = bars.volume.copy()
    volume[row + 1 :] = rng.permutation(volume[row + 1 :])
    return replace(
        bars,
        open=bars.open + after,
        high=bars.high + after + tick * (after != 0),
        low=bars.low + after,
        close=bars.close + after,
        volume=volume,
    )


def _apart(steps: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """As many of the steps as do not reach into each other's changed rows."""
    kept: list[int] = []
    for step in np.unique(steps).tolist():
        if not kept or step - kept[-1] > 2 * AHEAD:
            kept.append(step)
    return np.array(kept, np.int64)


def futures(
    run: Run, graph: Graph, batch: Reference, first_ts: int, seed: int, found: Findings
) -> None:
    """At seeded steps the rows that follow are changed within the same block; nothing before may
    move.
    """
    ts, series, symbols = run.line.ts, run.request.series, run.pipeline.symbols
    total, first = len(ts), int(np.searchsorted(ts, first_ts))
    rng = np.random.default_rng(seed)
    at = _apart(rng.integers(first + AHEAD, max(total - AHEAD, first + AHEAD + 1), FUTURES))
    blocks = run_blocks(graph, series, symbols, ts, block_ends(total, (at - AHEAD).tolist()))
    stops = {int(step - AHEAD): int(step) for step in at}
    done = dict.fromkeys(symbols, 0)
    for symbol, start, stop, row in blocks:
        done[symbol] = row + stop - start
        end = int(
            np.searchsorted(
                ts, series[symbols.index(symbol)].ts[max(done[symbol] - 1, 0)], side="right"
            )
        )
        if symbol == symbols[-1] and end in stops:
            _one_future(run, graph, batch, stops[end], done, rng, found)
    found.count("changed futures", len(at))


def _one_future(
    run: Run,
    graph: Graph,
    batch: Reference,
    step: int,
    done: Mapping[str, int],
    rng: np.random.Generator,
    found: Findings,
) -> None:
    """Run on over a changed future, compare what lies before the change, and come back."""
    ts, series, symbols = run.line.ts, run.request.series, run.pipeline.symbols
    if any(graph.frame(s).free() < 4 * AHEAD for s in symbols):
        graph.roll()
    point = graph.point()
    keep, last = {}, min(step + AHEAD, len(ts)) - 1
    for symbol, bars in zip(symbols, series, strict=True):
        keep[symbol] = int(np.searchsorted(bars.ts, ts[step - 1], side="right"))
        until = int(np.searchsorted(bars.ts, ts[last], side="right"))
        other = _changed(bars.rows(done[symbol], until), keep[symbol] - done[symbol] - 1, rng)
        graph.append(symbol, adjusted_rows(other, 0, len(other)))
    starts = {s: graph.frame(s).start for s in symbols}
    graph.advance()
    for k, symbol in enumerate(symbols):
        n = keep[symbol] - done[symbol]
        batch.check(
            graph, symbol, starts[symbol], starts[symbol] + n, done[symbol], "changed future", found
        )
        here = run.pipeline.candidates(graph, symbol, starts[symbol], graph.frame(symbol).fill)
        kept = [t.take(t.row < keep[symbol]) for t in here]
        _compare_candidates(run, k, kept, done[symbol], keep[symbol], "changed future", found)
    graph.restore(point)


def starts(
    run: Run, graph: Graph, batch: Reference, later: Sequence[Bars], found: Findings
) -> None:
    """The same days from a later start: after the memory's days nothing of the start is left."""
    symbols = run.pipeline.symbols
    gone = [len(whole) - len(part) for whole, part in zip(run.request.series, later, strict=True)]
    ts = later[0].ts if len(later) == 1 else np.unique(np.concatenate([b.ts for b in later]))
    for symbol, start, stop, row in run_blocks(graph, later, symbols, ts, block_ends(len(ts))):
        batch.check(
            graph, symbol, start, stop, row + gone[symbols.index(symbol)], "other start", found
        )
    found.count("start days", 2)


def graph_of(
    run: Run, tables: Mapping[str, Array], wanted: Mapping[str, Sequence[Column]], capacity: int
) -> Graph:
    """A fresh graph of the run with extra columns."""
    return new_graph(
        run.pipeline, run.request.series, {**tables, **EXAMPLE_TABLES}, capacity, wanted
    )
