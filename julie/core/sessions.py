"""The parts of the trading day, and the 320 buckets that history is sorted into.

ASIA 18:00-02:59, LONDON 03:00-07:59, NY_AM 08:00-11:59, NY_PM 12:00-16:59 Eastern, CLOSED from
17:00 to 17:59. A bucket is quarter of the year, week of the month (W1 = day 1-7, W2 = 8-14,
W3 = 15-21, W4 = the rest), weekday of the trading day and session; its key reads
`Q1_W2_TUE_NY_AM`.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from julie.core.errors import ConfigError
from julie.core.types import Session

MINUTES: Final = 1440
DAY_START: Final = 18 * 60
WEEKDAYS: Final = ("MON", "TUE", "WED", "THU", "FRI")
TRADED: Final = (Session.ASIA, Session.LONDON, Session.NY_AM, Session.NY_PM)
BUCKETS: Final = 4 * 4 * 5 * 4

STARTS: Final[Mapping[Session, str]] = {
    Session.ASIA: "18:00",
    Session.LONDON: "03:00",
    Session.NY_AM: "08:00",
    Session.NY_PM: "12:00",
    Session.CLOSED: "17:00",
}

_EPOCH = date(1970, 1, 1)


def minute_since_open(clock: str) -> int:
    """Minutes since 18:00 ET of an Eastern time such as `09:30`; raises `ValueError`."""
    hours, minutes = map(int, clock.split(":"))
    if not (0 <= hours < 24 and 0 <= minutes < 60):
        raise ValueError(f"{clock} is no time of day")
    return (hours * 60 + minutes - DAY_START) % MINUTES


def session_table(starts: Mapping[Session, str] = STARTS) -> npt.NDArray[np.int8]:
    """The session of every minute since 18:00 ET, from the Eastern time at which each begins."""
    begins = [minute_since_open(starts[session]) for session in Session]
    if begins[0] != 0 or begins != sorted(set(begins)):
        raise ConfigError(
            f"sessions must begin at 18:00 and follow one another, got {dict(starts)}",
            "give ASIA, LONDON, NY_AM, NY_PM and CLOSED in the order of the trading day",
        )
    lengths = np.diff([*begins, MINUTES])
    table: npt.NDArray[np.int8] = np.repeat(np.arange(len(Session), dtype=np.int8), lengths)
    table.setflags(write=False)
    return table


session_of_minute: Final = session_table()


def bucket_index(
    day_ordinal: npt.NDArray[np.int32] | npt.NDArray[np.int64], session: npt.NDArray[np.int8]
) -> npt.NDArray[np.int16]:
    """The bucket 0-319 of trading days (days since 1970-01-01) and sessions; -1 where closed."""
    days = np.asarray(day_ordinal, dtype=np.int64)
    parts = np.asarray(session, dtype=np.int64)
    months = days.astype("datetime64[D]").astype("datetime64[M]")
    quarter = (months.astype(np.int64) % 12) // 3
    day_of_month = days - months.astype("datetime64[D]").astype(np.int64)
    week = np.minimum(day_of_month // 7, 3)
    weekday = (days + 3) % 7
    index = ((quarter * 4 + week) * 5 + weekday) * 4 + parts
    traded = (parts >= 0) & (parts < len(TRADED)) & (weekday < 5)
    return np.where(traded, index, -1).astype(np.int16)


def bucket_key(index: int) -> str:
    """The key of a bucket, such as `Q1_W2_TUE_NY_AM`."""
    if not 0 <= index < BUCKETS:
        raise ValueError(f"no bucket {index}")
    rest, session = divmod(index, 4)
    rest, weekday = divmod(rest, 5)
    quarter, week = divmod(rest, 4)
    return f"Q{quarter + 1}_W{week + 1}_{WEEKDAYS[weekday]}_{TRADED[session].name}"


def bucket_keys() -> tuple[str, ...]:
    """All 320 keys, by index."""
    return tuple(bucket_key(index) for index in range(BUCKETS))


def date_of(day_ordinal: int) -> date:
    """The date of a trading day counted since 1970-01-01."""
    return _EPOCH + timedelta(days=int(day_ordinal))
