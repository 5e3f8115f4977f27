"""A start is a recovery: what the journal knows goes through a fresh desk, its orders held back.

The last trading day's record and every minute since bring the desk to where it stood, open plans
included. Minutes that passed while nobody was here are fetched and told like any other where the
same day still runs or a plan is open; else only the columns see them. An order that the desk asked
for in its last minute and that the journal does not show is asked for again if it lowers exposure;
an entry is never revived. What the desk said of that minute beside its orders may not have come to
the disk either, and is written now.
"""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from itertools import islice, takewhile
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from julie.core.bars import Bars
from julie.core.bookings import ConfigTaken, DayClosed, EquityMarked, TradeClosed
from julie.core.calendar import Calendar
from julie.core.events import AuditRecord, Command, Decision, Payload
from julie.core.permits import Approved, Reducing
from julie.core.taken import MinuteTaken
from julie.core.zones import MINUTE_NS
from julie.desk.commands import Order, order_name
from julie.desk.keeping import flat_in, newest_of
from julie.desk.minutes import DeskMinutes
from julie.execution.entering import Believed
from julie.execution.orders import WORKING
from julie.execution.recover import KINDS
from julie.live.lives import Life, lives_of
from julie.live.portfolio import warm
from julie.market.columns.graph import Graph
from julie.store.journal import JournalReader, Wanted, journal_of

TOLD: Final = (*KINDS, "Decision", "TradeClosed", "EquityMarked", "BarClosed", "Alarm")
HELD: Final = ("Flattening", "StateChanged")  # what holds until it is taken back, in this order
ENTRIES: Final = (0, 3)  # slots of entries


@dataclass(frozen=True, slots=True)
class Past:
    """What the journal of a data folder holds for a new start."""

    records: tuple[AuditRecord, ...] = ()  # for the executor, oldest first
    today: tuple[AuditRecord, ...] = ()  # for people: trades and bars since the day was closed
    closed: DayClosed | None = None  # the desk's record of the last day that ended
    minutes: tuple[MinuteTaken, ...] = field(default=())  # heard since
    lives: tuple[Life, ...] = ()  # the same, parted by the settings under which they were heard
    paused: str = ""  # why a person held entries back and did not let them go again
    config_hash: str = ""  # of the settings that the last run stood on
    runs: tuple[str, ...] = ()  # all that this folder ever had: their orders are ours
    said: int = 0  # words of the newest minute that came to the disk

    @property
    def begins_ns(self) -> int | None:
        """The first minute that the desk hears again; None = nothing was heard since."""
        return self.minutes[0].ts if self.minutes else None

    @property
    def newest_ns(self) -> int:
        """The newest minute that was ever heard; 0 = none."""
        if self.minutes:
            return self.minutes[-1].ts
        return newest_of(self.closed.record) if self.closed is not None else 0


def read_past(folder: Path) -> Past:
    """Read the journal: from the newest closed day at which nothing was open, and of what holds
    until somebody takes it back the newest. A folder without a journal has no past.
    """
    if not journal_of(folder).exists():
        return Past()
    with JournalReader.of(folder) as reader:
        day, settled = reader.last_day(), reader.settled(flat_in)
        records = [one for kind in HELD for one in islice(reader.newest(kind, settled), 1)]
        records += _own(reader, Wanted(behind=settled, kinds=KINDS))
        today = tuple(_own(reader, Wanted(behind=day.id if day else 0, kinds=TOLD)))
        heard = [one for one in today if isinstance(one.payload, MinuteTaken)]
        paused, configs = _paused(reader), _configs(reader, {one.run for one in heard})
        runs = reader.run_names()
    minutes = tuple(one.payload for one in heard if isinstance(one.payload, MinuteTaken))
    newest = next((one.hash for one in configs.values()), "")
    closed, lives = day.closed if day else None, lives_of(heard, configs)
    said = _said(today)
    return Past(tuple(records), today, closed, minutes, lives, paused, newest, runs, said)


def _said(records: Sequence[AuditRecord]) -> int:
    """Words behind the newest minute: they are written in their order, and a life may have ended
    between any two.
    """
    behind = takewhile(lambda one: not isinstance(one.payload, MinuteTaken), reversed(records))
    return sum(isinstance(one.payload, Decision | TradeClosed | EquityMarked) for one in behind)


