"""One bot an account: a second start learns who holds it, a lock left behind is taken over."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from julie.core.clock import VirtualClock
from julie.core.errors import Exit
from julie.live.account_lock import AccountHeld, AccountLock, lock_name
from julie.live.processes import start_of

ROOT = Path(__file__).resolve().parents[2]
API = "https://api.example.com"
DATA = Path("data/live")
NOW = 1_750_080_600 * 10**9


def held(folder: Path) -> "subprocess.Popen[str]":
    """A bot that holds the account."""
    words = [sys.executable, "-m", "tests.live.lock_holder", str(folder)]
    bot = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert bot.stdout is not None
    assert bot.stdout.readline() == "held\n"
    bot.stdout.close()
    return bot


@pytest.mark.tier1
def test_a_second_start_learns_who_holds_it(tmp_path: Path) -> None:
    bot = held(tmp_path)
    try:
        with pytest.raises(AccountHeld) as found:
            AccountLock(API, "4711", "live-8", DATA, tmp_path)
        told = str(found.value)
        assert f"process {bot.pid} on {socket.gethostname()}" in told
        assert "started 20" in told
        assert "(run live-7)" in told
        assert "last heartbeat 0 s ago" in told or "last heartbeat 1 s ago" in told
        assert found.value.exit_code == Exit.ANOTHER_INSTANCE
        assert "4711" not in told
        AccountLock(API, "4712", "live-8", DATA, tmp_path).release()  # another account is free
    finally:
        bot.kill()
        bot.wait()


@pytest.mark.tier1
def test_what_a_killed_bot_left_is_taken_over(tmp_path: Path) -> None:
    bot = held(tmp_path)
    bot.send_signal(signal.SIGKILL)
    bot.wait()
    lock = AccountLock(API, "4711", "live-8", DATA, tmp_path)
    assert f"process {bot.pid}" in lock.took_over
    assert "taken over" in lock.took_over
    lock.release()
    again = AccountLock(API, "4711", "live-9", DATA, tmp_path)
    assert again.took_over == ""
    again.release()


def left(folder: Path, *, pid: int, start: str, host: str, age_s: float) -> None:
    """A lock file that somebody left, with a heartbeat of that age."""
    told = {"pid": pid, "host": host, "start": start, "since_ns": NOW - 10**12, "run": "old",
            "beat_ns": NOW - round(age_s * 10**9)}  # fmt: skip
    (folder / lock_name(API, "4711")).write_text(json.dumps(told), encoding="utf-8")


def lock_of(folder: Path) -> AccountLock:
    """A new start."""
    return AccountLock(API, "4711", "new", DATA, folder, VirtualClock(NOW))


def test_a_number_given_to_another_process(tmp_path: Path) -> None:
    left(tmp_path, pid=os.getppid(), start="other", host=socket.gethostname(), age_s=1)
    lock = lock_of(tmp_path)
    assert f"process {os.getppid()}" in lock.took_over
    lock.release()


def test_a_process_that_runs_and_beats_where_the_system_locks_nothing(tmp_path: Path) -> None:
    pid = os.getppid()
    left(tmp_path, pid=pid, start=start_of(pid), host=socket.gethostname(), age_s=10)
    with pytest.raises(AccountHeld, match="last heartbeat 10 s ago"):
        lock_of(tmp_path)
    left(tmp_path, pid=pid, start=start_of(pid), host=socket.gethostname(), age_s=31)
    lock_of(tmp_path).release()


@pytest.mark.parametrize(("age_s", "free"), [(60, False), (120, True)])
def test_another_machine_with_the_same_home(tmp_path: Path, age_s: float, free: bool) -> None:
    left(tmp_path, pid=1, start="x", host="elsewhere", age_s=age_s)
    if free:
        lock = lock_of(tmp_path)
        assert "on elsewhere" in lock.took_over
        lock.release()
    else:
        with pytest.raises(AccountHeld, match="process 1 on elsewhere"):
            lock_of(tmp_path)


def test_neither_address_nor_account_is_in_the_name_or_file(tmp_path: Path) -> None:
    AccountLock(API, "PRAC-12345678", "new", DATA, tmp_path, VirtualClock(NOW))
    (file,) = tmp_path.iterdir()
    assert "12345678" not in file.name + file.read_text(encoding="utf-8")
    assert "example" not in file.name + file.read_text(encoding="utf-8")
    assert lock_name(API + "/", "1") == lock_name(API.upper(), "1") != lock_name(API, "2")


def test_the_start_of_a_process() -> None:
    own = start_of(os.getpid())
    assert own
    assert own == start_of(os.getpid())
    words = [sys.executable, "-c", "import threading; threading.Event().wait(30)"]
    with subprocess.Popen(words) as child:
        assert start_of(child.pid) != ""
        child.kill()
    assert start_of(child.pid) == ""
    assert start_of(0) == ""
