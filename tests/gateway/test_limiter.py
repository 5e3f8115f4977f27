"""The budget holds over any window, the reserve is always there, and nobody waits for nothing."""

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from julie.core.clock import VirtualClock
from julie.core.zones import SECOND_NS
from julie.gateway.limiter import BARS, GENERAL, Budget, Limiter, Need, Window

READS = GENERAL.room(Need.ORDINARY)
PUBLISHED = {GENERAL: (200, 60), BARS: (50, 30)}


class Driven:
    """A limiter on virtual time: whoever waits moves the clock."""

    def __init__(self) -> None:
        self.clock = VirtualClock(1_000 * SECOND_NS)
        self.limiter = Limiter(self.clock, self._sleep)

    async def _sleep(self, seconds: float) -> None:
        self.clock.advance(seconds)
        await asyncio.sleep(0)


def most_in_any(stamps: list[int], window_s: float) -> int:
    width = round(window_s * SECOND_NS)
    return max(
        (sum(1 for later in stamps[i:] if later - first < width) for i, first in enumerate(stamps)),
        default=0,
    )


@pytest.mark.parametrize("budget", [GENERAL, BARS])
def test_our_budget_lies_inside_the_venues(budget: Budget) -> None:
    limit, window_s = PUBLISHED[budget]
    assert budget.limit < limit
    assert budget.window_s > window_s
    assert GENERAL.reserved == PUBLISHED[GENERAL][0] * 20 // 100


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 6, allow_nan=False), st.booleans(), st.integers(1, 60)),
        min_size=1,
        max_size=25,
    )
)
def test_no_window_ever_holds_more_than_the_budget(
    bursts: list[tuple[float, bool, int]],
) -> None:
    window = Window(GENERAL)
    now_ns, stamps, ordinary = 0, [], []
    for pause_s, urgent, calls in bursts:
        now_ns += round(pause_s * SECOND_NS)
        need = Need.URGENT if urgent else Need.ORDINARY
        for _ in range(calls):
            if not urgent and window.used(now_ns) < READS:
                assert window.wait_ns(now_ns, need) == 0
            if wait_ns := window.wait_ns(now_ns, need):
                assert window.wait_ns(now_ns + wait_ns - 1, need) > 0
                if urgent:
                    continue
                now_ns += wait_ns
            window.take(now_ns, need)
            stamps.append(now_ns)
            if not urgent:
                ordinary.append(now_ns)
    assert most_in_any(stamps, GENERAL.window_s) <= GENERAL.limit
    assert most_in_any(ordinary, GENERAL.window_s) <= READS


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 3, allow_nan=False), st.booleans()), max_size=400))
def test_what_only_reads_never_touches_the_reserve(calls: list[tuple[float, bool]]) -> None:
    window, now_ns = Window(GENERAL), 0
    for pause_s, looks in calls:
        now_ns += round(pause_s * SECOND_NS)
        need = Need.LOOK if looks else Need.ORDINARY
        if window.wait_ns(now_ns, need) == 0:
            window.take(now_ns, need)
        assert GENERAL.limit - window.used(now_ns) >= GENERAL.reserved
        assert window.wait_ns(now_ns, Need.URGENT) == 0


@pytest.mark.parametrize(("ordinary", "blind_s"), [(0, 4.0), (READS, 10.0)])
def test_who_closes_again_and_again_is_never_blind_for_long(ordinary: int, blind_s: float) -> None:
    async def scene() -> tuple[list[int], list[int]]:
        driven, reads, closes = Driven(), list[int](), list[int]()
        for _ in range(ordinary):  # what others have read
            await driven.limiter.take(GENERAL, Need.ORDINARY)
        while driven.clock.mono_ns() < 1_400 * SECOND_NS:
            for _ in range(4):
                assert await driven.limiter.take(GENERAL, Need.LOOK)
                reads.append(driven.clock.mono_ns())
            if not closes or driven.clock.mono_ns() - closes[-1] >= 3 * SECOND_NS:
                assert await driven.limiter.take(GENERAL, Need.URGENT, 0.0, reads=False)
                closes.append(driven.clock.mono_ns())
            driven.clock.advance(0.25)
        return reads, closes

    reads, closes = asyncio.run(scene(), debug=True)
    assert max(b - a for a, b in pairwise(reads)) < blind_s * SECOND_NS
    assert max(b - a for a, b in pairwise(closes)) < 4 * blind_s * SECOND_NS  # four are read before
    assert most_in_any(sorted([*reads, *closes]), GENERAL.window_s) <= GENERAL.limit


