"""Waiting no longer than a while for something that may take its time."""

from collections.abc import Coroutine

from julie.core.clock import Clock
from julie.core.tasks import Tasks, cause_of
from julie.core.timers import Bell
from julie.core.zones import SECOND_NS


async def briefly(clock: Clock, work: Coroutine[None, None, object], seconds: float) -> None:
    """Do it, and break it off when time is up."""
    bell, end = Bell(clock), clock.mono_ns() + round(seconds * SECOND_NS)
    try:
        async with Tasks() as group:
            task = group.start("a look", work)
            task.add_done_callback(lambda _: bell.ring())
            while not task.done() and (left_ns := end - clock.mono_ns()) > 0:
                await bell.wait(left_ns / SECOND_NS)
            task.cancel()
    except ExceptionGroup as failed:
        raise cause_of(failed) from None
