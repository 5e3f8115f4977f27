"""Whether a journal is whole: its structure, its numbers, its lines, and the tables beside them."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from julie.core.events import AuditRecord
from julie.store.journal import schema
from julie.store.journal.errors import JournalDamaged
from julie.store.journal.files import length_faults, open_for_reading, structure_faults, told
from julie.store.journal.kinds import RawRecord, checksum, decode
from julie.store.journal.mark import read_mark
from julie.store.journal.spread import TABLES

_SHOWN: Final = 20  # faults of one sort that are spelled out
_LINES: Final = (
    "SELECT records.id, runs.name, seq, ts_exchange, ts_local, kind, heard, body, crc"
    " FROM records LEFT JOIN runs ON runs.id = records.run ORDER BY records.id"
)


@dataclass(frozen=True, slots=True)
class Verified:
    """What a look through the whole journal found."""

    path: str
    version: str
    runs: int
    records: int
    kinds: dict[str, int]
    unknown: int  # of a kind or form that this program does not know
    faults: tuple[str, ...]


def verify(path: Path) -> Verified:
    """Look through the whole journal; raises where its structure is broken."""
    with told(path), closing(open_for_reading(path)) as connection:
        broken = structure_faults(connection, quick=False)
        if broken:
            raise JournalDamaged(path, "; ".join(broken[:_SHOWN]))
        marked = read_mark(path)  # before the moment that is looked at: it only rises
        connection.execute("BEGIN")  # one moment of a journal that goes on being written
        version = schema.version_of(connection)
        walk = _Walk()
        for row in connection.execute(_LINES):
            walk.line(*row)
        faults = [
            *length_faults(path, connection, marked),
            *_shortened(walk.faults),
            *_foreign(connection),
            *_counts(connection, walk.spread),
        ]
        (runs,) = connection.execute("SELECT count(*) FROM runs").fetchone()
        records = walk.kinds.total()
    spelled = schema.spelled(version)
    kinds = dict(sorted(walk.kinds.items()))
    return Verified(str(path), spelled, runs, records, kinds, walk.unknown, tuple(faults))


class _Walk:
    """Goes through the lines once: numbers without gaps, check sums, rows that belong to them."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.kinds: Counter[str] = Counter()
        self.spread: Counter[str] = Counter()
        self.unknown = 0
        self._place = 0
        self._last: dict[str, int] = {}

    def line(
        self,
        place: int,
        run: str | None,
        seq: int,
        ts_exchange: int,
        ts_local: int,
        kind: str,
        heard: int,
        body: bytes,
        crc: int,
    ) -> None:
        """Look at the next line."""
        name, before = run or "?", self._last.get(run or "?", 0)
        if place != self._place + 1:
            self.faults.append(f"line {place} follows line {self._place}")
        if seq != before + 1:
            self.faults.append(f"run {name}: record {seq} follows record {before}")
        self._place, self._last[name] = place, seq
        self.kinds[kind] += 1
        if checksum(name, seq, ts_exchange, ts_local, kind, bool(heard), body) != crc:
            self.faults.append(f"run {name}: record {seq} is not what was written")
            return
        self._count(decode(name, seq, ts_exchange, ts_local, kind, body))

    def _count(self, record: AuditRecord | RawRecord) -> None:
        if isinstance(record, RawRecord):
            self.unknown += 1
            return
        for table in TABLES.get(type(record.payload), ()):
            self.spread[table.name] += sum(1 for _ in table.rows(record.payload))


def _foreign(connection: sqlite3.Connection) -> Iterator[str]:
    for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        yield f"row {row} of {table} belongs to nothing in {parent}"


def _counts(connection: sqlite3.Connection, expected: Counter[str]) -> Iterator[str]:
    for table in (one for tables in TABLES.values() for one in tables):
        # the names are ours, from the table above
        statement = f"SELECT count(*) FROM {table.name}"  # noqa: S608
        (found,) = connection.execute(statement).fetchone()
        if found != expected[table.name]:
            yield f"{table.name} has {found:,} rows, its records tell of {expected[table.name]:,}"


def _shortened(faults: list[str]) -> list[str]:
    more = len(faults) - _SHOWN
    return faults if more <= 0 else [*faults[:_SHOWN], f"and {more:,} more of this sort"]
