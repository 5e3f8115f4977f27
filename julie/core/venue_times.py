"""The venue's last entry: when the bot stops entering, on Chicago's clock.

TopstepX flattens from 15:08 Chicago and wants every position closed by 15:10; on holidays 15
minutes before the early close. The bot acts earlier: no entries from 15:00, nor in the 20 minutes
before an early close. The judge of entries and the desk's flatten stand on one section of the
configuration (`management.times`).
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from julie.core.sessions import minute_since_open

_ANY_DAY = date(2026, 1, 5)  # both cities change their clocks in the same night


def eastern_clock(chicago: str) -> str:
    """The Eastern time of a Chicago time such as `15:00`."""
    hours, minutes = map(int, chicago.split(":"))
    there = datetime(
        _ANY_DAY.year,
        _ANY_DAY.month,
        _ANY_DAY.day,
        hours,
        minutes,
        tzinfo=ZoneInfo("America/Chicago"),
    )
    return there.astimezone(ZoneInfo("America/New_York")).strftime("%H:%M")


@dataclass(frozen=True, slots=True)
class LastEntry:
    """When entries end: minutes since 18:00 ET, and minutes before an early close."""

    minute: int
    early_min: int

    @classmethod
    def at(cls, chicago: str, early_min: int) -> "LastEntry":
        """From a Chicago time."""
        return cls(minute_since_open(eastern_clock(chicago)), early_min)


VENUE: Final = LastEntry.at("15:00", 20)
NO_VENUE: Final = LastEntry(1440, 0)  # an account without such a rule: entries end with the day
