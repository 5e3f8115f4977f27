"""Short turns and swept garbage while trading, and the interpreter as it was behind it."""

import asyncio
import gc
import sys
import weakref
from contextlib import suppress

import pytest

from julie.core.clock import MachineClock, VirtualClock
from julie.core.zones import MINUTE_NS, SECOND_NS
from julie.live import attention
from julie.live.attention import attentive, sweep


class Knot:
    """Something that only a sweep finds."""

    def __init__(self) -> None:
        self.self = self


class Standing(MachineClock):
    """A clock that shows one second of the minute."""

    def __init__(self, second: int) -> None:
        super().__init__()
        self.second = second

    def now_ns(self) -> int:
        return 1_000 * MINUTE_NS + self.second * SECOND_NS


def test_garbage_is_left_alone_and_turns_are_short():
    before = sys.getswitchinterval()
    with attentive():
        assert not gc.isenabled()
        assert sys.getswitchinterval() < 0.001
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
    assert sys.getswitchinterval() == pytest.approx(before)


async def swept(monkeypatch, clock, *, idle: bool) -> bool:
    """Whether a knot is gone after some looks."""
    monkeypatch.setattr(attention, "SWEEP_S", 0.0)
    with attentive():
        seen = weakref.ref(Knot())
        with suppress(TimeoutError):
            async with asyncio.timeout(0.2):
                await sweep(clock, lambda: idle)
        return seen() is None


@pytest.mark.parametrize(
    ("clock", "idle", "latest", "gone"),
    [
        (Standing(30), True, 1_000_000, True),
        (Standing(59), True, 1_000_000, False),
        (Standing(1), True, 1_000_000, False),
        (Standing(30), False, 1_000_000, False),
        (Standing(59), False, 3, True),  # put off long enough
        (VirtualClock(59 * SECOND_NS), True, 1_000_000, True),
    ],
)
def test_garbage_is_swept_when_no_close_is_near(monkeypatch, clock, idle, latest, gone):
    monkeypatch.setattr(attention, "LATEST", latest)
    assert asyncio.run(swept(monkeypatch, clock, idle=idle)) is gone
