"""`--paper` and `--live` from login to stop, on the machine's own clock: a simulated gateway at the
pace of life stands where the venue would, and nothing tells the bot that it is not.
"""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from websockets.sync.client import connect

from julie.live.sim import Ready
from julie.store.journal import JournalReader
from tests.live.real_days import ROOT, gateway
from tests.live.test_run_bot import trading, wait_until

pytestmark = [
    pytest.mark.tier3, pytest.mark.timeout(400),
    pytest.mark.skipif(os.name != "posix", reason="a terminal is made of a pty"),
]  # fmt: skip
MARKET = ("--scenario", "sample", "--speed", "1")
OURS_AHEAD_S = 2.5  # the machine's clock against the venue's, to be measured
SETS = ("--set", "live.enabled=true", "--set", "live.symbols=[MES]", "--set", "live.trade=[MES]")


@dataclass
class Machine:
    """A machine with a login at the gateway, and a clock that is a little off."""

    ready: Ready
    folder: Path
    offset_ns: int
    typed: list[str] = field(default_factory=list)

    @property
    def data(self) -> Path:
        return self.folder / "bot"

    @property
    def environ(self) -> dict[str, str]:
        ready = self.ready
        return {
            **os.environ, "NO_COLOR": "1", "PYTHONPATH": str(ROOT),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "PROJECTX_API_URL": ready.url, "PROJECTX_USER_HUB": ready.user_hub,
            "PROJECTX_MARKET_HUB": ready.market_hub, "PROJECTX_USERNAME": ready.username,
            "PROJECTX_API_KEY": ready.api_key, "PROJECTX_ACCOUNT_ID": str(ready.account_id),
        }  # fmt: skip

    def words(self, *words: str) -> list[str]:
        told = [sys.executable, "-m", "tests.live.at_the_time", str(self.offset_ns), *words]
        return [*told, "--data-dir", str(self.data)]

    @contextmanager
    def terminal(self, *words: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
        """A program with a person before it; gives it and where the person types."""
        ours, its = pty.openpty()
        with (
            (self.folder / "out.txt").open("a+") as out,
            (self.folder / "err.txt").open("a") as err,
        ):
            child = subprocess.Popen(
                self.words(*words), stdin=its, stdout=out, stderr=err, text=True,
                cwd=self.folder, env=self.environ, start_new_session=True,
            )  # fmt: skip
            os.close(its)
            try:
                yield child, ours
            finally:
                if child.poll() is None:
                    child.send_signal(signal.SIGKILL)
                child.wait()
                os.close(ours)

    def said(self, name: str) -> str:
        path = self.folder / name
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def asked(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Another command beside the bot."""
        return subprocess.run(
            self.words(*words), capture_output=True, text=True, timeout=90, check=False,
            cwd=self.folder, env=self.environ, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def types(self, question: str, answer: str, *words: str) -> int:
        """A command that asks; the exit code."""
        with self.terminal(*words) as (child, keys):
            wait_until(lambda: child.poll() is not None or question in self.said("err.txt"), 60)
            os.write(keys, f"{answer}\n".encode())
            return child.wait(90)

    def status(self) -> dict[str, Any]:
        shown = self.asked("status", "--json")
        assert shown.returncode == 0, shown.stderr
        found: dict[str, Any] = json.loads(shown.stdout)
        return found

    def requests(self) -> Sequence[str]:
        """What was asked of the gateway."""
        told = httpx.get(f"{self.ready.url}/_sim/truth", timeout=30.0).json()
        return [str(one["path"]) for one in told["requests"]]


def begun(ready: Ready) -> None:
    """The market stands until somebody listens for the first time: from now on it goes."""
    login = {"userName": ready.username, "apiKey": ready.api_key}
    token = httpx.post(f"{ready.url}/api/Auth/loginKey", json=login).json()["token"]
    address = f"{ready.market_hub.replace('http', 'ws', 1)}?access_token={token}"
    listen = {"type": 1, "target": "SubscribeContractQuotes", "arguments": [ready.contracts["MES"]]}
    with connect(address) as hub:
        for said in ({"protocol": "json", "version": 1}, listen):
            hub.send(json.dumps(said) + "\x1e")
        for _ in range(3):
            hub.recv(timeout=30)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with gateway(MARKET, tmp_path) as file:
        ready = msgspec.json.decode(file.read_bytes(), type=Ready)
        begun(ready)
        before = time.time_ns()
        now = int(httpx.get(f"{ready.url}/_sim/truth", timeout=30.0).json()["clock"])
        asked = (before + time.time_ns()) // 2
        yield Machine(ready, tmp_path, now - asked + round(OURS_AHEAD_S * 1e9))


def minutes_heard(folder: Path) -> int:
    with JournalReader.of(folder) as reader:
        return sum(one.kind == "MinuteTaken" for one in reader.records())


def lived(machine: Machine, bot: subprocess.Popen[str], mode: str) -> None:
    """What both modes have in common, while the bot runs."""
    wait_until(lambda: bot.poll() is not None or trading(machine.data), 90)
    assert bot.poll() is None, machine.said("err.txt")
    wait_until(lambda: minutes_heard(machine.data) >= 1, 150)
    status = machine.status()
    assert (status["source"], status["mode"], status["desk_state"]) == ("socket", mode, "ACTIVE")
    assert -5000 < status["clock_skew_ms"] < -1000  # 2.5 s, and the Date header has whole ones
    assert status["reconciled_ts"]
    assert mode.upper() in machine.asked("status").stdout


def ended(machine: Machine, mode: str) -> None:
    """What both leave."""
    out = machine.said("out.txt")
    assert f"SESSION REPORT {mode.upper()}" in out
    log = (machine.data / "logs" / "bot.log").read_text(encoding="utf-8")
    lines = [line for line in log.splitlines() if line and not line.startswith(" ")]
    assert all(f" {mode.upper()} " in line for line in lines)
    with JournalReader.of(machine.data) as reader:
        (run,) = reader.run_names()
    assert run.startswith(f"{mode}-")
    assert (machine.data / "reports" / run / "session.json").is_file()
    assert "ends        flat" in out
    assert "balance_differs" not in log
    assert "bar_differs" not in log
    assert "behind this machine's" in log


@pytest.mark.tier4  # two minutes of life, as those of `--live` are
def test_paper_from_login_to_stop(machine: Machine) -> None:
    with machine.terminal("run", "--paper", *SETS) as (bot, _):
        lived(machine, bot, "paper")
        tried = machine.types("to go on", "PAPER MES", "place-test-order", "--cancel-after", "1")
        assert tried == 0, machine.said("err.txt") + machine.said("out.txt")
        wait_until(lambda: minutes_heard(machine.data) >= 2, 150)  # and its money is compared
        assert machine.asked("stop").returncode == 0
        assert bot.wait(60) == 0, machine.said("err.txt")
    ended(machine, "paper")
    assert "PAPER, orders fill on paper only" in machine.said("err.txt")
    assert (machine.data / "paper-account.json").is_file()
    assert not [one for one in machine.requests() if "/Order/place" in one]


def test_live_from_its_three_locks_to_stop(machine: Machine) -> None:
    name = str(machine.ready.accounts[0]["name"])
    with machine.terminal("run", "--live", *SETS, "--set", f"live.account_name={name}") as (
        bot,
        keys,
    ):
        wait_until(lambda: bot.poll() is not None or "Type LIVE" in machine.said("err.txt"), 60)
        assert not [one for one in machine.requests() if "/Order/" in one]
        os.write(keys, b"LIVE\n")
        lived(machine, bot, "live")
        tried = machine.types("to go on", "LIVE MES", "place-test-order", "--cancel-after", "1")
        assert tried == 0, machine.said("err.txt") + machine.said("out.txt")
        wait_until(lambda: minutes_heard(machine.data) >= 2, 150)  # and its money is compared
        assert machine.asked("stop").returncode == 0
        assert bot.wait(60) == 0, machine.said("err.txt")
    ended(machine, "live")
    assert "LIVE, orders go to the venue" in machine.said("err.txt")
    assert [one for one in machine.requests() if "/Order/place" in one]
