"""When the exchange trades and when the venue wants everybody flat, with the days a script changed.

Flat is 50 minutes before the regular close (15:10 Chicago), 15 minutes before an early one; orders
are taken again from the next open.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from typing import Final

from julie.core.calendar import CLOSED, Calendar, minutes_of
from julie.core.zones import DAY_NS, MINUTE_NS, eastern

REGULAR_FLAT_NS: Final = 50 * MINUTE_NS
EARLY_FLAT_NS: Final = 15 * MINUTE_NS


@dataclass(frozen=True, slots=True)
class Day:
    """One trading day."""

    open_ns: int
    flat_ns: int
    close_ns: int


class Hours:
    """The trading days of a calendar, as lists that single moments are looked up in."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        early = calendar.early.tolist()
        closes: list[int] = calendar.close_ns.tolist()
        opens: list[int] = calendar.open_ns.tolist()
        self._days = [_day(o, c, e) for o, c, e in zip(opens, closes, early, strict=True)]
        self._opens = opens

    def day(self, ns: int) -> Day | None:
        """The trading day whose [open, close) holds a moment."""
        at = bisect_right(self._opens, ns) - 1
        return self._days[at] if at >= 0 and ns < self._days[at].close_ns else None

    def begun(self, ns: int) -> Day:
        """The last trading day that has opened by a moment, closed since or not."""
        return self._days[max(bisect_right(self._opens, ns) - 1, 0)]

    def change(self, day: str, close: str) -> None:
        """A day closes at another time (HH:MM Eastern), or does not trade."""
        place = self._calendar.place_of(date.fromisoformat(day))
        if place < 0:
            return
        was = self._days[place]
        if close == CLOSED:
            self._days[place] = Day(was.open_ns, was.open_ns, was.open_ns)
            return
        days = self._calendar.day[place : place + 1].astype("int64")
        at = int(eastern().utc(days * DAY_NS + minutes_of(close) * MINUTE_NS)[0])
        self._days[place] = _day(was.open_ns, at, at < was.close_ns)


def _day(open_ns: int, close_ns: int, early: bool) -> Day:
    return Day(open_ns, close_ns - (EARLY_FLAT_NS if early else REGULAR_FLAT_NS), close_ns)
