"""What works beyond what is held is made smaller or taken off, one order at a time.

What became of the last that was asked must be known before the next is touched: an answer may be
quicker than the news of what it did, and two stops too many would both go.
"""

from typing import Final

from julie.execution.floor import Floor
from julie.execution.plans import OwnOrder, PlanLeg
from julie.execution.sending import cancel, shrink
from julie.execution.tags import Role
from julie.execution.venue import OrderKind

EXTRA_S: Final = 0.75  # the venue takes its own twin off meanwhile
NEWS_S: Final = 2.0  # for news of what was asked; then the venue is asked what became of it
ROLES: Final = (Role.TARGET, Role.STOP)
WHY: Final = "more works than is held"


async def take_off_surplus(floor: Floor, leg: PlanLeg) -> None:
    """The venue is left a moment to do it itself."""
    if not any(_beyond(leg, role) > 0 for role in ROLES):
        leg.extra_mono = 0
        return
    leg.extra_mono = leg.extra_mono or floor.now()
    if floor.since(leg.extra_mono) < EXTRA_S:
        return
    for role in ROLES:
        if _beyond(leg, role) > 0 and await _all_known(floor, leg, role):
            await _one(floor, leg, role)


async def _one(floor: Floor, leg: PlanLeg, role: Role) -> None:
    """Ours before those that the venue made with the entry."""
    for order in sorted(leg.alive(role), key=lambda one: one.native):
        if await _taken_off(floor, leg, order, _beyond(leg, role)):
            return


async def _all_known(floor: Floor, leg: PlanLeg, role: Role) -> bool:
    """Whether nothing that was asked of them is still without its news."""
    for order in leg.alive(role):
        shrunk = order.asked_qty is None or order.qty <= order.asked_qty
        asked_mono = max(order.cancel_mono, 0 if shrunk else order.asked_mono)
        if not order.shown or asked_mono < leg.extra_mono:
            continue
        if floor.since(asked_mono) < NEWS_S:
            return False
        await floor.look_up(order)
    return True


def _beyond(leg: PlanLeg, role: Role) -> int:
    """Contracts of a role that work beyond what is held, or is still to be bought."""
    coming = sum(order.left for order in leg.alive(Role.ENTRY))
    works = sum(order.left for order in leg.alive(role) if order.shown)
    waits = sum(order.left for order in leg.alive(role) if not order.shown)
    return works + (waits if not coming else 0) - max(leg.held, 0)


async def _taken_off(floor: Floor, leg: PlanLeg, order: OwnOrder, beyond: int) -> bool:
    """Whether it was asked to go, or to shrink; a stop goes only where others cover all."""
    if beyond <= 0 or order.id is None:
        return False
    if order.left > beyond:
        await shrink(floor, order, order.filled + order.left - beyond, WHY)
        return True
    others = [one for one in leg.alive(Role.STOP) if one.shown and not one.cancel_mono]
    cover = sum(one.left for one in others if one is not order)
    if order.kind is OrderKind.STOP and cover < leg.held:
        return False
    await cancel(floor, order, WHY)
    return True
