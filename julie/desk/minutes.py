"""The live desk: a minute in, orders and what was decided out, nothing else read or written.

Bars go into the graph a row at a time, rules and judges answer on it, and the event desk books the
fills and decides. The audit steps through the same class, so what is audited is what trades. A
minute is taken whole: bars of all instruments, their fills, and the gates that stand open or shut.
"""

from collections.abc import Sequence
from functools import partial
from typing import Final

import numpy as np

from julie.core.bookings import DayClosed
from julie.core.candidates import Candidates
from julie.core.instruments import Instrument
from julie.core.record import DeskRecord, Rows
from julie.core.taken import LegFill, MinuteTaken, TakenBar
from julie.core.types import Reason
from julie.desk.blotter import Blotter
from julie.desk.commands import Order
from julie.desk.desk import Closed, Desk, Opening, Traded
from julie.desk.keeping import Remembered, pack, unpack
from julie.desk.moments import Ends, Moments, never
from julie.desk.parts import fill_rows
from julie.desk.pipeline import Judged, Pipeline
from julie.desk.seen import seen_at
from julie.desk.step import Bar, Seen
from julie.desk.told import Told, Words
from julie.market.columns.graph import Graph, Point
from julie.strategies.base import Strategy
from julie.strategies.evaluate import Exits

CONTRACT_INACTIVE: Final = int(Reason.CONTRACT_INACTIVE)


