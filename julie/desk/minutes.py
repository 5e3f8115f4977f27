"""The live desk: a minute in, orders and what was decided out, nothing else read or written.

Bars go into the graph a row at a time, rules and judges answer on it, and the event desk books the
fills and decides. The audit steps through the same class, so what is audited is what trades. A
minute is taken whole: bars of all instruments, their fills, and the gates that stand open or shut.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np

from julie.core.bookings import DayClosed, EquityMarked, TradeClosed
from julie.core.candidates import Candidates
from julie.core.events import Decision, Payload
from julie.core.instruments import Instrument
from julie.core.record import DeskRecord, Rows
from julie.core.taken import LegFill, MinuteTaken, TakenBar
from julie.core.types import Reason
from julie.desk.commands import Order
from julie.desk.desk import Closed, Desk, Opening, Traded
from julie.desk.keeping import Remembered, pack, unpack
from julie.desk.moments import Ends, Moments, never
from julie.desk.parts import fill_rows
from julie.desk.pipeline import Judged, Pipeline
from julie.desk.seen import seen_at
from julie.desk.step import Bar, Seen
from julie.desk.told import PlanFacts, Rule, decision_of, trade_closed
from julie.market.columns.graph import Graph, Point
from julie.strategies.base import Strategy
from julie.strategies.evaluate import Exits

CONTRACT_INACTIVE: Final = int(Reason.CONTRACT_INACTIVE)
SPARE_LEGS: Final = 64  # rows that the trade buffer keeps free


class Words(NamedTuple):
    """What is written down of a minute."""

    decision: Decision | None  # None = nobody asked for anything
    closed: tuple[TradeClosed, ...]
    equity: EquityMarked

    @property
    def facts(self) -> tuple[Payload, ...]:
        """In the order in which they are written."""
        decided = () if self.decision is None else (self.decision,)
        return (*decided, *self.closed, self.equity)


class Told:
    """What the desk answers to a minute: its orders at once, the words when they are asked for, at
    the latest before the desk hears anything else.
    """

    def __init__(
        self, orders: tuple[Order, ...], judged: Judged | None, words: Callable[[], Words]
    ) -> None:
        self.orders, self.judged, self._ask = orders, judged, words
        self.asked = False

    @cached_property
    def words(self) -> Words:
        """What is written down."""
        self.asked = True
        return self._ask()

    @property
    def decision(self) -> Decision | None:
        """What was asked for and decided."""
        return self.words.decision

    @property
    def closed(self) -> tuple[TradeClosed, ...]:
        """Legs that hold nothing any more."""
        return self.words.closed

    @property
    def equity(self) -> EquityMarked:
        """The account behind the minute."""
        return self.words.equity


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
        self._traded, self._strategies = tuple(traded), tuple(strategies)
        self._rules = [Rule.of(one) for one in strategies]
        self._moments, self._ends = moments, ends
        self._desk = Desk(record, self._symbols, contracts)
        n = len(self._symbols)
        self._bar_ns = graph.frame(self._symbols[0]).bar_s * 1_000_000_000
        self._before = [0] * n  # rows of each instrument that the graph has not seen
        self._opened = [0] * n  # open of the newest bar that was told to begin
        self._facts = [PlanFacts()] * n
        self._exits: list[dict[int, Exits]] = [{} for _ in range(n)]  # at the newest close
        self._pending: list[int] = []  # trade rows of legs that are closed in part
        self._seen_legs = 0
        self._newest: tuple[Point, Sequence[TakenBar | None]] | None = None  # to be corrected
        self._ahead: Point | None = None  # taken before it is asked for
        self._told = Told((), None, lambda: Words(None, (), self._equity()))
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
                self._facts[k] = self._contract(k, contract)
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
        self._told = Told(tuple(orders), judged, lambda: self._words(judged, taken, first))
        return self._told

    def rest(self) -> None:
        """Between two minutes: what the next one needs is made ready."""
        if self._ahead is None and self._told.asked:
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
        facts = self._facts[k]
        rolled = bool(facts.contract and taken.contract and facts.contract != taken.contract)
        rolled |= bool(facts.traded and taken.traded and facts.traded != taken.traded)
        frame = self._graph.frame(self._symbols[k])
        at = frame.fill - 1
        news = int(self._pipeline.blackout(frame, at, frame.fill)[0])
        roll = rolled or self._ends(k, bar.ts) != 0
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

    def _contract(self, k: int, bar: TakenBar) -> PlanFacts:
        """A plan belongs to the contract on which its entry filled."""
        entered = self.record.plans[k]["entered"].any()
        facts = replace(self._facts[k], contract=bar.contract)
        return self._facts[k] if entered else facts

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
        for ghost in range(len(self._strategies), len(self._rules)):
            self.record.strategies[ghost]["off_day"] = day  # no longer in the portfolio

    def _legs_closed(self) -> tuple[TradeClosed, ...]:
        """Trades of legs that hold nothing any more; a leg closed in part waits for its rest."""
        legs = int(self.record.account[0]["legs"])
        waiting = [*self._pending, *range(self._seen_legs, legs)]
        self._seen_legs = legs
        done = []
        self._pending = []
        for place in waiting:
            row = self.record.trades[place]
            k = int(row["instrument"])
            plan = self.record.plans[k]
            same = plan["state"] == 2 and plan["trade_id"] == row["trade_id"]
            if same and plan["held"][int(row["leg"])] > 0:
                self._pending.append(place)
                continue
            rule = self._rules[int(row["strategy"])]
            done.append(trade_closed(row, self._traded[k], rule, self._facts[k]))
        if len(self.record.trades) - legs < SPARE_LEGS:
            more = np.zeros(len(self.record.trades) + SPARE_LEGS, self.record.trades.dtype)
            trades = np.concatenate([self.record.trades, more])
            self._desk.record = self.record._replace(trades=trades)
        return tuple(done)

    def _decided(self, judged: Judged | None, taken: MinuteTaken, first: int) -> Decision | None:
        if judged is None:
            return None
        for k, plan in enumerate(self.record.plans):
            chosen = int(plan["candidate"]) - first
            if plan["state"] == 1 and chosen >= 0:
                bar, regime = taken.bars[k], judged.candidates.bracket_vol_regime[chosen]
                known = -1 if np.isnan(regime) else int(regime)
                contract, traded = (bar.contract, bar.traded) if bar else ("", "")
                self._facts[k] = PlanFacts(int(plan["day"]), known, contract, traded)
        chain = self._pipeline.chain
        return decision_of(judged, chain, self._symbols, self._strategies, taken.ts, first)

    def _words(self, judged: Judged | None, taken: MinuteTaken, first: int) -> Words:
        closed = self._legs_closed()
        return Words(self._decided(judged, taken, first), closed, self._equity())

    def _equity(self) -> EquityMarked:
        account = self.record.account[0]
        return EquityMarked(
            int(account["balance"]), int(account["open_pnl"]), int(account["floor"])
        )

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
        names = [rule.name for rule in self._rules]
        extra = Remembered(
            self.last_ts, list(self._symbols), names, list(self._rules), rows, list(self._opened),
            list(self._facts), list(self._pending),
        )  # fmt: skip
        return pack(self._desk, extra)

    def restore(self, kept: bytes) -> None:
        """Go on from a snapshot; the graph has seen the bars up to it, and none behind it."""
        found = unpack(kept, self._desk, self._symbols, self._rules)
        self._rules = found.whole
        self._before = [
            rows - self._graph.frame(s).rows
            for s, rows in zip(self._symbols, found.rows, strict=True)
        ]
        self._opened, self._facts = list(found.opened), list(found.facts)
        self._pending = list(found.pending)
        for k, facts in enumerate(self._facts):
            if self.record.plans[k]["state"] != 0 and facts.traded:
                self._desk.contracts[k] = facts.traded
        self._seen_legs = int(self.record.account[0]["legs"])
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
