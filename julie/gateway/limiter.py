"""Keeps the client inside the venue's budgets, and a part of them free for what lowers exposure.

The venue allows 200 calls in 60 s and 50 bar calls in 30 s and answers 429 beyond. Ours are smaller
and their windows longer, because a call that was held up on its way counts when it arrives. Of the
200, 40 are left to protecting, cancelling and closing, and to nothing else, however often somebody
must look whether it has worked. Looks have a share before the rest of the reading, and many of them
are spaced out over the window, so that who closes again and again is never blind for a minute.
After a 429 the ordinary calls wait; the urgent ones do not. While the venue is down it sees one
reading a second, whoever wants to know; what changes something never waits for that.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from julie.core.clock import Clock
from julie.core.zones import SECOND_NS

Sleep = Callable[[float], Awaitable[None]]

STEP_S: Final = 0.05  # a driven clock may run faster than the wall, so nobody sleeps longer
DOWN_GAP_S: Final = 1.0


class Need(Enum):
    """Who may use the reserve."""

    ORDINARY = "ordinary"
    LOOK = "look"  # what must be known to protect a position; none of the reserve
    URGENT = "urgent"  # protect, cancel, close, and the login they need; all of it


@dataclass(frozen=True, slots=True)
class Budget:
    """At most `limit` calls in any `window_s`, and what of them is kept for whom."""

    name: str
    limit: int
    window_s: float
    reserved: int  # for urgent calls alone
    looks: int = 0  # for looks and urgent calls: the ordinary leave them free
    at_once: int = 0  # looks of a window that go one behind the other, before they are spaced out

    def room(self, need: Need) -> int:
        """Calls a window may hold before one of this need has to wait."""
        kept = {Need.ORDINARY: self.reserved + self.looks, Need.LOOK: self.reserved, Need.URGENT: 0}
        return self.limit - kept[need]


GENERAL: Final = Budget("general", limit=180, window_s=65.0, reserved=40, looks=50, at_once=60)
BARS: Final = Budget("bars", limit=45, window_s=35.0, reserved=0)


class Window:
    """The calls of one budget within its window."""

    __slots__ = ("_looks", "_taken", "budget", "held_until_ns")

    def __init__(self, budget: Budget) -> None:
        self.budget: Final = budget
        self.held_until_ns = 0
        self._taken: deque[int] = deque()
        self._looks: deque[int] = deque()  # those among them

    def used(self, now_ns: int) -> int:
        """Calls that still count."""
        start = now_ns - round(self.budget.window_s * SECOND_NS)
        for kept in (self._taken, self._looks):
            while kept and kept[0] <= start:
                kept.popleft()
        return len(self._taken)

    def wait_ns(self, now_ns: int, need: Need) -> int:
        """How long a call has to wait; 0 = it may go."""
        held = self.held_until_ns - now_ns if need is Need.ORDINARY else 0
        over = self.used(now_ns) - self.budget.room(need)
        if over < 0:
            return max(held, 0)
        free_ns = self._taken[over] + round(self.budget.window_s * SECOND_NS)
        return max(held, free_ns - now_ns)

    def next_look_ns(self, now_ns: int) -> int:
        """How long a look keeps its distance from the one before: the calls that are free are dealt
        out evenly until the oldest call counts no more and its place is free again.

        The first `at_once` looks of a window keep none, while at least half as many are free.
        """
        budget, free = self.budget, self.budget.room(Need.LOOK) - self.used(now_ns)
        plenty = len(self._looks) < budget.at_once and free > budget.at_once // 2
        if plenty or not self._looks or not budget.at_once:
            return 0
        last_ns = self._looks[-1]
        freed_ns = self._taken[0] + round(budget.window_s * SECOND_NS)
        return max(last_ns + (freed_ns - last_ns) // max(free, 1) - now_ns, 0)

    def take(self, now_ns: int, need: Need) -> None:
        """Count a call."""
        self._taken.append(now_ns)
        if need is Need.LOOK:
            self._looks.append(now_ns)


class Limiter:
    """Lets calls go, in the order they came, urgent ones past the ordinary; what changes something
    does not stand in line behind who reads.
    """

    def __init__(self, clock: Clock, sleep: Sleep = asyncio.sleep) -> None:
        self._clock = clock
        self._sleep = sleep
        self._windows = {budget: Window(budget) for budget in (GENERAL, BARS)}
        self._turns = {
            (b, need, reads): asyncio.Lock()
            for b in self._windows
            for need in Need
            for reads in (True, False)
        }
        self._down_ns: int | None = None
        self._last_read_ns = -(2**62)

    def used(self, budget: Budget) -> int:
        """Calls of a budget that still count."""
        return self._windows[budget].used(self._clock.mono_ns())

    def hold(self, budget: Budget, seconds: float) -> None:
        """Let the ordinary calls of a budget wait: the venue said 429."""
        until = self._clock.mono_ns() + round(seconds * SECOND_NS)
        window = self._windows[budget]
        window.held_until_ns = max(window.held_until_ns, until)

    def venue_down(self) -> None:
        """Let one reading a second go, until the venue answers again."""
        if self._down_ns is None:
            self._down_ns = self._clock.mono_ns()

    def venue_up(self) -> None:
        """The venue answers."""
        self._down_ns = None

    @property
    def down_s(self) -> float:
        """For how long nothing was answered, from the first call without an answer on; else 0."""
        if self._down_ns is None:
            return 0.0
        return max((self._clock.mono_ns() - self._down_ns) / SECOND_NS, 1e-9)

    async def take(
        self, budget: Budget, need: Need, patience_s: float | None = None, *, reads: bool = True
    ) -> bool:
        """Wait for room and take it; False when there was none within `patience_s`."""
        came_ns = self._clock.mono_ns()
        async with self._turns[budget, need, reads]:
            spaced_ns = self._spaced_ns(budget, need)
            while wait_ns := max(self._wait_ns(budget, need, reads), spaced_ns):
                waited_ns = self._clock.mono_ns() - came_ns
                if patience_s is not None and waited_ns + wait_ns > patience_s * SECOND_NS:
                    return False
                pause_s = min(wait_ns / SECOND_NS, STEP_S)
                await self._sleep(pause_s)
                # Counted by our own sleep too: a clock that only the market moves may stand until
                # this very answer is here.
                left_ns = spaced_ns - round(pause_s * SECOND_NS)
                spaced_ns = max(min(left_ns, self._spaced_ns(budget, need)), 0)
            now_ns = self._clock.mono_ns()
            self._windows[budget].take(now_ns, need)
            if reads:
                self._last_read_ns = now_ns
            return True

    def _spaced_ns(self, budget: Budget, need: Need) -> int:
        window = self._windows[budget]
        return window.next_look_ns(self._clock.mono_ns()) if need is Need.LOOK else 0

    def _wait_ns(self, budget: Budget, need: Need, reads: bool) -> int:
        now_ns = self._clock.mono_ns()
        wait_ns = self._windows[budget].wait_ns(now_ns, need)
        if self._down_ns is not None and reads:
            gap_ns = self._last_read_ns + round(DOWN_GAP_S * SECOND_NS) - now_ns
            wait_ns = max(wait_ns, gap_ns)
        return wait_ns
