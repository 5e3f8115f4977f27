"""Flat before the venue is: entries off, everything closed, and an alarm if it is not.

It goes by the clock alone and needs no bar. At the flat time (15:05 Chicago, or so long before an
early close) the desk closes by its own bar, and what it left twenty seconds later is cancelled and
closed; a minute after the flat time flat must be seen; a minute after that somebody is called. The
venue itself flattens from 15:08.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np

from julie.core.calendar import Calendar
from julie.core.sessions import minute_since_open
from julie.core.venue_times import eastern_clock
from julie.core.zones import MINUTE_NS, SECOND_NS

OWN_NS: Final = 20 * SECOND_NS  # the desk closes by itself at its bar; the guard comes behind it
VERIFIED_AFTER_NS: Final = MINUTE_NS
ALARM_AFTER_NS: Final = 2 * MINUTE_NS


class Due(Enum):
    """What the hour asks for."""

    NOTHING = "nothing"
    FLATTEN = "flatten"
    VERIFY = "verify"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class FlatTimes:
    """When a trading day ends for us."""

    minute: int  # since 18:00 ET
    early_min: int  # before an early close

    @classmethod
    def at(cls, chicago: str, early_min: int) -> "FlatTimes":
        """From the configuration's Chicago time."""
        return cls(minute_since_open(eastern_clock(chicago)), early_min)

    def of_day(self, calendar: Calendar, place: int) -> int:
        """The flat time of a trading day, ns UTC."""
        opened, closed = int(calendar.open_ns[place]), int(calendar.close_ns[place])
        regular = opened + self.minute * MINUTE_NS
        return min(regular, closed - self.early_min * MINUTE_NS)


class FlatGuard:
    """Asks for each step once a trading day, and again while it is not done."""

    def __init__(self, calendar: Calendar, times: FlatTimes, flat: Callable[[], bool]) -> None:
        self._calendar = calendar
        self._times = times
        self._flat = flat
        self._day = -1
        self._told: set[Due] = set()

    def due(self, now_ns: int) -> Due:
        """What is to be done now; nothing outside trading hours and before the flat time."""
        place = int(self._calendar.index_of(np.array([now_ns]))[0])
        if place < 0:
            return Due.NOTHING
        if place != self._day:
            self._day = place
            self._told.clear()
        since = now_ns - self._times.of_day(self._calendar, place)
        if since < OWN_NS:
            return Due.NOTHING
        return self._step(since)

    def past(self, now_ns: int) -> bool:
        """Whether the flat time of the running trading day has come."""
        place = int(self._calendar.index_of(np.array([now_ns]))[0])
        return place >= 0 and now_ns >= self._times.of_day(self._calendar, place)

    def _step(self, since: int) -> Due:
        if Due.FLATTEN not in self._told:
            self._told.add(Due.FLATTEN)
            return Due.FLATTEN if not self._flat() else Due.NOTHING
        if since >= VERIFIED_AFTER_NS and Due.VERIFY not in self._told:
            self._told.add(Due.VERIFY)
            return Due.NOTHING if self._flat() else Due.VERIFY
        if since >= ALARM_AFTER_NS and Due.ALARM not in self._told:
            self._told.add(Due.ALARM)
            return Due.NOTHING if self._flat() else Due.ALARM
        return Due.NOTHING
