"""What each trading day came to, whichever runs traded on it: `reports/days/2025-06-03.txt`.

Written when the day's last minute is over, or when the bot ends before that; a start later on the
same day writes the whole day anew.
"""

import json
import logging
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Final

import numpy as np

from julie.core.bookings import DayClosed, EquityMarked
from julie.core.calendar import Calendar
from julie.core.clock import Clock
from julie.core.errors import JulieError
from julie.core.events import Alarm, AuditRecord, PositionChanged
from julie.core.sessions import date_of
from julie.core.taken import MinuteTaken
from julie.core.types import Side
from julie.core.zones import SECOND_NS
from julie.live.figures import KINDS, Figures, add_up, words_of
from julie.live.gathered import DIFFERENCES
from julie.store.atomic import write_text
from julie.store.journal import JournalReader, Wanted

LOG: Final = logging.getLogger(__name__)
SETTLED_NS: Final = 10 * SECOND_NS  # after the close, for what the last minute brings


def page_of_day(data_dir: Path, day: str) -> Path:
    """Where the report of a trading day stands."""
    return data_dir / "reports" / "days" / f"{day}.txt"


def days_of(minutes: Iterable[MinuteTaken], calendar: Calendar) -> list[int]:
    """The trading days that minutes belong to."""
    stamps = np.array([one.ts for one in minutes], np.int64)
    places = np.unique(calendar.index_of(stamps))
    return [int(day) for day in calendar.day[places[places >= 0]]]


def day_figures(reader: JournalReader, calendar: Calendar, day: int) -> Figures:
    """A trading day as the journal tells it."""
    place = int(np.searchsorted(calendar.day, day))
    opens, behind = int(calendar.open_ns[place]), reader.behind_day(day)
    until = int(calendar.open_ns[min(place + 1, len(calendar) - 1)])
    wanted = Wanted(behind=behind, until_ns=until, kinds=(*KINDS, "PositionChanged"))
    records = [one for one in reader.records(wanted) if isinstance(one, AuditRecord)]
    todays = [one for one in records if one.ts_exchange >= opens]
    runs = tuple(dict.fromkeys(one.run for one in todays))
    mode = runs[-1].partition("-")[0] if runs else ""
    made = Figures(", ".join(runs), mode, mode == "sim", day=date_of(day).isoformat())
    marks = [one.payload for one in records if one.ts_exchange < opens]
    marked = [one.balance_cents for one in marks if isinstance(one, EquityMarked)]
    add_up(made, todays, marked[-1] if marked else None)
    made.differences = tuple(_differences(todays))
    made.left = ", ".join(_held(records))
    made.flat = not made.left
    return made


def _differences(records: Iterable[AuditRecord]) -> Iterator[str]:
    for record in records:
        match record.payload:
            case Alarm(kind=kind, text=text) if kind in DIFFERENCES:
                yield f"{kind}: {text}"
            case _:
                pass


def _held(records: Iterable[AuditRecord]) -> Iterator[str]:
    """What was open at the end."""
    newest: dict[str, PositionChanged] = {}
    for record in records:
        if isinstance(record.payload, PositionChanged):
            newest[record.payload.contract] = record.payload
    for contract, position in newest.items():
        if position.qty:
            side = "long" if position.side is Side.LONG else "short"
            yield f"{side} {position.qty} {contract}"


class DayReports:
    """Writes the report of each trading day once it is over."""

    def __init__(
        self, data_dir: Path, run: str, calendar: Calendar, clock: Clock, *, simulated: bool
    ) -> None:
        self._data_dir, self._run, self._simulated = data_dir, run, simulated
        self._calendar, self._clock = calendar, clock
        self._owed: dict[int, int] = {}  # trading day -> our line up to which the journal must be
        self._day, self._closes_ns = -1, 0
        self._seq = 0

    def take(self, record: AuditRecord) -> None:
        """A line of the journal, of this run or of one before it on the same day."""
        if isinstance(record.payload, MinuteTaken):
            self._minute(record.payload.ts)
        if record.run == self._run:
            self._seq = record.seq

    def _minute(self, ts: int) -> None:
        place = int(self._calendar.index_of(np.array([ts]))[0])
        day = int(self._calendar.day[place]) if place >= 0 else self._day
        if self._day >= 0 and day != self._day:
            self._owed.setdefault(self._day, self._seq)
        if place >= 0:
            self._day, self._closes_ns = day, int(self._calendar.close_ns[place])

    @property
    def due(self) -> bool:
        """Whether a report waits to be written."""
        over = self._day >= 0 and self._clock.now_ns() >= self._closes_ns + SETTLED_NS
        if over:
            self._owed.setdefault(self._day, self._seq)
            self._day = -1
        return bool(self._owed)

    def owes(self, closed: DayClosed) -> None:
        """A day that ended while nobody could write of it any more."""
        name = date_of(closed.day).isoformat()
        if not page_of_day(self._data_dir, name).exists():
            self._owed[closed.day] = 0

    def write(self) -> None:
        """Write what is due and wholly in the journal; on a thread."""
        try:
            with JournalReader.of(self._data_dir) as reader:
                written = reader.written(self._run)
                owed = list(self._owed.items())  # a day may come or go while a thread is at it
                for day in [day for day, seq in owed if seq <= written]:
                    self._write(day_figures(reader, self._calendar, day))
                    self._owed.pop(day, None)
        except (JulieError, OSError) as error:  # `julie report --live` makes it again
            LOG.warning("the report of a trading day was not written: %s", error)
            self._owed.clear()

    def end(self) -> None:
        """The bot ends: what is there of the running day is written."""
        if self._day >= 0:
            self._owed[self._day] = 0
        if self._owed:
            self.write()

    def _write(self, made: Figures) -> None:
        made.simulated = self._simulated
        text = page_of_day(self._data_dir, made.day)
        text.parent.mkdir(parents=True, exist_ok=True)
        write_text(text.with_suffix(".json"), json.dumps(asdict(made), indent=2) + "\n")
        write_text(text, "\n".join(words_of(made)) + "\n")
