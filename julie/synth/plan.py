"""The clock of a run: which minutes exist, which day each belongs to, where the contract rolls.

Days and hours are those of the exchange calendar, early closes and holidays included. The front
contract rolls with the trading day of the Monday in expiry week (the third Friday of March, June,
September and December), as volume does.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from julie.core.calendar import LAST_DAY, load_calendar
from julie.core.errors import UsageError
from julie.core.zones import DAY_NS, MINUTE_NS

_EPOCH = date(1970, 1, 1)
_QUARTERS: Final = {3: "H", 6: "M", 9: "U", 12: "Z"}

MINUTES_A_DAY: Final = 1380  # 18:00 to 17:00 ET


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Every minute of the run in order, before anybody has traded."""

    day: npt.NDArray[np.int32]  # days since 1970-01-01
    early: npt.NDArray[np.bool_]
    after_weekend: npt.NDArray[np.bool_]  # the market was closed longer than the daily break
    month_code: tuple[str, ...]  # front contract of each day, such as H25
    ts: npt.NDArray[np.int64]
    day_of: npt.NDArray[np.int64]  # row -> place in `day`
    minute: npt.NDArray[np.int64]  # row -> minutes since 18:00 ET
    first: npt.NDArray[np.int64]  # first row of each day

    @property
    def roll_days(self) -> list[int]:
        """Places of the days on which a new contract is the front."""
        codes = self.month_code
        return [d for d in range(1, len(codes)) if codes[d] != codes[d - 1]]

    @property
    def hour(self) -> npt.NDArray[np.int64]:
        """Hour of the trading day of each row, 0 = 18:00 to 18:59 ET."""
        return self.minute // 60


def roll_date(year: int, month: int) -> date:
    """The Monday of the week in which the contract of that month expires."""
    first = date(year, month, 1)
    third_friday = first + timedelta(days=(4 - first.weekday()) % 7 + 14)
    return third_friday - timedelta(days=4)


def front_contract(day: date) -> str:
    """Month code of the front contract on a trading day, such as H25."""
    for year in (day.year, day.year + 1):
        for month, letter in _QUARTERS.items():
            if day < roll_date(year, month):
                return f"{letter}{year % 100:02d}"
    raise AssertionError("every day is before the March roll of the year after")


def make_plan(days: int, start: date) -> Plan:
    """The first `days` trading days from `start` on."""
    if days < 1:
        raise UsageError(f"cannot simulate {days} days", "ask for one trading day or more")
    calendar = load_calendar()
    place = int(np.searchsorted(calendar.day, (start - _EPOCH).days))
    stop = place + days
    if (start - _EPOCH).days < int(calendar.day[0]) or stop > len(calendar):
        raise UsageError(
            f"{days} trading days from {start} leave the calendar",
            f"it covers {calendar.date_of(0)} to {LAST_DAY}: choose another start or fewer days",
        )
    opens, closes = calendar.open_ns[place:stop], calendar.close_ns[place:stop]
    lengths = (closes - opens) // MINUTE_NS
    first = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64)
    day_of = np.repeat(np.arange(days, dtype=np.int64), lengths)
    minute = np.arange(int(lengths.sum()), dtype=np.int64) - first[day_of]
    pauses = np.diff(opens, prepend=opens[0])
    return Plan(
        day=calendar.day[place:stop],
        early=calendar.early[place:stop],
        after_weekend=pauses > 1.5 * DAY_NS,
        month_code=tuple(front_contract(calendar.date_of(d)) for d in range(place, stop)),
        ts=opens[day_of] + minute * MINUTE_NS,
        day_of=day_of,
        minute=minute,
        first=first,
    )
