"""The journal of a run: facts first, then acts.

`append` takes a record and returns at once; `await commit()` returns when everything appended
before is on the disk. Whoever wants to send an order appends its intent, awaits the commit, then
sends. A commit that raises means that nothing may be entered; records of what protects or closes
are still taken and wait in memory.
"""

import asyncio
import sqlite3
from pathlib import Path
from typing import Final, Self

from julie import __version__
from julie.core.clock import Clock
from julie.core.errors import JulieError
from julie.core.events import AuditRecord
from julie.store.journal.errors import JournalBehind, JournalError
from julie.store.journal.files import (
    epoch_of,
    journal_of,
    last_id,
    must_be_sound,
    open_for_writing,
    told,
)
from julie.store.journal.kinds import HEARD, checksum, encode
from julie.store.journal.lock import FolderLock
from julie.store.journal.mark import Mark, mark_of, new_epoch
from julie.store.journal.writer import Line, Writer

LIMIT: Final = 100_000  # records that may wait in memory
LIMIT_BYTES: Final = 64 << 20


class SqliteJournal:
    """The journal of one run, and the only writer of its folder; made by `open`."""

    def __init__(self, path: Path, run: str, lock: FolderLock, started_ns: int) -> None:
        self.path, self.run = path, run
        self._lock = lock
        must_be_sound(path)
        if not path.exists():  # a mark without its journal: that one was moved aside
            mark_of(path).unlink(missing_ok=True)
        connection = open_for_writing(path)
        try:
            with told(path):
                epoch, self._run, self._seq = _begin(connection, run, started_ns)
                last = last_id(connection)
            mark = Mark(path, epoch, last)
        except BaseException:
            connection.close()
            raise
        self._writer = Writer(path, connection, mark, last)

    @classmethod
    def open(cls, folder: Path, run: str, clock: Clock) -> Self:
        """Take the folder, check its journal or begin one, and go on with `run`, if it is there."""
        lock = FolderLock(folder, run, clock.now_ns())
        try:
            return cls(journal_of(folder), run, lock, clock.now_ns())
        except BaseException:
            lock.release()
            raise

    @property
    def next_seq(self) -> int:
        """Number that the next record must have."""
        return self._seq + 1

    @property
    def waiting(self) -> int:
        """Records not yet on the disk."""
        return self._writer.waiting

    @property
    def flushes(self) -> int:
        """Transactions written so far."""
        return self._writer.flushes

    @property
    def trouble(self) -> JulieError | None:
        """Why nothing can be written at present; nothing may be entered meanwhile."""
        return self._writer.trouble

    def append(self, record: AuditRecord) -> None:
        """Take the next record of the run; it is not yet safe."""
        if record.run != self.run or record.seq != self.next_seq:
            raise ValueError(
                f"record {record.seq} of run {record.run!r} where {self.next_seq} of"
                f" {self.run!r} comes next"
            )
        self._must_take()
        self._writer.put(self._line(record))
        self._seq = record.seq

    async def commit(self) -> None:
        """Return once everything appended is on the disk; raises while that cannot be."""
        await self._writer.safe()

    async def room(self) -> None:
        """Return once at most half of what may wait is waiting: for who appends in bulk."""
        await self._writer.safe(spare=LIMIT // 2)

    async def close(self) -> None:
        """Write what waits, then let go of the folder; raises if something could not be written."""
        await asyncio.to_thread(self._writer.close)
        self._lock.release()
        if self._writer.waiting:
            raise self._writer.trouble or JournalError(f"{self.path} ended before its last records")

    def _must_take(self) -> None:
        writer = self._writer
        if writer.dead:
            raise writer.trouble or JournalError(f"the journal {self.path} is closed")
        if writer.waiting >= LIMIT or writer.waiting_bytes >= LIMIT_BYTES:
            raise JournalBehind(self.path, writer.waiting)

    def _line(self, record: AuditRecord) -> Line:
        body, kind = encode(record.payload), record.kind
        heard = kind in HEARD
        stamps = record.seq, record.ts_exchange, record.ts_local
        crc = checksum(self.run, *stamps, kind, heard, body)
        return Line((self._run, *stamps, kind, heard, body, crc), record.payload, len(body))


def _begin(connection: sqlite3.Connection, run: str, started_ns: int) -> tuple[str, int, int]:
    """Name the journal and the run where they have no name yet: epoch, the run's row, its last."""
    connection.execute("BEGIN IMMEDIATE")
    epoch = epoch_of(connection)
    if not epoch:
        epoch = new_epoch()
        connection.execute("INSERT INTO about (epoch) VALUES (?)", (epoch,))
    connection.execute(
        "INSERT OR IGNORE INTO runs (name, started_ns, program) VALUES (?, ?, ?)",
        (run, started_ns, __version__),
    )
    (row,) = connection.execute("SELECT id FROM runs WHERE name = ?", (run,)).fetchone()
    (last,) = connection.execute(
        "SELECT coalesce(max(seq), 0) FROM records WHERE run = ?", (row,)
    ).fetchone()
    connection.execute("COMMIT")
    return epoch, int(row), int(last)
