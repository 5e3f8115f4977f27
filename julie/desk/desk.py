"""The event desk: a state machine, bars and fills in, orders out, no clock but the event's.

It calls the same compiled rules as the batch walk; what differs is only who brings the events. A
broker must bring, for each bar: `Opening` before the bar trades, `Traded` with its fills, and once
a minute `Closed` with all instruments' bars and this close's judged candidates.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from julie.core.record import DeskRecord, Rows
from julie.core.types import Reason
from julie.desk.book import begin_day, breach, mark, touches_floor
from julie.desk.commands import Order, copy_book, new_orders
from julie.desk.decide import decide
from julie.desk.pipeline import Judged
from julie.desk.step import after_bar, before_bar, place_plan, take_fills
from julie.execution.matching import settle
from julie.execution.orders import new_books

MAXIMUM_LOSS = int(Reason.MAXIMUM_LOSS)


@dataclass(frozen=True, slots=True)
class BarTicks:
    """One closed bar in traded ticks with what the desk asks of its row."""

    row: int
    ts: int
    open: int
    high: int
    low: int
    close: int
    atr: float
    swing_up: float
    swing_down: float
    roll: int
    blackout: int
    last: bool  # no bar follows


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
    bar: BarTicks
    fills: Rows
    side: int
    day: int
    session: int


@dataclass(frozen=True, slots=True, eq=False)
class Closed:
    """A minute closed on all watched instruments."""

    bars: Sequence[BarTicks | None]
    exits: Sequence[int]  # whether the open plan's own rule would close it
    judged: Judged | None  # candidates of this close
    day: int
    minute: int
    length: int
    session: int


Event = Opening | Traded | Closed


class Desk:
    """One account over one or several instruments."""

    def __init__(self, record: DeskRecord, symbols: Sequence[str], bar_ns: int) -> None:
        self.record = record
        self._bar_ns = bar_ns
        self.symbols = tuple(symbols)
        n = len(symbols)
        self._books = new_books(n)
        self._closes = np.zeros(n, np.int64)
        self._worst = np.zeros(n, np.int64)
        self._outcomes = np.zeros(0, np.int64)
        self._plans = 0

    def handle(self, event: Event) -> list[Order]:
        """Take one event; returns what a broker must be told."""
        if isinstance(event, Closed):
            return self._close(event)
        k = event.instrument
        before = copy_book(self._books[k])
        if isinstance(event, Opening):
            begin_day(self.record, event.day)
            before_bar(self.record, self._books[k], k, event.ts, event.day, self._outcomes)
        else:
            self._trade(event)
            return []
        return self._told(k, before)

    @property
    def outcomes(self) -> Rows:
        """What became of every candidate so far: its trade, or minus the reason."""
        return self._outcomes

    def _trade(self, event: Traded) -> None:
        k, bar = event.instrument, event.bar
        was = int(self.record.plans[k]["side"])
        for fill in event.fills:
            settle(self._books[k], int(fill["slot"]), int(fill["tick"]))
        take_fills(
            self.record,
            self._books[k],
            k,
            event.fills,
            len(event.fills),
            bar.row,
            bar.ts,
            bar.ts + self._bar_ns,
            bar.open,
            bar.high,
            bar.low,
            bar.close,
            event.side,
            event.day,
            event.session,
            self._outcomes,
        )
        self._closes[k] = bar.close
        self._worst[k] = bar.low if was > 0 else bar.high

    def _close(self, event: Closed) -> list[Order]:
        begin_day(self.record, event.day)
        if touches_floor(self.record, self._worst):
            self.record.account[0]["halted"] = 1
            breach(self.record, MAXIMUM_LOSS)
        mark(self.record, self._closes)
        orders: list[Order] = []
        for k, bar in enumerate(event.bars):
            if bar is not None and self.record.plans[k]["state"] != 0:
                orders += self._manage(k, bar, event)
        if event.judged is not None:
            orders += self._decide(event.judged, event)
        return orders

    def _manage(self, k: int, bar: BarTicks, event: Closed) -> list[Order]:
        before = copy_book(self._books[k])
        swing = bar.swing_down if self.record.plans[k]["side"] > 0 else bar.swing_up
        after_bar(
            self.record,
            self._books[k],
            k,
            bar.row,
            bar.close,
            event.minute,
            event.length,
            self._bar_ns / 60_000_000_000,
            bar.roll != 0,
            bar.blackout,
            event.exits[k],
            bar.atr,
            swing,
            self._outcomes,
        )
        return self._told(k, before)

    def _decide(self, judged: Judged, event: Closed) -> list[Order]:
        table = judged.table
        n, first = len(table.row), len(self._outcomes)
        self._outcomes = np.concatenate([self._outcomes, np.zeros(n, np.int64)])
        orders: list[Order] = []
        at = 0
        while at < n:
            k, end = int(table.instrument[at]), at
            while end < n and table.instrument[end] == k:
                end += 1
            orders += self._decide_one(judged, event, at, end, k, first)
            at = end
        self._outcomes[first:] = table.outcome
        return orders

    def _decide_one(
        self, judged: Judged, event: Closed, lo: int, hi: int, k: int, first: int
    ) -> list[Order]:
        bar = event.bars[k]
        ends = bool(self.record.rules[0]["flat_by_roll"]) and bar is not None and bar.roll != 0
        barred = 1 if bar is None or bar.last else (2 if ends else 0)
        chosen = decide(self.record, judged.table, lo, hi, event.day, event.session, barred)
        if chosen < 0 or bar is None:
            return []
        before = copy_book(self._books[k])
        self.record.plans[k]["candidate"] = first + chosen
        self._closes[k] = bar.close
        place_plan(self.record, self._books[k], k)
        self._plans += 1
        return self._told(k, before)

    def _told(self, k: int, before: Rows) -> list[Order]:
        symbol = self.symbols[k]
        return list(new_orders(self.record, before, self._books[k], k, symbol, symbol, self._plans))
