"""The live side: every row stepped alone through graph, rules, judges, event desk and broker."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from julie.backtest.audit.findings import Findings
from julie.backtest.audit.reference import Reference, block_ends, run_blocks
from julie.backtest.engine import KEPT, Progress, market_of
from julie.backtest.runner import Run
from julie.backtest.timeline import MINUTE_NS, roll_flags
from julie.backtest.walk import close_out
from julie.core.candidates import Candidates, concatenate
from julie.core.permits import Approved
from julie.core.record import DeskRecord
from julie.core.ticks import grid
from julie.core.types import Reason
from julie.defense.chain import ChainResult, Spoken
from julie.desk.commands import Order
from julie.desk.desk import Closed, Desk, Opening, Traded
from julie.desk.pipeline import Judged, Pipeline
from julie.desk.step import Bar, Moment, Seen
from julie.desk.table import Table
from julie.execution.simulated import MatchingBroker
from julie.market.blocks import adjusted_rows
from julie.market.columns.graph import Graph
from julie.market.columns.raw import SHIFT
from julie.risk.brackets import Laid
from julie.risk.viability import Viable

CAPACITY = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Stepped:
    """What the live side decided."""

    judged: Judged
    record: DeskRecord
    orders: int


class Stepper:
    """One live walk over the audited steps of a run."""

    def __init__(self, run: Run, graph: Graph, record: DeskRecord) -> None:
        self._run, self._graph = run, graph
        self._pipeline: Pipeline = run.pipeline
        self._series, self._symbols = run.request.series, run.pipeline.symbols
        self._ticks = [
            {n: grid(getattr(b, n), one.tick) for n in ("open", "high", "low", "close")}
            for b, one in zip(run.request.series, run.request.traded, strict=True)
        ]
        self._rolls = [roll_flags(bars) for bars in self._series]
        self.desk = Desk(record, self._symbols)
        self._broker = MatchingBroker(self._symbols, int(record.rules[0]["slippage"]))
        self._told: list[Judged] = []
        self._orders = 0

    def walk(
        self, first_step: int, checked: Reference, found: Findings, progress: Progress
    ) -> Stepped:
        """Warm up in blocks, then step; columns are compared in runs of rows before they leave the
        buffers.
        """
        line = self._run.line
        for _ in run_blocks(
            self._graph, self._series, self._symbols, line.ts, block_ends(first_step, (), CAPACITY)
        ):
            pass
        self._graph.roll()
        rows = [
            int(np.searchsorted(b.ts, line.ts[first_step - 1], side="right")) if first_step else 0
            for b in self._series
        ]
        first, unchecked = list(rows), list(rows)
        for step in range(first_step, len(line.ts)):
            if any(self._graph.frame(s).free() == 0 for s in self._symbols):
                self._check(unchecked, rows, checked, found)
                unchecked = list(rows)
                self._graph.roll()
            self._step(step, rows)
            progress(step - first_step + 1, len(line.ts) - first_step)
        self._check(unchecked, rows, checked, found)
        found.count("bars", sum(rows) - sum(first))
        judged = join(self._told, self._pipeline, self._series[0].base_ns)
        judged.table.outcome[:] = self.desk.outcomes
        run = self._run
        market = market_of(self._series, run.request.traded, line, run.swept.kept)
        close_out(self.desk.record, self.desk.books, judged.table, market)  # as batch ends
        return Stepped(judged, self.desk.record, self._orders)

    def _check(
        self, since: Sequence[int], rows: Sequence[int], checked: Reference, found: Findings
    ) -> None:
        for k, symbol in enumerate(self._symbols):
            fill = self._graph.frame(symbol).fill
            checked.check(
                self._graph, symbol, fill - (rows[k] - since[k]), fill, since[k], "stepped", found
            )

    def _step(self, step: int, rows: list[int]) -> None:
        line, closed = self._run.line, []
        for k, symbol in enumerate(self._symbols):
            row = int(line.row_of[k, step])
            closed.append(row)
            if row >= 0:
                self._graph.append(symbol, adjusted_rows(self._series[k], row, row + 1))
                rows[k] = row + 1
        self._graph.advance()
        tables: list[Candidates] = []
        for k, symbol in enumerate(self._symbols):
            if closed[k] >= 0:
                fill = self._graph.frame(symbol).fill
                tables += self._pipeline.candidates(self._graph, symbol, fill - 1, fill)
        judged = self._pipeline.judge(tables, self._series[0].base_ns) if tables else None
        if judged is not None:
            judged.table.step[:] = step
            self._told.append(judged)
        self._trade(step, closed, judged)

    def _bar(self, k: int, row: int) -> Bar:
        ticks, ts = self._ticks[k], int(self._series[k].ts[row])
        prices = (int(ticks[name][row]) for name in ("open", "high", "low", "close"))
        return Bar(row, ts, ts + self._series[k].base_ns, *prices)

    def _seen(self, k: int, row: int) -> Seen | None:
        plan = self.desk.record.plans[k]
        if row < 0 or plan["state"] == 0:
            return None
        frame = self._graph.frame(self._symbols[k])
        at = frame.fill - 1
        swing = KEPT["swing_down" if plan["side"] > 0 else "swing_up"]
        return Seen(
            bool(self._rolls[k][row]),
            int(self._pipeline.blackout(frame, at, frame.fill)[0]),
            self._exit(k, at) if plan["state"] == 2 else 0,
            float(frame.buffers[KEPT["atr"]][at]),
            float(frame.buffers[swing][at] - frame.buffers[SHIFT][at]),
        )

    def _exit(self, k: int, at: int) -> int:
        plan = self.desk.record.plans[k]
        frame = self._graph.frame(self._symbols[k])
        for speaker in self._pipeline.speakers[self._symbols[k]]:
            if speaker.place == plan["strategy"]:
                return int(speaker.exits(frame, int(plan["side"]), at, at + 1)[0])
        return 0

    def _barred(self, k: int, row: int) -> int:
        if row < 0 or row + 1 >= len(self._series[k]):
            return Reason.NO_NEXT_BAR
        ends = self.desk.record.rules[0]["flat_by_roll"] == 1 and self._rolls[k][row] != 0
        return Reason.CONTRACT_INACTIVE if ends else 0

    def _trade(self, step: int, closed: Sequence[int], judged: Judged | None) -> None:
        line, bar_min = self._run.line, self._series[0].base_ns / MINUTE_NS
        day, session = int(line.day[step]), int(line.session[step])
        at = Moment(day, session, int(line.minute[step]), int(line.length[step]), bar_min)
        bars = [self._bar(k, row) if row >= 0 else None for k, row in enumerate(closed)]
        for k, bar in enumerate(bars):
            if bar is None or self.desk.record.plans[k]["state"] == 0:
                continue
            self._tell(self.desk.handle(Opening(k, bar.ts, at.day)))
            prices = (bar.open, bar.high, bar.low, bar.close)
            fills, side = self._broker.bar(self._symbols[k], *prices)
            self.desk.handle(Traded(k, bar, fills, side, at))
        seen = [self._seen(k, row) for k, row in enumerate(closed)]
        barred = [self._barred(k, row) for k, row in enumerate(closed)]
        self._tell(self.desk.handle(Closed(bars, seen, barred, judged, at)))

    def _tell(self, orders: Sequence[Order]) -> None:
        for order in orders:
            self._orders += 1
            if isinstance(order, Approved):
                self._broker.place(order)
            else:
                self._broker.reduce(order)


def join(parts: list[Judged], pipeline: Pipeline, bar_ns: int) -> Judged:
    """The closes' judged candidates as one table, as batch has it."""
    if not parts:
        return pipeline.judge([], bar_ns)
    offsets = np.cumsum([0, *(len(p.candidates) for p in parts)])[:-1]
    table = Table(
        *(
            parts[0].table.places
            if name == "places"
            else np.concatenate([getattr(p.table, name) for p in parts])
            for name in Table._fields
        )
    )
    laid = Laid(*(np.concatenate([getattr(p.laid, f.name) for p in parts]) for f in fields(Laid)))
    viable = Viable(
        *(np.concatenate([getattr(p.viable, f.name) for p in parts]) for f in fields(Viable))
    )
    spoken = [p.chain.spoken for p in parts]
    joined = Spoken(
        np.concatenate([s.candidate + o for s, o in zip(spoken, offsets, strict=True)]),
        np.concatenate([s.judge for s in spoken]),
        np.concatenate([s.code for s in spoken]),
        np.concatenate([s.reason for s in spoken]),
        np.concatenate([s.factor for s in spoken]),
        np.concatenate([s.numbers for s in spoken], axis=1),
    )
    chain = ChainResult(
        np.concatenate([p.chain.codes for p in parts]),
        np.concatenate([p.chain.modes for p in parts]),
        np.concatenate([p.chain.factor for p in parts]),
        np.concatenate([p.chain.first_denier for p in parts]),
        np.concatenate([p.chain.reason for p in parts]),
        joined,
    )
    return Judged(concatenate([p.candidates for p in parts]), laid, chain, viable, table)
