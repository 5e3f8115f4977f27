"""The kill switch: no entries, cancel all, read again, close all, verify flat, report.

It speaks to the bare venue and writes nothing, so a second process can throw it when the bot is
dead. Each round looks before it acts: an order is cancelled while it works, a position is closed
by the venue's own call in the size the venue finds, and a close that may still be at work is waited
for, so a position is never turned. It may be thrown twice, or finished by somebody else.
"""

from dataclasses import dataclass
from typing import Final

from julie.core.clock import Clock
from julie.core.failpoints import failpoint
from julie.core.timers import sleep
from julie.core.zones import SECOND_NS
from julie.execution.venue import (
    Accepted,
    OrderKind,
    Unknown,
    Venue,
    VenueOrder,
    VenuePosition,
    VenueUnreachable,
)

PAUSE_S: Final = 0.3
WAIT_S: Final = 3.0  # for a close to come through before another is thought of
LONG_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Flattened:
    """What the kill switch did and found."""

    flat: bool
    cancelled: int
    closed: tuple[tuple[str, int], ...]  # contract, contracts held when it was closed
    rounds: int
    text: str


async def flatten(venue: Venue, clock: Clock, limit_s: float = LONG_S) -> Flattened:
    """Cancel and close until the venue shows nothing; or until time is up."""
    began, rounds, cancelled, text = clock.mono_ns(), 0, 0, ""
    closed: list[tuple[str, int]] = []
    asked: dict[str, int] = {}  # contract -> when its close was sent
    while (clock.mono_ns() - began) / SECOND_NS < limit_s:
        rounds += 1
        try:
            orders, positions = await venue.open_orders(), await venue.positions()
            working = [row for row in orders if not _closes(row, positions)]
            if not working and not positions:
                return Flattened(True, cancelled, tuple(closed), rounds, "flat, no orders")
            for row in working:
                cancelled += isinstance(await venue.cancel(row.id), Accepted)
            failpoint("K11")
            held = await venue.positions()
            closed += [
                (one.contract, one.net)
                for one in held
                if await _close(venue, clock, one, orders, asked)
            ]
            text = f"{len(working)} orders and {len(positions)} positions were left"
        except VenueUnreachable as error:
            text = f"the venue does not answer: {error}"
        await sleep(clock, PAUSE_S)
    return Flattened(False, cancelled, tuple(closed), rounds, text)


def _closes(row: VenueOrder, positions: tuple[VenuePosition, ...]) -> bool:
    """A market order that is already taking a position out is left to do so."""
    return row.kind is OrderKind.MARKET and any(
        one.contract == row.contract and one.side is not row.side for one in positions
    )


async def _close(
    venue: Venue,
    clock: Clock,
    held: VenuePosition,
    orders: tuple[VenueOrder, ...],
    asked: dict[str, int],
) -> bool:
    """Close a position unless a close of it may still be at work; whether it was asked for."""
    now = clock.mono_ns()
    recent = (now - asked[held.contract]) / SECOND_NS < WAIT_S if held.contract in asked else False
    if recent or any(_closes(row, (held,)) and row.contract == held.contract for row in orders):
        return False
    outcome = await venue.close(held.contract)
    failpoint("K12")
    if isinstance(outcome, Accepted | Unknown):
        asked[held.contract] = now
    return isinstance(outcome, Accepted)
