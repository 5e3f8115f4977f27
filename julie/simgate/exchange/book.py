"""The orders of one contract as rows of the shared engine, which knows nothing but rows."""

from typing import Any, Final

import numpy as np

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
from julie.simgate.exchange.state import SimOrder

ROLES: Final = {"close": CLOSING, "stop": PROTECTING, "target": TAKING, "entry": ENTERING}


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
        kind = _kind(order)
        price = (order.price or 0) + (order.side if touch and kind == LIMIT else 0)
        self.rows[place] = (
            _state(order), kind, order.side, ROLES[order.role], order.left, price, order.distance,
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


def _kind(order: SimOrder) -> int:
    if order.type is OrderType.MARKET:
        return MARKET
    return STOP if order.type in (OrderType.STOP, OrderType.TRAILING_STOP) else LIMIT


def _state(order: SimOrder) -> int:
    """Whether the engine may fill it: a market order may from the moment it came."""
    if order.fills_left == 0 or not order.live:
        return FREE
    if order.status is OrderStatus.SUSPENDED:
        return HELD
    waits = order.status is OrderStatus.PENDING and order.type is OrderType.MARKET
    return WORKS if waits or order.status is OrderStatus.OPEN else FREE
