"""The event desk: a state machine, bars and fills in, orders out, no clock but the event's.

It calls the same compiled rules as the batch walk; what differs is only who brings the events. A
broker must bring, for each bar: `Opening` before the bar trades, `Traded` with its fills, and once
a minute `Closed` with all instruments' bars and this close's judged candidates.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from julie.core.record import DeskRecord, Rows
from julie.core.taken import LegDropped
from julie.core.types import ExitReason, Reason
from julie.desk.book import begin_day, watch
from julie.desk.commands import Order, copy_book, new_orders
from julie.desk.decide import decide
from julie.desk.parts import close_works, drop, entry_works, fill_book, tidy
from julie.desk.pipeline import Judged
from julie.desk.step import Bar, Moment, Seen, after_bar, before_bar, place_plan, take_fills
from julie.execution.orders import CLOSES, FREE, new_books

RECONCILED = 1 + int(ExitReason.RECONCILE)
ENTRIES: Final = (0, 3)  # slots
REFUSED_MOST: Final = 3  # entries in a row that the venue may refuse a strategy
ROOM = 1024  # candidates more, whenever their outcomes need room


@dataclass(frozen=True, slots=True)
class Opening:
    """A bar of an instrument begins."""

    instrument: int
    ts: int
    day: int


@dataclass(frozen=True, slots=True, eq=False)
class Traded:
    """The bar is over; its fills in their sequence, and the side held while it was walked.

    `closing`: 1 + ExitReason where venue or person closed. `dropped`: entries that venue took off.
    """

    instrument: int
    bar: Bar
    fills: Rows
    side: int
    at: Moment
    closing: int = 0
    dropped: Sequence[LegDropped] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Closed:
    """A minute closed on all watched instruments."""

    bars: Sequence[Bar | None]
    seen: Sequence[Seen | None]  # what management asks of each bar's row
    barred: Sequence[int]  # by instrument: the Reason why no entry may be sent, 0 = one may
    judged: Judged | None  # candidates of this close
    at: Moment


Event = Opening | Traded | Closed


@dataclass(frozen=True, slots=True)
class Standing:
    """What the desk knows beside its record and books."""

    closes: list[int]
    worst: list[int]
    candidates: int
    plans: int
    plan_of: list[int]


class Desk:
    """One account over one or several instruments."""

    def __init__(
        self, record: DeskRecord, symbols: Sequence[str], contracts: Sequence[str] = ()
    ) -> None:
        self.record = record
        self.symbols = tuple(symbols)
        self.contracts = list(contracts or symbols)  # what orders name; changed when flat
        n = len(symbols)
        self.books = new_books(n)
        self._closes = np.zeros(n, np.int64)
        self._worst = np.zeros(n, np.int64)
        self.candidates = 0  # asked so far; the number of the next one
        self._kept = np.zeros(ROOM, np.int64)
        self._plans = 0
        self._plan_of = [0] * n  # the running number of each instrument's plan

    @property
    def outcomes(self) -> Rows:
        """What became of every candidate so far: its trade, or minus the reason."""
        return self._kept[: self.candidates]

    def standing(self) -> Standing:
        """What a snapshot needs beside record and books."""
        return Standing(
            self._closes.tolist(),
            self._worst.tolist(),
            self.candidates,
            self._plans,
            list(self._plan_of),
        )

    def stand(self, standing: Standing, places: Sequence[int]) -> None:
        """Take a snapshot over; `places` = where its instruments stand now, -1 = nowhere."""
        self.candidates, self._plans = standing.candidates, standing.plans
        self._kept = np.zeros(self.candidates + ROOM, np.int64)
        for k, here in enumerate(places):
            if here >= 0:
                self._closes[here], self._worst[here] = standing.closes[k], standing.worst[k]
                self._plan_of[here] = standing.plan_of[k]

    def handle(self, event: Event) -> list[Order]:
        """Take one event; returns what a broker must be told."""
        match event:
            case Opening():
                return self._open(event)
            case Traded():
                return self._trade(event)
            case Closed():
                return self._close(event)

    def _open(self, event: Opening) -> list[Order]:
        k = event.instrument
        before = copy_book(self.books[k])
        begin_day(self.record, event.day)
        before_bar(self.record, self.books[k], k, event.ts, event.day, self._kept)
        return self._told(k, before)

    def _trade(self, event: Traded) -> list[Order]:
        k, bar, fills = event.instrument, event.bar, event.fills
        plan, book = self.record.plans[k], self.books[k]
        held = int(plan["side"])
        if event.closing:
            plan["closing"] = event.closing
        for fill in fills:
            fill_book(book, plan, fill)
            if fill["slot"] >= CLOSES and plan["closing"] == 0:
                plan["closing"] = RECONCILED
        before = copy_book(book)
        take_fills(self.record, book, k, fills, len(fills), bar, event.side, event.at, self._kept)
        self._closes[k] = bar.close
        self._worst[k] = bar.low if held > 0 else bar.high
        orders = self._told(k, before) if len(fills) else []
        if any(fill["slot"] in ENTRIES for fill in fills):
            self.record.strategies[plan["strategy"]]["refused"] = 0
        if len(fills) or event.dropped:
            self._tidy(k, event)
        return orders

    def _tidy(self, k: int, event: Traded) -> None:
        """After fills: what the venue took off, and a plan that is closed only in part."""
        plan, book = self.record.plans[k], self.books[k]
        drop(book, plan, event.dropped)
        if event.dropped and plan["state"] == 1 and not entry_works(book):
            book["state"], plan["state"] = FREE, 0
            self._kept[plan["candidate"]] = -event.dropped[-1].reason
            if event.dropped[-1].reason == Reason.REJECTED:
                self._refused(self.record.strategies[plan["strategy"]], event.at.day)
        tidy(book, plan)
        if event.closing and plan["state"] == 2 and not close_works(book):
            plan["closing"] = 0

    def _refused(self, rule: Any, day: int) -> None:
        """The venue refused an entry whole; a strategy that hears it often is off for the day."""
        rule["refused"] += 1
        if rule["refused"] >= REFUSED_MOST:
            rule["refused"], rule["refused_day"] = 0, day

    def _close(self, event: Closed) -> list[Order]:
        begin_day(self.record, event.at.day)
        watch(self.record, self._closes, self._worst)
        orders: list[Order] = []
        for k, (bar, seen) in enumerate(zip(event.bars, event.seen, strict=True)):
            if bar is not None and seen is not None and self.record.plans[k]["state"] != 0:
                before = copy_book(self.books[k])
                after_bar(self.record, self.books[k], k, bar, event.at, seen, self._kept)
                orders += self._told(k, before)
        if event.judged is not None:
            orders += self._decide(event.judged, event)
        return orders

    def _decide(self, judged: Judged, event: Closed) -> list[Order]:
        table = judged.table
        n, first = len(table.row), self.candidates
        if first + n > len(self._kept):
            self._kept = np.concatenate([self._kept, np.zeros(n + max(first, ROOM), np.int64)])
        self.candidates += n
        orders: list[Order] = []
        lo = 0
        while lo < n:
            k, hi = int(table.instrument[lo]), lo
            while hi < n and table.instrument[hi] == k:
                hi += 1
            orders += self._decide_one(judged, event, lo, hi, k, first)
            lo = hi
        self._kept[first : first + n] = table.outcome
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
        symbol, contract, plan = self.symbols[k], self.contracts[k], self._plan_of[k]
        return list(new_orders(self.record, before, self.books[k], k, symbol, contract, plan))
