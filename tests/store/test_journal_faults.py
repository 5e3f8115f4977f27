"""A journal that cannot be used, or written: words, cure, exit code, and the file as it was."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from julie.core.errors import Exit, JulieError
from julie.store.journal import (
    JournalDamaged,
    JournalError,
    JournalNewer,
    JournalReader,
    RawRecord,
    Wanted,
    journal_of,
    schema,
)
from julie.store.journal.backup import backup
from julie.store.journal.kinds import checksum
from julie.store.journal.schema import Step
from julie.store.journal.verify import verify
from tests.store.journal_parts import ROOT, cut_in_half, flip_pages, opened, written

COUNT = 400


def no_database(path: Path) -> None:
    path.write_text("timestamp,open,high,low,close\n" * 200)


def foreign(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE songs (name TEXT)")


def emptied(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("harm", [flip_pages, cut_in_half, no_database, foreign, emptied])
def test_a_damaged_journal_is_refused_and_left(
    tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    path = written(tmp_path, COUNT)
    harm(path)
    before = path.read_bytes()
    with pytest.raises(JournalDamaged) as told:
        opened(tmp_path)
    assert told.value.exit_code == Exit.JOURNAL
    assert str(path) in told.value.message
    assert "julie journal backup" in told.value.cure
    assert path.read_bytes() == before


def set_version(path: Path, version: int) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {version}")


@pytest.mark.parametrize("ahead", [1, 100])
def test_a_newer_journal_is_not_written(tmp_path: Path, ahead: int) -> None:
    path = written(tmp_path, 20)
    set_version(path, schema.VERSION + ahead)
    before = path.read_bytes()
    with pytest.raises(JournalNewer) as told:
        opened(tmp_path)
    assert told.value.exit_code == Exit.JOURNAL
    assert schema.spelled(schema.VERSION + ahead) in told.value.message
    assert schema.spelled(schema.VERSION) in told.value.message
    assert path.read_bytes() == before


def test_a_newer_minor_version_is_read_with_its_unknown_kinds(tmp_path: Path) -> None:
    path = written(tmp_path, 2)
    line = ("paper-1", 3, 7, 8, "TapeKept", False, b"\x81\xa1a\x01")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "INSERT INTO records VALUES (3, 1, 3, 7, 8, 'TapeKept', 0, ?, ?)",
            (line[-1], checksum(*line)),
        )
        connection.commit()
    set_version(path, schema.VERSION + 1)
    with JournalReader.of(tmp_path) as reader:
        (found,) = reader.records(Wanted(last=1))
    assert found == RawRecord("paper-1", 3, 7, 8, "TapeKept", b"\x81\xa1a\x01")
    assert verify(path).unknown == 1
    set_version(path, schema.VERSION + 100)
    with pytest.raises(JournalNewer):
        JournalReader.of(tmp_path)


def test_a_flipped_bit_in_a_record_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, 8)
    content = path.read_bytes()
    assert content.count(b"no quote for 10 s") == 1
    path.write_bytes(content.replace(b"no quote for 10 s", b"no quote for 11 s"))
    with (
        JournalReader.of(tmp_path) as reader,
        pytest.raises(JournalDamaged, match="record 7 of run paper-1"),
    ):
        list(reader.records())
    assert verify(path).faults == ("run paper-1: record 7 is not what was written",)


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("DELETE FROM records WHERE id = 15", "record 16 follows record 14"),
        ("DELETE FROM fills WHERE record = 4", "fills has 0 rows, its records tell of 1"),
        ("UPDATE positions SET record = 99", "belongs to nothing in records"),
        ("DELETE FROM records WHERE id > 18", "the last 2 of 20 acknowledged records are gone"),
        ("UPDATE records SET heard = 1 - heard WHERE id = 7", "record 7 is not what was written"),
    ],
)
def test_verify_names_what_does_not_agree(tmp_path: Path, statement: str, fault: str) -> None:
    path = written(tmp_path, 20)
    assert verify(path).faults == ()
    with closing(sqlite3.connect(path)) as connection:
        if "positions" in statement:
            statement += " WHERE record = 5"
        connection.execute(statement)
        connection.commit()
    assert any(fault in found for found in verify(path).faults)


def test_a_step_that_fails_leaves_the_version_before(tmp_path: Path) -> None:
    path = written(tmp_path, 5)
    broken = Step(
        schema.VERSION + 1,
        ("ALTER TABLE runs ADD COLUMN host TEXT", "INSERT INTO nowhere VALUES (1)"),
    )
    whole = Step(schema.VERSION + 1, ("ALTER TABLE runs ADD COLUMN host TEXT",))
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        with pytest.raises(sqlite3.OperationalError, match="nowhere"):
            schema.bring_up(connection, (*schema.STEPS, broken))
        assert schema.version_of(connection) == schema.VERSION
        schema.bring_up(connection, (*schema.STEPS, whole))
        assert schema.version_of(connection) == schema.VERSION + 1
        columns = [row[1] for row in connection.execute("PRAGMA table_info(runs)")]
    assert columns[-1] == "host"


def test_a_missing_journal_is_told(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="there is no journal"):
        JournalReader.of(tmp_path)


def test_a_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JulieError, match="cannot write"):
        opened(tmp_path / "file" / "data")


def test_a_backup_put_back_goes_on(tmp_path: Path) -> None:
    path = written(tmp_path, 30)
    copy = tmp_path / "copy.db"
    assert backup(path, copy) == 30
    written(tmp_path, 10)
    path.write_bytes(copy.read_bytes())
    written(tmp_path, 5)
    found = verify(path)
    assert (found.records, found.faults) == (35, ())


# The limit on the size of a file stands for the end of the disk: the same errors of the same calls.
_FULL = """
import asyncio, json, resource, sys
from pathlib import Path
from tests.store.journal_parts import opened, record
from julie.store.journal import JournalError, JournalUnwritable

def limit(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

async def run():
    told = {}
    journal = opened(Path(sys.argv[1]))
    for _ in range(50):
        journal.append(record(journal.next_seq))
    await journal.commit()
    limit(Path(sys.argv[1], "journal.db-wal").stat().st_size + 20_000)
    for _ in range(2_000):
        journal.append(record(journal.next_seq))
    errors = []
    for _ in range(2):
        try:
            await journal.commit()
        except JournalUnwritable as error:
            errors.append(str(error))
    told["errors"], told["trouble"] = errors, type(journal.trouble).__name__
    journal.append(record(journal.next_seq))
    told["waiting"] = journal.waiting
    if sys.argv[2] == "freed":
        limit(resource.RLIM_INFINITY)
        await journal.commit()
        told["after"] = [journal.waiting, journal.trouble]
    try:
        await journal.close()
    except JournalError as error:
        told["closing"] = str(error)
    limit(resource.RLIM_INFINITY)
    print(json.dumps(told))

asyncio.run(run())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of a file")
@pytest.mark.parametrize("end", ["freed", "full"])
def test_a_full_disk_is_told_and_loses_nothing(tmp_path: Path, end: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _FULL, str(tmp_path), end],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        timeout=18,
    )
    told = json.loads(done.stdout)
    assert len(told["errors"]) == 2
    assert "journal not writable" in told["errors"][0]
    assert "MB free" in told["errors"][0]
    assert (told["trouble"], told["waiting"]) == ("JournalUnwritable", 2_001)
    found = verify(journal_of(tmp_path))
    assert found.faults == ()
    if end == "freed":
        assert told["after"] == [0, None]
        assert found.records == 2_051
    else:
        assert "not writable" in told["closing"]
        assert found.records == 50
