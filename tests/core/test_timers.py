"""Waiting on the virtual clock: it ends when the stream has carried the clock there."""

import asyncio

from julie.core.clock import MachineClock, ScaledClock, VirtualClock
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


def test_a_scaled_clock_holds_until_the_first_event_and_then_runs_faster() -> None:
    async def walk() -> None:
        clock, machine = ScaledClock(1_000, 200.0), MachineClock()
        await sleep(clock, 1.0)
        assert clock.now_ns() == 1_000
        clock.advance_to(5_000)
        first, began = clock.mono_ns(), machine.mono_ns()
        await sleep(clock, 10.0)
        wall_s = (machine.mono_ns() - began) / SECOND_NS
        assert 0.045 < wall_s < 5.0
        assert clock.mono_ns() - first >= 9 * SECOND_NS
        assert clock.now_ns() - 5_000 >= 9 * SECOND_NS

    asyncio.run(walk())


def test_a_later_event_pulls_a_scaled_clock_and_an_earlier_one_does_not_hold_it() -> None:
    clock = ScaledClock(0, 1.0)
    clock.advance_to(SECOND_NS)
    clock.advance_to(1_000 * SECOND_NS)
    assert clock.now_ns() >= 1_000 * SECOND_NS
    clock.advance_to(5 * SECOND_NS)
    assert clock.now_ns() >= 1_000 * SECOND_NS


def test_a_bell_of_a_scaled_clock_ends_its_wait_by_that_clock() -> None:
    async def walk() -> float:
        bell, machine = Bell(ScaledClock(0, 1_000.0)), MachineClock()
        began = machine.mono_ns()
        assert not await bell.wait(20.0)
        return (machine.mono_ns() - began) / SECOND_NS

    assert asyncio.run(walk()) < 10.0
