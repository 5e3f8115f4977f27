"""Closing a leg at market without turning the position and without leaving it bare for long.

The leg's target goes first; then what is held is read, while the stop still works, so that behind
the stop nothing but the close is left to do. That they are gone is waited for, a moment only; a
stop that lingers has what is held read once more. The venue's own close call sells that much and
no more: it cannot turn a position. A close that does not come through within three seconds gets its
stop back (the guard does that), and is tried again. Of two legs the second waits while the first
stands bare and its close may be lost.
"""

from typing import Final

from julie.core.events import Asked
from julie.core.failpoints import failpoint
from julie.core.types import ExitReason
from julie.execution.floor import Floor
from julie.execution.hurry import look, lost
from julie.execution.plans import OwnOrder, Plan, PlanLeg
from julie.execution.sending import cancel, sell_out
from julie.execution.tags import Role

GONE_S: Final = 1.0  # how long a cancel may take before the close goes anyway


async def close_leg(floor: Floor, plan: Plan, leg: PlanLeg, reason: ExitReason) -> None:
    """Take a leg out at market."""
    if leg.closing is None or not leg.close_asked:
        leg.closing = reason if leg.closing is None else leg.closing
        leg.close_asked = True
        first = next(leg.of(Role.ENTRY)).tag
        floor.ledger.note(Asked("close", first, "", qty=abs(leg.held), reason=leg.closing.word))
        await floor.ledger.soon()
    await _take_off(floor, leg, Role.ENTRY)
    await _take_off(floor, leg, Role.TARGET)
    await look(floor, plan.contract, floor.read_positions())
    if lost(floor, plan.contract, leg):  # one at a time: the guard tries this one again
        return
    await _take_off(floor, leg, Role.STOP)
    if floor.flattening:
        failpoint("K11")
    await _sell(floor, plan, leg)


async def _take_off(floor: Floor, leg: PlanLeg, role: Role) -> None:
    """Take off the orders of a role; where they linger the venue is asked, for a stop not long."""
    orders = [order for order in leg.alive(role) if order.id is not None]
    if not orders:
        return
    if role is Role.STOP:
        leg.close_mono = floor.now()
    for order in orders:
        await cancel(floor, order, "close")
    if await floor.until(lambda: _over(orders), GONE_S):
        return
    if role is Role.STOP:
        await floor.briefly(_read(floor, orders), GONE_S)
    else:
        await look(floor, orders[0].plan.contract, _look_up(floor, orders))


async def _look_up(floor: Floor, orders: list[OwnOrder]) -> None:
    for order in orders:
        if order.alive:
            await floor.look_up(order)


async def _read(floor: Floor, orders: list[OwnOrder]) -> None:
    """What became of stops that linger, and what is held by now."""
    await _look_up(floor, orders)
    await floor.read_positions()


def _over(orders: list[OwnOrder]) -> bool:
    return not any(order.alive for order in orders)


async def sell(floor: Floor, plan: Plan, leg: PlanLeg) -> None:
    """Sell what the leg holds, after another look at what is held."""
    await look(floor, plan.contract, floor.read_positions())
    await _sell(floor, plan, leg)


async def _sell(floor: Floor, plan: Plan, leg: PlanLeg) -> None:
    if leg.held == 0 or any(order.alive for order in leg.of(Role.CLOSE)):
        return
    sign = int(plan.side) if leg.held > 0 else -int(plan.side)
    venue = floor.book.venue_net(plan.contract) * sign
    qty = min(abs(leg.held), venue)
    if qty < 1:  # the fill that made it so is on its way here
        return
    await sell_out(floor, leg, plan, qty, qty == venue, leg.why_closing)
