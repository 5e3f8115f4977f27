"""Orders: placed, moved, cancelled, looked up.

A bracket is told as distances; the sign that the venue wants follows from the side, so a leg on the
wrong side of the fill cannot be written down.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from julie.core.types import Side
from julie.execution.venue import Outcome
from julie.gateway.answers import Listing
from julie.gateway.caller import Caller
from julie.gateway.errors import BadAnswer
from julie.gateway.limiter import Need
from julie.gateway.wire import (
    Bracket,
    CancelOrder,
    Misfit,
    ModifyOrder,
    OpenOrders,
    OrderById,
    OrderFilter,
    OrderQuery,
    OrderRow,
    OrderSearch,
    OrderSide,
    OrderStatus,
    OrderType,
    PlaceOrder,
    Stamp,
    routes,
)

TAG_MAX: Final = 60  # the venue appends -SL and -TP for the legs
LEG_TICKS_MIN: Final = 4
QUERY_PAGE: Final = 100
_PRICES: Final = {
    OrderType.LIMIT: "limit_price",
    OrderType.STOP: "stop_price",
    OrderType.TRAILING_STOP: "trail_price",
}
_WITHOUT_PRICE: Final = frozenset({OrderType.MARKET, OrderType.JOIN_BID, OrderType.JOIN_ASK})


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order to be placed; `tag` is unique for ever, `price` belongs to its type."""

    account_id: int
    contract_id: str
    side: Side
    type: OrderType
    size: int
    tag: str
    price: Decimal | None = None
    stop_ticks: int | None = None
    target_ticks: int | None = None

    def __post_init__(self) -> None:
        if self.size < 1 or not 1 <= len(self.tag) <= TAG_MAX:
            raise ValueError(f"an order has a size and a tag of up to {TAG_MAX} letters: {self}")
        if self.type not in _PRICES and self.type not in _WITHOUT_PRICE:
            raise ValueError(f"the venue takes no {self.type.name} orders")
        if (self.type in _PRICES) != (self.price is not None):
            raise ValueError(f"a {self.type.name} order has its price, and no other has one")
        for ticks in (self.stop_ticks, self.target_ticks):
            if ticks is not None and ticks < LEG_TICKS_MIN:
                raise ValueError(f"a leg is at least {LEG_TICKS_MIN} ticks away, got {ticks}")

    def wire(self) -> PlaceOrder:
        """As the venue reads it."""
        price = {_PRICES[self.type]: self.price} if self.type in _PRICES else {}
        stop, target = self.stop_ticks, self.target_ticks
        return PlaceOrder(
            account_id=self.account_id,
            contract_id=self.contract_id,
            type=self.type,
            side=OrderSide.BID if self.side is Side.LONG else OrderSide.ASK,
            size=self.size,
            custom_tag=self.tag,
            limit_price=price.get("limit_price"),
            stop_price=price.get("stop_price"),
            trail_price=price.get("trail_price"),
            stop_loss_bracket=(
                Bracket(ticks=-self.side * stop, type=OrderType.STOP) if stop else None
            ),
            take_profit_bracket=(
                Bracket(ticks=self.side * target, type=OrderType.LIMIT) if target else None
            ),
        )


class Orders:
    """The order calls of one account."""

    def __init__(self, caller: Caller, account_id: int) -> None:
        self._caller = caller
        self._account_id = account_id
        self._largest_page = 0  # rows that the venue showed at once; it may give fewer than asked

    async def place(self, order: NewOrder, need: Need = Need.ORDINARY) -> Outcome:
        """Send an order; urgent when it protects or closes."""
        if order.account_id != self._account_id:
            raise ValueError(f"an order of another account: {order.tag}")
        return await self._caller.act(routes.PLACE, order.wire(), need)

    async def modify(
        self,
        order_id: int,
        size: int | None = None,
        limit_price: Decimal | None = None,
        stop_price: Decimal | None = None,
    ) -> Outcome:
        """Change a working order; what is None stays."""
        request = ModifyOrder(
            account_id=self._account_id,
            order_id=order_id,
            size=size,
            limit_price=limit_price,
            stop_price=stop_price,
        )
        return await self._caller.act(routes.MODIFY, request, Need.URGENT)

    async def cancel(self, order_id: int) -> Outcome:
        """Take an order off the book."""
        request = CancelOrder(account_id=self._account_id, order_id=order_id)
        return await self._caller.act(routes.CANCEL, request, Need.URGENT)

    async def working(self, need: Need = Need.ORDINARY) -> Listing[OrderRow]:
        """Open orders; legs that wait for their entry are not among them."""
        request = OpenOrders(account_id=self._account_id)
        reply, misfits = await self._caller.read(routes.OPEN_ORDERS, request, need)
        return Listing(reply.orders or (), misfits)

    async def since(
        self, start_ns: int, end_ns: int | None = None, need: Need = Need.ORDINARY
    ) -> Listing[OrderRow]:
        """Orders of any status by time; waiting legs are not among them."""
        request = OrderSearch(
            account_id=self._account_id,
            start_timestamp=Stamp(start_ns),
            end_timestamp=None if end_ns is None else Stamp(end_ns),
        )
        reply, misfits = await self._caller.read(routes.ORDER_SEARCH, request, need)
        return Listing(reply.orders or (), misfits)

    async def by_id(self, order_id: int, need: Need = Need.ORDINARY) -> OrderRow | None:
        """One order."""
        request = OrderById(account_id=self._account_id, order_id=order_id)
        reply, _ = await self._caller.read(routes.ORDER_BY_ID, request, need)
        return reply.order

    async def query(
        self,
        statuses: Sequence[OrderStatus],
        contract_id: str | None = None,
        need: Need = Need.ORDINARY,
    ) -> Listing[OrderRow]:
        """Orders by status, waiting legs too, over all pages, however small the venue makes them.
        Where it counts them it must show as many, else this raises: what was left out would seem to
        be gone. Where it does not, a page smaller than another that it gave is the last.
        """
        chosen = OrderFilter(
            account_id=self._account_id, statuses=tuple(statuses), contract_id=contract_id
        )
        rows: dict[int, OrderRow] = {}
        misfits: list[Misfit] = []
        offset, total = 0, None
        while True:
            request = OrderQuery(filter=chosen, page_size=QUERY_PAGE, page_offset=offset)
            reply, bad = await self._caller.read(routes.ORDER_QUERY, request, need)
            page = reply.orders or ()
            misfits.extend(bad)
            before, total = len(rows), total if reply.total_count is None else reply.total_count
            rows.update((row.id, row) for row in page)
            shown = len(page) + len(bad)
            offset += shown
            self._largest_page = max(self._largest_page, shown)
            last = shown < self._largest_page if total is None else offset >= total
            if last or len(rows) == before:
                break
        if total is not None and len(rows) + len(misfits) < total:
            raise BadAnswer(f"{routes.ORDER_QUERY.path}: {len(rows)} of {total} orders were shown")
        return Listing(tuple(rows.values()), tuple(misfits))
