"""kill -9 at any instant: what was acknowledged is there, numbered without gaps, and the run goes
on behind it.
"""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from julie.store.journal import JournalDamaged, JournalReader, RawRecord, journal_of
from julie.store.journal.kinds import encode
from julie.store.journal.mark import mark_of, read_mark
from julie.store.journal.verify import verify
from tests.store.journal_parts import ROOT, killed_journal, last_told, record, start_bot, written

ROUNDS = 5


def test_nothing_acknowledged_is_lost_at_random_instants(tmp_path: Path) -> None:
    chance = np.random.default_rng(7)
    acknowledged = 0
    for _ in range(ROUNDS):
        bot = start_bot(tmp_path, 1_000_000)
        assert bot.stdout is not None
        told = bot.stdout.readline()  # it writes now
        assert int(told) >= acknowledged
        for _ in range(int(chance.integers(0, 120))):
            told += bot.stdout.readline()
        assert verify(journal_of(tmp_path)).faults == ()  # while it goes on writing
        bot.kill()
        told += bot.communicate(timeout=10)[0]
        assert bot.returncode == -signal.SIGKILL
        acknowledged = last_told(told)
        found = verify(journal_of(tmp_path))
        assert found.faults == ()
        assert found.records >= acknowledged
        marked = read_mark(journal_of(tmp_path))
        assert marked is not None
        assert found.records >= marked.records >= acknowledged - 11  # the mark lags one commit
    assert acknowledged > 100
    with JournalReader.of(tmp_path) as reader:
        assert [run.name for run in reader.runs()] == ["paper-1"]
        for number, one in enumerate(reader.records(), 1):
            assert not isinstance(one, RawRecord)
            assert (one.seq, encode(one.payload)) == (number, encode(record(number).payload))


@pytest.fixture(scope="module")
def left_behind(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """The folder of a bot that was killed, and what it had acknowledged."""
    folder = tmp_path_factory.mktemp("killed")
    return folder, killed_journal(folder, 60)


@pytest.mark.parametrize("harm", ["delete", "cut", "flip", "empty"])
def test_a_harmed_write_ahead_file_is_noticed(
    left_behind: tuple[Path, int], tmp_path: Path, harm: str
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(left_behind[0], folder)
    journal = journal_of(folder)
    tail = folder / "journal.db-wal"
    content = tail.read_bytes()
    if harm == "delete":
        tail.unlink()
    elif harm == "cut":
        tail.write_bytes(content[: len(content) // 2])
    elif harm == "flip":
        middle = len(content) // 2
        tail.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
    else:
        tail.write_bytes(b"")
    before = journal.read_bytes(), tail.read_bytes() if tail.exists() else b"", mark_of(journal)
    with pytest.raises(JournalDamaged, match=r"acknowledged") as told:
        written(folder, 1)
    assert "put back" in told.value.cure
    after = journal.read_bytes(), tail.read_bytes() if tail.exists() else b"", mark_of(journal)
    assert before == after


def test_a_missing_journal_with_its_tail_there_is_refused(
    left_behind: tuple[Path, int], tmp_path: Path
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(left_behind[0], folder)
    journal_of(folder).rename(tmp_path / "elsewhere.db")
    tail = (folder / "journal.db-wal").read_bytes()
    with pytest.raises(JournalDamaged, match="but journal"):
        written(folder, 1)
    assert not journal_of(folder).exists()
    assert (folder / "journal.db-wal").read_bytes() == tail


def test_moved_aside_whole_it_begins_anew(left_behind: tuple[Path, int], tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(left_behind[0], folder)
    for file in folder.glob("journal.db*"):  # the mark stays: it belongs to the other one
        file.rename(tmp_path / file.name)
    written(folder, 3)
    assert verify(journal_of(folder)).records == 3


_MIGRATE = """
import os, signal, sys
from julie.store.journal import schema
import sqlite3
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode = WAL")
def reached(station):
    if station == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)
schema.bring_up(connection, reached=reached)
"""


@pytest.mark.parametrize("station", ["100.0", "100.9", "100.end"])
def test_killed_while_it_is_brought_up(tmp_path: Path, station: str) -> None:
    path = journal_of(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", _MIGRATE, str(path), station],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
        timeout=15,
    )
    assert done.returncode == -signal.SIGKILL
    written(tmp_path, 20)
    assert verify(path).faults == ()