class DeskMinutes:
    """One account over the run's instruments, minute by minute."""

    def __init__(
        self,
        pipeline: Pipeline,
        graph: Graph,
        record: DeskRecord,
        traded: Sequence[Instrument],
        strategies: Sequence[Strategy],
        moments: Moments,
        ends: Ends = never,
        contracts: Sequence[str] = (),
    ) -> None:
        self._pipeline, self._graph = pipeline, graph
        pipeline.draw(graph)
        self._symbols = pipeline.symbols
        self._traded = tuple(traded)
        self._moments, self._ends = moments, ends
        self._desk = Desk(record, self._symbols, contracts)
        self._blotter = Blotter(self._desk, traded, strategies, pipeline.chain)
        self._ours = len(strategies)  # behind them: those that are gone but still hold a plan
        n = len(self._symbols)
        self._bar_ns = graph.frame(self._symbols[0]).bar_s * 1_000_000_000
        self._before = [0] * n  # rows of each instrument that the graph has not seen
        self._opened = [0] * n  # open of the newest bar that was told to begin
        self._exits: list[dict[int, Exits]] = [{} for _ in range(n)]  # at the newest close
        self._newest: tuple[Point, Sequence[TakenBar | None]] | None = None  # to be corrected
        self._ahead: Point | None = None  # taken before it is asked for
        self._told = Told((), None, lambda: Words(None, (), self._blotter.equity()))
        self.last_ts = 0  # newest minute taken

    @property
    def record(self) -> DeskRecord:
        """The desk's own record."""
        return self._desk.record

    @property
    def books(self) -> Rows:
        """The orders that the desk believes to be working, one book an instrument."""
        return self._desk.books

    @property
    def symbols(self) -> tuple[str, ...]:
        """The instruments, in the run's order."""
        return self._symbols

    @property
    def plan_numbers(self) -> list[int]:
        """The running number of each instrument's newest plan, as orders name it."""
        return self._desk.standing().plan_of

    @property
    def contracts(self) -> list[str]:
        """What orders name, by instrument; to be changed only where nothing is open."""
        return self._desk.contracts

    @property
    def outcomes(self) -> Rows:
        """What became of every candidate so far: its trade, or minus the reason."""
        return self._desk.outcomes

    @property
    def day(self) -> int:
        """The trading day of the newest minute, days since 1970-01-01."""
        return int(self.record.account[0]["day"])

    @property
    def balance_cents(self) -> int:
        """The account's balance by our own trades, or by the venue's last word."""
        return int(self.record.account[0]["balance"])

    @property
    def opened(self) -> tuple[int, ...]:
        """The opens told since the last minute, for `MinuteTaken.opened`; 0 = none."""
        return tuple(ts if ts > self.last_ts else 0 for ts in self._opened)

    def opening(self, k: int, ts: int) -> list[Order]:
        """A bar of instrument k begins, the minute before is closed; may be told again."""
        if self.record.plans[k]["state"] == 0:
            return []
        day = self._moments.at(ts).day
        if day != self.day:
            _ = self._told.words
        self._opened[k] = ts
        return self._desk.handle(Opening(k, ts, day))

    def close(self, taken: MinuteTaken) -> Told:
        """A minute is over."""
        _ = self._told.words
        at = self._moments.at(taken.ts)
        judged = self._judge(taken)
        orders: list[Order] = []
        bars = [self._bar(k, bar) for k, bar in enumerate(taken.bars)]
        for k, bar in enumerate(bars):
            orders += self._begin(k, bar, taken)
        for k, bar in enumerate(bars):
            dropped = taken.dropped[k] if taken.dropped else ()
            busy = self.record.plans[k]["state"] != 0 and bar is not None
            if not (busy or taken.fills[k] or dropped):
                continue
            contract = taken.bars[k]
            if taken.fills[k] and contract is not None:
                self._blotter.filled(k, contract)
            walked = bar or self._fills_alone(k, taken)
            event = Traded(
                k, walked, fill_rows(taken.fills[k]), taken.sides[k], at, taken.closings[k], dropped
            )
            orders += self._desk.handle(event)
        self._book(taken, at.day)
        self._follow(taken)
        seen = [self._seen(k, bar, taken.bars[k]) for k, bar in enumerate(bars)]
        barred = [self._barred(k, bar, taken.gates[k]) for k, bar in enumerate(bars)]
        first = self._desk.candidates
        orders += self._desk.handle(Closed(bars, seen, barred, judged, at))
        self.last_ts = taken.ts
        words = partial(self._blotter.words, judged, taken, first)
        self._told = Told(tuple(orders), judged, words)
        return self._told

    def rest(self) -> None:
        """Between two minutes: what the next one needs is made ready."""
        if self._ahead is None and self._told.written:
            self._ahead = self._graph.point()

    # the market's side

    def _follow(self, taken: MinuteTaken) -> None:
        """Entries go to the contract that is traded with the bar's; never while a plan is open. So
        the fills come first: one may close what held another month back, or open a plan in the old.
        """
        for k, bar in enumerate(taken.bars):
            if bar is not None and bar.traded and self.record.plans[k]["state"] == 0:
                self._desk.contracts[k] = bar.traded

    def _judge(self, taken: MinuteTaken) -> Judged | None:
        """New rows into the graph, and what the rules ask on them."""
        if any(taken.corrected) and self._newest is not None:
            point, bars = self._newest
            self._graph.restore(point)
            self._append([new or old for new, old in zip(taken.corrected, bars, strict=True)])
        if self._graph.full:
            self._graph.roll()
            self._ahead = None
        self._newest = self._ahead or self._graph.point(), taken.bars
        self._append(taken.bars)
        tables: list[Candidates] = []
        for k, (symbol, bar) in enumerate(zip(self._symbols, taken.bars, strict=True)):
            if bar is not None:
                fill = self._graph.frame(symbol).fill
                said, self._exits[k] = self._pipeline.heard(self._graph, symbol, fill - 1, fill)
                tables += said
        if not tables:
            return None
        for table in tables:
            table.data["row"] += np.array(self._before)[table.instrument]
        return self._pipeline.judge(tables, self._bar_ns)

    def _append(self, bars: Sequence[TakenBar | None]) -> None:
        self._ahead = None
        for symbol, bar in zip(self._symbols, bars, strict=True):
            if bar is not None:
                self._graph.append_bar(symbol, _row(bar))
        self._graph.advance()

    def _bar(self, k: int, bar: TakenBar | None) -> Bar | None:
        if bar is None:
            return None
        tick = self._traded[k].tick
        prices = (round(price / tick) for price in (bar.open, bar.high, bar.low, bar.close))
        return Bar(self._row(k), bar.ts, bar.ts + self._bar_ns, *prices)

    def _row(self, k: int) -> int:
        return self._graph.frame(self._symbols[k]).rows - 1 + self._before[k]

    def _fills_alone(self, k: int, taken: MinuteTaken) -> Bar:
        """A minute that brought fills but no bar: their prices are all that was seen."""
        ticks = [fill.tick for fill in taken.fills[k]] or [int(self.record.plans[k]["entry_tick"])]
        prices = (ticks[0], max(ticks), min(ticks), ticks[-1])
        return Bar(self._row(k), taken.ts, taken.ts + self._bar_ns, *prices)

    def _seen(self, k: int, bar: Bar | None, taken: TakenBar | None) -> Seen | None:
        plan = self.record.plans[k]
        if bar is None or taken is None or plan["state"] == 0:
            return None
        frame = self._graph.frame(self._symbols[k])
        at = frame.fill - 1
        news = int(self._pipeline.blackout(frame, at, frame.fill)[0])
        roll = self._blotter.rolled(k, taken) or self._ends(k, bar.ts) != 0
        return seen_at(frame, at, plan, self._exits[k].get(int(plan["strategy"])), roll, news)

    def _barred(self, k: int, bar: Bar | None, gate: int) -> int:
        if gate or bar is None:
            return int(gate)
        by_roll = self.record.rules[0]["flat_by_roll"] == 1 and self._ends(k, bar.ts) != 0
        return CONTRACT_INACTIVE if by_roll else 0

    # our own side

    def _begin(self, k: int, bar: Bar | None, taken: MinuteTaken) -> list[Order]:
        """The opening of the minute's bar, where nobody told it before."""
        told = taken.opened[k] if taken.opened else 0
        at = told or (bar.ts if bar else 0)
        return self.opening(k, at) if at > self._opened[k] else []

    def _book(self, taken: MinuteTaken, day: int) -> None:
        """Money that no leg brought, and a person's word for the breaker."""
        account = self.record.account[0]
        account["balance"] += taken.booked_cents
        if taken.balance_cents is not None:
            account["balance"] = taken.balance_cents
        if taken.reset:
            account["breaker"] = account["streak"] = account["stopped"] = 0
            self.record.strategies["streak"] = 0
            self.record.strategies["off_day"] = -1
            self.record.strategies["refused_day"] = -1
            self.record.strategies["refused"] = 0
        for ghost in range(self._ours, len(self._blotter.rules)):
            self.record.strategies[ghost]["off_day"] = day  # no longer in the portfolio

    # over the days

    def day_closed(self) -> DayClosed:
        """The end of the trading day, with all that the next start must know."""
        account, kept = self.record.account[0], self.snapshot()
        net = int(account["balance"] - account["day_start"])
        layout = Remembered.layout_of()
        return DayClosed(
            self.day, int(account["balance"]), net, int(account["entries"]), layout, kept
        )

    def snapshot(self) -> bytes:
        """All that the desk knows of itself; rules and settings are those of whoever restores."""
        _ = self._told.words
        rows = [
            self._graph.frame(s).rows + b for s, b in zip(self._symbols, self._before, strict=True)
        ]
        said = self._blotter
        names = [rule.name for rule in said.rules]
        extra = Remembered(
            self.last_ts, list(self._symbols), names, list(said.rules), rows, list(self._opened),
            list(said.facts), list(said.waiting),
        )  # fmt: skip
        return pack(self._desk, extra)

    def restore(self, kept: bytes) -> None:
        """Go on from a snapshot; the graph has seen the bars up to it, and none behind it."""
        found = unpack(kept, self._desk, self._symbols, self._blotter.rules)
        self._blotter.take_over(found.whole, found.facts, found.pending)
        self._before = [
            rows - self._graph.frame(s).rows
            for s, rows in zip(self._symbols, found.rows, strict=True)
        ]
        self._opened = list(found.opened)
        for k, facts in enumerate(found.facts):
            if self.record.plans[k]["state"] != 0 and facts.traded:
                self._desk.contracts[k] = facts.traded
        self.last_ts = found.ts


def _row(bar: TakenBar) -> tuple[float, ...]:
    """A bar as the graph takes it: prices moved by the shift of their contract."""
    shift = bar.shift
    prices = (bar.open + shift, bar.high + shift, bar.low + shift, bar.close + shift)
    return (*prices, bar.volume, shift, bar.ts)


def fills_of(rows: Rows, ts: int) -> tuple[LegFill, ...]:
    """Fills of the matching engine as the desk is told of a venue's."""
    return tuple(
        LegFill(int(r["slot"]), int(r["qty"]), int(r["tick"]), int(r["slip"]), int(r["phase"]), ts)
        for r in rows
    )
