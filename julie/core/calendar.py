"""The exchange's calendar: which days trade, when each opens and when it closes.

A trading day opens at 18:00 ET of the evening before and closes at 17:00 ET of the date it bears,
or earlier round holidays. Monday to Friday trade unless the table says otherwise. Notices of the
exchange that the table does not know lie in an overlay; where the two disagree the earlier close
holds, because being flat too early costs little and holding a position into a closed market may
cost the account.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from julie.core.errors import ConfigError
from julie.core.zones import DAY_NS, MINUTE_NS, eastern

FIRST_DAY: Final = date(2008, 1, 1)
LAST_DAY: Final = date(2035, 12, 31)
REGULAR_CLOSE: Final = "17:00"
CLOSED: Final = "closed"

_TABLES = Path(__file__).resolve().parent / "tables"
TABLE_FILE: Final = _TABLES / "cme_equity.csv"
NOTICES_FILE: Final = _TABLES / "notices.csv"

_EPOCH = date(1970, 1, 1)
_OPEN_MINUTES = -6 * 60  # 18:00 ET of the evening before, counted from midnight of the date


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """Trading days, oldest first. Days are counted since 1970-01-01, times are ns UTC."""

    day: npt.NDArray[np.int32]
    open_ns: npt.NDArray[np.int64]
    close_ns: npt.NDArray[np.int64]
    early: npt.NDArray[np.bool_]
    messages: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.day)

    def index_of(self, ts: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
        """The trading day whose [open, close) holds each time; -1 outside trading hours."""
        at = np.asarray(ts, dtype=np.int64)
        place = np.searchsorted(self.open_ns, at, side="right") - 1
        known = np.maximum(place, 0)
        inside = (place >= 0) & (at < self.close_ns[known])
        return np.where(inside, place, -1).astype(np.int32)

    def place_of(self, day: date) -> int:
        """The row of the trading day of that date; -1 if nothing trades on it."""
        wanted = (day - _EPOCH).days
        place = int(np.searchsorted(self.day, wanted))
        return place if place < len(self.day) and int(self.day[place]) == wanted else -1

    def begun(self, ns: int) -> int:
        """The row of the newest trading day that has opened by a time, over since or not."""
        return max(int(np.searchsorted(self.open_ns, ns, side="right")) - 1, 0)

    def date_of(self, place: int) -> date:
        """The date a trading day bears."""
        return _EPOCH + timedelta(days=int(self.day[place]))

    def minute_of(self, ts: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
        """Minutes since 18:00 ET on the wall clock, 0 to 1439, for any time of any day."""
        minutes = eastern().local(np.asarray(ts, dtype=np.int64)) // MINUTE_NS
        return ((minutes - _OPEN_MINUTES) % 1440).astype(np.int32)


def read_exceptions(file: Path) -> dict[date, str]:
    """Days that differ from the rule: `closed`, or the early close as HH:MM ET."""
    found: dict[date, str] = {}
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(line for line in lines if not line.startswith("#")):
            try:
                day, close = date.fromisoformat(row["date"]), row["close_et"].strip()
                minutes_of(close)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise ConfigError(
                    f"{file}: {row} is not a line of the calendar",
                    "write date,close_et,... with 2025-01-09 and 09:30 (Eastern) or closed",
                ) from error
            found[day] = close
    return found


def minutes_of(close: str) -> int:
    """An Eastern close as minutes of the day; a closed day is earlier than any close."""
    if close == CLOSED:
        return -1
    hours, minutes = close.split(":")
    made = int(hours) * 60 + int(minutes)
    if not 0 <= made <= 17 * 60:
        raise ValueError(close)
    return made


def with_notices(
    table: Mapping[date, str], notices: Mapping[date, str], named: str = "the table"
) -> tuple[dict[date, str], tuple[str, ...]]:
    """The table with the notices laid over it, and a message for each day where they disagree."""
    settled, messages = dict(table), []
    for day, noticed in sorted(notices.items()):
        known = table.get(day, REGULAR_CLOSE)
        if known == noticed:
            continue
        taken = min(known, noticed, key=minutes_of)
        settled[day] = taken
        messages.append(f"{day}: {named} says {known}, the notice {noticed}; {taken} is taken")
    return settled, tuple(messages)


def build_calendar(exceptions: Mapping[date, str], messages: Iterable[str] = ()) -> Calendar:
    """Every Monday to Friday of the covered years, but for the exceptions."""
    first, last = (FIRST_DAY - _EPOCH).days, (LAST_DAY - _EPOCH).days
    days = np.arange(first, last + 1, dtype=np.int64)
    weekday = (days + 3) % 7  # 1970-01-01 was a Thursday
    close_minutes = np.full(len(days), minutes_of(REGULAR_CLOSE), dtype=np.int64)
    trades = weekday < 5
    for day, close in exceptions.items():
        place = (day - _EPOCH).days - first
        if 0 <= place < len(days):
            close_minutes[place] = minutes_of(close)
            trades[place] &= close != CLOSED
    days, close_minutes = days[trades], close_minutes[trades]
    clock = eastern()
    return Calendar(
        day=days.astype(np.int32),
        open_ns=clock.utc(days * DAY_NS + _OPEN_MINUTES * MINUTE_NS),
        close_ns=clock.utc(days * DAY_NS + close_minutes * MINUTE_NS),
        early=close_minutes < minutes_of(REGULAR_CLOSE),
        messages=tuple(messages),
    )


@cache
def load_calendar() -> Calendar:
    """The calendar of CME equity index futures, with the notices of the exchange laid over it."""
    settled, messages = with_notices(read_exceptions(TABLE_FILE), read_exceptions(NOTICES_FILE))
    return build_calendar(settled, messages)
