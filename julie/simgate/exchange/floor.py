"""Where orders meet prices: the books of all contracts, matched by the shared engine.

Which order a price fills, in which sequence and at what price is asked of `execution.matching`.
What the fill then does to books and money stands in `booking`, what it does to legs in `brackets`.
"""

from typing import Final

from julie.execution.matching import first_at, first_between, slipped
from julie.execution.orders import ENTERING, STOP
from julie.gateway.wire import OrderStatus, OrderType
from julie.simgate.exchange.book import Book
from julie.simgate.exchange.booking import book_trades
from julie.simgate.exchange.brackets import legs_of, settle
from julie.simgate.exchange.house import House
from julie.simgate.exchange.limits import Limits
from julie.simgate.exchange.making import market_order
from julie.simgate.exchange.oracle import Oracle
from julie.simgate.exchange.state import Held, KeptRule, SimOrder

_SECOND: Final = 1_000_000_000
_FOR_EVER: Final = 1 << 62


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
        book_trades(house, order, size, tick, slip, phase)
        settle(self, order, size, tick)
        house.changed()
        after = house.net(order.account, order.contract)
        self._oracle.flipped(order, before, after)

    def cancel(self, order: SimOrder, status: OrderStatus = OrderStatus.CANCELLED) -> None:
        """An order goes, and the legs that waited for it."""
        self.house.tell_order(order, status)
        self.put(order)
        if order.parent is None:
            for child in legs_of(self, order.id):
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
