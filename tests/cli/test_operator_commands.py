"""The commands of an operator: with a bot that answers, and without one."""

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from julie.cli import main
from julie.core.bus import Bus
from julie.core.errors import Exit
from julie.core.events import Command
from julie.live.account_lock import AccountLock
from julie.live.control import ControlSocket
from julie.live.control_wire import Answer
from julie.live.whereabouts import Running
from julie.store.journal.lock import FolderLock
from julie.store.status import Status, StatusFile, ended_by
from tests.gateway.venue import Venue, ok
from tests.store.test_status import look

pytestmark = pytest.mark.tier1
Capture = pytest.CaptureFixture[str]


@contextmanager
def bot(folder: Path, status: Status | None = None, mode: str = "sim") -> Iterator[list[Command]]:
    """A bot on a thread of its own that does whatever is asked, except `resume` without reason."""
    heard: list[Command] = []
    ready, ended = threading.Event(), threading.Event()

    async def obey(command: Command) -> Answer:
        heard.append(command)
        good = command.verb != "resume" or bool(command.arguments)
        return Answer(command.id, good, f"{command.verb}: {'done' if good else 'no reason'}")

    async def serve() -> None:
        door = ControlSocket(folder, Bus(), f"{mode}-1", mode, obey)
        async with asyncio.TaskGroup() as group:
            task = group.create_task(door.run())
            await door.ready.wait()
            if status is not None:
                door.show(status)
            ready.set()
            await asyncio.to_thread(ended.wait, 15)
            task.cancel()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(8)
    try:
        yield heard
    finally:
        ended.set()
        thread.join()


def test_pause_resume_stop_and_flatten_ask_the_bot(tmp_path: Path, capsys: Capture) -> None:
    where = ["--data-dir", str(tmp_path)]
    with bot(tmp_path) as heard:
        assert main.run(["pause", "--reason", "lunch", *where]) == Exit.DONE
        assert main.run(["resume", *where]) == Exit.HALTED
        assert main.run(["resume", "--reason", "looked at it", *where]) == Exit.DONE
        assert main.run(["stop", "--after-trade", *where]) == Exit.DONE
        assert main.run(["flatten", "--json", *where]) == Exit.DONE
    told = capsys.readouterr()
    assert "pause: done" in told.out
    assert "refused: resume: no reason" in told.err
    assert '"by": "bot"' in told.out
    assert [one.verb for one in heard] == ["pause", "resume", "resume", "stop", "flatten"]
    assert dict(heard[3].arguments) == {"after_trade": "yes"}
    assert not (tmp_path / "STOP").exists()


def test_without_a_folder_the_bot_that_runs_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    near, far = Path("data") / "live", tmp_path / "far"
    near.mkdir(parents=True)
    far.mkdir()
    lock = AccountLock("https://one.example.com", "1", "live-1", near)
    try:
        with bot(near) as heard:
            assert main.run(["pause", "--reason", "lunch"]) == Exit.DONE
            assert main.run(["flatten"]) == Exit.DONE
        assert [one.verb for one in heard] == ["pause", "flatten"]
        assert "data/live: flatten: done" in capsys.readouterr().out
        other = AccountLock("https://two.example.com", "2", "sim-1", far)
        try:
            with bot(near) as heard, bot(far) as heard_far:
                assert main.run(["pause"]) == Exit.USAGE  # which one?
                assert main.run(["flatten"]) == Exit.DONE  # both
            assert [one.verb for one in (*heard, *heard_far)] == ["flatten", "flatten"]
            assert "2 bots run" in capsys.readouterr().err
        finally:
            other.release()
    finally:
        lock.release()


def test_a_test_order_goes_through_the_bot(tmp_path: Path, capsys: Capture) -> None:
    words = ["place-test-order", "--side", "sell", "--data-dir", str(tmp_path)]
    with bot(tmp_path) as heard:
        assert main.run([*words, "--dry-run"]) == Exit.DONE
        assert "SIM would sell 1 MES at market, stop 40, target 40" in capsys.readouterr().out
        assert heard == []
        assert main.run([*words, "--cancel-after", "1"]) == Exit.DONE
        assert "SIM place-test-order: done" in capsys.readouterr().out
    assert dict(heard[0].arguments) == {
        "symbol": "MES", "side": "sell", "qty": "1", "stop_ticks": "40", "target_ticks": "40",
        "hold_s": "1.0",
    }  # fmt: skip
    assert main.run(words) == Exit.USAGE
    assert "no bot runs in" in capsys.readouterr().err


def test_a_real_test_order_is_confirmed_by_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    words = ["place-test-order", "--symbol", "mes", "--data-dir", str(tmp_path)]
    with bot(tmp_path, mode="live") as heard:
        assert main.run(words) == Exit.USAGE
        assert "confirmed by hand" in capsys.readouterr().err
        monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
        monkeypatch.setattr("typer.prompt", lambda text, err: "LIVE")
        assert main.run(words) == Exit.USAGE
        assert "nothing was sent" in capsys.readouterr().err
        assert heard == []
        monkeypatch.setattr("typer.prompt", lambda text, err: "LIVE MES")
        assert main.run(words) == Exit.DONE
        assert [one.verb for one in heard] == ["place-test-order"]


