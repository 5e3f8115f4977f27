"""The kill switch of a running bot: its own legs by their hands, all else by the bare venue.

The hands close what is ours with its stop in place until the last moment, and keep at it where the
venue refuses, the market being halted. What is not ours, or does not move for long, is then
cancelled and closed without asking whose it is.
"""

from collections.abc import Callable
from typing import Final

from julie.core.types import ExitReason
from julie.execution import kill
from julie.execution.closing import close_leg
from julie.execution.exits import refused
from julie.execution.floor import Floor

OWN_S: Final = 12  # seconds; on a quiet machine it takes one
ALONE_S: Final = 3  # where no guard looks after the stops meanwhile


async def flatten(floor: Floor, ring: Callable[[], None], *, working: bool) -> kill.Flattened:
    """Close everything; `working` = the hands are at work, and `ring` wakes them."""
    for plan in floor.book.open_plans():
        for leg in plan.legs:
            if leg.closing is None:
                leg.closing = ExitReason.FLATTEN
            if not working:
                await close_leg(floor, plan, leg, ExitReason.FLATTEN)
    ring()
    await _own_legs(floor, working=working)
    halted = {contract for contract, stuck in _beyond_us(floor).items() if stuck}
    floor.hands_off = working and not halted
    try:
        done = await kill.flatten(floor.venue, floor.clock, leave=frozenset(halted))
    finally:
        floor.hands_off = False
    if halted:
        done.flat = False
        done.left += [f"{floor.book.net(one):+d} {one}" for one in sorted(halted)]
        done.say("cannot exit: halted; it is tried on as a limit behind the stop")
    return done


async def _own_legs(floor: Floor, *, working: bool) -> None:
    """Wait for our own closes: a second close of the same position would be nobody's."""
    for _ in range(OWN_S if working else ALONE_S):
        if await floor.until(lambda: all(_beyond_us(floor).values()), 1.0):
            return
        born = [plan.born_ns for plan in floor.book.open_plans()]
        if born and not working:
            await floor.look(min(born))


def _beyond_us(floor: Floor) -> dict[str, bool]:
    """Contracts in which something of ours is open, and whether the venue refuses to close it."""
    return {
        plan.contract: any(refused(leg) and leg.held for leg in plan.legs)
        for plan in floor.book.open_plans()
    }
