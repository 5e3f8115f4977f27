"""The quiet and treacherous days round holidays, by trading date.

Twelve rows. `closed`: no entry the whole trading day, though the exchange may open for a part of
it; `deny`: no entry in the row's hours; `context`: the day trades thin, so trade smaller. A row
follows the day on which the exchange observes its holiday. Several rows may fall on one day;
closed > deny > context.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from julie.core.calendar import Calendar
from julie.core.sessions import MINUTES, minute_since_open

JUNETEENTH_FROM: Final = 2022  # the first year in which the exchange kept it
MONDAY, THURSDAY = 0, 3
_DAY = timedelta(days=1)


class Effect(IntEnum):
    """What a row does to entries."""

    NONE = 0
    CONTEXT = 1
    DENY = 2
    CLOSED = 3


class HolidayRow(IntEnum):
    """The rows, as numbered in records."""

    THANKSGIVING_EVE = 1
    THANKSGIVING = 2
    THANKSGIVING_FRIDAY = 3
    INDEPENDENCE_EVE = 4
    INDEPENDENCE_DAY = 5
    AFTER_LABOR_DAY = 6
    MEMORIAL_DAY = 7
    EASTER_MONDAY = 8
    BEFORE_CHRISTMAS = 9
    CHRISTMAS_WEEK = 10
    NEW_YEAR = 11
    AFTER_HOLIDAY = 12

    @property
    def words(self) -> str:
        """How a person calls it."""
        return _WORDS[self]


_WORDS: Final = {
    HolidayRow.THANKSGIVING_EVE: "Wednesday before Thanksgiving from 12:00",
    HolidayRow.THANKSGIVING: "Thanksgiving Day",
    HolidayRow.THANKSGIVING_FRIDAY: "Friday after Thanksgiving",
    HolidayRow.INDEPENDENCE_EVE: "July 3 from 13:00",
    HolidayRow.INDEPENDENCE_DAY: "Independence Day",
    HolidayRow.AFTER_LABOR_DAY: "Tuesday after Labor Day",
    HolidayRow.MEMORIAL_DAY: "Memorial Day",
    HolidayRow.EASTER_MONDAY: "Easter Monday",
    HolidayRow.BEFORE_CHRISTMAS: "December 20-23",
    HolidayRow.CHRISTMAS_WEEK: "December 24-31",
    HolidayRow.NEW_YEAR: "first trading day of the year",
    HolidayRow.AFTER_HOLIDAY: "trading day after a Monday holiday or Juneteenth",
}


@dataclass(frozen=True, slots=True)
class Holiday:
    """One row on one trading date: effect from minute to minute since 18:00 ET."""

    day: date
    row: HolidayRow
    effect: Effect
    start: int = 0
    stop: int = MINUTES


def _nth(year: int, month: int, weekday: int, n: int) -> date:
    """The n-th weekday of a month."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))


def _last_monday(year: int, month: int) -> date:
    last = date(year, month + 1, 1) - _DAY
    return last - timedelta(days=last.weekday())


def _observed(day: date) -> date:
    """Saturday is kept on Friday, Sunday on Monday."""
    return day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0))


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar."""
    golden, century = year % 19, year // 100
    skipped = century - century // 4 - (8 * century + 13) // 25
    moon = (19 * golden + skipped + 15) % 30
    moon -= moon // 28 * (1 - moon // 28 * (29 // (moon + 1)) * ((21 - golden) // 11))
    weekday = (year + year // 4 + moon + 2 - century + century // 4) % 7
    ahead = moon - weekday
    month = 3 + (ahead + 40) // 44
    return date(year, month, ahead + 28 - 31 * (month // 4))


def _next_trading_day(calendar: Calendar, day: date) -> date:
    """The first trading day after a date."""
    place = int(np.searchsorted(calendar.day, (day - date(1970, 1, 1)).days, side="right"))
    return calendar.date_of(min(place, len(calendar) - 1))


def holidays_of(year: int, calendar: Calendar) -> Iterator[Holiday]:
    """The rows of one year, whether or not the exchange trades on them."""
    thanksgiving = _nth(year, 11, THURSDAY, 4)
    row, noon = HolidayRow, minute_since_open("12:00")
    yield Holiday(thanksgiving - _DAY, row.THANKSGIVING_EVE, Effect.DENY, noon)
    yield Holiday(thanksgiving, row.THANKSGIVING, Effect.CLOSED)
    yield Holiday(thanksgiving + _DAY, row.THANKSGIVING_FRIDAY, Effect.DENY)
    yield Holiday(date(year, 7, 3), row.INDEPENDENCE_EVE, Effect.DENY, minute_since_open("13:00"))
    yield Holiday(_observed(date(year, 7, 4)), row.INDEPENDENCE_DAY, Effect.CLOSED)
    yield Holiday(_nth(year, 9, MONDAY, 1) + _DAY, row.AFTER_LABOR_DAY, Effect.CONTEXT)
    yield Holiday(_last_monday(year, 5), row.MEMORIAL_DAY, Effect.CONTEXT)
    yield Holiday(easter(year) + _DAY, row.EASTER_MONDAY, Effect.CONTEXT)
    for day in range(20, 24):
        yield Holiday(date(year, 12, day), row.BEFORE_CHRISTMAS, Effect.CONTEXT)
    for day in range(24, 32):
        yield Holiday(date(year, 12, day), row.CHRISTMAS_WEEK, Effect.CONTEXT)
    first = _next_trading_day(calendar, date(year, 1, 1))
    yield Holiday(first, row.NEW_YEAR, Effect.CONTEXT)
    kept = [_nth(year, 1, MONDAY, 3), _nth(year, 2, MONDAY, 3)]
    if year >= JUNETEENTH_FROM:
        kept.append(_observed(date(year, 6, 19)))
    for day_off in kept:
        yield Holiday(_next_trading_day(calendar, day_off), row.AFTER_HOLIDAY, Effect.CONTEXT)


def holiday_tables(calendar: Calendar) -> dict[str, npt.NDArray[np.float64]]:
    """The rows on trading days, as the constant arrays of the holiday kernel."""
    years = range(calendar.date_of(0).year, calendar.date_of(len(calendar) - 1).year + 1)
    rows = [one for year in years for one in holidays_of(year, calendar)]
    rows = sorted((one for one in rows if calendar.place_of(one.day) >= 0), key=lambda one: one.day)
    numbers = {
        "holiday_day": [(one.day - date(1970, 1, 1)).days for one in rows],
        "holiday_row": [one.row for one in rows],
        "holiday_effect": [one.effect for one in rows],
        "holiday_from": [one.start for one in rows],
        "holiday_to": [one.stop for one in rows],
    }
    return {name: np.array(values, dtype=np.float64) for name, values in numbers.items()}
