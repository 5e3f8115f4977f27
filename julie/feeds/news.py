"""Reads a calendar of economic news: the events that count, and the days on which it is trusted.

The file is a ForexFactory export, CSV or JSON: a time that carries its own UTC offset, currency,
impact and name. Several events of one minute are one. All-day events have no minute and are left
out. Payrolls and consumer prices come at 08:30 Eastern: a file that says otherwise was written in
a wrong time zone and is not believed at all; a single day that says otherwise is not believed for
that day. It covers the trading days from its first to its last event, but for stretches of more
than two weeks without any event.
"""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np

from julie.core.errors import DataError
from julie.core.news import FIXED_TIMES, NewsTimes
from julie.core.zones import EASTERN, MINUTE_NS

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "time": ("datetime", "date", "time"),
    "currency": ("currency", "country"),
    "impact": ("impact",),
    "event": ("event", "title", "name"),
}
PROBES: Final = ("non-farm employment change", "cpi m/m", "core cpi m/m", "cpi y/y")
PROBE_TIME: Final = "08:30"
MOST_WRONG: Final = 0.1  # share of the probes that may lie elsewhere before the whole file is off
LONGEST_SILENCE: Final = timedelta(days=14)
_ALL_DAY_SECOND: Final = 59  # exports stamp all-day events 23:59:59
_CURE: Final = (
    "export the calendar with DateTime (2025-06-18T14:00:00-04:00), Currency, Impact and Event,"
    " or leave defense.news.file empty"
)
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the calendar, in Eastern time."""

    at: datetime
    currency: str
    high: bool
    name: str

    @property
    def day(self) -> date:
        """The trading date: what comes from 18:00 on belongs to the next day."""
        return (self.at.replace(tzinfo=None) + timedelta(hours=6)).date()


def news_times(file: Path | str, fixed_times: Sequence[str] = FIXED_TIMES) -> NewsTimes:
    """The high-impact American news of a calendar; without a file nothing is known."""
    nothing = NewsTimes(fixed=tuple(fixed_times))
    if not str(file):
        return nothing
    file = Path(file).expanduser()
    events = sorted(_events(file), key=lambda event: event.at)
    feared = [event for event in events if event.currency == "USD" and event.high]
    wrong, probes = _wrong_days(events)
    off = ""
    if not feared:
        off = f"{file.name} holds no high-impact American events"
    elif len(wrong) > MOST_WRONG * probes:
        off = (
            f"{file.name} is not believed: payrolls or consumer prices of {len(wrong)} of {probes}"
            f" days are not at {PROBE_TIME} Eastern, so its time zone is wrong"
        )
    if off:
        return replace(nothing, source=file.name, notes=(f"{off}; every day runs on fixed times",))
    timed = [event for event in feared if event.at.second != _ALL_DAY_SECOND]
    stamps = {int(event.at.timestamp()) // 60 * MINUTE_NS for event in timed}
    days = _covered(events) - wrong
    return replace(
        nothing,
        times_ns=np.array(sorted(stamps), dtype=np.int64),
        days=np.array(sorted(map(_ordinal, days)), dtype=np.int32),
        source=file.name,
        notes=tuple(_notes(file, len(feared) - len(timed), wrong)),
    )


def _notes(file: Path, all_day: int, wrong: set[date]) -> Iterator[str]:
    if all_day:
        yield f"{file.name}: {all_day} all-day events have no minute and are left out"
    for day in sorted(wrong):
        yield (
            f"{file.name}: payrolls or consumer prices of {day} are not at {PROBE_TIME} Eastern;"
            " it runs on fixed times"
        )


def _events(file: Path) -> Iterator[Event]:
    try:
        rows = _json_rows(file) if file.suffix.lower() == ".json" else _csv_rows(file)
        names: dict[str, str] = {}
        for line, row in rows:
            names = names or _columns(file, row)
            yield _event(f"{file}, {line}", row, names)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise DataError(f"the news calendar {file} cannot be read: {why}", _CURE) from error
    except (UnicodeDecodeError, csv.Error, json.JSONDecodeError) as error:
        raise DataError(f"{file} is no news calendar: {error}", _CURE) from error


def _csv_rows(file: Path) -> Iterator[tuple[str, Row]]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        for row in reader:
            yield f"line {reader.line_num}", row


def _json_rows(file: Path) -> Iterator[tuple[str, Row]]:
    found = json.loads(file.read_text(encoding="utf-8-sig") or "[]")
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise DataError(f"{file} is no news calendar: it is not a list of events", _CURE)
    for place, row in enumerate(found):
        yield f"event {place + 1}", row


def _columns(file: Path, row: Row) -> dict[str, str]:
    """Which column of the file is which."""
    given = {str(name).strip().lower(): str(name) for name in row if name}
    found = {
        what: next((given[name] for name in names if name in given), "")
        for what, names in COLUMNS.items()
    }
    missing = [what for what, name in found.items() if not name]
    if missing:
        raise DataError(
            f"the news calendar {file} has no column for {', '.join(missing)};"
            f" it has {', '.join(given)}",
            _CURE,
        )
    return found


def _event(where: str, row: Row, names: Mapping[str, str]) -> Event:
    texts = {what: str(row.get(name) or "").strip() for what, name in names.items()}
    try:
        at = datetime.fromisoformat(texts["time"])
    except ValueError as error:
        raise DataError(f"{where}: {texts['time']!r} is no date and time", _CURE) from error
    if at.tzinfo is None:
        raise DataError(f"{where}: {texts['time']!r} has no UTC offset", _CURE)
    if not (texts["currency"] and texts["impact"]):
        raise DataError(f"{where}: currency or impact is missing", _CURE)
    high = "high" in texts["impact"].lower()
    eastern = at.astimezone(UTC).astimezone(ZoneInfo(EASTERN))
    return Event(eastern, texts["currency"].upper(), high, texts["event"])


def _wrong_days(events: list[Event]) -> tuple[set[date], int]:
    """Days whose American payrolls or prices lie away from 08:30, and how many days have any."""
    probes = [e for e in events if e.currency == "USD" and e.name.lower() in PROBES]
    wrong = {event.day for event in probes if event.at.strftime("%H:%M") != PROBE_TIME}
    return wrong, len({event.day for event in probes})


def _covered(events: list[Event]) -> set[date]:
    """Every date from the first event to the last, without the long silences."""
    days = sorted({event.day for event in events})
    covered = set(days)
    for before, after in pairwise(days):
        if after - before <= LONGEST_SILENCE:
            covered.update(before + timedelta(days=k) for k in range(1, (after - before).days))
    return covered


def _ordinal(day: date) -> int:
    return (day - date(1970, 1, 1)).days
