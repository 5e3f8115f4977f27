"""Nothing that can be done before or behind it comes between a minute that closes and its order.

A thread that has work, such as the journal's, waits for the one that runs until that rests or its
turn is over: a turn is short here. Garbage is looked for between minutes, and never among what was
there when trading began. What the next minute needs is made ready when this one's orders have left.
"""

import asyncio
import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from julie.core.bus import BEHIND_S, Reader
from julie.core.clock import Clock, VirtualClock
from julie.core.events import AuditRecord
from julie.core.zones import MINUTE_NS, SECOND_NS

TURN_S: Final = 0.0003
SWEEP_S: Final = 1.0  # of the wall
LATEST: Final = 20  # sweeps that may be put off
WHOLE_EVERY: Final = 60
EDGE_NS: Final = 2 * SECOND_NS  # before and behind a close


@contextmanager
def attentive() -> Iterator[None]:
    """Within the block turns are short, and garbage is left to `sweep`."""
    turn = sys.getswitchinterval()
    sys.setswitchinterval(TURN_S)
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()
        sys.setswitchinterval(turn)


async def sweep(clock: Clock, idle: Callable[[], bool]) -> None:
    """Look for garbage when no close is near and nothing is under way; for ever."""
    waited = swept = 0
    while True:
        await asyncio.sleep(SWEEP_S)
        waited += 1
        if waited >= LATEST or (idle() and not _near_a_close(clock)):
            waited, swept = 0, swept + 1
            gc.collect(2 if swept % WHOLE_EVERY == 0 else 1)


async def breathe(records: Reader[AuditRecord], rest: Callable[[], None]) -> None:
    """Rest behind whatever happens; for ever."""
    while True:
        await records.wait(BEHIND_S)
        rest()


def _near_a_close(clock: Clock) -> bool:
    """A market that waits for us closes its minutes when we are ready."""
    if isinstance(clock, VirtualClock):
        return False
    return not EDGE_NS < clock.now_ns() % MINUTE_NS < MINUTE_NS - EDGE_NS
