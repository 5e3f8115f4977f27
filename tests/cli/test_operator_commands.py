"""The commands of an operator: with a bot that answers, and without one."""

import json
from pathlib import Path

import pytest

from julie.cli import main
from julie.core.errors import Exit
from julie.live.account_lock import AccountLock
from julie.store.status import StatusFile, ended_by
from tests.cli.answering import bot
from tests.store.test_status import look

pytestmark = pytest.mark.tier1
Capture = pytest.CaptureFixture[str]


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


@pytest.mark.usefixtures("home")
def test_without_a_folder_the_bot_that_runs_is_asked(tmp_path: Path, capsys: Capture) -> None:
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


@pytest.mark.usefixtures("home")
def test_a_bot_that_still_compiles_is_said_to_start(tmp_path: Path, capsys: Capture) -> None:
    where = ["--data-dir", str(tmp_path / "d1")]
    lock = AccountLock("https://sim.example.com", "1", "sim-7", tmp_path / "d1")
    try:
        assert main.run(["status", *where]) == Exit.USAGE
    finally:
        lock.release()
    told = capsys.readouterr().err
    assert "a bot starts in" in told
    assert "(run sim-7) and does not answer yet" in told
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
    (tmp_path / "file").touch()
    where_not = ["--data-dir", str(tmp_path / "file" / "data")]
    assert main.run(["doctor", "--offline", *where_not]) == Exit.ENVIRONMENT
    assert f"FAULT folder     nothing can be put in {tmp_path / 'file'}" in capsys.readouterr().out
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
