"""One new bar as live sees it: every column, every strategy, every judge, a row at a time."""

import gc
import time
from typing import Any, Final

import numpy as np

from benchmarks.portfolio import year_request
from julie.backtest.engine import new_graph
from julie.backtest.runner import Request, build, constant_tables, silence
from julie.backtest.timeline import Timeline, timeline
from julie.core.calendar import load_calendar
from julie.core.candidates import Candidates
from julie.core.sessions import session_table
from julie.desk.pipeline import Pipeline
from julie.market.blocks import adjusted_rows
from julie.market.columns.graph import Graph

CAPACITY: Final = 8_192  # rows that live keeps
STEPS: Final = 6_000


class Live:
    """The decision side of a live day, fed with bars of a series."""

    def __init__(self, request: Request) -> None:
        calendar = load_calendar()
        sessions = session_table(request.settings.sessions.starts)
        speaking, _ = silence(request)
        self.series = request.series
        self.pipeline: Pipeline = build(request, speaking)
        self.line: Timeline = timeline(request.series, calendar, sessions)
        tables = constant_tables(request, calendar)
        self.graph: Graph = new_graph(self.pipeline, request.series, tables, CAPACITY)
        self.done = [0] * len(request.series)

    def warm_up(self, steps: int) -> None:
        """The rows before the first live bar, in blocks."""
        at = 0
        while at < steps:
            at = min(at + CAPACITY, steps)
            last = self.line.ts[at - 1]
            self.graph.roll()
            for k, bars in enumerate(self.series):
                self._append(k, int(np.searchsorted(bars.ts, last, side="right")))
            self.graph.advance()

    def _append(self, k: int, stop: int) -> None:
        bars = self.series[k]
        self.graph.append(self.pipeline.symbols[k], adjusted_rows(bars, self.done[k], stop))
        self.done[k] = stop

    def step(self, step: int) -> tuple[int, int]:
        """One close: (nanoseconds, candidates)."""
        graph, pipeline = self.graph, self.pipeline
        if any(graph.frame(symbol).free() == 0 for symbol in pipeline.symbols):
            graph.roll()
        rows = [int(row) for row in self.line.row_of[:, step]]
        graph.point()  # as live does between two minutes
        began = time.perf_counter_ns()
        for k, row in enumerate(rows):
            if row >= 0:
                self._append(k, row + 1)
        graph.advance()
        tables: list[Candidates] = []
        for symbol, row in zip(pipeline.symbols, rows, strict=True):
            if row >= 0:
                fill = graph.frame(symbol).fill
                tables += pipeline.candidates(graph, symbol, fill - 1, fill)
        if tables:
            pipeline.judge(tables, self.series[0].base_ns)
        return time.perf_counter_ns() - began, sum(len(table) for table in tables)


def live_step() -> dict[str, Any]:
    """Latency of the last rows of the year, in milliseconds."""
    live = Live(year_request())
    steps = len(live.line.ts)
    live.warm_up(steps - STEPS - 200)
    for step in range(steps - STEPS - 200, steps - STEPS):
        live.step(step)
    gc.collect()
    gc.freeze()
    gc.disable()  # as live does while a bar is about to close
    measured = [live.step(step) for step in range(steps - STEPS, steps)]
    gc.enable()
    ms = np.array([ns for ns, _ in measured]) / 1e6
    p50, p99 = (float(np.percentile(ms, p)) for p in (50, 99))
    candidates = sum(n for _, n in measured)
    return {
        "p50": p50,
        "p99": p99,
        "most": float(ms.max()),
        "steps": STEPS,
        "candidates": candidates,
    }
