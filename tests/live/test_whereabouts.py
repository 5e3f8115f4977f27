"""Commands that name no folder find the bot that runs, wherever it was started."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from julie.live.account_lock import AccountLock
from julie.live.whereabouts import (
    SeveralBots,
    bot_of,
    folder_meant,
    left_by,
    left_open,
    running,
)
from julie.store.atomic import write_text
from julie.store.journal import journal_of
from julie.store.journal.lock import FolderLock

pytestmark = pytest.mark.usefixtures("home")
API = "https://api.example.com"


@contextmanager
def at_work(folder: str, account: str = "4711") -> Iterator[None]:
    """A bot of this process."""
    lock = AccountLock(API, account, f"{Path(folder).name}-1", Path(folder))
    try:
        yield
    finally:
        lock.release()


def used(folder: str) -> None:
    """A bot wrote its journal there, and ended."""
    Path(folder).mkdir(parents=True)
    journal_of(Path(folder)).touch()


def test_the_bot_that_runs_is_meant() -> None:
    used("data/sim")
    with at_work("data/live"):
        assert folder_meant(None, Path("data")) == Path("data/live")
        assert bot_of(API + "/", 4711) == running()[0]
        assert folder_meant(Path("mine"), Path("data")) == Path("mine")
    assert running() == []
    assert bot_of(API, 4711) is None


def test_of_several_one_has_to_be_named(tmp_path: Path) -> None:
    far = tmp_path.parent / f"{tmp_path.name}-far"
    with at_work("data/live"), at_work(str(far), "4712"):
        with pytest.raises(SeveralBots, match="2 bots run") as found:
            folder_meant(None, Path("data"))
        assert "data/live (run live-1)" in str(found.value)
        assert str(far) in str(found.value)


def test_where_none_runs_the_newest_journal_counts() -> None:
    assert folder_meant(None, Path("data")) == Path("data")
    used("data/sim")
    assert folder_meant(None, Path("data")) == Path("data/sim")
    used("data/paper")
    assert folder_meant(None, Path("data")) == Path("data/paper")
    used("data/sim-paper")
    assert folder_meant(None, Path("data")) == Path("data/sim-paper")


def test_a_bot_that_died_left_its_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    lock = AccountLock(API, "4711", "live-1", Path("data/live"))
    try:
        monkeypatch.setattr("julie.live.account_lock.start_of", lambda _: "")  # its number is free
        assert running() == []
        assert left_by(API, 4711) == Path("data/live")
    finally:
        lock.release()
    assert left_by(API, 4711) is None


def test_what_a_live_run_left_open_is_known_until_it_was_flat(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    live, far = Path("data/live"), Path("far")
    assert left_open(API, 4711, live, []) is None, "nobody ever traded live here"
    FolderLock(live, "live-1", 0).release()
    assert left_open(API, 4711, live, []) == live, "it never reported its end"
    assert left_open(API, 4711, live, [live.resolve()]) is None, "it runs"
    report = live / "reports" / "live-1" / "session.json"
    write_text(report, '{"flat": false}')
    assert left_open(API, 4711, live, []) == live
    write_text(report, '{"flat": true}')
    assert left_open(API, 4711, live, []) is None
    FolderLock(far, "live-2", 0).release()
    with at_work(str(far)):
        monkeypatch.setattr("julie.live.account_lock.start_of", lambda _: "")
        assert left_open(API, 4711, live, []) == far, "it died with the lock in its hand"
        write_text(far / "flatten-20250616-093000.json", '{"flat": false}')
        os.utime(far / "lock", (1, 1))
        assert left_open(API, 4711, live, []) == far
        write_text(far / "flatten-20250616-093100.json", '{"flat": true}')
        os.utime(far / "flatten-20250616-093000.json", (2, 2))
        assert left_open(API, 4711, live, []) is None


def test_practice_leaves_nothing_open_at_the_account() -> None:
    for mode in ("sim", "paper"):
        FolderLock(Path("data") / mode, f"{mode}-1", 0).release()
    with at_work("data/paper"):
        assert left_open(API, 4711, Path("data/live"), [Path("data/paper")]) is None
