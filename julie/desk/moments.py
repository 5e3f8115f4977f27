"""Where in the trading day a minute lies, by its open alone, and where contracts end."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from julie.core.calendar import Calendar
from julie.core.types import Session
from julie.core.zones import MINUTE_NS
from julie.desk.step import Moment

Ends = Callable[[int, int], int]  # (instrument, bar open): 1 last but one bar, 2 last, 0 neither


class Moments:
    """The calendar, asked minute by minute."""

    def __init__(
        self, calendar: Calendar, session_of_minute: npt.NDArray[np.int8], bar_ns: int
    ) -> None:
        self._calendar = calendar
        self._sessions = session_of_minute
        self._bar_min = bar_ns / MINUTE_NS
        self._place, self._open, self._until, self._day, self._length = -1, 0, 0, 0, 0

    def at(self, ts: int) -> Moment:
        """Facts of the bar that opened at `ts`; behind the close the day that ended goes on."""
        if not self._open <= ts < self._until:
            self._turn(ts)
        minute = (ts - self._open) // MINUTE_NS
        shut = minute >= len(self._sessions)
        session = int(Session.CLOSED if shut else self._sessions[minute])
        return Moment(self._day, session, minute, self._length, self._bar_min)

    def _turn(self, ts: int) -> None:
        calendar = self._calendar
        place = calendar.begun(ts)
        self._open, self._day = int(calendar.open_ns[place]), int(calendar.day[place])
        self._length = (int(calendar.close_ns[place]) - self._open) // MINUTE_NS
        last = place + 1 == len(calendar)
        self._until = 1 << 62 if last else int(calendar.open_ns[place + 1])


def never(instrument: int, ts: int) -> int:
    """No contract's end is known ahead."""
    del instrument, ts
    return 0
