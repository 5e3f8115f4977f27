"""Seconds of the network at the wall: what a pause, a ping or a watchdog waits for.

Where a market is played faster than life the network's patience is shorter by as much. A clock that
only events move has no say here: it stands still just when the network is gone, so there a second
is the machine's. Time-outs of sockets are always the machine's.
"""

import asyncio
from contextlib import suppress

from julie.core.clock import Clock, wall_s
from julie.core.timers import sleep


def machine_s(clock: Clock, seconds: float) -> float:
    """Machine seconds for that many of the network's."""
    found = wall_s(clock, seconds)
    return seconds if found is None else found


async def pause(clock: Clock, seconds: float) -> None:
    """Let that many seconds of the network pass."""
    await asyncio.sleep(machine_s(clock, seconds))


async def until_due(clock: Clock, seconds: float) -> None:
    """Return once that many seconds have passed, on the clock or at the wall where it stands."""
    with suppress(TimeoutError):
        async with asyncio.timeout(machine_s(clock, seconds)):
            await sleep(clock, seconds)
