"""Where a file's clock stands: the zone of wall-clock times, and whether bars bear open or close.

The market tells it. Bars of the right zone and convention fill the hours in which the exchange
trades and no others; a day begins at 18:00 or, where a file holds the day session alone, at 09:30
Eastern. Where several zones fit equally well nothing is guessed.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from julie.core.calendar import load_calendar
from julie.core.errors import DataError
from julie.core.sessions import minute_since_open
from julie.core.zones import MINUTE_NS, SECOND_NS, zone
from julie.store.rows import Ints

ZONES: Final = (
    "UTC", "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles",
    "Europe/London", "Europe/Berlin", "Europe/Athens", "Asia/Tokyo", "Asia/Hong_Kong",
    "Australia/Sydney",
)  # fmt: skip
OPEN: Final = "open"
CLOSE: Final = "close"

_SAMPLE: Final = 20_000  # rows from each end of the file, so that winter and summer both speak
_DAY_SESSION: Final = minute_since_open("09:30")
_BREAK: Final = minute_since_open("17:00")
_ENOUGH_DAYS: Final = 3
_FITS: Final = 0.97  # share of rows inside trading hours below which a zone is doubted
_CLEAR: Final = 0.02  # share of rows or days that must set the best apart from the next


@dataclass(frozen=True, slots=True)
class Placing:
    """The zone and convention found, and how they were found."""

    zone: str
    stamp: str
    why_zone: str
    why_stamp: str


@dataclass(frozen=True, slots=True)
class _Fit:
    """How well times fit the trading day: rows inside, days that begin where days begin."""

    inside: float
    begins: float

    @property
    def score(self) -> float:
        return self.inside + self.begins


def to_utc(ns: Ints, placing: Placing, base_s: int) -> Ints:
    """Wall-clock stamps as the UTC opens of their bars."""
    moments = zone(placing.zone).utc(ns)
    return moments - base_s * SECOND_NS if placing.stamp == CLOSE else moments


def place(
    ns: Ints, *, absolute: bool, base_s: int, tz: str | None, stamp: str | None, source: str
) -> Placing:
    """The zone and convention of a file: as told, else as the trading hours show."""
    sample = _sampled(ns)
    if tz is not None:
        name, why = tz, "as told"
    elif absolute:
        name, why = "UTC", "given by the times"
        _refuse_false_utc(sample, base_s, source)
    else:
        name, why = _zone_by_hours(sample, base_s, stamp, source)
    if stamp is not None:
        return Placing(name, stamp, why, "as told")
    found, why_stamp = stamp_by_hours(zone(name).utc(sample), base_s)
    return Placing(name, found, why, why_stamp)


def _sampled(ns: Ints) -> Ints:
    ordered = ns if bool(np.all(ns[1:] >= ns[:-1])) else np.sort(ns)
    if len(ordered) <= 2 * _SAMPLE:
        return ordered
    return np.concatenate([ordered[:_SAMPLE], ordered[-_SAMPLE:]])


def _zone_by_hours(sample: Ints, base_s: int, stamp: str | None, source: str) -> tuple[str, str]:
    stamps = (stamp,) if stamp is not None else (OPEN, CLOSE)
    fits: dict[str, _Fit] = {}
    opens: dict[str, Ints] = {}
    for name in ZONES:
        moments = zone(name).utc(sample)
        tried = [moments - (one == CLOSE) * base_s * SECOND_NS for one in stamps]
        fit = [_fit(at) for at in tried]
        better = int(np.argmax([one.score for one in fit]))
        fits[name], opens[name] = fit[better], tried[better]
    best = max(ZONES, key=lambda name: fits[name].score)
    near = fits[best].score - _CLEAR
    rivals = [
        name
        for name in ZONES
        if fits[name].score > near and not np.array_equal(opens[name], opens[best])
    ]
    if rivals:
        raise DataError(
            f"{source}: the time zone cannot be told from the times"
            f" ({best} and {rivals[0]} fit equally well)",
            f"give it: --tz {best}, or whatever the export was set to",
        )
    return best, "fits the trading hours"


def _refuse_false_utc(sample: Ints, base_s: int, source: str) -> None:
    """Wall clocks are often stored as if they were UTC: the trading hours give them away."""
    if _fit(sample).inside > _FITS:
        return
    try:
        name, _ = _zone_by_hours(sample, base_s, None, source)
    except DataError:  # no zone fits clearly: the share outside trading hours will decide
        return
    if name != "UTC" and _fit(zone(name).utc(sample)).score > 2 * _FITS:
        raise DataError(
            f"{source}: bars lie outside trading hours: the times say UTC, but fit {name}",
            f"say so with --tz {name}",
        )


def _fit(utc: Ints) -> _Fit:
    calendar = load_calendar()
    day = calendar.index_of(utc)
    inside = day >= 0
    if not bool(np.any(inside)):
        return _Fit(0.0, 0.0)
    kept, at = day[inside], utc[inside]
    first = np.flatnonzero(np.diff(kept, prepend=-1))
    minute = (at[first] - calendar.open_ns[kept[first]]) // MINUTE_NS
    begins = np.isin(minute, (0, _DAY_SESSION))
    return _Fit(float(inside.mean()), float(begins.mean()))


def stamp_by_hours(utc: Ints, base_s: int) -> tuple[str, str]:
    """Whether stamps are opens or closes, and the sentence that says why."""
    minute = load_calendar().minute_of(utc)
    at_open, at_break = int(np.sum(minute == 0)), int(np.sum(minute == _BREAK))
    if at_break >= _ENOUGH_DAYS and at_open * 10 <= at_break:
        return CLOSE, f"{at_break} bars at 17:00 ET, {at_open} at 18:00"
    if at_open >= _ENOUGH_DAYS and at_break * 10 <= at_open:
        return OPEN, f"{at_open} bars at 18:00 ET, {at_break} at 17:00"
    return _stamp_by_first(utc, base_s)


def _stamp_by_first(utc: Ints, base_s: int) -> tuple[str, str]:
    """Sessions begin on the half hour: bars that begin one bar later bear their close."""
    after_gap = np.flatnonzero(np.diff(utc, prepend=utc[:1] - 10**15) >= 30 * MINUTE_NS)
    seconds = (utc[after_gap] // SECOND_NS) % 1800
    on_half, one_later = int(np.sum(seconds == 0)), int(np.sum(seconds == base_s % 1800))
    if base_s < 1800 and one_later >= _ENOUGH_DAYS and one_later > 4 * on_half:
        return CLOSE, f"{one_later} sessions begin one bar after the half hour"
    if base_s < 1800 and on_half >= _ENOUGH_DAYS:
        return OPEN, f"{on_half} sessions begin on the half hour"
    return OPEN, "assumed; the file does not show it (--stamp close if not)"
