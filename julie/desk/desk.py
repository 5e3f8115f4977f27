"""The event desk: a state machine, bars and fills in, orders out, no clock but the event's.

It calls the same compiled rules as the batch walk; what differs is only who brings the events. A
broker must bring, for each bar: `Opening` before the bar trades, `Traded` with its fills, and once
a minute `Closed` with all instruments' bars and this close's judged candidates.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from julie.core.record import DeskRecord, Rows
from julie.desk.book import begin_day, watch
from julie.desk.commands import Order, copy_book, new_orders
from julie.desk.decide import decide
from julie.desk.pipeline import Judged
from julie.desk.step import Bar, Moment, Seen, after_bar, before_bar, place_plan, take_fills
from julie.execution.matching import settle
from julie.execution.orders import WORKING, new_books


@dataclass(frozen=True, slots=True)
class Opening:
    """A bar of an instrument begins."""

    instrument: int
    ts: int
    day: int


@dataclass(frozen=True, slots=True, eq=False)
class Traded:
    """The bar is over; its fills in their sequence, and the side held while it was walked."""

    instrument: int
    bar: Bar
    fills: Rows
    side: int
    at: Moment


@dataclass(frozen=True, slots=True, eq=False)
class Closed:
    """A minute closed on all watched instruments."""

    bars: Sequence[Bar | None]
    seen: Sequence[Seen | None]  # what management asks of each bar's row
    barred: Sequence[int]  # by instrument: the Reason why no entry may be sent, 0 = one may
    judged: Judged | None  # candidates of this close
    at: Moment


Event = Opening | Traded | Closed


class Desk:
    """One account over one or several instruments."""

    def __init__(self, record: DeskRecord, symbols: Sequence[str]) -> None:
        self.record = record
        self.symbols = tuple(symbols)
        n = len(symbols)
        self.books = new_books(n)
        self._closes = np.zeros(n, np.int64)
        self._worst = np.zeros(n, np.int64)
        self._outcomes = np.zeros(0, np.int64)
        self._plans = 0
        self._plan_of = [0] * n  # the running number of each instrument's plan

    @property
    def outcomes(self) -> Rows:
        """What became of every candidate so far: its trade, or minus the reason."""
        return self._outcomes

    def handle(self, event: Event) -> list[Order]:
        """Take one event; returns what a broker must be told."""
        match event:
            case Opening():
                return self._open(event)
            case Traded():
                self._trade(event)
                return []
            case Closed():
                return self._close(event)

    def _open(self, event: Opening) -> list[Order]:
        k = event.instrument
        before = copy_book(self.books[k])
        begin_day(self.record, event.day)
        before_bar(self.record, self.books[k], k, event.ts, event.day, self._outcomes)
        return self._told(k, before)

    def _trade(self, event: Traded) -> None:
        k, bar, fills = event.instrument, event.bar, event.fills
        held = int(self.record.plans[k]["side"])
        book = self.books[k]
        for fill in fills:
            settle(book, int(fill["slot"]), int(fill["tick"]), WORKING)
        take_fills(
            self.record, book, k, fills, len(fills), bar, event.side, event.at, self._outcomes
        )
        self._closes[k] = bar.close
        self._worst[k] = bar.low if held > 0 else bar.high

    def _close(self, event: Closed) -> list[Order]:
        begin_day(self.record, event.at.day)
        watch(self.record, self._closes, self._worst)
        orders: list[Order] = []
        for k, (bar, seen) in enumerate(zip(event.bars, event.seen, strict=True)):
            if bar is not None and seen is not None and self.record.plans[k]["state"] != 0:
                before = copy_book(self.books[k])
                after_bar(self.record, self.books[k], k, bar, event.at, seen, self._outcomes)
                orders += self._told(k, before)
        if event.judged is not None:
            orders += self._decide(event.judged, event)
        return orders

    def _decide(self, judged: Judged, event: Closed) -> list[Order]:
        table = judged.table
        n, first = len(table.row), len(self._outcomes)
        self._outcomes = np.concatenate([self._outcomes, np.zeros(n, np.int64)])
        orders: list[Order] = []
        lo = 0
        while lo < n:
            k, hi = int(table.instrument[lo]), lo
            while hi < n and table.instrument[hi] == k:
                hi += 1
            orders += self._decide_one(judged, event, lo, hi, k, first)
            lo = hi
        self._outcomes[first:] = table.outcome
        return orders

    def _decide_one(
        self, judged: Judged, event: Closed, lo: int, hi: int, k: int, first: int
    ) -> list[Order]:
        at, bar = event.at, event.bars[k]
        chosen = decide(self.record, judged.table, lo, hi, at, int(event.barred[k]))
        if chosen < 0 or bar is None:
            return []
        before = copy_book(self.books[k])
        self.record.plans[k]["candidate"] = first + chosen
        self._closes[k] = bar.close
        place_plan(self.record, self.books[k], k)
        self._plans += 1
        self._plan_of[k] = self._plans
        return self._told(k, before)

    def _told(self, k: int, before: Rows) -> list[Order]:
        symbol, plan = self.symbols[k], self._plan_of[k]
        return list(new_orders(self.record, before, self.books[k], k, symbol, symbol, plan))
