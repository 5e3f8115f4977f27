"""Brackets: legs wake with their entry's fill, and of two legs the other goes.

The rules of a test turn this round: a twin that stays, both legs filled, a leg refused.
"""

from typing import TYPE_CHECKING

from julie.execution.matching import laid
from julie.gateway.wire import OrderStatus
from julie.simgate.exchange.state import SimOrder

if TYPE_CHECKING:
    from julie.simgate.exchange.floor import Floor


def settle(floor: "Floor", order: SimOrder, size: int, tick: int) -> None:
    """The bracket of an entry wakes; of two legs the other goes."""
    if order.parent is not None:
        if not floor.house.met(order.role, order, order.contract, "orphan"):
            _twin(floor, order, size, tick)
        return
    for child in legs_of(floor, order.id):
        if child.status is OrderStatus.SUSPENDED:
            child.size = order.filled
            _wake(floor, child, tick)
        elif child.live:
            child.size = order.filled
            floor.put(child)
            floor.house.tell_order(child)


def _wake(floor: "Floor", child: SimOrder, tick: int) -> None:
    child.price = int(laid(floor.book(child.contract).row(child), tick))
    if floor.house.met(child.role, child, child.contract, "reject"):
        child.price = None
        floor.house.tell_order(child, OrderStatus.REJECTED)
    else:
        floor.house.tell_order(child, OrderStatus.OPEN)
    floor.put(child)


def _twin(floor: "Floor", order: SimOrder, size: int, tick: int) -> None:
    for twin in legs_of(floor, order.parent or 0):
        if twin is order or not twin.live:
            continue
        if floor.house.met(order.role, order, order.contract, "both"):
            floor.fill(twin, min(size, twin.left), tick, 0, 0)
        elif order.left == 0:
            floor.cancel(twin)
        else:
            twin.size = twin.filled + order.left
            floor.put(twin)
            floor.house.tell_order(twin)


def legs_of(floor: "Floor", parent: int) -> list[SimOrder]:
    """The legs of an entry."""
    orders = floor.house.ledger.orders
    near = (orders.get(parent + 1), orders.get(parent + 2))
    return [one for one in near if one is not None and one.parent == parent]
