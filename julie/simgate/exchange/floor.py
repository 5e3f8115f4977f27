"""Where orders meet prices: the books of all contracts, matched by the shared engine.

Which order a price fills, in which sequence and at what price is asked of `execution.matching`;
here stands only what a fill then does: the position, the money, the bracket that wakes, the twin
that goes.
"""

from typing import Any, Final

import numpy as np

from julie.execution.matching import first_at, first_between, laid, slipped
from julie.execution.orders import (
    CLOSING,
    ENTERING,
    FREE,
    HELD,
    LIMIT,
    MARKET,
    ORDER,
    PROTECTING,
    STOP,
    TAKING,
)
from julie.execution.orders import WORKING as WORKS
from julie.gateway.wire import OrderStatus, OrderType
from julie.simgate.exchange.bodies import Fill
from julie.simgate.exchange.house import House
from julie.simgate.exchange.limits import Limits
from julie.simgate.exchange.making import market_order
from julie.simgate.exchange.oracle import Oracle
from julie.simgate.exchange.positions import apply
from julie.simgate.exchange.state import Held, KeptRule, SimOrder, SimTrade

ROLES: Final = {"close": CLOSING, "stop": PROTECTING, "target": TAKING, "entry": ENTERING}
_SECOND: Final = 1_000_000_000
_FOR_EVER: Final = 1 << 62


class Book:
    """The orders of one contract as rows of the engine."""

    def __init__(self) -> None:
        self.orders: list[SimOrder] = []
        self.rows: Any = np.zeros(16, ORDER)

    def put(self, order: SimOrder, slip: int, touch: bool) -> None:
        """Write an order's row anew, or for the first time."""
        place = next((k for k, one in enumerate(self.orders) if one is order), len(self.orders))
        if place == len(self.orders):
            self.orders.append(order)
            if place == len(self.rows):
                self.rows = np.concatenate([self.rows, np.zeros(place, ORDER)])
        kind = STOP if order.type in (OrderType.STOP, OrderType.TRAILING_STOP) else LIMIT
        kind = MARKET if order.type is OrderType.MARKET else kind
        state = FREE
        if order.status is OrderStatus.SUSPENDED:
            state = HELD
        elif order.status is OrderStatus.OPEN or (
            kind == MARKET and order.status is OrderStatus.PENDING
        ):
            state = WORKS
        if order.fills_left == 0 or not order.live:
            state = FREE
        price = (order.price or 0) + (order.side if touch and kind == LIMIT else 0)
        self.rows[place] = (
            state, kind, order.side, ROLES[order.role], order.left, price, order.distance,
            0 if kind == LIMIT else slip,
        )  # fmt: skip

    def row(self, order: SimOrder) -> Any:
        """The engine's row of an order."""
        return self.rows[next(k for k, one in enumerate(self.orders) if one is order)]

    def tidy(self) -> None:
        """Forget dead orders; never while a price is matched."""
        if all(one.live for one in self.orders):
            return
        keep = [k for k, one in enumerate(self.orders) if one.live]
        kept = self.rows[keep]
        self.rows = np.zeros(max(16, 2 * len(keep)), ORDER)
        self.rows[: len(keep)] = kept
        self.orders = [self.orders[k] for k in keep]


