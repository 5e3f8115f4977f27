"""Times of day as a person names them, on the trading day that runs."""

import numpy as np

from julie.core.calendar import Calendar
from julie.core.errors import UsageError
from julie.core.sessions import minute_since_open
from julie.core.zones import MINUTE_NS


def minutes_of(clock: str) -> int:
    """Minutes since the open of the time at which a session is to end; raises `UsageError`."""
    try:
        return minute_since_open(clock)
    except ValueError:
        raise UsageError(f"--until {clock}: no time of day", "write 16:10, Eastern time") from None


def time_of_day(calendar: Calendar, now_ns: int, clock: str | None) -> int | None:
    """An Eastern time of the running trading day, else of the next one, in ns UTC."""
    if clock is None:
        return None
    minutes = minutes_of(clock)
    place = int(np.searchsorted(calendar.close_ns, now_ns, side="right"))
    return int(calendar.open_ns[min(place, len(calendar) - 1)]) + minutes * MINUTE_NS
