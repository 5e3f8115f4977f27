"""The venue's account behind the executor's door, over REST.

A call that changes something is sent once. What may have been carried out without an answer is
unknown until it is read; what is read to settle that, or to protect, does not stand in line behind
the rest. A list with a row that cannot be understood is an error, not a shorter list.
"""

from collections.abc import Iterable
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, TypeVar

from julie.core.types import Side
from julie.execution.venue import (
    Accepted,
    NewOrder,
    NotSent,
    OrderKind,
    Outcome,
    PartlyRead,
    RefusalCode,
    Refused,
    Unread,
    VenueAccount,
    VenueOrder,
    VenuePosition,
    VenueTrade,
    VenueUnreachable,
)
from julie.gateway import rest
from julie.gateway.answers import Listing
from julie.gateway.client import Client
from julie.gateway.errors import CallRefused, GatewayError
from julie.gateway.limiter import Need
from julie.gateway.rest.orders import LEG_TICKS_MIN
from julie.gateway.venue_rows import UnknownContract, VenueRows
from julie.gateway.wire import OrderRow, OrderStatus, OrderType, TradeRow
from julie.gateway.wire.codes import OrderCode

Row = TypeVar("Row", OrderRow, TradeRow)

UNENDED: Final = (
    OrderStatus.OPEN,
    OrderStatus.PENDING,
    OrderStatus.PENDING_CANCELLATION,
    OrderStatus.SUSPENDED,
)
_TYPES: Final = MappingProxyType(
    {
        OrderKind.MARKET: OrderType.MARKET,
        OrderKind.LIMIT: OrderType.LIMIT,
        OrderKind.STOP: OrderType.STOP,
    }
)


