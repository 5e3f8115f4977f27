"""The command `julie flatten`: by the bots that answer, by REST where none does."""

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from julie.cli import main
from julie.core.errors import Exit
from julie.live.account_lock import AccountLock
from julie.live.control_client import NoAnswer
from julie.live.control_wire import Answer
from julie.live.flatten_scope import Meant, bots_meant
from julie.live.whereabouts import Running
from julie.store.journal.lock import FolderLock
from tests.cli.answering import bot
from tests.gateway.venue import Venue, ok

pytestmark = [pytest.mark.tier1, pytest.mark.usefixtures("home")]
Capture = pytest.CaptureFixture[str]


@contextmanager
def empty_account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A venue that shows no order and no position, and a login to it."""
    opened, ended, url = threading.Event(), threading.Event(), []

    async def serve() -> None:
        async with Venue() as venue:
            venue.says("/api/Order/searchOpen", ok(orders=[]))
            venue.says("/api/Order/v2/query", ok(orders=[]))
            venue.says("/api/Position/searchOpen", ok(positions=[]))
            url.append(venue.url)
            opened.set()
            await asyncio.to_thread(ended.wait, 15)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        assert opened.wait(8)
        login(monkeypatch, url[0])
        yield
    finally:
        ended.set()
        thread.join()


def login(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """A login to an account at that address."""
    for name, value in (
        ("API_URL", url), ("USERNAME", "sentinel-user"),
        ("API_KEY", "sentinel-key-0123456789"), ("ACCOUNT_ID", "501"),
    ):  # fmt: skip
        monkeypatch.setenv(f"PROJECTX_{name}", value)


@pytest.mark.parametrize("named", [True, False])
def test_flatten_without_a_bot_goes_to_the_venue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture, named: bool
) -> None:
    folder = tmp_path / "mine" if named else Path("data/live")  # where the next start looks
    where = ["--data-dir", str(folder)] if named else []
    with empty_account(monkeypatch):
        code = main.run(["flatten", "--reason", "storm", "--json", *where])
    told = capsys.readouterr()
    found = json.loads(told.out)
    assert (code, found["by"], found["flat"]) == (Exit.DONE, "rest", True), found
    assert ("no bot runs in" in told.err) is named
    assert f"{folder / 'STOP'} forbids a start until you delete it" in told.err
    assert json.loads((folder / "STOP").read_text(encoding="utf-8"))["why"].endswith("storm")
    (report,) = folder.glob("flatten-*.json")
    assert json.loads(report.read_text(encoding="utf-8"))["flat"] is True
    assert not (folder / "journal.db").exists()


def test_flatten_closes_though_nothing_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    (tmp_path / "full").touch()  # no folder can be made below it
    with empty_account(monkeypatch):
        code = main.run(["flatten", "--data-dir", str(tmp_path / "full" / "data")])
    told = capsys.readouterr()
    assert (code, told.out.startswith("flat after")) == (Exit.DONE, True), told
    assert "no STOP file: cannot write" in told.err
    assert "no record of it: cannot write" in told.err


def test_flatten_without_a_login_says_what_it_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    for name in ("USERNAME", "API_KEY", "ACCOUNT_ID"):
        monkeypatch.setenv(f"PROJECTX_{name}", "")
    monkeypatch.setattr("julie.live.venue_door.system_keyring", lambda: None)
    assert main.run(["flatten", "--data-dir", str(tmp_path)]) == Exit.LOGIN
    told = capsys.readouterr().err
    assert f"{tmp_path / 'STOP'} forbids a start until you delete it" in told
    assert "nothing was cancelled or closed at the venue" in told
    (report,) = tmp_path.glob("flatten-*.json")
    found = json.loads(report.read_text(encoding="utf-8"))
    assert (found["flat"], found["words"]) == (
        False, "NOT FLAT: PROJECTX_USERNAME is not set",
    )  # fmt: skip


def test_a_paper_bot_that_hangs_keeps_nobody_from_closing_the_live_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    folders = [tmp_path / mode for mode in ("paper", "live")]
    for folder in folders:
        FolderLock(folder, f"{folder.name}-7", 0).release()
    hung = [Running(folder, f"{folder.name}-7") for folder in folders]
    monkeypatch.setattr("julie.live.whereabouts.running", lambda: hung)
    monkeypatch.setattr("julie.live.whereabouts.bot_of", lambda url, account: hung[1])
    monkeypatch.setattr("julie.live.whereabouts.left_by", lambda url, account: folders[1])
    with empty_account(monkeypatch):
        code = main.run(["flatten"])
    told = capsys.readouterr()
    assert code == Exit.HALTED, "of the paper account nobody knows"
    assert told.out.startswith("flat after")
    assert "NOT closed: " in told.err
    assert list(folders[1].glob("flatten-*.json"))
    assert all((folder / "STOP").exists() for folder in folders)


def test_a_live_bot_is_asked_before_all_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes = ("paper", "live", "sim")
    bots = [Running(tmp_path / mode, f"{mode}-7") for mode in modes]
    monkeypatch.setattr("julie.live.whereabouts.running", lambda: bots)
    asked = bots_meant(Meant(None, None, lambda: tmp_path))
    assert [folder.name for folder in asked] == ["live", "paper", "sim"]


@pytest.mark.parametrize("died", [True, False])
def test_beside_practice_the_account_is_closed_only_where_a_live_bot_died(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture, died: bool
) -> None:
    sim, live = Path("data/sim"), Path("data/live")
    sim.mkdir(parents=True)
    if died:
        FolderLock(live, "live-7", 0).release()  # killed: it left no report
    else:  # a trade of one's own in the account stays
        went = "it went to the venue"
        monkeypatch.setattr("julie.live.venue_door.opened", lambda login: pytest.fail(went))
    practice = AccountLock("https://sim.example.com", "1", "sim-1", sim)
    try:
        with bot(sim) as heard, empty_account(monkeypatch):
            assert main.run(["flatten", "--json"]) == Exit.DONE
    finally:
        practice.release()
    told = capsys.readouterr()
    assert [one.verb for one in heard] == ["flatten"]
    assert json.loads(told.out)["by"] == ("rest" if died else "bot")
    assert (live / "STOP").exists() is bool(list(live.glob("flatten-*.json"))) is died
    assert not (sim / "STOP").exists()
    assert ("--data-dir data/live` closes that account" in told.out) is not died


def test_of_two_bots_that_hang_the_one_without_a_login_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    folders = [tmp_path / name for name in ("mine", "theirs")]
    for folder in folders:
        FolderLock(folder, "live-7", 0).release()
    hung = [Running(folder, "live-7") for folder in folders]
    monkeypatch.setattr("julie.live.whereabouts.running", lambda: hung)
    monkeypatch.setattr("julie.live.whereabouts.bot_of", lambda url, account: hung[0])
    with empty_account(monkeypatch):
        code = main.run(["flatten", "--json"])
    told = capsys.readouterr()
    assert (code, json.loads(told.out)["flat"]) == (Exit.HALTED, False)
    assert f"NOT closed: {folders[1]}: its login is not at hand" in told.err
    assert list(folders[0].glob("flatten-*.json"))
    assert not list(folders[1].glob("flatten-*.json"))


def test_a_paper_bot_on_the_same_login_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper, live = tmp_path / "paper", tmp_path / "live"
    monkeypatch.setattr(
        "julie.live.whereabouts.bot_of", lambda url, account: Running(paper, "paper-7")
    )
    with empty_account(monkeypatch):
        assert main.run(["flatten", "--data-dir", str(live)]) == Exit.DONE
    assert list(live.glob("flatten-*.json"))
    assert not paper.exists()


def test_a_paper_bot_that_answers_not_flat_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    FolderLock(tmp_path, "paper-7", 0).release()
    answer = Answer("1", False, "NOT FLAT: +1 MES")
    monkeypatch.setattr("julie.live.control_client.ask", lambda *_, **__: answer)
    assert main.run(["flatten", "--data-dir", str(tmp_path)]) == Exit.HALTED
    told = capsys.readouterr().err
    assert "answers that it is not flat (NOT FLAT: +1 MES)" in told
    assert "does not answer" not in told
    assert "try once more and end" in told


def test_a_bot_that_is_still_at_it_is_not_called_silent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    FolderLock(tmp_path, "sim-7", 0).release()

    def ask(*_: object, **__: object) -> Answer:
        raise NoAnswer("flatten", "it is not done after 20 s", busy=True)

    monkeypatch.setattr("julie.live.control_client.ask", ask)
    assert main.run(["flatten", "--data-dir", str(tmp_path)]) == Exit.HALTED
    told = capsys.readouterr().err
    assert "whose bot is not done after 20 s, and no gateway was named" in told
    assert "does not answer" not in told
    assert "the bot itself tries on until its gateway answers" in told


def test_a_dry_flatten_says_what_keeps_it_from_the_venue(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        login(monkeypatch, f"http://127.0.0.1:{deaf.getsockname()[1]}")
        assert main.run(["flatten", "--dry-run"]) == Exit.ENVIRONMENT
    told = capsys.readouterr().err
    assert "unexpected" not in told
    assert "error: no connection" in told
    assert "\n-> " in told


@pytest.mark.parametrize(("run", "told"), [("paper-7", "a paper bot's"), ("sim-7", "simulated")])
def test_flatten_leaves_the_venue_alone_for_a_folder_that_trades_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture, run: str, told: str
) -> None:
    for name in ("USERNAME", "API_KEY", "ACCOUNT_ID"):  # of the account with real money
        monkeypatch.setenv(f"PROJECTX_{name}", "1")
    monkeypatch.setattr("julie.live.venue_door.opened", lambda login: pytest.fail("it went there"))
    FolderLock(tmp_path, run, 0).release()  # the bot died
    where = ["--data-dir", str(tmp_path)]
    assert main.run(["flatten", *where]) == Exit.HALTED
    assert told in capsys.readouterr().err
    assert (tmp_path / "STOP").exists()
    assert main.run(["flatten", "--dry-run", *where]) == Exit.HALTED


def test_a_dry_flatten_says_that_practice_leaves_the_account_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    practice = AccountLock("https://sim.example.com", "1", "sim-1", Path("data/sim"))
    try:
        with empty_account(monkeypatch):
            assert main.run(["flatten", "--dry-run"]) == Exit.DONE
    finally:
        practice.release()
    told = capsys.readouterr()
    assert "only data/sim asked: no live run left anything open" in told.err
    assert told.out.splitlines()[1:] == ["nothing: no position and no order is there"]
