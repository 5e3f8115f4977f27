"""When news comes: the minutes a calendar names, the trading days it covers, the times feared
elsewhere.

A day without a calendar is never open: the times at which American news usually comes stand in
for it.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from julie.core.sessions import minute_since_open

FIXED_TIMES: Final = ("08:30", "10:00", "14:00", "14:30")  # Eastern
NO_SOURCE: Final = "no news calendar"


def _no_times() -> npt.NDArray[np.int64]:
    return np.empty(0, dtype=np.int64)


def _no_days() -> npt.NDArray[np.int32]:
    return np.empty(0, dtype=np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class NewsTimes:
    """High-impact news, one time a minute, oldest first; by default nothing is known."""

    times_ns: npt.NDArray[np.int64] = field(default_factory=_no_times)
    days: npt.NDArray[np.int32] = field(default_factory=_no_days)  # covered, since 1970-01-01
    fixed: tuple[str, ...] = FIXED_TIMES
    source: str = NO_SOURCE
    notes: tuple[str, ...] = ()  # what was left out, and why

    def tables(self) -> dict[str, npt.NDArray[np.int64] | npt.NDArray[np.float64]]:
        """The constant arrays of the news kernel."""
        return {
            "news_ns": np.array(self.times_ns, dtype=np.int64),
            "news_days": np.array(self.days, dtype=np.float64),
            "news_fixed": np.array([minute_since_open(time) for time in self.fixed], np.float64),
        }

    def uncovered(self, days: npt.NDArray[np.int32]) -> int:
        """How many of the trading days the calendar does not cover: they run on the fixed times."""
        return int(np.count_nonzero(~np.isin(days, self.days)))
