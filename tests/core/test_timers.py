"""Waiting on the virtual clock: it ends when the stream has carried the clock there."""

import asyncio

from julie.core.clock import MachineClock, VirtualClock
from julie.core.tasks import Tasks
from julie.core.timers import Bell, sleep
from julie.core.zones import SECOND_NS


async def turn(times: int = 5) -> None:
    for _ in range(times):
        await asyncio.sleep(0)


def test_sleepers_wake_in_the_order_of_their_times():
    async def walk() -> list[str]:
        clock, woken = VirtualClock(100), []

        async def one(name: str, seconds: float) -> None:
            await sleep(clock, seconds)
            woken.append(name)

        async with Tasks() as tasks:
            tasks.start("late", one("late", 5))
            tasks.start("soon", one("soon", 1))
            gone = tasks.start("gone", one("gone", 2))
            await turn()
            assert woken == []
            gone.cancel()
            clock.advance(0.5)
            await turn()
            assert woken == []
            clock.advance_to(100 + 2 * SECOND_NS)
            await turn()
            assert woken == ["soon"]
            clock.advance(100)
        return woken

    assert asyncio.run(walk()) == ["soon", "late"]


def test_a_bell_is_heard_before_during_and_not_at_all():
    async def walk() -> list[bool]:
        clock = VirtualClock()
        bell = Bell(clock)
        bell.ring()
        heard = [await bell.wait(1)]
        async with Tasks() as tasks:
            waiting = tasks.start("waits", bell.wait(10))
            await turn()
            bell.ring()
            heard.append(await waiting)
            waiting = tasks.start("waits again", bell.wait(10))
            await turn()
            clock.advance(11)
            heard.append(await waiting)
        return heard

    assert asyncio.run(walk()) == [True, True, False]


def test_on_the_machines_clock_a_bell_waits_no_longer_than_asked():
    async def walk() -> tuple[bool, bool]:
        bell = Bell(MachineClock())
        nothing = await bell.wait(0.01)
        bell.ring()
        return nothing, await bell.wait(60)

    assert asyncio.run(walk()) == (False, True)
