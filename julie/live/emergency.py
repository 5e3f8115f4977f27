"""Flat without the bot: cancel all, close all, see that nothing is left; by REST alone.

It repeats what is not done yet, reads what is held before each close, and uses the venue's own
close call, which cannot turn a position. A second call finds nothing to do.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from julie.core.clock import Clock
from julie.core.zones import SECOND_NS
from julie.execution.venue import Outcome, Venue, VenueUnreachable

LIMIT_S: Final = 30.0
LOOK_S: Final = 0.3
CLOSE_AGAIN_S: Final = 1.0  # a close under way is not overtaken by a second one


@dataclass(slots=True)
class Flattened:
    """What was done, and what is left."""

    flat: bool = False
    seconds: float = 0.0
    orders_found: int = 0
    positions_found: int = 0
    cancels: int = 0
    closes: int = 0
    left: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)  # refusals and failures, each once

    @property
    def words(self) -> str:
        """The outcome in a sentence."""
        done = f"{self.cancels} orders cancelled, {self.closes} positions closed"
        if self.flat:
            return f"flat after {self.seconds:.1f} s: {done}, none left"
        left = ", ".join(self.left) or "what is left could not be read"
        return f"NOT FLAT after {self.seconds:.1f} s: {done}; left: {left}"


async def flatten(
    venue: Venue,
    clock: Clock,
    limit_s: float = LIMIT_S,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Flattened:
    """Make an account flat; never raises what the venue may cause."""
    found = Flattened()
    began = clock.mono_ns()
    cancelled: set[int] = set()
    closed_ns: dict[str, int] = {}
    clean = 0
    while clean < 2 and clock.mono_ns() - began < limit_s * SECOND_NS:
        try:
            left = await _step(venue, clock, found, cancelled, closed_ns)
        except VenueUnreachable as error:
            _say(found, f"could not be read: {error}")
            left = True
        clean = 0 if left else clean + 1
        if clean < 2:
            await sleep(LOOK_S)
    found.flat = clean >= 2
    found.seconds = (clock.mono_ns() - began) / SECOND_NS
    return found


async def _step(
    venue: Venue, clock: Clock, found: Flattened, cancelled: set[int], closed_ns: dict[str, int]
) -> bool:
    """One round; whether anything is left."""
    orders = await venue.open_orders()
    found.orders_found = max(found.orders_found, len(orders))
    for order in orders:
        outcome = await venue.cancel(order.id)
        if order.id not in cancelled:
            cancelled.add(order.id)
            found.cancels += 1
        _note(found, f"cancel of order {order.id}", outcome)
    positions = [one for one in await venue.positions() if one.qty]
    found.positions_found = max(found.positions_found, len(positions))
    for position in positions:
        last = closed_ns.get(position.contract)
        if last is not None and clock.mono_ns() - last < CLOSE_AGAIN_S * SECOND_NS:
            continue
        if last is None:
            found.closes += 1
        closed_ns[position.contract] = clock.mono_ns()
        _note(found, f"close of {position.contract}", await venue.close(position.contract))
    found.left = [f"order {order.id} of {order.contract}" for order in orders]
    found.left += [f"{one.net:+d} {one.contract}" for one in positions]
    return bool(found.left)


def _note(found: Flattened, what: str, outcome: Outcome) -> None:
    text = getattr(outcome, "text", "")
    if text:
        _say(found, f"{what}: {type(outcome).__name__.lower()}, {text}")


def _say(found: Flattened, text: str) -> None:
    if text not in found.said:
        found.said.append(text)