def _configs(reader: JournalReader, runs: Set[str]) -> dict[str, ConfigTaken]:
    """Settings by run, the newest run first: of the newest, and of all that are asked for."""
    found: dict[str, ConfigTaken] = {}
    for record in reader.newest("ConfigTaken"):
        if isinstance(record.payload, ConfigTaken):
            found.setdefault(record.run, record.payload)
        if runs <= found.keys():
            break
    return found


def _paused(reader: JournalReader) -> str:
    """The reason of the last pause, unless somebody resumed after it."""
    for record in reader.newest("Command"):
        if isinstance(record.payload, Command) and record.payload.verb in ("pause", "resume"):
            asked = dict(record.payload.arguments)
            return asked.get("reason") or "by hand" if record.payload.verb == "pause" else ""
    return ""


def _own(reader: JournalReader, wanted: Wanted) -> Iterator[AuditRecord]:
    return (one for one in reader.records(wanted) if isinstance(one, AuditRecord))


class Unsaid(NamedTuple):
    """Words of a minute that did not come to the disk."""

    ts: int  # the minute's end
    facts: Sequence[Payload] = ()


NOTHING_UNSAID: Final = Unsaid(0)


@dataclass(slots=True)
class Resumed:
    """Where the desk stands after its past."""

    heard_to: int  # the first minute that it has not heard
    again: Sequence[Reducing] = ()  # reductions that may not have left
    unsaid: Unsaid = NOTHING_UNSAID
    minutes: int = 0


class Recovery:
    """Brings a fresh desk to where the journal left it."""

    def __init__(
        self, desk: DeskMinutes, graph: Graph, series: Sequence[Bars], calendar: Calendar
    ) -> None:
        self._desk, self._graph = desk, graph
        self._series, self._calendar = series, calendar
        self._seen = 0  # history before it has gone through the columns

    def resume(self, past: Past, now_minute: int) -> Resumed:
        """Columns from history, the record of the last day, then every minute heard since."""
        desk, told = self._desk, None
        if past.closed is not None:
            self._warm(newest_of(past.closed.record) + MINUTE_NS)
            desk.restore(past.closed.record)
        else:
            self._warm(past.begins_ns or now_minute)
        for minute in past.minutes:
            if minute.ts > desk.last_ts:
                self._between(minute.ts)
                told = desk.close(minute)
        last: Sequence[Order] = told.orders if told is not None else ()
        facts = told.words.facts[past.said :] if told is not None else ()
        unsaid = Unsaid(desk.last_ts + MINUTE_NS, facts)
        heard = desk.last_ts + MINUTE_NS if desk.last_ts else now_minute
        if not open_plans(desk) and not self._same_day(heard, now_minute):
            self._warm(now_minute)
            heard = now_minute
        again = [one for one in last if not isinstance(one, Approved)]
        return Resumed(heard, again, unsaid, len(past.minutes))

    def _between(self, ts: int) -> None:
        """Another day's minutes that nobody was told of: only the columns see them."""
        heard = self._desk.last_ts + MINUTE_NS
        if self._desk.last_ts and not self._same_day(heard, ts):
            self._seen = heard
            self._warm(ts)

    def _warm(self, stop: int) -> None:
        rows = [
            (int(np.searchsorted(one.ts, self._seen)), int(np.searchsorted(one.ts, stop)))
            for one in self._series
        ]
        parts = [one.rows(*found) for one, found in zip(self._series, rows, strict=True)]
        warm(self._graph, self._desk.symbols, parts)
        self._seen = stop

    def _same_day(self, one: int, other: int) -> bool:
        places = self._calendar.index_of(np.array([one, other]))
        return bool(places[0] == places[1] and places[0] >= 0)


def working_entries(desk: DeskMinutes) -> Iterator[Believed]:
    """Entries that the desk believes to be working."""
    numbers = desk.plan_numbers
    for k, symbol in enumerate(desk.symbols):
        plan = desk.record.plans[k]
        for slot in ENTRIES:
            if plan["state"] == 1 and desk.books[k][slot]["state"] == WORKING:
                name = order_name(symbol, numbers[k], slot).rpartition(":")[0]
                yield Believed(symbol, name, slot, int(plan["decided_ns"]))


def open_plans(desk: DeskMinutes) -> frozenset[str]:
    """Names of the plans that the desk believes to be open."""
    states, numbers = desk.record.plans["state"], desk.plan_numbers
    return frozenset(
        order_name(symbol, numbers[k], 0).rpartition(":")[0]
        for k, symbol in enumerate(desk.symbols)
        if states[k] != 0
    )
