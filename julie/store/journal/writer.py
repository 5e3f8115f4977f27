"""The one thread that writes: what waits goes to the disk together, with one flush for all.

While a flush runs, new lines and new waiters gather; the next transaction takes them all. A line
stays in memory until its transaction is on the disk, so a full disk loses nothing: the waiters are
told, and the same lines are tried again until there is room. Where nobody waits, lines are written
after a quarter of a second, and then the write-ahead file is folded into the journal: SQLite would
do that in the middle of a commit that an order waits for.
"""

import asyncio
import logging
import shutil
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from julie.core.errors import JulieError
from julie.core.events import Payload
from julie.store.journal.errors import JournalDamaged, JournalError, JournalUnwritable
from julie.store.journal.mark import Mark
from julie.store.journal.spread import TABLES, Row

LINGER_S: Final = 0.25
TOGETHER: Final = 5_000  # lines of one transaction at most
FOLD_AFTER: Final = 200  # lines in the write-ahead file, once nobody waits
FOLD_AT: Final = 20_000  # and in any case
_MB: Final = 1 << 20
_LOG: Final = logging.getLogger("julie.journal")
_INSERT: Final = (
    "INSERT INTO records (id, run, seq, ts_exchange, ts_local, kind, heard, body, crc)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


class Line(NamedTuple):
    """A record ready to be written."""

    row: Row  # columns of `records` behind the id
    payload: Payload
    size: int


class _Waiter(NamedTuple):
    lines: int  # lines that must be on the disk
    loop: asyncio.AbstractEventLoop
    done: "asyncio.Future[None]"


Failure = Callable[[], JulieError]  # makes a fresh error for each waiter


class Writer:
    """The writing side of a journal: takes lines, and says when so many of them are safe."""

    def __init__(self, path: Path, connection: sqlite3.Connection, mark: Mark, last: int) -> None:
        self._path, self._connection, self._mark = path, connection, mark
        self._wake = threading.Condition()
        self._lines: deque[Line] = deque()
        self._waiters: list[_Waiter] = []
        self._size = 0
        self._safe = last  # lines of the journal that are on the disk
        self._closing = False
        self._trouble: Failure | None = None
        self._dead = False  # nothing will ever be written again
        self._flushes = self._unfolded = 0
        self._calm = False  # nobody waited for what was written last
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Lines not yet on the disk."""
        return len(self._lines)

    @property
    def waiting_bytes(self) -> int:
        """What those lines take."""
        return self._size

    @property
    def flushes(self) -> int:
        """Transactions written so far."""
        return self._flushes

    @property
    def trouble(self) -> JulieError | None:
        """Why the last try to write failed; nothing once writing goes on."""
        failure = self._trouble
        return failure() if failure is not None else None

    @property
    def dead(self) -> bool:
        """Whether writing has ended for good."""
        return self._dead or self._closing

    def put(self, line: Line) -> None:
        """Take a line; it is written soon, at the latest when somebody waits for it."""
        with self._wake:
            self._lines.append(line)
            self._size += line.size
            if len(self._lines) == TOGETHER:
                self._wake.notify()

    async def safe(self, spare: int = 0) -> None:
        """Return once all lines put so far, but the last `spare`, are on the disk."""
        loop = asyncio.get_running_loop()
        with self._wake:
            if len(self._lines) <= spare:
                return
            if self._dead and self._trouble is not None:
                raise self._trouble()
            done = loop.create_future()
            count = self._safe + len(self._lines) - spare
            self._waiters.append(_Waiter(count, loop, done))
            self._wake.notify()
        await done

    def close(self) -> None:
        """Write what waits, if it can be written, and end the thread."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join()

    def _run(self) -> None:
        try:
            while self._gather():
                self._write()
                if self._unfolded >= (FOLD_AFTER if self._calm else FOLD_AT):
                    self._fold()
        except Exception as error:  # noqa: BLE001 - the top of a thread: whoever waits must hear
            _LOG.exception("the journal's writer ended")
            self._fail(_unforeseen(self._path, error), dead=True)
        finally:
            self._mark.close()
            self._connection.close()

    def _gather(self) -> bool:
        """Wait until there is reason to write; False when writing is over."""
        with self._wake:
            self._calm = False
            if self._trouble is not None:  # take breath before the next try
                self._wake.wait_for(lambda: bool(self._waiters or self._closing), LINGER_S)
            while not (self._waiters or self._closing or len(self._lines) >= TOGETHER):
                # not woken by a line: whoever puts it has an order to bring on its way
                woken = self._wake.wait(LINGER_S)
                if not woken and self._lines:
                    self._calm = True
                    break
            return bool(self._lines) and not self._dead

    def _write(self) -> None:
        with self._wake:
            batch = list(islice(self._lines, TOGETHER))
        try:
            self._transaction(batch)
        except sqlite3.OperationalError as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            self._fail(_unwritable(self._path, error), dead=self._closing)
        except sqlite3.DatabaseError as error:
            self._fail(_damaged(self._path, error), dead=True)
        else:
            self._advance(len(batch))

    def _transaction(self, batch: list[Line]) -> None:
        rows: list[Row] = []
        spread: dict[str, list[Row]] = {}
        for place, line in enumerate(batch, self._safe + 1):
            rows.append((place, *line.row))
            for table in TABLES.get(type(line.payload), ()):
                spread.setdefault(table.insert, []).extend(
                    (place, *row) for row in table.rows(line.payload)
                )
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany(_INSERT, rows)
        for insert, found in spread.items():
            self._connection.executemany(insert, found)
        self._connection.execute("COMMIT")

    def _advance(self, count: int) -> None:
        """These lines are on the disk: say so on the mark, then to whoever waits."""
        with self._wake:
            for _ in range(count):
                self._size -= self._lines.popleft().size
            self._safe += count
            self._flushes += 1
            self._unfolded += count
            self._trouble = None
            ready = [waiter for waiter in self._waiters if waiter.lines <= self._safe]
            self._waiters = [waiter for waiter in self._waiters if waiter.lines > self._safe]
        try:
            self._mark.reach(self._safe)
        except OSError as error:  # an older mark promises less, which is still true
            _LOG.warning("the journal's mark cannot be written: %s", error)
        _answer(ready, None)

    def _fold(self) -> None:
        """What the write-ahead file holds goes into the journal itself."""
        self._unfolded = 0
        try:
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        except sqlite3.DatabaseError as error:  # whatever it is, the next line meets it too
            _LOG.warning("the write-ahead file cannot be folded in: %s", error)

    def _fail(self, failure: Failure, *, dead: bool) -> None:
        with self._wake:
            self._trouble, self._dead = failure, dead
            failed, self._waiters = self._waiters, []
        _answer(failed, failure)


def _answer(waiters: list[_Waiter], failure: Failure | None) -> None:
    for waiter in waiters:
        with suppress(RuntimeError):  # its loop has ended: nobody waits there any more
            waiter.loop.call_soon_threadsafe(_settle, waiter.done, failure)


def _settle(done: "asyncio.Future[None]", failure: Failure | None) -> None:
    if done.done():  # cancelled in the meantime
        return
    if failure is None:
        done.set_result(None)
    else:
        done.set_exception(failure())


def _unwritable(path: Path, error: Exception) -> Failure:
    try:
        free_mb = shutil.disk_usage(path.parent).free // _MB
    except OSError:  # the whole disk is gone
        free_mb = 0
    return lambda: JournalUnwritable(path, str(error), free_mb)


def _damaged(path: Path, error: Exception) -> Failure:
    return lambda: JournalDamaged(path, str(error))


def _unforeseen(path: Path, error: Exception) -> Failure:
    said = f"writing the journal {path} ended: {type(error).__name__}: {error}"
    return lambda: JournalError(said, "the log of this run holds the stack trace")