def test_without_a_bot(tmp_path: Path, capsys: Capture) -> None:
    where = ["--data-dir", str(tmp_path)]
    assert main.run(["pause", *where]) == Exit.USAGE
    assert "no bot runs in" in capsys.readouterr().err
    assert main.run(["status", *where]) == Exit.USAGE
    assert "none ever wrote its status" in capsys.readouterr().err


def test_status_from_the_socket_else_from_the_file(tmp_path: Path, capsys: Capture) -> None:
    where = ["--data-dir", str(tmp_path)]
    with bot(tmp_path, look(3)):
        assert main.run(["status", *where]) == Exit.DONE
        told = capsys.readouterr().out
        assert told.startswith("SIM  run-3  runs  (socket)\ndesk      ACTIVE")
        assert "position  LONG 2 MNQU4 at 20354.75, NO STOP, open 19.00 USD" in told
        assert "[#####...............] 250.00 of 1,000.00 usd" in told
        assert main.run(["status", "--json", *where]) == Exit.DONE
        assert json.loads(capsys.readouterr().out)["source"] == "socket"
    StatusFile(tmp_path).write(look(4))
    assert main.run(["status", *where]) == Exit.HALTED
    told = capsys.readouterr().out
    assert "run-4  does not answer  (file, " in told
    assert " min old)" in told
    ended_by(tmp_path, "run-3", "of another run")
    ended_by(tmp_path, "run-4", "the venue is down")
    assert main.run(["status", *where]) == Exit.HALTED
    told = capsys.readouterr().out
    assert "run-4  has ended  (file, " in told
    assert "desk      ACTIVE: it ended: the venue is down" in told


@pytest.mark.parametrize("named", [True, False])
def test_flatten_without_a_bot_goes_to_the_venue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture, named: bool
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
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
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
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
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
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
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
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


@pytest.mark.parametrize("died", [True, False])
def test_beside_practice_the_account_is_closed_only_where_a_live_bot_died(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture, died: bool
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
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
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
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
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
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
        _login(monkeypatch, url[0])
        yield
    finally:
        ended.set()
        thread.join()


def test_a_dry_flatten_says_what_keeps_it_from_the_venue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        _login(monkeypatch, f"http://127.0.0.1:{deaf.getsockname()[1]}")
        assert main.run(["flatten", "--dry-run"]) == Exit.ENVIRONMENT
    told = capsys.readouterr().err
    assert "unexpected" not in told
    assert "error: no connection" in told
    assert "\n-> " in told


def _login(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    for name, value in (
        ("API_URL", url), ("USERNAME", "sentinel-user"),
        ("API_KEY", "sentinel-key-0123456789"), ("ACCOUNT_ID", "501"),
    ):  # fmt: skip
        monkeypatch.setenv(f"PROJECTX_{name}", value)


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


def test_doctor_offline_and_without_a_login(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    for name in ("USERNAME", "API_KEY", "ACCOUNT_ID"):
        monkeypatch.setenv(f"PROJECTX_{name}", "")
    monkeypatch.chdir(tmp_path)
    where = ["--data-dir", str(tmp_path / "data")]
    assert main.run(["doctor", "--offline", *where]) == Exit.DONE
    told = capsys.readouterr().out
    assert "ok    Python" in told
    assert "ok    calendar" in told
    monkeypatch.setattr("julie.live.examine.system_keyring", lambda: None)
    assert main.run(["doctor", *where]) == Exit.LOGIN
    told = capsys.readouterr().out
    assert "FAULT login" in told
    assert "PROJECTX_USERNAME is not set" in told
    (tmp_path / ".env").write_bytes(b"\xff\xfeP\0")
    assert main.run(["doctor", "--offline", *where]) == Exit.LOGIN
    assert "FAULT keys       .env is no UTF-8 text (byte 1)" in capsys.readouterr().out
    monkeypatch.setattr("julie.live.venue_door.system_keyring", lambda: None)
    for words, code in ((["flatten", "--dry-run"], Exit.LOGIN), (["run"], Exit.USAGE)):
        assert main.run(words) == code
        told = capsys.readouterr().err
        assert ".env is no UTF-8 text" in told
        assert "Traceback" not in told
    (tmp_path / ".env").write_text("PROJECTX_USERNAME=\n", encoding="utf-8")
    (tmp_path / ".env").chmod(0o644)
    assert main.run(["doctor", "--offline", "--strict", *where]) == Exit.ENVIRONMENT
    assert "-> chmod 600" in capsys.readouterr().out
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "STOP").touch()
    assert main.run(["doctor", "--offline", *where]) == Exit.STOPPED


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["fetch", "--from", "2025-04-23", "--to", "2025-04-21"], "lies behind 2025-04-21"),
        (["fetch", "--from", "2999-01-01"], "lies behind now"),
        (["simgate", "--data", "nowhere.csv"], "nowhere.csv: there is no such file"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_asked(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.run(words) == Exit.USAGE
    assert told in capsys.readouterr().err


def test_a_dry_flatten_says_that_practice_leaves_the_account_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    practice = AccountLock("https://sim.example.com", "1", "sim-1", Path("data/sim"))
    try:
        with empty_account(monkeypatch):
            assert main.run(["flatten", "--dry-run"]) == Exit.DONE
    finally:
        practice.release()
    assert "only data/sim asked: no live run left anything open" in capsys.readouterr().err
