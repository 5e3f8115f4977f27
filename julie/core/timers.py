"""Waiting on the program's own clock, real or virtual.

On the machine's clock a second is a second, on a scaled one a part of it. On a virtual clock it is
over when the stream has carried the clock that far, however long that takes at the wall.
"""

import asyncio

from julie.core.clock import Clock, VirtualClock, wall_s
from julie.core.zones import SECOND_NS


async def sleep(clock: Clock, seconds: float) -> None:
    """Return once that many seconds have passed on the clock."""
    if isinstance(clock, VirtualClock):
        await clock.sleeper(clock.mono_ns() + round(max(seconds, 0.0) * SECOND_NS))
        await asyncio.sleep(0)
    else:
        await asyncio.sleep(wall_s(clock, seconds) or 0.0)


class Bell:
    """Wakes its one waiter: rung before the wait or during it, or when time is up."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rung = False
        self._waiter: asyncio.Future[None] | None = None

    @property
    def rung(self) -> bool:
        """Rung, and nobody has come yet."""
        return self._rung

    def ring(self) -> None:
        """Wake whoever waits, or the next who does."""
        self._rung = True
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def wait(self, seconds: float) -> bool:
        """Return at the next ring, True, or after that many seconds on the clock, False."""
        if not self._rung:
            await self._until_rung(seconds)
        heard, self._rung = self._rung, False
        return heard

    async def _until_rung(self, seconds: float) -> None:
        loop, clock = asyncio.get_running_loop(), self._clock
        waiter = self._waiter = loop.create_future()
        timer: asyncio.Future[None] | asyncio.TimerHandle
        if isinstance(clock, VirtualClock):
            timer = clock.sleeper(clock.mono_ns() + round(max(seconds, 0.0) * SECOND_NS))
            timer.add_done_callback(lambda _: _over(waiter))
        else:
            timer = loop.call_later(wall_s(clock, seconds) or 0.0, _over, waiter)
        try:
            await waiter
        finally:
            timer.cancel()
            self._waiter = None


def _over(waiter: "asyncio.Future[None]") -> None:
    if not waiter.done():
        waiter.set_result(None)
