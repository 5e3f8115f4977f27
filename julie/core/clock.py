"""Time as the program knows it: the exchange's clock for facts, a monotonic one for intervals.

Nothing else asks the machine for the time. A backtest and a replay drive a virtual clock by the
events they hand out, so the same code sees the same times again. A market that is played faster
than life has a clock that runs faster by as much.
"""

import asyncio
import heapq
import sys
import time
from itertools import count
from typing import Final, Protocol

from julie.core.zones import SECOND_NS

# The count that stands still while the machine sleeps, and the one that goes on; elsewhere both do.
_COUNTS: tuple[int, int] | None = None
if sys.platform == "linux":
    _COUNTS = time.CLOCK_MONOTONIC, time.CLOCK_BOOTTIME
elif sys.platform == "darwin":
    _COUNTS = time.CLOCK_UPTIME_RAW, time.CLOCK_MONOTONIC

LEAP_NS: Final = SECOND_NS // 2  # a machine's clock that is off at once by so much was set


class Clock(Protocol):
    """What a room may ask about time."""

    def now_ns(self) -> int:
        """Exchange time, ns UTC."""
        ...

    def mono_ns(self) -> int:
        """A count that only rises, for intervals and time limits."""
        ...


class MachineClock:
    """The machine's clock, set right by its measured distance to the exchange's."""

    __slots__ = ("_skew_ns",)

    def __init__(self, skew_ns: int = 0) -> None:
        self._skew_ns = skew_ns

    @property
    def skew_ns(self) -> int:
        """Exchange time minus machine time."""
        return self._skew_ns

    def measured(self, skew_ns: int) -> None:
        """Take a new measurement of exchange time minus machine time."""
        self._skew_ns = skew_ns

    def wall_ns(self) -> int:
        """What the machine shows, ns UTC."""
        return time.time_ns()

    def now_ns(self) -> int:
        """Exchange time, ns UTC."""
        return self.wall_ns() + self._skew_ns

    def mono_ns(self) -> int:
        """A count that only rises."""
        return time.monotonic_ns()

    def asleep_ns(self) -> int:
        """For how long the machine has slept since it was started, whoever set its clock; 0 where
        the system does not count that: there a sleep shows as a program that stood still.
        """
        if _COUNTS is None:
            return 0
        awake, always = _COUNTS
        return time.clock_gettime_ns(always) - time.clock_gettime_ns(awake)


class SteadyClock(MachineClock):
    """A machine's clock that goes on evenly when somebody sets the machine's.

    Small corrections are followed. A leap is not: no minute ends early by it, and after a sleep of
    the machine it is late until it is measured against the exchange's. Both show in the skew.
    """

    __slots__ = ("_apart_ns",)

    def __init__(self, skew_ns: int = 0) -> None:
        super().__init__(skew_ns)
        self._apart_ns: int | None = None  # the machine's time minus the count, as it is followed

    @property
    def skew_ns(self) -> int:
        """Exchange time minus machine time."""
        apart = self._apart()
        return self._skew_ns + self._followed(apart) - apart

    def measured(self, skew_ns: int) -> None:
        """Take a new measurement of exchange time minus machine time."""
        self._apart_ns = self._apart()
        super().measured(skew_ns)

    def now_ns(self) -> int:
        """Exchange time, ns UTC."""
        mono = self.mono_ns()
        return mono + self._followed(self.wall_ns() - mono) + self._skew_ns

    def _apart(self) -> int:
        return self.wall_ns() - self.mono_ns()

    def _followed(self, apart: int) -> int:
        if self._apart_ns is None or abs(apart - self._apart_ns) < LEAP_NS:
            self._apart_ns = apart
        return self._apart_ns


class VirtualClock:
    """A clock driven by a stream of events; it never runs by itself and never goes back.

    It belongs to the thread of the event loop: whoever sleeps on it is woken by its advance.
    """

    __slots__ = ("_now_ns", "_numbers", "_sleepers")

    def __init__(self, start_ns: int = 0) -> None:
        self._now_ns = start_ns
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []
        self._numbers = count()

    def advance_to(self, ts_ns: int) -> None:
        """Move to the time of the next event; an earlier one leaves the clock where it is."""
        self._now_ns = max(self._now_ns, ts_ns)
        while self._sleepers and self._sleepers[0][0] <= self._now_ns:
            _, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():  # cancelled in the meantime
                woken.set_result(None)

    def sleeper(self, until_ns: int) -> "asyncio.Future[None]":
        """A future that is done once the clock has reached `until_ns`."""
        woken = asyncio.get_running_loop().create_future()
        if until_ns <= self._now_ns:
            woken.set_result(None)
        else:
            heapq.heappush(self._sleepers, (until_ns, next(self._numbers), woken))
        return woken

    def advance(self, seconds: float) -> None:
        """Let that many seconds pass."""
        self.advance_to(self._now_ns + round(seconds * SECOND_NS))

    def now_ns(self) -> int:
        """Exchange time, ns UTC."""
        return self._now_ns

    def mono_ns(self) -> int:
        """The same count: virtual time has no other."""
        return self._now_ns


class ScaledClock:
    """A clock that runs a fixed multiple of the machine's, from the first event of a market on.

    An event with a later time pulls it forward; none holds it back, so a silence is felt.
    """

    __slots__ = ("_begun", "_from_ns", "_mono_ns", "_moved_ns", "speed")

    def __init__(self, start_ns: int, speed: float) -> None:
        if not 0.0 < speed < float("inf"):
            raise ValueError(f"a clock runs at a multiple above nought, not at {speed}")
        self.speed = speed
        self._from_ns = self._moved_ns = start_ns
        self._mono_ns = time.monotonic_ns()
        self._begun: int | None = None  # count at which `_moved_ns` was the time

    def advance_to(self, ts_ns: int) -> None:
        """An event of that time came."""
        if self._begun is None or ts_ns > self.now_ns():
            self._moved_ns, self._begun = max(ts_ns, self._moved_ns), self.mono_ns()

    def now_ns(self) -> int:
        """Exchange time, ns UTC."""
        since = 0 if self._begun is None else self.mono_ns() - self._begun
        return self._moved_ns + since

    def mono_ns(self) -> int:
        """A count that only rises, whatever the market does."""
        return self._from_ns + round((time.monotonic_ns() - self._mono_ns) * self.speed)


def wall_s(clock: Clock, seconds: float) -> float | None:
    """How long that many seconds of a clock last at the wall; None where only events tell."""
    if isinstance(clock, VirtualClock):
        return None
    return seconds / clock.speed if isinstance(clock, ScaledClock) else seconds
