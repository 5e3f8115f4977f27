"""The paper account: orders, holdings, trades and money, as a venue would keep them.

One net position a contract; an addition averages its price, a fill larger than the position closes
it and opens the other side as a second trade. A bracket's legs wait until their entry fills, are
laid from the fill, and of two legs the one that fills takes the other away.
"""

from collections.abc import Callable
from dataclasses import replace

import msgspec

from julie.core.types import Side
from julie.execution.floor import Traded
from julie.execution.venue import (
    NewOrder,
    OrderKind,
    VenueAccount,
    VenueEvent,
    VenueOrder,
    VenuePosition,
    VenueStatus,
    VenueTrade,
)

STAMP_NS = 1000  # two facts of one moment lie so far apart
_MARKET = VenueStatus.PENDING  # a market order works under this status


class Holding(msgspec.Struct):
    """What is held of one contract, and what was paid for it."""

    net: int = 0
    cost_cents: int = 0  # of all contracts held, at their prices
    since_ns: int = 0


class PaperState(msgspec.Struct):
    """All that a restart must find again."""

    account_id: int
    balance_cents: int
    next_id: int = 1
    contracts: dict[str, Traded] = {}
    orders: dict[int, VenueOrder] = {}
    distances: dict[int, int] = {}  # of legs that wait, from their entry's fill
    closes: set[int] = set()  # market orders that close, and never turn
    trades: list[VenueTrade] = []
    holdings: dict[str, Holding] = {}
    tags: set[str] = set()
    last: dict[str, tuple[int, int]] = {}  # last price of a contract, and its minute


