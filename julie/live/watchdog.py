"""Watches the loop and the machine: a loop that stands still, and a machine that slept.

A thread of its own knocks at the loop; when nobody answers for two seconds it writes down what the
loop is doing. Whoever was away for more than ten seconds must reconcile before anything new. A
sleep of the machine is what the machine itself counts as one: a clock that was set is none.
"""

import logging
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Final

from julie.core.clock import Clock, MachineClock
from julie.core.zones import SECOND_NS

LOG: Final = logging.getLogger(__name__)
KNOCK_S: Final = 0.5
NOTICED_S: Final = 2.0
AWAY_S: Final = 10.0
SLEPT_S: Final = 30.0


class LoopWatch:
    """Asks the loop for a sign of life; `away` is told of every longer absence, in seconds."""

    def __init__(self, clock: Clock, away: Callable[[float], None]) -> None:
        self._clock = clock
        self._away = away
        self._thread_of_loop = threading.get_ident()
        self._answered_ns = clock.mono_ns()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="loop-watch", daemon=True)
        self.noticed = 0

    def start(self) -> None:
        """Begin; called on the loop's own thread."""
        self._answered_ns = self._clock.mono_ns()
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._ended.set()

    def beat(self) -> None:
        """The loop is alive; called on it, at least twice a second."""
        now = self._clock.mono_ns()
        gone_s = (now - self._answered_ns) / SECOND_NS
        self._answered_ns = now
        if gone_s >= AWAY_S:
            self._away(gone_s)

    def _run(self) -> None:
        told_for = -1
        while not self._ended.wait(KNOCK_S):
            since = self._answered_ns
            silent_s = (self._clock.mono_ns() - since) / SECOND_NS
            if silent_s >= NOTICED_S and told_for != since:
                told_for = since
                LOG.warning(
                    "the loop has stood still for %.1f s; it is at\n%s", silent_s, self._stack()
                )
                self.noticed += 1

    def _stack(self) -> str:
        frame = sys._current_frames().get(self._thread_of_loop)
        return "".join(traceback.format_stack(frame)) if frame is not None else "(no frame)"


class SleepWatch:
    """Notices that the machine slept."""

    def __init__(self, clock: MachineClock) -> None:
        self._clock = clock
        self._asleep_ns = clock.asleep_ns()

    def slept_s(self) -> float:
        """Seconds slept since the last time this was asked; 0 = none worth telling."""
        asleep = self._clock.asleep_ns()
        gap_s = (asleep - self._asleep_ns) / SECOND_NS
        self._asleep_ns = asleep
        return gap_s if gap_s >= SLEPT_S else 0.0
