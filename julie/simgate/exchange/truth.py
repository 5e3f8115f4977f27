"""Truth: everything that happened, by the exchange's own record."""

from julie.gateway.wire import OrderStatus
from julie.simgate.exchange.bodies import OrderTruth, PositionTruth, Truth
from julie.simgate.exchange.house import House
from julie.simgate.exchange.positions import average
from julie.simgate.exchange.state import SimOrder


def truth_of(house: House) -> Truth:
    """The record so far."""
    ledger = house.ledger
    return Truth(
        clock=house.market.now_ns,
        requests=list(ledger.requests),
        orders=[_order(house, one) for one in ledger.orders.values()],
        fills=list(ledger.fills),
        positions=_positions(house),
        timeline=list(ledger.timeline),
        naked_ns=ledger.oracle.longest_ns,
    )


def _order(house: House, one: SimOrder) -> OrderTruth:
    contract = house.market.stalls[one.contract].contract
    return OrderTruth(
        id=one.id,
        account=one.account,
        contract=one.contract,
        role=one.role,
        type=int(one.type),
        side=1 if one.side > 0 else -1,
        size=one.size,
        filled=one.filled,
        status=int(one.status),
        created_ns=one.created_ns,
        updated_ns=one.updated_ns,
        price=None if one.price is None else contract.price(one.price),
        tag=one.tag,
        parent=one.parent,
        linked=one.linked,
        foreign=one.foreign,
    )


def _positions(house: House) -> list[PositionTruth]:
    found = []
    for one in house.ledger.holdings.values():
        if one.net == 0:
            continue
        covered = sum(
            order.left
            for order in house.live(one.account, one.contract)
            if order.role == "stop"
            and order.status is OrderStatus.OPEN
            and order.side * one.net < 0
        )
        contract = house.market.stalls[one.contract].contract
        found.append(
            PositionTruth(
                account=one.account,
                contract=one.contract,
                net=one.net,
                average=average(one) * contract.instrument.tick,
                covered=covered,
            )
        )
    return found
