"""What an order is for, as far as a request tells: entry, stop, target or close.

An order against the position that we hold protects it or closes it; its kind says which.
"""

from typing import TYPE_CHECKING, Final

from julie.gateway.wire import (
    CancelOrder,
    CloseContract,
    ModifyOrder,
    OpenPositions,
    OrderById,
    OrderReply,
    OrderSide,
    OrderType,
    PartialClose,
    PlaceOrder,
    PositionsReply,
    PositionType,
    Request,
)
from julie.simgate.exchange.bodies import Role

if TYPE_CHECKING:
    from julie.simgate.exchange.exchange import Exchange

_CLOSING: Final = {PositionType.LONG: OrderSide.ASK, PositionType.SHORT: OrderSide.BID}


class Roles:
    """Reads roles from the exchange's own state."""

    def __init__(self, exchange: "Exchange") -> None:
        self._exchange = exchange

    def of(self, asked: Request | None) -> Role | None:
        """The role of the order that a request is about."""
        if isinstance(asked, CloseContract | PartialClose):
            return "close"
        if isinstance(asked, PlaceOrder):
            return self._standing(asked.account_id, asked.contract_id, asked.side, asked.type)
        if isinstance(asked, ModifyOrder | CancelOrder):
            reply = self._exchange.answer(
                OrderById(account_id=asked.account_id, order_id=asked.order_id)
            )
            order = reply.order if isinstance(reply, OrderReply) else None
            if order is None:
                return None
            if order.parent_order_id is not None:
                return _protecting(order.type)
            return self._standing(order.account_id, order.contract_id, order.side, order.type)
        return None

    def _standing(self, account: int, contract: str, side: OrderSide, kind: OrderType) -> Role:
        reply = self._exchange.answer(OpenPositions(account_id=account))
        positions = (reply.positions or ()) if isinstance(reply, PositionsReply) else ()
        for one in positions:
            if one.contract_id == contract and _CLOSING.get(one.type) is side:
                return _protecting(kind)
        return "entry"


def _protecting(kind: OrderType) -> Role:
    if kind in (OrderType.STOP, OrderType.TRAILING_STOP):
        return "stop"
    return "close" if kind is OrderType.MARKET else "target"