def test_a_clock_that_stands_until_the_answer_comes_holds_nobody_for_ever() -> None:
    async def scene() -> float:
        slept = 0.0

        async def sleep(seconds: float) -> None:
            nonlocal slept
            slept += seconds
            await asyncio.sleep(0)

        limiter = Limiter(VirtualClock(1_000 * SECOND_NS), sleep)
        for _ in range(GENERAL.at_once + 1):
            assert await limiter.take(GENERAL, Need.LOOK)
        return slept

    slept_s = asyncio.run(scene(), debug=True)
    assert 0.3 < slept_s < 2.0


def test_an_act_does_not_stand_behind_looks_that_wait() -> None:
    async def scene() -> int:
        driven = Driven()
        while driven.limiter.used(GENERAL) < GENERAL.room(Need.LOOK):
            await driven.limiter.take(GENERAL, Need.URGENT, reads=False)
        before_ns = driven.clock.mono_ns()
        waits = asyncio.ensure_future(  # noqa: TID251 - no group is at hand
            driven.limiter.take(GENERAL, Need.LOOK)
        )
        await asyncio.sleep(0)
        assert await driven.limiter.take(GENERAL, Need.URGENT, 0.0, reads=False)
        assert not waits.done()
        await waits
        return driven.clock.mono_ns() - before_ns

    assert asyncio.run(scene(), debug=True) > 60 * SECOND_NS


def test_calls_wait_their_turn_and_the_urgent_pass_them() -> None:
    async def scene() -> tuple[float, float]:
        driven = Driven()
        for _ in range(READS):
            assert await driven.limiter.take(GENERAL, Need.ORDINARY)
        start_ns = driven.clock.mono_ns()
        for _ in range(GENERAL.reserved):
            assert await driven.limiter.take(GENERAL, Need.URGENT)
        urgent_s = (driven.clock.mono_ns() - start_ns) / SECOND_NS
        assert await driven.limiter.take(GENERAL, Need.ORDINARY)
        return urgent_s, (driven.clock.mono_ns() - start_ns) / SECOND_NS

    urgent_s, ordinary_s = asyncio.run(scene(), debug=True)
    assert urgent_s == 0
    assert ordinary_s == pytest.approx(GENERAL.window_s, abs=0.001)


def test_bars_have_a_budget_of_their_own() -> None:
    async def scene() -> tuple[int, int]:
        driven = Driven()
        for _ in range(BARS.limit):
            await driven.limiter.take(BARS, Need.ORDINARY)
        assert not await driven.limiter.take(BARS, Need.ORDINARY, patience_s=1)
        assert await driven.limiter.take(GENERAL, Need.ORDINARY, patience_s=0)
        return driven.limiter.used(BARS), driven.limiter.used(GENERAL)

    assert asyncio.run(scene(), debug=True) == (BARS.limit, 1)


def test_an_act_does_not_stand_in_line_behind_readings_beyond_its_patience() -> None:
    async def scene() -> tuple[bool, float]:
        driven = Driven()
        for _ in range(READS):
            assert await driven.limiter.take(GENERAL, Need.ORDINARY)
        start_ns = driven.clock.mono_ns()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(driven.limiter.take(GENERAL, Need.ORDINARY))
            await asyncio.sleep(0)  # it is first in line, and waits a minute
            came = await driven.limiter.take(GENERAL, Need.ORDINARY, patience_s=1, reads=False)
            waited_s = (driven.clock.mono_ns() - start_ns) / SECOND_NS
        return came, waited_s

    came, waited_s = asyncio.run(scene(), debug=True)
    assert not came
    assert waited_s <= 1.0


def test_a_429_holds_the_ordinary_calls_alone() -> None:
    async def scene() -> float:
        driven = Driven()
        driven.limiter.hold(GENERAL, 30)
        assert await driven.limiter.take(GENERAL, Need.URGENT, patience_s=0)
        assert not await driven.limiter.take(GENERAL, Need.ORDINARY, patience_s=5)
        start_ns = driven.clock.mono_ns()
        assert await driven.limiter.take(GENERAL, Need.ORDINARY)
        return (driven.clock.mono_ns() - start_ns) / SECOND_NS

    assert asyncio.run(scene(), debug=True) == pytest.approx(30, abs=0.001)


def test_a_venue_that_is_down_sees_one_reading_a_second_and_every_act() -> None:
    async def scene() -> list[int]:
        driven, stamps = Driven(), []
        driven.limiter.venue_down()
        for need in (Need.ORDINARY, Need.URGENT) * 5:
            await driven.limiter.take(GENERAL, need)
            stamps.append(driven.clock.mono_ns())
            assert await driven.limiter.take(GENERAL, Need.URGENT, patience_s=0, reads=False)
        driven.limiter.venue_up()
        assert await driven.limiter.take(GENERAL, Need.ORDINARY, patience_s=0)
        return stamps

    stamps = asyncio.run(scene(), debug=True)
    assert min(b - a for a, b in pairwise(stamps)) >= SECOND_NS
