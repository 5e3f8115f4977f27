"""Rows against the trading hours of the exchange: what lies outside is left out and counted."""

from typing import Final

import numpy as np

from julie.core.calendar import Calendar
from julie.core.errors import DataError
from julie.core.zones import DAY_NS, HOUR_NS, eastern
from julie.store.rows import Ints, Rows

TOO_MANY: Final = 0.20  # more than this share outside is a wrong zone, not a few odd rows
_LEGACY_END: Final = "2015-09-21"  # until then the exchange traded on after 17:00 ET

Days = np.ndarray[tuple[int], np.dtype[np.int32]]


def inside_hours(rows: Rows, calendar: Calendar) -> tuple[Rows, Days]:
    """The rows inside trading hours with the trading day of each, and a note about the others."""
    day = calendar.index_of(rows.ts)
    outside = day < 0
    count = int(np.count_nonzero(outside))
    if count == 0:
        return rows, day
    said = f"{count:,} of {len(rows):,} rows ({count / len(rows):.1%}) lie outside trading hours"
    reasons = ", ".join(f"{n:,} {why}" for why, n in outside_reasons(rows.ts[outside], calendar))
    if count > TOO_MANY * len(rows):
        raise DataError(
            f"{rows.source}: {said}: {reasons}",
            "the times are in another zone: give it with --tz, such as --tz America/Chicago",
        )
    return rows.take(~outside).noted(f"{said} and are left out: {reasons}"), day[~outside]


def outside_reasons(ts: Ints, calendar: Calendar) -> list[tuple[str, int]]:
    """Why times lie outside trading hours, with how many do, the most frequent first."""
    local = eastern().local(ts)
    bearing = (local + 6 * HOUR_NS) // DAY_NS  # the date that the trading day would bear
    place = np.searchsorted(calendar.day, bearing)
    known = np.minimum(place, len(calendar) - 1)
    trades = calendar.day[known] == bearing
    weekend = (bearing + 3) % 7 >= 5
    covered = (bearing >= int(calendar.day[0])) & (bearing <= int(calendar.day[-1]))
    early = trades & calendar.early[known]
    legacy = bearing < np.datetime64(_LEGACY_END, "D").astype(np.int64)
    reasons = (
        ("outside the years of the calendar", ~covered),
        ("at the weekend", covered & ~trades & weekend),
        ("on a holiday", covered & ~trades & ~weekend),
        ("after an early close", early),
        (f"after 17:00 ET, which was traded before {_LEGACY_END}", trades & ~early & legacy),
        ("in the daily break 17:00-17:59 ET", trades & ~early & ~legacy),
    )
    counted = [(why, int(np.count_nonzero(mask))) for why, mask in reasons]
    return sorted((one for one in counted if one[1]), key=lambda one: -one[1])
