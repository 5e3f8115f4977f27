"""A venue in memory with native brackets, netting and faults, and its own record of what was done.

Prices are ticks. A fault is a list of words a call takes in turn: `lose_answer` (done, not
answered), `lose_request` (not done, not answered), `refuse`, `one_too_many` (a 429), `not_sent`.
The venue measures for itself: the time a position stood without stops (`naked_ns`), entries a tag
(`accepted`), and flips by a close.
"""

from collections import defaultdict
from dataclasses import replace

from julie.core.clock import VirtualClock
from julie.core.types import Side
from julie.execution.venue import (
    Accepted,
    NewOrder,
    NotSent,
    OrderKind,
    Outcome,
    RefusalCode,
    Refused,
    Unknown,
    VenueAccount,
    VenueEvent,
    VenueOrder,
    VenuePosition,
    VenueStatus,
    VenueTrade,
    VenueUnreachable,
)

OPEN, SUSPENDED = VenueStatus.OPEN, VenueStatus.SUSPENDED


class FakeVenue:
    """One account; market orders fill at once at the last price."""

    def __init__(self, clock: VirtualClock, last: int = 1000) -> None:
        self.clock, self.last = clock, last
        self.orders: dict[int, VenueOrder] = {}
        self.brackets: dict[int, tuple[int | None, int | None]] = {}
        self.trades: list[VenueTrade] = []
        self.net: dict[str, int] = defaultdict(int)
        self.events: list[VenueEvent] = []
        self.faults: dict[str, list[str]] = defaultdict(list)
        self.accepted: list[str] = []
        self.calls: list[str] = []
        self.unreachable = False
        self.shows_tags = True
        self.makes_stops = True
        self.makes_targets = True
        self.fills_markets = True
        self.halted = False  # market orders and closes are refused, and nothing trades
        self.refuse_stops = 0
        self.part = 0  # so many contracts a fill, where it is not 0
        self.turned: list[int] = []  # closes that turned a position
        self.balance_cents = 5_000_000
        self.naked_ns = 0
        self._naked_since = 0
        self._number = 100

    # the door

    async def place(self, order: NewOrder) -> Outcome:
        return self._faulty("place", lambda: self._place(order))

    async def modify(
        self, order_id: int, *, price_tick: int | None = None, qty: int | None = None
    ) -> Outcome:
        return self._faulty("modify", lambda: self._modify(order_id, price_tick, qty))

    async def cancel(self, order_id: int) -> Outcome:
        return self._faulty("cancel", lambda: self._cancel(order_id))

    async def close(self, contract: str) -> Outcome:
        return self._faulty("close", lambda: self._close(contract, abs(self.net[contract])))

    async def close_part(self, contract: str, qty: int) -> Outcome:
        return self._faulty("close", lambda: self._close(contract, qty))

    async def working_orders(self) -> tuple[VenueOrder, ...]:
        self._reachable()
        return tuple(one for one in self.orders.values() if one.status is OPEN)

    async def open_orders(self) -> tuple[VenueOrder, ...]:
        self._reachable()
        return tuple(self._shown(o) for o in self.orders.values() if not o.status.ended)

    async def orders_since(self, ts: int) -> tuple[VenueOrder, ...]:
        self._reachable()
        rows = (o for o in self.orders.values() if o.created_ns >= ts and o.status is not SUSPENDED)
        return tuple(self._shown(o) for o in rows)

    async def order(self, order_id: int) -> VenueOrder | None:
        self._reachable()
        found = self.orders.get(order_id)
        return None if found is None else self._shown(found)

    async def positions(self) -> tuple[VenuePosition, ...]:
        self._reachable()
        return tuple(self._position(c) for c, net in self.net.items() if net)

    async def trades_since(self, ts: int) -> tuple[VenueTrade, ...]:
        self._reachable()
        return tuple(t for t in self.trades if t.ts >= ts)

    async def account(self) -> VenueAccount:
        self._reachable()
        return VenueAccount(1, self.balance_cents, True)

    # the market and other people

    def trade_at(self, tick: int) -> None:
        """A print: stops, then limits, then waiting market orders."""
        self.last = tick
        for order in list(self.orders.values()):
            live = self.orders[order.id]
            if live.status is not OPEN and live.status is not VenueStatus.PENDING:
                continue
            if _fills(live, tick):
                at = tick if live.kind is not OrderKind.LIMIT else live.price_tick or tick
                left = live.qty - live.filled
                self._fill(live, min(self.part or left, left), at)

    def foreign_market(self, contract: str, side: Side, qty: int, each: int = 0) -> None:
        """Somebody trades by hand; in trades of that size, where it is told."""
        order = self._new(None, contract, side, qty, OrderKind.MARKET, None, OPEN)
        while left := qty - self.orders[order.id].filled:
            self._fill(self.orders[order.id], min(each or left, left), self.last)

    def places_stop(self, tag: str, contract: str, side: Side, qty: int, tick: int) -> None:
        """Somebody lays a stop: a person, or a kill switch elsewhere."""
        self._new(tag, contract, side, qty, OrderKind.STOP, tick, OPEN)

    def foreign_cancel(self, order_id: int) -> None:
        """Somebody cancels an order by hand."""
        self._cancel(order_id)

    def foreign_move(self, order_id: int, tick: int) -> None:
        """Somebody moves an order by hand."""
        self._modify(order_id, tick, None)

    def stops(self) -> list[VenueOrder]:
        """Working stops."""
        return [o for o in self.orders.values() if o.kind is OrderKind.STOP and o.status is OPEN]

    def targets(self) -> list[VenueOrder]:
        """Working limits that close."""
        return [
            o
            for o in self.orders.values()
            if o.kind is OrderKind.LIMIT and o.status is OPEN and self.net[o.contract] * o.side < 0
        ]

    def alive(self) -> list[VenueOrder]:
        """All that has not ended."""
        return [o for o in self.orders.values() if not o.status.ended]

    def measure(self) -> None:
        """Count how long a position has stood without stops; called as time passes."""
        bare = any(
            abs(net) > sum(o.qty - o.filled for o in self.stops() if o.contract == c)
            for c, net in self.net.items()
            if net
        )
        now = self.clock.now_ns()
        if not bare:
            self._naked_since = 0
        elif not self._naked_since:
            self._naked_since = now
        else:
            self.naked_ns = max(self.naked_ns, now - self._naked_since)

    # inside

    def _reachable(self) -> None:
        if self.unreachable:
            raise VenueUnreachable("down")

    def _faulty(self, name: str, act) -> Outcome:
        self.calls.append(name)
        fault = self.faults[name].pop(0) if self.faults[name] else ""
        if fault == "lose_request" or self.unreachable:
            return Unknown("no answer")
        if fault == "refuse":
            return Refused(RefusalCode.OTHER, "no")
        if fault == "one_too_many":
            return Refused(RefusalCode.RATE_LIMIT, "429")
        if fault == "not_sent":
            return NotSent("no connection")
        outcome = act()
        self.measure()
        return Unknown("no answer") if fault == "lose_answer" else outcome

    def _place(self, order: NewOrder) -> Outcome:
        if any(o.tag == order.tag for o in self.orders.values()):
            return Refused(RefusalCode.TAG_IN_USE, "tag already in use")
        if order.kind is OrderKind.MARKET and self.halted:
            return Refused(RefusalCode.OTHER, "no market orders now")
        if order.kind is OrderKind.STOP:
            if self.refuse_stops:
                self.refuse_stops -= 1
                return Refused(RefusalCode.OTHER, "no stops")
            if order.side * ((order.price_tick or 0) - self.last) <= 0:
                return Refused(RefusalCode.OUT_OF_RANGE, "outside allowed range")
        self.accepted.append(order.tag)
        kind, price = order.kind, order.price_tick
        row = self._new(order.tag, order.contract, order.side, order.qty, kind, price, OPEN)
        if order.stop_ticks is not None or order.target_ticks is not None:
            self._children(row, order)
        if kind is OrderKind.MARKET and self.fills_markets:
            self._fill(self.orders[row.id], order.qty, self.last)
        return Accepted(row.id)

    def _children(self, entry: VenueOrder, order: NewOrder) -> None:
        ids: list[int | None] = []
        for makes, kind, end in (
            (self.makes_stops, OrderKind.STOP, "-SL"),
            (self.makes_targets, OrderKind.LIMIT, "-TP"),
        ):
            if not makes:
                ids.append(None)
                continue
            side, tag = Side(-order.side), order.tag + end
            row = self._new(tag, order.contract, side, order.qty, kind, None, SUSPENDED, entry.id)
            ids.append(row.id)
        self.brackets[entry.id] = (ids[0], ids[1])
        self._distances = getattr(self, "_distances", {})
        self._distances[entry.id] = (order.stop_ticks or 0, order.target_ticks or 0)

    def _new(self, tag, contract, side, qty, kind, price, status, parent=None) -> VenueOrder:
        self._number += 1
        now = self.clock.now_ns()
        row = VenueOrder(
            self._number, tag, contract, side, qty, 0, kind, price, status, now, now, parent
        )
        self.orders[row.id] = row
        self.events.append(row)
        return row

    def _change(self, order_id: int, **fields) -> VenueOrder:
        row = replace(self.orders[order_id], updated_ns=self.clock.now_ns(), **fields)
        self.orders[order_id] = row
        self.events.append(row)
        return row

    def _fill(self, order: VenueOrder, qty: int, tick: int) -> None:
        done = order.filled + qty
        status = VenueStatus.FILLED if done >= order.qty else OPEN
        self._change(order.id, filled=done, status=status)
        before = self.net[order.contract]
        opening = before * order.side >= 0
        self.net[order.contract] += order.side * qty
        if order.tag is None and before * self.net[order.contract] < 0:
            self.turned.append(order.id)
        now = self.clock.now_ns()
        trade = VenueTrade(
            5000 + len(self.trades), order.id, order.contract, order.side, qty, tick, 37,
            None if opening else 0, False, now,
        )  # fmt: skip
        self.trades.append(trade)
        self.events += [trade, self._position(order.contract)]
        if order.id in self.brackets:
            self._wake(order, tick, done)
        if order.parent_id is not None:
            for twin in self.brackets.get(order.parent_id, ()):
                if twin in (None, order.id) or self.orders[twin].status.ended:
                    continue
                if status is VenueStatus.FILLED:
                    self._change(twin, status=VenueStatus.CANCELLED)
                else:
                    self._change(twin, qty=self.orders[twin].filled + order.qty - done)
        self.measure()

    def _wake(self, entry: VenueOrder, tick: int, done: int) -> None:
        """The legs cover what was bought so far, from its first price on."""
        for leg, distance in zip(self.brackets[entry.id], self._distances[entry.id], strict=True):
            if leg is None or self.orders[leg].status.ended:
                continue
            row = self.orders[leg]
            sign = -1 if row.kind is OrderKind.STOP else 1
            price = row.price_tick or tick + sign * entry.side * distance
            self._change(leg, status=OPEN, price_tick=price, qty=done)

    def _modify(self, order_id: int, tick: int | None, qty: int | None) -> Outcome:
        row = self.orders[order_id]
        if row.status.ended:
            return Refused(RefusalCode.NO_ORDER, "gone")
        self._change(order_id, price_tick=tick or row.price_tick, qty=qty or row.qty)
        return Accepted()

    def _cancel(self, order_id: int) -> Outcome:
        if self.orders[order_id].status.ended:
            return Refused(RefusalCode.NO_ORDER, "gone")
        self._change(order_id, status=VenueStatus.CANCELLED)
        for child in self.brackets.get(order_id, ()):
            if child is not None and not self.orders[child].status.ended:
                self._change(child, status=VenueStatus.CANCELLED)
        return Accepted()

    def _close(self, contract: str, qty: int) -> Outcome:
        net = self.net[contract]
        if self.halted:
            return Refused(RefusalCode.OTHER, "ORDER_REJECTED")
        if not net:
            return Refused(RefusalCode.NO_POSITION, "flat")
        if qty > abs(net):
            return Refused(RefusalCode.BAD_SIZE, "more than held")
        side = Side.SHORT if net > 0 else Side.LONG
        order = self._new(None, contract, side, qty, OrderKind.MARKET, None, OPEN)
        if self.fills_markets:
            self._fill(order, qty, self.last)
        return Accepted()

    def _position(self, contract: str) -> VenuePosition:
        net = self.net[contract]
        side = Side.LONG if net >= 0 else Side.SHORT
        return VenuePosition(contract, side, abs(net), self.last * 0.25, self.clock.now_ns())

    def _shown(self, order: VenueOrder) -> VenueOrder:
        return order if self.shows_tags else replace(order, tag=None)


def _fills(order: VenueOrder, tick: int) -> bool:
    if order.kind is OrderKind.MARKET:
        return True
    beyond = order.side * (tick - (order.price_tick or 0))
    return beyond >= 0 if order.kind is OrderKind.STOP else beyond < 0
