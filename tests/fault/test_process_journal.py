"""A journal that cannot be used, and a config that cannot be read: P17 to P20."""

import asyncio
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from julie.core.bookings import ConfigTaken
from julie.core.errors import Exit
from julie.store.journal import journal_of, schema
from tests.fault.asking import ASKS_ONCE
from tests.fault.bots import ROOT
from tests.fault.frame import Scene
from tests.fault.outcome import Outcome
from tests.fault.rows import fault, row
from tests.store.journal_parts import cut_in_half, flip_pages, opened, written

COUNT: Final = 400


def newer(ahead: int) -> Callable[[Path], None]:
    def harm(path: Path) -> None:
        with closing(sqlite3.connect(path)) as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            connection.execute(f"PRAGMA user_version = {version + ahead}")

    return harm


async def refused(scene: Scene, harm: Callable[[Path], None]) -> str:
    """A bot that is started on a harmed journal leaves it as it is; what it said."""
    path = await asyncio.to_thread(written, scene.data, COUNT)
    harm(path)
    before = path.read_bytes()
    await scene.start()
    assert await scene.bot.gone() == Exit.JOURNAL
    assert path.read_bytes() == before
    truth = await scene.gate.truth()
    assert not [one for one in truth.requests if "/Order/" in one.path]
    with pytest.raises(Exception, match="journal") as told:
        scene.bot.see()
    path.unlink()  # what follows reads journals that are whole
    return str(told.value)


@fault("P17", cases=("flipped", "cut"), flatten=False)
async def test_p17_a_damaged_journal_is_refused(scene: Scene) -> None:
    said = await refused(scene, {"flipped": flip_pages, "cut": cut_in_half}[scene.case])
    assert "damaged" in said
    assert "julie journal backup" in said


@fault("P17", flatten=False)
async def test_p17_a_journal_without_its_wal_is_refused(scene: Scene) -> None:
    made = scene.folder / "made"
    journal = opened(made)
    try:
        await journal.commit()
        written_on(made, scene.data)
    finally:
        await journal.close()
    await scene.start()
    assert await scene.bot.gone() == Exit.JOURNAL
    shutil.rmtree(scene.data)


def written_on(made: Path, data: Path) -> None:
    """A copy as a crash leaves it, but for the log of what was written last."""
    shutil.copytree(made, data, ignore=shutil.ignore_patterns("*-wal", "*-shm", "lock*"))


@fault("P18", cases=(1, 100), flatten=False)
async def test_p18_a_newer_journal_is_refused(scene: Scene) -> None:
    said = await refused(scene, newer(scene.case))
    assert "newer" in said or "version" in said


def older(folder: Path) -> None:
    """A journal as the first version of it made them."""
    folder.mkdir(exist_ok=True)
    with closing(sqlite3.connect(journal_of(folder), isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        schema.bring_up(connection, schema.STEPS[:1])


def fresh(version: int) -> sqlite3.Connection:
    """A journal that was never of another version."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    schema.bring_up(connection, [one for one in schema.STEPS if one.version <= version])
    return connection


def shape(connection: sqlite3.Connection) -> list[tuple[str, ...]]:
    """All tables and indices, as they were made."""
    rows = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name")
    return [tuple(map(str, row)) for row in rows]


@fault("P19", cases=(1, 8, 15), process=True, sets=(ASKS_ONCE,))
async def test_p19_killed_in_the_middle_of_a_migration(scene: Scene) -> None:
    older(scene.data)
    await scene.start(failpoint=f"K14:{scene.case}:kill", bare=True)
    await scene.killed()
    with closing(sqlite3.connect(journal_of(scene.data))) as connection:
        version = schema.version_of(connection)
        assert shape(connection) == shape(fresh(version))
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    await scene.ready(bare=True)
    await scene.until("in a position", scene.protected)

    def complete(outcome: Outcome) -> None:
        with closing(sqlite3.connect(journal_of(outcome.folder))) as connection:
            assert schema.version_of(connection) == schema.VERSION

    scene.checks.append(complete)


CONFIGS: Final = {
    "truncated": b"risk:\n  brackets: {",
    "encoding": "risk:\n  brackets: dynamic  # gr\xfc\xdfe\n".encode("latin-1"),
    "tabs": b"risk:\n\tbrackets: dynamic\n",
    "null": b"risk: \x00\n",
}


@row("P20")
@pytest.mark.tier2
@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", CONFIGS)
def test_p20_a_broken_config_is_refused(tmp_path: Path, name: str) -> None:
    file = tmp_path / "broken.yaml"
    file.write_bytes(CONFIGS[name])
    ran = subprocess.run(
        [sys.executable, str(ROOT / "run_bot.py"), "--sim", "--config", str(file),
         "--data-dir", str(tmp_path / "data")],
        capture_output=True, text=True, timeout=50, cwd=tmp_path,
    )  # fmt: skip
    assert ran.returncode == Exit.USAGE
    assert "broken.yaml" in ran.stderr
    assert "->" in ran.stderr
    assert not (tmp_path / "data").exists()


@fault("P20", process=True, sets=(ASKS_ONCE,))
async def test_p20_a_config_is_read_at_the_start_alone(scene: Scene) -> None:
    file = scene.folder / "own.yaml"
    file.write_text("risk:\n  per_trade_pct: 0.3\n", encoding="utf-8")
    await scene.ready(words=("--config", str(file)))
    file.write_bytes(CONFIGS["truncated"])
    await scene.gate.breaks()
    await scene.until("in a position", scene.protected)

    def one_config(outcome: Outcome) -> None:
        assert len({one.hash for one in outcome.of(ConfigTaken)}) == 1

    scene.checks.append(one_config)
