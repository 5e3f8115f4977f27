"""julie journal: what it prints for a written journal, and its exit codes."""

import asyncio
import json
import sqlite3
from collections.abc import Collection
from contextlib import closing
from pathlib import Path

import pytest

from julie.cli import main
from julie.core.errors import Exit
from julie.store.journal import journal_of
from julie.store.journal.kinds import HEARD
from julie.store.journal.schema import VERSION, spelled
from tests.store.journal_parts import opened, record, written

Capture = pytest.CaptureFixture[str]


def seqs(kinds: Collection[str]) -> list[int]:
    """The records of some kinds among the sixty."""
    return [seq for seq in range(1, 61) if record(seq).kind in kinds]


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """A bot's folder with a journal of 60 records."""
    written(tmp_path, 60)
    return str(tmp_path)


def test_a_whole_journal(folder: str, capsys: Capture) -> None:
    assert main.run(["journal", "verify", "--data-dir", folder]) == Exit.DONE
    told = capsys.readouterr().out
    assert f"version {spelled(VERSION)}, 1 runs, 60 records" in told
    assert told.endswith("whole\n")
    assert main.run(["journal", "verify", "--data-dir", folder, "--json"]) == Exit.DONE
    found = json.loads(capsys.readouterr().out)
    assert (found["sound"], found["records"], found["kinds"]["Fill"]) == (
        True,
        60,
        len(seqs({"Fill"})),
    )


def test_a_journal_with_a_gap(folder: str, capsys: Capture) -> None:
    with closing(sqlite3.connect(journal_of(Path(folder)))) as connection:
        connection.execute("DELETE FROM records WHERE seq = 7")
        connection.commit()
    assert main.run(["journal", "verify", "--data-dir", folder]) == Exit.DIFFERENCES
    told = capsys.readouterr().out
    assert "- run paper-1: record 8 follows record 6" in told
    assert told.endswith("not whole\n")


def test_a_broken_or_missing_journal(folder: str, tmp_path: Path, capsys: Capture) -> None:
    journal = journal_of(Path(folder))
    journal.write_bytes(journal.read_bytes()[:-8192])
    assert main.run(["journal", "verify", "--data-dir", folder]) == Exit.JOURNAL
    assert "is damaged" in capsys.readouterr().err
    assert main.run(["journal", "show", "--data-dir", str(tmp_path / "no")]) == Exit.JOURNAL
    assert "there is no journal" in capsys.readouterr().err


def test_show_lists_the_newest(folder: str, capsys: Capture) -> None:
    assert main.run(["journal", "show", "--data-dir", folder]) == Exit.DONE
    told = capsys.readouterr()
    assert len(told.out.splitlines()) == 50
    assert "--last N or --json" in told.err
    words = ["journal", "show", "--data-dir", folder, "--kind", "fill", "--last", "1"]
    assert main.run(words) == Exit.DONE
    (line,) = capsys.readouterr().out.splitlines()
    last = seqs({"Fill"})[-1]
    assert line.startswith(f"1970-01-01 00:{last:02}:00.000000  paper-1     {last}  Fill")
    assert f"price_tick={24_000 + last}" in line


def test_show_as_json_has_all_that_is_asked(folder: str, capsys: Capture) -> None:
    words = ["journal", "show", "--data-dir", folder, "--json"]
    assert main.run(words) == Exit.DONE
    everything = json.loads(capsys.readouterr().out)["records"]
    assert [one["seq"] for one in everything] == list(range(1, 61))
    bar = next(one for one in everything if one["kind"] == "BarClosed")
    assert (bar["payload"]["symbol"], bar["payload"]["volume"]) == ("ES", None)
    between = ["--from", "1970-01-01T00:10", "--to", "1970-01-01T00:20", "--inputs"]
    assert main.run([*words, *between]) == Exit.DONE
    found = json.loads(capsys.readouterr().out)["records"]
    assert [one["seq"] for one in found] == [seq for seq in seqs(HEARD) if 10 <= seq < 20] != []


def test_a_time_that_is_none(folder: str, capsys: Capture) -> None:
    words = ["journal", "show", "--data-dir", folder, "--from", "yesterday"]
    assert main.run(words) == Exit.USAGE
    assert "no such time" in capsys.readouterr().err


def test_backup_of_a_journal_in_use(tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "kept" / "copy.db"
    words = ["journal", "backup", "--data-dir", str(tmp_path), "--out", str(out), "--json"]

    async def run() -> int:
        journal = opened(tmp_path)
        for _ in range(7):
            journal.append(record(journal.next_seq))
        await journal.commit()
        code = await asyncio.to_thread(main.run, words)
        await journal.close()
        return code

    assert asyncio.run(run()) == Exit.DONE
    assert json.loads(capsys.readouterr().out)["records"] == 7
    assert [file.name for file in out.parent.iterdir()] == ["copy.db"]
    assert main.run(words) == Exit.USAGE
    assert "is there already" in capsys.readouterr().err


def test_backup_has_a_name_of_its_own(folder: str, capsys: Capture) -> None:
    assert main.run(["journal", "backup", "--data-dir", folder]) == Exit.DONE
    told = capsys.readouterr().out
    (copy,) = (Path(folder) / "backups").iterdir()
    assert told == f"wrote {copy}: 60 records\n"
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT count(*) FROM records").fetchone() == (60,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
