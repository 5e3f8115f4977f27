"""While something stands bare nothing that may be long in coming is waited for.

Looks are spread over the call budget, so one may take a second, and four of them four. Where a stop
can still be laid in time a look is cut short; where it cannot, because the venue takes none or its
answer is open, what is true must be found out first.
"""

from collections.abc import Coroutine
from typing import Final

from julie.core.events import OrderState
from julie.execution.floor import Floor
from julie.execution.plans import PlanLeg
from julie.execution.tags import Role

LOOK_MAX_S: Final = 1.0
BARE_MAX_S: Final = 3.5  # by then the stop is back, or will not come


def unanswered(leg: PlanLeg) -> bool:
    """Whether a stop was sent of which nobody knows whether it came."""
    return any(order.id is None for order in leg.alive(Role.STOP))


def hurried(floor: Floor, contract: str) -> bool:
    """Whether a stop of the contract must be laid soon."""
    return any(_due(floor, leg) for leg in _legs(floor, contract))


def lost(floor: Floor, contract: str, besides: PlanLeg) -> bool:
    """Whether another leg than that stands bare, and no close of it is known to be at work."""
    return any(
        _due(floor, leg) and not _at_work(leg)
        for leg in _legs(floor, contract)
        if leg is not besides
    )


def _legs(floor: Floor, contract: str) -> list[PlanLeg]:
    return [leg for plan in floor.book.open_plans(contract) for leg in plan.legs]


def _due(floor: Floor, leg: PlanLeg) -> bool:
    bare_s = floor.since(leg.naked_mono or leg.close_mono or floor.now())
    return leg.bare and not unanswered(leg) and bare_s < BARE_MAX_S


def _at_work(leg: PlanLeg) -> bool:
    states = (OrderState.WORKING, OrderState.PARTLY_FILLED)
    return any(order.life.state in states for order in leg.alive(Role.CLOSE))


async def look(floor: Floor, contract: str, work: Coroutine[None, None, object]) -> None:
    """Find something out; not for long while something stands bare."""
    if hurried(floor, contract):
        await floor.briefly(work, LOOK_MAX_S)
    else:
        await work
