"""Reading a journal back, in the order in which it was written; a running bot is not disturbed.

Recovery reads the last trading day's row and the inputs behind it, however long the journal is; a
replay reads the inputs of a run. Reading twice gives equal records.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

from julie.core.bookings import DayClosed
from julie.core.events import AuditRecord
from julie.store.journal import schema
from julie.store.journal.errors import JournalDamaged
from julie.store.journal.files import journal_of, open_for_reading, told
from julie.store.journal.kinds import RawRecord, checksum, decode
from julie.store.journal.schema import RARE

_Row = tuple[Any, ...]
_COLUMNS: Final = (
    "SELECT records.id, runs.name, seq, ts_exchange, ts_local, kind, heard, body, crc"
    " FROM records JOIN runs ON runs.id = records.run"
)
_ENDED: Final = "('filled', 'cancelled', 'expired', 'rejected')"
# Tags of orders to which something may still happen; a leg that the venue laid bears its entry's
# tag with three letters more.
_UNSETTLED: Final = f"""
    WITH ended AS (SELECT DISTINCT tag FROM orders WHERE state IN {_ENDED}),
    alive AS (SELECT tag FROM intents WHERE tag != '' EXCEPT SELECT tag FROM ended
        UNION SELECT tag FROM orders WHERE tag NOT IN (SELECT tag FROM ended))
    SELECT min(record) FROM intents WHERE tag IN
        (SELECT tag FROM alive UNION SELECT substr(tag, 1, length(tag) - 3) FROM alive)"""  # noqa: S608
_LAST: Final = (1 << 63) - 1
_PLACES: Final = "records.id IN (SELECT records.id FROM records JOIN runs ON runs.id = records.run"


class Run(NamedTuple):
    """A run that the journal holds."""

    name: str
    started_ns: int
    program: str
    records: int


class Day(NamedTuple):
    """The last closed trading day and its place in the journal."""

    id: int
    closed: DayClosed


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records; nothing said = all."""

    run: str | None = None
    kinds: Collection[str] = ()
    since_ns: int | None = None
    until_ns: int | None = None  # not included
    behind: int = 0  # place in the journal
    inputs: bool = False  # only what the desk acted on
    last: int | None = None  # only the newest so many

    def clause(self) -> tuple[str, list[object]]:
        """The condition and its values."""
        said: list[tuple[str, object]] = [("records.id > ?", self.behind)]
        if self.run is not None:
            said.append(("runs.name = ?", self.run))
        if self.since_ns is not None:
            said.append(("ts_exchange >= ?", self.since_ns))
        if self.until_ns is not None:
            said.append(("ts_exchange < ?", self.until_ns))
        if self.inputs:
            said.append(("heard = ?", 1))
        conditions, values = [one for one, _ in said], [value for _, value in said]
        if self.kinds:
            conditions.append(f"kind IN ({', '.join('?' * len(self.kinds))})")
            values += self.kinds
        return " AND ".join(conditions), values


_ALL: Final = Wanted()


class JournalReader:
    """An open journal; every line is checked against its check sum as it is read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection = open_for_reading(path)

    @classmethod
    def of(cls, folder: Path) -> Self:
        """The journal of a data folder."""
        return cls(journal_of(folder))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def runs(self) -> tuple[Run, ...]:
        """The runs, oldest first."""
        rows = self._query(
            "SELECT name, started_ns, program,"
            " (SELECT count(*) FROM records WHERE records.run = runs.id) FROM runs ORDER BY id"
        )
        return tuple(Run(*row) for row in rows)

    def records(self, wanted: Wanted = _ALL) -> Iterator[AuditRecord | RawRecord]:
        """The records in the order in which they were written."""
        condition, values = wanted.clause()
        order = "ORDER BY records.id"
        if wanted.last is not None:
            condition = f"{_PLACES} WHERE {condition} ORDER BY records.id DESC LIMIT ?)"
            values.append(wanted.last)
        for row in self._query(f"{_COLUMNS} WHERE {condition} {order}", values):
            yield self._record(row)

    def last_day(self) -> Day | None:
        """The newest row of a trading day, if there is one."""
        ((place,),) = self._query("SELECT max(record) FROM days")
        if place is None:
            return None
        for record in self.records(Wanted(behind=place - 1, kinds=("DayClosed",), last=1)):
            if isinstance(record, AuditRecord) and isinstance(record.payload, DayClosed):
                return Day(place, record.payload)
        return None

    def behind_day(self, day: int) -> int:
        """The place behind which the records of a trading day stand; 0 = from the beginning."""
        ((place,),) = self._query("SELECT max(record) FROM days WHERE day < ?", [day])
        return int(place or 0)

    def written(self, run: str) -> int:
        """The number of the newest record of a run; 0 = none."""
        statement = (
            "SELECT seq FROM records WHERE run = (SELECT id FROM runs WHERE name = ?)"
            " ORDER BY records.id DESC LIMIT 1"
        )
        return next((int(seq) for (seq,) in self._query(statement, [run])), 0)

    def run_names(self) -> tuple[str, ...]:
        """Every run that the journal knows, oldest first."""
        return tuple(name for (name,) in self._query("SELECT name FROM runs ORDER BY id"))

    def newest(self, kind: str, until: int | None = None) -> Iterator[AuditRecord]:
        """The records of a rare kind, the newest first; up to a place in the journal."""
        last = _LAST if until is None else until
        where = f"{RARE} AND kind = ? AND records.id <= ?"
        for row in self._query(f"{_COLUMNS} WHERE {where} ORDER BY records.id DESC", [kind, last]):
            record = self._record(row)
            if isinstance(record, AuditRecord):
                yield record

    def settled(self, flat: Callable[[bytes], bool]) -> int:
        """The place of the newest closed day at which nothing was open: no order sent before it is
        still alive, and of the desk's record `flat` says so; 0 = there was none.
        """
        if schema.version_of(self._connection) < schema.TAGGED:
            return 0  # before it is brought up, which its writer does, it says nothing of orders
        ((first,),) = self._query(_UNSETTLED)
        days = "SELECT record, desk FROM days WHERE record < ? ORDER BY record DESC"
        for place, desk in self._query(days, [_LAST if first is None else first]):
            if flat(desk):
                return int(place)
        return 0

    def _record(self, row: _Row) -> AuditRecord | RawRecord:
        place, run, seq, ts_exchange, ts_local, kind, heard, body, crc = row
        line = run, seq, ts_exchange, ts_local, kind
        if checksum(*line, bool(heard), body) != crc:
            raise JournalDamaged(
                self.path, f"record {seq} of run {run} (line {place}) is not what was written"
            )
        return decode(*line, body)

    def _query(self, statement: str, values: list[object] | None = None) -> Iterator[_Row]:
        with told(self.path):
            yield from self._connection.execute(statement, values or [])