class Floor:
    """Matches, fills, and settles."""

    def __init__(self, house: House, limits: Limits, oracle: Oracle) -> None:
        self.house = house
        self.limits = limits
        self._oracle = oracle
        self._books: dict[str, Book] = {}
        for order in house.live():
            self.put(order)

    def book(self, contract: str) -> Book:
        """The book of a contract."""
        return self._books.setdefault(contract, Book())

    def put(self, order: SimOrder) -> None:
        """An order is new, or changed."""
        habits = self.house.habits
        self.book(order.contract).put(order, habits.slippage_ticks, habits.touch)

    def held(self, contract: str) -> int:
        """What the first account that holds anything holds."""
        for account in self.house.ledger.accounts:
            if net := self.house.net(account, contract):
                return net
        return 0

    def point(self, contract: str, tick: int) -> None:
        """A price stands: closes first, then stops, targets and entries."""
        book = self._books.get(contract)
        if book is None:
            return
        book.tidy()
        count = len(book.orders)
        for role in range(ENTERING + 1):
            row = first_at(book.rows, count, role, 0, tick)
            while row >= 0:
                self._fill(book, row, tick, 0)
                row = first_at(book.rows, count, role, row + 1, tick)
        self._trail(contract, tick)

    def travel(self, contract: str, a: int, b: int, phase: int) -> None:
        """The price moves: what lies between fills, nearest first."""
        book = self._books.get(contract)
        if book is None or not book.orders:
            return
        book.tidy()
        rising = b > a
        for _ in range(4 * len(book.orders) + 4):
            row, at = first_between(book.rows, len(book.orders), a, b, rising)
            if row < 0:
                break
            order = book.orders[row]
            is_stop = book.rows[row]["kind"] == STOP
            self._fill(book, row, at if is_stop or order.price is None else order.price, phase)
            a = at
        self._trail(contract, b)

    def _trail(self, contract: str, tick: int) -> None:
        for order in self.book(contract).orders:
            if order.type is OrderType.TRAILING_STOP and order.status is OrderStatus.OPEN:
                best = tick + order.side * (order.trail or 0)
                if order.price is None or (best - order.price) * order.side < 0:
                    order.price = best
                    self.put(order)

    def _fill(self, book: Book, row: int, tick: int, phase: int) -> None:
        order = book.orders[row]
        size = self._size(order)
        if size <= 0:
            self._drop_rest(order)
            return
        filled = int(slipped(book.rows[row], tick))
        self.fill(order, size, filled, abs(filled - tick), phase)

    def _size(self, order: SimOrder) -> int:
        size = order.left
        if order.closes:
            net = self.house.net(order.account, order.contract)
            size = min(size, max(-net * order.side, 0))
        if order.fills_left is None and (
            kept := self.house.met(order.role, order, order.contract, "partial")
        ):
            order.fills_left = min(kept.rule.size, size)
            self.hold(order, kept, order.status)
        return size if order.fills_left is None else min(size, order.fills_left)

    def hold(self, order: SimOrder, by: KeptRule, status: OrderStatus) -> None:
        """Keep an order, or its rest, from filling for as long as the rule says."""
        rule, now = by.rule, self.house.market.now_ns
        until = now + round(rule.seconds * _SECOND) if rule.seconds else _FOR_EVER
        self.house.ledger.held.append(
            Held(order=order.id, until_ns=until, then=rule.then, status=status, rule=by.number)
        )

    def _drop_rest(self, order: SimOrder) -> None:
        """A close finds nothing left to close."""
        self.house.tell_order(order, OrderStatus.CANCELLED)
        self.put(order)

    def fill(self, order: SimOrder, size: int, tick: int, slip: int, phase: int) -> None:
        """So many contracts of an order fill at a price; everything that follows."""
        house = self.house
        order.filled += size
        order.paid += size * tick
        if order.fills_left is not None:
            order.fills_left -= size
        done = order.left == 0
        if done:
            order.status = OrderStatus.FILLED
        elif order.type is OrderType.MARKET:
            order.status = OrderStatus.OPEN
        self.put(order)
        before = house.net(order.account, order.contract)
        house.tell_order(order)
        self._book_trades(order, size, tick, slip, phase)
        self._settle(order, size, tick)
        house.changed()
        after = house.net(order.account, order.contract)
        self._oracle.flipped(order, before, after)

    def _book_trades(self, order: SimOrder, size: int, tick: int, slip: int, phase: int) -> None:
        house, ledger = self.house, self.house.ledger
        stall = house.market.stalls[order.contract]
        account, instrument = ledger.accounts[order.account], stall.contract.instrument
        holding = house.holding(order.account, order.contract)
        day = house.market.date
        fee, commission = house.fee(account, stall.contract, day)
        for part in apply(holding, order.side, size, tick, instrument.tick_value_cents):
            if part.pnl is None and abs(holding.net) == part.size:
                holding.id, holding.opened_ns = ledger.next_position, house.market.stamp()
                ledger.next_position += 1
            trade = SimTrade(
                id=ledger.next_trade, order=order.id, account=account.id,
                contract=order.contract, side=order.side, size=part.size, tick=tick,
                ns=house.market.stamp(), fees=fee * part.size,
                commissions=commission * part.size, pnl=part.pnl,
            )  # fmt: skip
            ledger.next_trade += 1
            ledger.trades.append(trade)
            account.balance += (part.pnl or 0) - trade.fees - trade.commissions
            ledger.fills.append(
                Fill(
                    ns=trade.ns, trade=trade.id, order=order.id, account=account.id,
                    contract=order.contract, side=1 if order.side > 0 else -1, size=part.size,
                    price=stall.contract.price(tick), tick=tick, slip=slip, phase=phase,
                    role=order.role, tag=order.tag,
                    pnl=None if part.pnl is None else part.pnl / 100,
                    fees=(trade.fees + trade.commissions) / 100, foreign=order.foreign,
                )
            )  # fmt: skip
            house.mark("fill", order=order.id, trade=trade.id, size=part.size, tick=tick)
            house.tell_trade(trade, order.role)
            house.tell_position(holding)
            house.tell_account(account)

    def _settle(self, order: SimOrder, size: int, tick: int) -> None:
        """The bracket of an entry wakes; of two legs the other goes."""
        if order.parent is not None:
            if not self.house.met(order.role, order, order.contract, "orphan"):
                self._twin(order, size, tick)
            return
        for child in self._children(order.id):
            if child.status is OrderStatus.SUSPENDED:
                child.size = order.filled
                self._wake(child, tick)
            elif child.live:
                child.size = order.filled
                self.put(child)
                self.house.tell_order(child)

    def _wake(self, child: SimOrder, tick: int) -> None:
        child.price = int(laid(self.book(child.contract).row(child), tick))
        if self.house.met(child.role, child, child.contract, "reject"):
            child.price = None
            self.house.tell_order(child, OrderStatus.REJECTED)
        else:
            self.house.tell_order(child, OrderStatus.OPEN)
        self.put(child)

    def _twin(self, order: SimOrder, size: int, tick: int) -> None:
        for twin in self._children(order.parent or 0):
            if twin is order or not twin.live:
                continue
            if self.house.met(order.role, order, order.contract, "both"):
                self.fill(twin, min(size, twin.left), tick, 0, 0)
            elif order.left == 0:
                self.cancel(twin)
            else:
                twin.size = twin.filled + order.left
                self.put(twin)
                self.house.tell_order(twin)

    def _children(self, parent: int) -> list[SimOrder]:
        orders = self.house.ledger.orders
        near = (orders.get(parent + 1), orders.get(parent + 2))
        return [one for one in near if one is not None and one.parent == parent]

    def cancel(self, order: SimOrder, status: OrderStatus = OrderStatus.CANCELLED) -> None:
        """An order goes, and the legs that waited for it."""
        self.house.tell_order(order, status)
        self.put(order)
        if order.parent is None:
            for child in self._children(order.id):
                if child.status is OrderStatus.SUSPENDED or (child.live and order.filled == 0):
                    self.cancel(child)

    def close(self, account: int, contract: str, tick: int) -> None:
        """The venue closes a position at once."""
        net = self.house.net(account, contract)
        if net:
            side = -1 if net > 0 else 1
            order = market_order(self.house, account, contract, side, abs(net), "close")
            self.house.tell_order(order)
            slip = self.house.habits.slippage_ticks
            self.fill(order, abs(net), tick + slip * side, slip, 0)

    def clear(self, account: int, status: OrderStatus = OrderStatus.CANCELLED) -> None:
        """All orders of an account go, and its positions are closed at the price that stands."""
        for order in self.house.live(account):
            if order.live:
                self.cancel(order, status)
        for holding in list(self.house.ledger.holdings.values()):
            tick = self.house.last(holding.contract)
            if holding.account == account and holding.net and tick is not None:
                self.close(account, holding.contract, tick)

    def marked(self, contract: str, tick: int) -> None:
        """Limits are looked at by this price."""
        for account in self.limits.broken(contract):
            self.clear(account.id)

    def second(self, ns: int) -> None:
        """Orders that a rule held go on."""
        held = self.house.ledger.held
        if held:
            for one in [one for one in held if one.until_ns <= ns]:
                held.remove(one)
                self.release(one)
        self.house.changed()

    def release(self, one: Held) -> None:
        """A held order goes on as its rule says."""
        order = self.house.ledger.orders[one.order]
        order.fills_left = None
        if not order.live:
            return
        if one.then == "cancel":
            self.cancel(order)
            return
        if one.then == "reject":
            self.cancel(order, OrderStatus.REJECTED)
            return
        if order.status is not one.status:
            self.house.tell_order(order, one.status)
        self.put(order)
        tick = self.house.last(order.contract)
        if tick is not None and not self.house.setup.lockstep:
            self.point(order.contract, tick)

    def day_opens(self, ns: int) -> None:
        """Locks of the day are lifted, the floor rises with the balance of the close."""
        for account in self.limits.new_day():
            self.house.tell_account(account)

    def flattens(self, ns: int) -> None:
        """15:10 Chicago: everything goes."""
        for account in self.house.ledger.accounts.values():
            if account.flat:
                self.clear(account.id)
