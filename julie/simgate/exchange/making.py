"""New orders: ids as the venue gives them (entry n, stop n + 1, target n + 2), roles by what is
held.
"""

from julie.gateway.wire import OrderStatus, OrderType
from julie.simgate.exchange.bodies import Role
from julie.simgate.exchange.house import House
from julie.simgate.exchange.state import SimOrder


def role_of(house: House, account: int, contract: str, side: int, kind: OrderType) -> Role:
    """Against the position an order protects or closes it; else it enters."""
    if house.net(account, contract) * side >= 0:
        return "entry"
    if kind in (OrderType.STOP, OrderType.TRAILING_STOP):
        return "stop"
    return "close" if kind is OrderType.MARKET else "target"


def add(house: House, order: SimOrder) -> SimOrder:
    """An order is known from now on."""
    house.ledger.orders[order.id] = order
    house.ledger.next_id = max(house.ledger.next_id, order.id + 1)
    return order


def market_order(
    house: House, account: int, contract: str, side: int, size: int, role: Role
) -> SimOrder:
    """A market order without a tag, as close calls and the venue itself make them."""
    now = house.market.stamp()
    return add(
        house,
        SimOrder(
            id=house.ledger.next_id,
            account=account,
            contract=contract,
            type=OrderType.MARKET,
            side=side,
            size=size,
            role=role,
            status=OrderStatus.PENDING,
            created_ns=now,
            updated_ns=now,
            closes=role == "close",
        ),
    )


def legs(house: House, entry: SimOrder, stop: int | None, target: int | None) -> list[SimOrder]:
    """The suspended legs of an entry, at distances in ticks from its fill."""
    made: list[SimOrder] = []
    for role, distance, kind, suffix in (
        ("stop", stop, OrderType.STOP, "-SL"),
        ("target", target, OrderType.LIMIT, "-TP"),
    ):
        if distance is None:
            continue
        linked = made[0].id if made else None
        leg = SimOrder(
            id=entry.id + len(made) + 1,
            account=entry.account,
            contract=entry.contract,
            type=kind,
            side=-entry.side,
            size=entry.size,
            role="stop" if role == "stop" else "target",
            status=OrderStatus.SUSPENDED,
            created_ns=entry.created_ns,
            updated_ns=entry.created_ns,
            tag=entry.tag and entry.tag + suffix,
            distance=distance,
            parent=entry.id,
            linked=linked,
            foreign=entry.foreign,
        )
        made.append(add(house, leg))
    return made