class GatewayVenue:
    """One account of one login."""

    def __init__(self, client: Client, rows: VenueRows, need: Need = Need.LOOK) -> None:
        account = rows.account_id
        self._need = need
        self._client = client
        self._account_id = account
        self._rows = rows
        self._orders = client.orders(account)
        self._positions = client.positions(account)
        self._trades = client.trades(account)

    async def place(self, order: NewOrder) -> Outcome:
        """Send an order; the signs of its legs follow from its side."""
        try:
            new = self._new(order)
        except (UnknownContract, ValueError) as error:
            return NotSent(str(error))
        need = Need.URGENT if order.urgent else Need.ORDINARY
        outcome = await self._orders.place(new, need)
        if isinstance(outcome, Accepted) and outcome.order_id is not None:
            self._rows.keep(outcome.order_id, order.contract, order.kind)
        return outcome

    async def modify(
        self, order_id: int, *, price_tick: int | None = None, qty: int | None = None
    ) -> Outcome:
        """Change a working order; an order never seen before is looked up first."""
        limit: Decimal | None = None
        stop: Decimal | None = None
        if price_tick is not None:
            try:
                known = self._rows.known(order_id) or await self._looked_up(order_id)
                if known is None:
                    return Refused(RefusalCode.NO_ORDER, f"order {order_id} is not known")
                price = self._rows.ticks.price(known[0], price_tick)
            except (VenueUnreachable, UnknownContract) as error:
                return NotSent(str(error))
            if known[1] is OrderKind.LIMIT:
                limit = price
            elif known[1] is OrderKind.STOP:
                stop = price
            else:
                return NotSent(f"order {order_id} is a {known[1]} order and has no price to move")
        return await self._orders.modify(order_id, size=qty, limit_price=limit, stop_price=stop)

    async def cancel(self, order_id: int) -> Outcome:
        """Take an order off the book."""
        return await self._orders.cancel(order_id)

    async def close(self, contract: str) -> Outcome:
        """Close the whole position; its resting orders stay."""
        return await self._positions.close(contract)

    async def close_part(self, contract: str, qty: int) -> Outcome:
        """Close a part of the position."""
        return await self._positions.close_part(contract, qty)

    async def working_orders(self) -> tuple[VenueOrder, ...]:
        """Open orders by the search that shows no waiting legs."""
        try:
            found = await self._orders.working(self._need)
        except GatewayError as error:
            raise VenueUnreachable(str(error)) from error
        return await self._read_orders(found)

    async def open_orders(self) -> tuple[VenueOrder, ...]:
        """Orders that have not ended, by the only search that shows waiting legs."""
        try:
            found = await self._orders.query(UNENDED, need=self._need)
        except GatewayError as error:
            raise VenueUnreachable(str(error)) from error
        return await self._read_orders(found)

    async def orders_since(self, ts: int) -> tuple[VenueOrder, ...]:
        """Orders of any status by their creation; waiting legs are not among them."""
        try:
            found = await self._orders.since(ts, need=self._need)
        except GatewayError as error:
            raise VenueUnreachable(str(error)) from error
        return await self._read_orders(found)

    async def order(self, order_id: int) -> VenueOrder | None:
        """One order."""
        try:
            row = await self._orders.by_id(order_id, self._need)
        except CallRefused as error:
            if error.code == OrderCode.ORDER_NOT_FOUND.name:
                return None
            raise VenueUnreachable(str(error)) from error
        except GatewayError as error:
            raise VenueUnreachable(str(error)) from error
        if row is None:
            return None
        (found,) = await self._read_orders(Listing((row,)))
        return found

    async def positions(self) -> tuple[VenuePosition, ...]:
        """What is held."""
        try:
            found = await self._positions.held(self._need)
        except GatewayError as error:
            raise VenueUnreachable(str(error)) from error
        rows = [self._rows.position(row) for row in found if row.account_id == self._account_id]
        if not found.complete:
            raise PartlyRead(_why(found), rows, _others(found))
        return tuple(rows)

    async def trades_since(self, ts: int) -> tuple[VenueTrade, ...]:
        """Fills, oldest first."""
        try:
            found = await self._trades.since(ts, need=self._need)
        except GatewayError as error:
            raise VenueUnreachable(str(error)) from error
        rows = _ours(found, self._account_id)
        await self._learn(rows)
        try:
            trades = [self._rows.trade(row) for row in rows]
        except ValueError as error:
            raise VenueUnreachable(str(error)) from error
        return tuple(sorted(trades, key=lambda trade: (trade.ts, trade.id)))

    async def account(self) -> VenueAccount:
        """The account; raises rather than show another one."""
        try:
            return self._rows.account(await self._client.accounts.one(self._account_id, self._need))
        except GatewayError as error:
            raise VenueUnreachable(str(error)) from error

    def _new(self, order: NewOrder) -> rest.NewOrder:
        for leg in (order.stop_ticks, order.target_ticks):
            if leg is not None and leg < LEG_TICKS_MIN:
                raise ValueError(f"a leg of {leg} ticks is nearer than the venue takes")
        tick = order.price_tick
        return rest.NewOrder(
            account_id=self._account_id,
            contract_id=order.contract,
            side=Side(order.side),
            type=_TYPES[order.kind],
            size=order.qty,
            tag=order.tag,
            price=None if tick is None else self._rows.ticks.price(order.contract, tick),
            stop_ticks=order.stop_ticks,
            target_ticks=order.target_ticks,
        )

    async def _looked_up(self, order_id: int) -> tuple[str, OrderKind] | None:
        found = await self.order(order_id)
        return None if found is None else (found.contract, found.kind)

    async def _read_orders(self, found: Listing[OrderRow]) -> tuple[VenueOrder, ...]:
        rows = [row for row in found if row.account_id == self._account_id]
        orders, others, why = [], _others(found), [_why(found)] * (not found.complete)
        try:
            await self._learn(rows)
        except VenueUnreachable as error:  # then rows of that contract have no price
            why.append(str(error))
        for row in rows:
            try:
                orders.append(self._rows.order(row))
            except (ValueError, UnknownContract) as error:
                others.append(Unread(row.id, row.contract_id))
                why.append(str(error))
        if why:
            raise PartlyRead("; ".join(dict.fromkeys(why)), orders, others)
        return tuple(orders)

    async def _learn(self, rows: Iterable[OrderRow | TradeRow]) -> None:
        """Ask for the tick of contracts that are not in the table: somebody else's trades."""
        for contract in sorted({row.contract_id for row in rows}):
            try:
                self._rows.ticks.of(contract)
            except UnknownContract:
                try:
                    row = await self._client.contracts.by_id(contract, self._need)
                except GatewayError as error:
                    raise VenueUnreachable(str(error)) from error
                if row is None:
                    raise VenueUnreachable(f"nobody knows the contract {contract}") from None
                self._rows.ticks.tell(contract, row.tick_size)


def _ours(found: Listing[Row], account_id: int) -> list[Row]:
    """The account's rows, all of them readable; else nothing is proved."""
    if not found.complete:
        raise VenueUnreachable(_why(found))
    return [row for row in found if row.account_id == account_id]


def _why(found: Listing[Any]) -> str:
    return "; ".join(str(misfit) for misfit in found.misfits[:3])


def _others(found: Listing[Any]) -> list[Unread]:
    return [Unread(one.row_id, one.contract_id) for one in found.misfits]
