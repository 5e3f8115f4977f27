"""Opening the file of the journal, and what must be true before anybody writes into it.

All checks read only, so whatever is found wrong lies there as it was.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from julie.core.failpoints import failpoint
from julie.store.journal import schema
from julie.store.journal.errors import JournalDamaged, JournalError, JournalNewer
from julie.store.journal.mark import Marked, read_mark


def journal_of(folder: Path) -> Path:
    """The journal of a data folder."""
    return folder / "journal.db"


def open_for_reading(path: Path) -> sqlite3.Connection:
    """The journal for readers; they disturb no writer. Refuses a newer major version."""
    if not path.is_file():
        raise JournalError(f"there is no journal {path}", "name the bot's folder with --data-dir")
    with told(path):
        connection = _read_only(path)
        try:
            version = _known_version(path, connection)
            if not version:
                raise JournalDamaged(path, "it is empty")
            if not schema.readable(version):
                raise JournalNewer(path, schema.spelled(version), schema.spelled(schema.VERSION))
        except BaseException:
            connection.close()
            raise
        return connection


def open_for_writing(path: Path) -> sqlite3.Connection:
    """The journal for its one writer, in the newest version; the thread that uses it may change."""
    with told(path):
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        schema.bring_up(connection, reached=lambda _: failpoint("K14"))
        return connection


def must_be_sound(path: Path) -> None:
    """Refuse a journal that is newer, damaged, or shorter than what was acknowledged."""
    if not path.exists():
        tail = path.with_name(path.name + "-wal")
        if tail.exists() and tail.stat().st_size:
            raise JournalDamaged(path, f"it is missing, but {tail.name} is there")
        return
    with told(path), closing(_read_only(path)) as connection:
        version = _known_version(path, connection)
        if version > schema.VERSION:
            raise JournalNewer(path, schema.spelled(version), schema.spelled(schema.VERSION))
        faults = structure_faults(connection, quick=True)
        faults += length_faults(path, connection, read_mark(path))
    if faults:
        raise JournalDamaged(path, faults[0])


def structure_faults(connection: sqlite3.Connection, *, quick: bool) -> list[str]:
    """What SQLite says of its own structure."""
    check = "quick_check" if quick else "integrity_check"
    found = [str(row[0]) for row in connection.execute(f"PRAGMA {check}")]
    return [] if found == ["ok"] else found


def length_faults(path: Path, connection: sqlite3.Connection, marked: Marked | None) -> list[str]:
    """Whether all that was acknowledged is there; of a journal in use, read the mark first."""
    if marked is None or marked.records == 0:
        return []
    if not schema.version_of(connection):
        return [f"it is empty, but {marked.records:,} records were acknowledged"]
    count = last_id(connection)
    if epoch_of(connection) != marked.epoch or count >= marked.records:
        return []
    lost = marked.records - count
    tail = path.with_name(path.name + "-wal")
    why = f"{tail.name} is incomplete" if tail.exists() else f"{tail.name} is missing"
    return [f"the last {lost:,} of {marked.records:,} acknowledged records are gone; {why}"]


def epoch_of(connection: sqlite3.Connection) -> str:
    """The name that this journal alone has; empty while it is being made."""
    row = connection.execute("SELECT epoch FROM about").fetchone()
    return str(row[0]) if row else ""


def last_id(connection: sqlite3.Connection) -> int:
    """Place of the last record in the journal; 0 = none."""
    (found,) = connection.execute("SELECT coalesce(max(id), 0) FROM records").fetchone()
    return int(found)


def _known_version(path: Path, connection: sqlite3.Connection) -> int:
    """The version of a file that is ours; 0 = it is empty."""
    version = schema.version_of(connection)
    (mark,) = connection.execute("PRAGMA application_id").fetchone()
    (things,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if mark != (schema.APPLICATION if version or things else 0):
        raise JournalDamaged(path, "it is a database, but no journal of this program")
    return version


def _read_only(path: Path) -> sqlite3.Connection:
    address = f"{path.resolve().as_uri()}?mode=ro"
    return sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn what SQLite finds wrong with the file into words."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise JournalError(
            f"cannot open the journal {path}: {error}",
            "see that you may read and write in its folder and that the disk has room",
            "it was left as is",
        ) from error
    except sqlite3.DatabaseError as error:
        raise JournalDamaged(path, str(error)) from error
