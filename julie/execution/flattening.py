"""The kill switch of a running bot: its own legs by their hands, all else by the bare venue.

The hands close what is ours with its stop in place until the last moment, and keep at it where the
venue refuses, the market being halted. What is not ours, or does not move for long, is then
cancelled and closed without asking whose it is. Before the hands are at work, all of it is: what
the last life left bare in the middle of a flatten has no time for anybody's book.
"""

from functools import partial
from typing import Final

from julie.core.events import Asked
from julie.core.types import ExitReason
from julie.execution import kill
from julie.execution.exits import refused
from julie.execution.floor import Floor
from julie.execution.plans import Plan
from julie.execution.reconcile import needless
from julie.execution.tags import Role

OVER_S: Final = 5.0
OWN_S: Final = 12  # seconds; on a quiet machine it takes one


async def flatten(floor: Floor, *, working: bool) -> kill.Flattened:
    """Close everything; `working` = the hands are at work."""
    plans, began = floor.book.open_plans(), floor.now()
    for plan in plans:
        for leg in plan.legs:
            if leg.closing is None:
                leg.closing = ExitReason.FLATTEN
    floor.ring()
    if working:
        await _own_legs(floor)
    halted = frozenset(one for one, stuck in _beyond_us(floor).items() if stuck and working)
    floor.hands_off, floor.stuck = working, halted
    try:
        done = await kill.flatten(floor.venue, floor.clock, leave=halted)
    finally:
        floor.hands_off, floor.stuck = False, frozenset()
    _count(done, plans, began)
    if not done.flat and working:
        await _handed_over(floor)
    if halted:
        done.flat = False
        done.left += [f"{floor.book.net(one):+d} {one}" for one in sorted(halted)]
        done.say("cannot exit: halted; it is tried on as a limit behind the stop")
    return done


def _count(done: kill.Flattened, plans: list[Plan], began: int) -> None:
    """What our hands asked for besides."""
    orders = [order for plan in plans for order in plan.orders]
    closes = [one for one in orders if one.role is Role.CLOSE and one.sent_mono >= began]
    done.cancels += sum(order.cancel_mono >= began for order in orders)
    done.closes += len({order.plan.contract for order in closes})


async def _own_legs(floor: Floor) -> None:
    """Wait for our own closes: a second close of the same position would be nobody's."""
    for _ in range(OWN_S):
        if await floor.until(lambda: all(_beyond_us(floor).values()), 1.0):
            return


async def _handed_over(floor: Floor) -> None:
    """What the switch put back makes way for the guard's own stops, once they cover all that is
    held there: the guard takes those off with the position. What is not ours keeps it.
    """
    floor.ring()
    await floor.read_positions()
    theirs = [row for row in floor.book.foreign.values() if kill.put_back(row)]
    for row in [row for row in theirs if not row.status.ended]:
        if not await floor.until(partial(needless, floor.book, row.contract), OVER_S):
            continue
        floor.ledger.note(Asked("cancel", "", str(row.id), reason="handed over"))
        await floor.ledger.soon()
        await floor.venue.cancel(row.id)


def _beyond_us(floor: Floor) -> dict[str, bool]:
    """Contracts in which something of ours is open, and whether the venue refuses to close it."""
    return {
        plan.contract: any(refused(leg) and leg.held for leg in plan.legs)
        for plan in floor.book.open_plans()
    }
