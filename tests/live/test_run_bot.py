"""`python run_bot.py` as a person starts it: the sample session, commands, the ways to its end."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from julie.live.control_client import ask
from julie.live.control_place import NobodyThere
from julie.store.journal import JournalReader, Wanted
from julie.store.status import read_status

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.tier3, pytest.mark.timeout(300)]


def words(folder: Path, *more: str) -> list[str]:
    return [sys.executable, str(ROOT / "run_bot.py"), "--data-dir", str(folder), *more]


@contextmanager
def started(folder: Path, *more: str) -> Iterator[subprocess.Popen[str]]:
    """A bot in a process of its own, gone at the end whatever happens."""
    bot = subprocess.Popen(
        words(folder, *more), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    )
    try:
        yield bot
    finally:
        if bot.poll() is None:
            bot.kill()
        bot.communicate()


def wait_until(holds: Callable[[], bool], seconds: float = 180.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to that"
        threading.Event().wait(0.1)


def trading(folder: Path) -> bool:
    """Whether the bot of a folder has compared with the venue and hears the market."""
    try:
        status = read_status(folder)
    except NobodyThere:
        return False
    return status is not None and status.is_alive and status.desk_state == "ACTIVE"


def paused(folder: Path) -> str:
    status = read_status(folder)
    return "" if status is None else status.paused


def test_the_sample_session_has_all_that_a_day_can_bring(tmp_path: Path) -> None:
    folder = tmp_path / "bot"
    done = subprocess.run(
        words(folder), capture_output=True, text=True, timeout=280, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "simulated market" in done.stderr
    assert "the market and the account are simulated" in done.stdout
    (kept,) = folder.glob("reports/*/session.json")
    made = json.loads(kept.read_text(encoding="utf-8"))
    assert (made["first"][-5:], made["last"][-5:]) == ("09:30", "16:09")
    assert made["minutes"] == 400
    assert made["trades"] >= 5
    assert made["stops"] >= 1
    assert made["targets"] >= 1
    assert sum(made["denials"].values()) >= 1
    assert made["reconnects"] >= 1
    assert made["flat"] is True
    assert made["differences"] == []
    page = Path(made["page"])
    assert page.is_file()
    assert str(page) in done.stdout
    with JournalReader.of(folder) as reader:
        day = reader.last_day()
        trades = list(reader.records(Wanted(kinds=("TradeClosed",))))
    assert day is not None
    assert len(trades) == made["legs"]
    lines = (folder / "logs" / "trades.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == made["legs"]
    status = read_status(folder)
    assert status is not None
    assert not status.is_alive
    again = subprocess.run(
        words(folder), capture_output=True, text=True, timeout=120, cwd=ROOT, check=False
    )
    assert again.returncode == 5
    assert "another folder" in again.stderr


def test_a_person_steers_it_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    folder = tmp_path / "bot"
    with started(folder, "--speed", "5", "--headless") as bot:
        wait_until(lambda: trading(folder))
        assert ask(folder, "pause", reason="lunch").ok
        wait_until(lambda: paused(folder) == "lunch")
        assert ask(folder, "resume").ok
        flat = ask(folder, "flatten", reason="a test", answer_s=30.0)
        assert flat.ok
        assert "flat" in flat.text
        refused = ask(folder, "resume")
        assert not refused.ok
        assert "--reason" in refused.text
        assert ask(folder, "resume", reason="seen").ok
        unknown = ask(folder, "dance")
        assert not unknown.ok
        assert "there are" in unknown.text
        bot.send_signal(signal.SIGINT)
        out, err = bot.communicate(timeout=60)
    assert bot.returncode == 130, err[-2000:]
    assert "Ctrl-C was received" in out


def test_a_stop_file_flattens_ends_and_forbids_the_next_start(tmp_path: Path) -> None:
    folder = tmp_path / "bot"
    with started(folder, "--speed", "5", "--headless") as bot:
        wait_until(lambda: trading(folder))
        (folder / "STOP").touch()
        out, err = bot.communicate(timeout=90)
    assert bot.returncode == 7, err[-2000:]
    assert "ends        flat" in out
    again = subprocess.run(
        words(folder), capture_output=True, text=True, timeout=60, cwd=ROOT, check=False
    )
    assert again.returncode == 7
    assert "forbids trading" in again.stderr


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGTERM to send")
def test_sigterm_ends_in_order_and_the_next_start_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "bot"
    with started(folder, "--speed", "5", "--headless") as bot:
        wait_until(lambda: trading(folder))
        bot.terminate()
        out, err = bot.communicate(timeout=60)
    assert bot.returncode == 143, err[-2000:]
    assert "SESSION REPORT" in out


def test_paper_trades_the_same_market_with_an_account_of_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "bot"
    done = subprocess.run(
        words(folder, "--paper", "--sim", "--until", "10:45"),
        capture_output=True, text=True, timeout=200, cwd=ROOT, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert "PAPER" in done.stderr
    assert (folder / "paper-account.json").is_file()
    (kept,) = folder.glob("reports/paper-*/session.json")
    made = json.loads(kept.read_text(encoding="utf-8"))
    assert made["trades"] >= 1
    assert made["fees"] > 0
    other = subprocess.run(
        words(folder, "--sim"), capture_output=True, text=True, timeout=60, cwd=ROOT, check=False
    )
    assert other.returncode == 5
    assert "belongs to paper" in other.stderr


def test_live_is_refused_while_its_switch_is_off(tmp_path: Path) -> None:
    done = subprocess.run(
        words(tmp_path / "bot", "--live"),
        capture_output=True, text=True, timeout=60, cwd=ROOT, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "live.enabled is false" in done.stderr
    assert "no request was sent" in done.stderr
