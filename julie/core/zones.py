"""Time zones for whole columns: exact offsets from zoneinfo, applied to arrays of nanoseconds.

A zone changes its offset a few times a year, so its changes are looked up once and a column is
converted by a search among them. Local times that a zone skips or repeats are told, never guessed.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import numpy.typing as npt

from julie.core.errors import UsageError

Ints = npt.NDArray[np.int64]

EASTERN: Final = "America/New_York"
SECOND_NS: Final = 1_000_000_000
MINUTE_NS: Final = 60 * SECOND_NS
HOUR_NS: Final = 60 * MINUTE_NS
DAY_NS: Final = 24 * HOUR_NS

_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_DAY = 70 * 365  # a little before 2040


@dataclass(frozen=True, slots=True, eq=False)
class Zone:
    """Offsets of one zone: `offset_ns[k]` holds from `starts_ns[k]` (UTC) on."""

    name: str
    starts_ns: Ints
    offset_ns: Ints

    def local(self, utc_ns: Ints) -> Ints:
        """UTC as the zone's wall clock, in ns since 1970 on that clock."""
        place = np.searchsorted(self.starts_ns, utc_ns, side="right") - 1
        return utc_ns + self.offset_ns[np.maximum(place, 0)]

    def utc(self, local_ns: Ints) -> Ints:
        """The wall clock as UTC; a repeated hour is taken as its first pass."""
        if len(self.starts_ns) == 1:
            moved: Ints = local_ns - self.offset_ns[0]
            return moved
        # Two tries are enough: offsets differ by far less than the time between two changes.
        before = local_ns - self._offset_at(local_ns - DAY_NS)
        after = local_ns - self._offset_at(local_ns + DAY_NS)
        first_fits = self.local(before) == local_ns
        return np.where(first_fits, before, after)

    def odd(self, local_ns: Ints) -> npt.NDArray[np.bool_]:
        """Wall-clock times that the zone skips, or passes twice."""
        before = local_ns - self._offset_at(local_ns - DAY_NS)
        after = local_ns - self._offset_at(local_ns + DAY_NS)
        fits = self.local(before) == local_ns
        fits_too = self.local(after) == local_ns
        twice = fits & fits_too & (before != after)
        odd: npt.NDArray[np.bool_] = twice | ~(fits | fits_too)
        return odd

    def _offset_at(self, utc_ns: Ints) -> Ints:
        place = np.searchsorted(self.starts_ns, utc_ns, side="right") - 1
        return self.offset_ns[np.maximum(place, 0)]


def _offset_s(source: tzinfo, seconds: int) -> int:
    offset = (_FIRST + timedelta(seconds=seconds)).astimezone(source).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def _change_between(source: tzinfo, low: int, high: int) -> int:
    """The first second of (low, high] with the offset of `high`."""
    later = _offset_s(source, high)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset_s(source, middle) == later:
            high = middle
        else:
            low = middle
    return high


def _source(name: str) -> tzinfo:
    if name.upper() in {"UTC", "Z", "GMT"}:
        return UTC
    sign = {"+": 1, "-": -1}.get(name[:1])
    digits = name[1:].replace(":", "")
    if sign is not None and digits.isdigit() and len(digits) in {2, 4}:
        minutes = int(digits[:2]) * 60 + int(digits[2:] or 0)
        return timezone(sign * timedelta(minutes=minutes))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(
            f"unknown time zone {name!r}",
            "name it as in America/New_York, Europe/London, UTC, or as an offset such as -05:00",
        ) from error


@cache
def zone(name: str) -> Zone:
    """The zone called `name`: America/Chicago, UTC, -05:00."""
    source = _source(name)
    starts, offsets = [0], [_offset_s(source, 0)]
    step = 20 * 86_400
    for low in range(0, _LAST_DAY * 86_400, step):
        high = low + step
        if _offset_s(source, high) != _offset_s(source, low):
            starts.append(_change_between(source, low, high))
            offsets.append(_offset_s(source, high))
    return Zone(
        name,
        np.array(starts, dtype=np.int64) * SECOND_NS,
        np.array(offsets, dtype=np.int64) * SECOND_NS,
    )


def eastern() -> Zone:
    """US Eastern, the clock of the trading day."""
    return zone(EASTERN)


def eastern_iso(ns: int) -> str:
    """A time as ISO text on the Eastern clock, with its offset."""
    at = datetime.fromtimestamp(ns / SECOND_NS, ZoneInfo(EASTERN))
    return at.isoformat(timespec="seconds")
