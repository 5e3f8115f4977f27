"""A second of the network at the wall: of the machine, shorter where a market is played faster."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from julie.core.clock import Clock, MachineClock, ScaledClock, VirtualClock
from julie.core.zones import SECOND_NS
from julie.gateway import market_watch
from julie.gateway.pace import machine_s, pause, until_due
from tests.gateway.test_freshness import MES, NQ, Watched, at


@pytest.mark.parametrize(
    ("clock", "seconds"),
    [(MachineClock(), 30.0), (VirtualClock(), 30.0), (ScaledClock(0, 20), 1.5)],
)
def test_how_long_half_a_minute_is(clock: Clock, seconds: float) -> None:
    assert machine_s(clock, 30.0) == seconds


@pytest.mark.parametrize("wait", [pause, until_due])
def test_it_ends_although_the_streams_clock_stands_still(
    wait: Callable[[Clock, float], Awaitable[None]],
) -> None:
    async def waited() -> None:
        async with asyncio.timeout(5):
            await wait(VirtualClock(), 0.02)

    asyncio.run(waited())


def test_what_is_due_on_the_streams_clock_is_not_waited_for_at_the_wall() -> None:
    async def waited() -> None:
        clock = VirtualClock()
        asyncio.get_running_loop().call_later(0.01, clock.advance, 3600.0)
        async with asyncio.timeout(5):
            await until_due(clock, 3600.0)

    asyncio.run(waited())


class Felt(Watched):
    """A watch on a clock that runs by itself."""

    def __init__(self, when: str, speed: float) -> None:
        super().__init__(when, wall=True)
        self.scaled = ScaledClock(at(when), speed)
        self.scaled.advance_to(at(when))
        self.hub.live_ns = self.scaled.mono_ns()
        self.watch._clock = self.scaled
        self.watch._wall = None


def test_a_market_played_faster_is_silent_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(market_watch, "LOOK_S", 0.1)
    it = Felt("2025-06-18T10:00:00", speed=100.0)
    it.intake.heard_ns = dict.fromkeys((MES, NQ), it.scaled.mono_ns())
    began = it.scaled.mono_ns()

    async def watched() -> None:
        async with asyncio.timeout(10):
            await it.watch.run()

    it.hub.rebuild = _ended  # type: ignore[method-assign]
    with pytest.raises(InterruptedError, match=r"silent for 1[5-9] s"):
        asyncio.run(watched())
    assert it.hub.told[0].startswith("the market is silent for")
    assert (it.scaled.mono_ns() - began) / SECOND_NS >= 15.0


def _ended(reason: str) -> None:
    raise InterruptedError(reason)
