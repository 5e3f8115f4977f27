"""The live side: every row stepped alone through graph, rules, judges, event desk and broker."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np

from julie.backtest.audit.findings import Findings
from julie.backtest.audit.reference import Reference
from julie.backtest.engine import Progress, market_of
from julie.backtest.harvest import contract_names
from julie.backtest.runner import Run
from julie.backtest.timeline import roll_flags
from julie.backtest.walk import close_out
from julie.core.calendar import load_calendar
from julie.core.candidates import concatenate
from julie.core.permits import Approved
from julie.core.record import DeskRecord
from julie.core.sessions import session_table
from julie.core.taken import LegFill, MinuteTaken, TakenBar
from julie.core.ticks import grid
from julie.core.types import Reason
from julie.defense.chain import ChainResult, Spoken
from julie.desk.commands import Order
from julie.desk.minutes import DeskMinutes, fills_of
from julie.desk.moments import Moments
from julie.desk.pipeline import Judged, Pipeline
from julie.desk.table import Table
from julie.desk.told import Told
from julie.execution.simulated import MatchingBroker
from julie.market.blocks import block_ends, run_blocks
from julie.market.columns.graph import Graph
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

    def __init__(
        self,
        run: Run,
        graph: Graph,
        record: DeskRecord,
        heard: Callable[[MinuteTaken, Told], None] = lambda *_: None,
    ) -> None:
        self._run, self._graph, self._heard = run, graph, heard
        self._pipeline: Pipeline = run.pipeline
        self._series, self._symbols = run.request.series, run.pipeline.symbols
        self._ticks = [
            {n: grid(getattr(b, n), one.tick) for n in ("open", "high", "low", "close")}
            for b, one in zip(run.request.series, run.request.traded, strict=True)
        ]
        self._rolls = [roll_flags(bars) for bars in self._series]
        self._contracts = [
            contract_names(bars, one)
            for bars, one in zip(run.request.series, run.request.traded, strict=True)
        ]
        sessions = session_table(run.request.settings.sessions.starts)
        self.minutes = DeskMinutes(
            run.pipeline,
            graph,
            record,
            run.request.traded,
            run.facts.strategies,
            Moments(load_calendar(), sessions, run.request.series[0].base_ns),
            self._ends,
        )
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
            if self._graph.full:
                self._check(unchecked, rows, checked, found)
                unchecked = list(rows)
            self._step(step, rows)
            progress(step - first_step + 1, len(line.ts) - first_step)
        self._check(unchecked, rows, checked, found)
        found.count("bars", sum(rows) - sum(first))
        judged = join(self._told, self._pipeline, self._series[0].base_ns)
        judged.table.outcome[:] = self.minutes.outcomes
        run = self._run
        market = market_of(self._series, run.request.traded, line, run.swept.kept)
        record = self.minutes.record
        close_out(record, self.minutes.books, judged.table, market)  # as batch ends
        return Stepped(judged, record, self._orders)

    def _check(
        self, since: Sequence[int], rows: Sequence[int], checked: Reference, found: Findings
    ) -> None:
        for k, symbol in enumerate(self._symbols):
            fill = self._graph.frame(symbol).fill
            checked.check(
                self._graph, symbol, fill - (rows[k] - since[k]), fill, since[k], "stepped", found
            )

    def _step(self, step: int, rows: list[int]) -> None:
        """One close, told as live tells it: openings, fills, then the minute."""
        line, ts = self._run.line, int(self._run.line.ts[step])
        bars: list[TakenBar | None] = []
        fills, sides, gates = [], [], []
        for k in range(len(self._symbols)):
            row = int(line.row_of[k, step])
            bars.append(self._bar(k, row) if row >= 0 else None)
            found, side = self._traded(k, row) if row >= 0 else ((), 0)
            fills.append(found)
            sides.append(side)
            last = row + 1 >= len(self._series[k])
            gates.append(int(Reason.NO_NEXT_BAR) if last else 0)
            if row >= 0:
                rows[k] = row + 1
        none = (0,) * len(bars)
        taken = MinuteTaken(ts, tuple(bars), tuple(fills), tuple(sides), none, tuple(gates))
        told = self.minutes.close(taken)
        if told.judged is not None:
            told.judged.table.step[:] = step
            self._told.append(told.judged)
        self._tell(told.orders)
        self._heard(taken, told)

    def _bar(self, k: int, row: int) -> TakenBar:
        bars = self._series[k]
        return TakenBar(
            self._contracts[k][int(bars.contract_of[row])],
            int(bars.ts[row]),
            float(bars.open[row]),
            float(bars.high[row]),
            float(bars.low[row]),
            float(bars.close[row]),
            float(bars.volume[row]),
            float(bars.shift[row]),
        )

    def _traded(self, k: int, row: int) -> tuple[tuple[LegFill, ...], int]:
        """What the broker fills on the bar; it is asked only where something is open."""
        if self.minutes.record.plans[k]["state"] == 0:
            return (), 0
        ts = int(self._series[k].ts[row])
        self._tell(self.minutes.opening(k, ts))
        prices = (int(self._ticks[k][name][row]) for name in ("open", "high", "low", "close"))
        fills, side = self._broker.bar(self._symbols[k], *prices)
        return fills_of(fills, ts), side

    def _ends(self, k: int, ts: int) -> int:
        return int(self._rolls[k][int(np.searchsorted(self._series[k].ts, ts))])

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