class PaperAccount:
    """Books what happens; each change is told as the venue's rows."""

    def __init__(
        self,
        state: PaperState,
        told: Callable[[VenueEvent], None],
        put: Callable[[VenueOrder], None],
    ) -> None:
        self.state = state
        self.now_ns = 0
        self._told, self._put = told, put

    def at(self, ts_ns: int) -> None:
        """What comes next happens at this time, or just after what came before."""
        self.now_ns = max(ts_ns, self.now_ns)

    def _stamp(self) -> int:
        self.now_ns += STAMP_NS
        return self.now_ns

    # orders

    def add(self, order: NewOrder) -> VenueOrder:
        """A new order, and the legs that wait for it: ids n, n + 1, n + 2 as the venue gives."""
        self.state.tags.add(order.tag)
        works = _MARKET if order.kind is OrderKind.MARKET else VenueStatus.OPEN
        entry = self._new(
            order.tag, order.contract, order.side, order.qty, order.kind, order.price_tick, works
        )
        stop: int | None = None
        for distance, kind, end in (
            (order.stop_ticks, OrderKind.STOP, "-SL"),
            (order.target_ticks, OrderKind.LIMIT, "-TP"),
        ):
            if distance is None:
                continue
            leg = self._new(
                order.tag + end, order.contract, Side(-order.side), order.qty, kind, None,
                VenueStatus.SUSPENDED, entry.id, stop, distance,
            )  # fmt: skip
            stop = leg.id
        return entry

    def add_close(self, contract: str, qty: int) -> VenueOrder:
        """A market order against the position."""
        side = Side.SHORT if self.net(contract) > 0 else Side.LONG
        self.state.closes.add(self.state.next_id)
        return self._new(None, contract, side, qty, OrderKind.MARKET, None, _MARKET)

    def _new(
        self,
        tag: str | None,
        contract: str,
        side: Side,
        qty: int,
        kind: OrderKind,
        price: int | None,
        status: VenueStatus,
        parent: int | None = None,
        linked: int | None = None,
        distance: int = 0,
    ) -> VenueOrder:
        number, now = self.state.next_id, self._stamp()
        self.state.next_id += 1
        if distance:
            self.state.distances[number] = distance
        row = VenueOrder(
            number, tag, contract, side, qty, 0, kind, price, status, now, now, parent, linked
        )
        return self._keep(row)

    def _keep(self, row: VenueOrder) -> VenueOrder:
        self.state.orders[row.id] = row
        self._put(row)
        self._told(row)
        return row

    def moved(self, row: VenueOrder, price: int | None, qty: int | None) -> None:
        """Another price or size; what is None stays."""
        price, qty = row.price_tick if price is None else price, qty or row.qty
        self._keep(replace(row, price_tick=price, qty=qty, updated_ns=self._stamp()))

    def cancel(self, row: VenueOrder) -> None:
        """An order goes, and with it the legs that waited for it."""
        self._keep(replace(row, status=VenueStatus.CANCELLED, updated_ns=self._stamp()))
        for leg in self.legs(row.id):
            if leg.status is VenueStatus.SUSPENDED:
                self._keep(replace(leg, status=VenueStatus.CANCELLED, updated_ns=self._stamp()))

    def legs(self, entry_id: int) -> list[VenueOrder]:
        """The legs of an entry."""
        found = (self.state.orders.get(entry_id + k) for k in (1, 2))
        return [row for row in found if row is not None and row.parent_id == entry_id]

    # what is held

    def net(self, contract: str) -> int:
        """Contracts held, shorts negative."""
        holding = self.state.holdings.get(contract)
        return 0 if holding is None else holding.net

    def position(self, contract: str) -> VenuePosition:
        """What is held, as a row."""
        one, holding = (
            self.state.contracts[contract],
            self.state.holdings.get(contract) or Holding(),
        )
        side = Side.LONG if holding.net >= 0 else Side.SHORT
        qty = abs(holding.net)
        average = holding.cost_cents / qty / one.tick_cents * one.tick if qty else 0.0
        return VenuePosition(contract, side, qty, average, self.now_ns)

    def account(self) -> VenueAccount:
        """The money, as a row."""
        return VenueAccount(self.state.account_id, self.state.balance_cents, can_trade=True)

    # fills

    def fill(self, row: VenueOrder, tick: int) -> None:
        """An order fills at a price; everything that follows."""
        qty = row.qty - row.filled
        if row.id in self.state.closes:
            qty = min(qty, max(-self.net(row.contract) * row.side, 0))
        if qty < 1:
            self.cancel(row)
            return
        row = self._keep(
            replace(
                row,
                qty=row.filled + qty,
                filled=row.filled + qty,
                status=VenueStatus.FILLED,
                updated_ns=self._stamp(),
            )
        )
        self._book(row, qty, tick)
        if row.parent_id is not None:
            for twin in self.legs(row.parent_id):
                if not twin.status.ended:
                    self.cancel(twin)
            return
        for leg in self.legs(row.id):
            if leg.status is VenueStatus.SUSPENDED:
                self._wake(leg, tick)

    def _wake(self, leg: VenueOrder, filled: int) -> None:
        sign = 1 if leg.kind is OrderKind.STOP else -1
        price = filled + sign * leg.side * self.state.distances.pop(leg.id)
        self._keep(
            replace(leg, price_tick=price, status=VenueStatus.OPEN, updated_ns=self._stamp())
        )

    def _book(self, row: VenueOrder, qty: int, tick: int) -> None:
        holding = self.state.holdings.setdefault(row.contract, Holding())
        closing = min(qty, abs(holding.net)) if holding.net * row.side < 0 else 0
        value = self.state.contracts[row.contract].tick_cents * tick
        if closing:
            cost = holding.cost_cents * closing // abs(holding.net)
            profit = (cost - value * closing) * row.side
            holding.cost_cents -= cost
            holding.net += row.side * closing
            self._trade(row, closing, tick, profit)
        if qty > closing:
            if not holding.net:
                holding.cost_cents, holding.since_ns = 0, self.now_ns
            holding.cost_cents += value * (qty - closing)
            holding.net += row.side * (qty - closing)
            self._trade(row, qty - closing, tick, None)
        self._told(self.position(row.contract))
        self._told(self.account())

    def _trade(self, row: VenueOrder, qty: int, tick: int, profit: int | None) -> None:
        state, fee = self.state, self.state.contracts[row.contract].fee_cents * qty
        trade = VenueTrade(
            state.next_id, row.id, row.contract, row.side, qty, tick, fee, profit, False,
            self._stamp(),
        )  # fmt: skip
        state.next_id += 1
        state.balance_cents += (profit or 0) - fee
        state.trades.append(trade)
        self._told(trade)

    def forget(self, before_ns: int) -> None:
        """Let go of what ended before a time; the money and the tags stay."""
        state = self.state
        state.trades = [one for one in state.trades if one.ts >= before_ns]
        over = [
            number
            for number, row in state.orders.items()
            if row.status.ended and row.updated_ns < before_ns
        ]
        for number in over:
            del state.orders[number]
            state.closes.discard(number)
            state.distances.pop(number, None)
