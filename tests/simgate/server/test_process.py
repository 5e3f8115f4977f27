"""`julie simgate` as a process: the line it prints, how it ends, what it refuses."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.simgate.server.gate import DAY, bars_file

pytestmark = [pytest.mark.tier2, pytest.mark.timeout(90)]  # each starts Python, on any machine

COMMAND = [sys.executable, "-m", "julie.cli.main", "simgate"]


@contextmanager
def running(folder: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    data = ["--data", str(bars_file(folder)), "--symbol", "MES", "--date", DAY.isoformat()]
    child = subprocess.Popen([*COMMAND, *data, *words], stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        yield child, json.loads(child.stdout.readline())
    finally:
        child.kill()
        child.wait()
        assert child.stdout is not None
        child.stdout.close()


def test_the_line_tells_all_that_a_client_needs(tmp_path: Path) -> None:
    with running(tmp_path, "--username", "me", "--api-key", "sentinel") as (_, ready):
        assert ready["user_hub"] == ready["url"] + "/hubs/user"
        assert ready["market_hub"] == ready["url"] + "/hubs/market"
        assert (ready["username"], ready["api_key"]) == ("me", "sentinel")
        assert ready["accounts"][0]["canTrade"] is True
        assert ready["contracts"]["MES"].startswith("CON.F.US.MES.")
        login = {"userName": "ME", "apiKey": "sentinel"}
        answer = httpx.post(ready["url"] + "/api/Auth/loginKey", json=login)
        assert answer.json()["success"] is True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_good_order(tmp_path: Path, number: signal.Signals) -> None:
    with running(tmp_path) as (child, _):
        child.send_signal(number)
        assert child.wait(30) == 0


def test_it_ends_with_its_parent(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with running(tmp_path, "--with-parent", str(parent.pid)) as (child, _):
        assert child.poll() is None
        parent.kill()
        assert child.wait(30) == 0  # before anybody has buried the parent
    parent.wait()
    assert parent.stdin is not None
    parent.stdin.close()


def test_it_ends_when_nobody_comes(tmp_path: Path) -> None:
    with running(tmp_path, "--idle-exit", "3") as (child, ready):
        httpx.get(ready["url"] + "/api/Status/ping")
        assert child.wait(30) == 0


def test_a_second_one_cannot_have_the_port(tmp_path: Path) -> None:
    with running(tmp_path) as (_, ready):
        port = ready["url"].rpartition(":")[2]
        data = ["--data", str(tmp_path / "MES.csv"), "--date", DAY.isoformat(), "--symbol", "MES"]
        second = subprocess.run(
            [*COMMAND, *data, "--port", port], capture_output=True, text=True, timeout=60
        )
        assert second.returncode == 2
        assert f"port {port}" in second.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--speed", "0"], "no such speed"),
        (["--scenario", "picnic"], "there are: busy"),
        (["--data", "nowhere.csv", "--symbol", "MES"], "nowhere.csv"),
        (["--date", "2025-04-12"], "no trading day"),
        (["--dialect", '{"nulls":"loud"}'], "nulls"),
        (["--from", "nine"], "no time of day"),
    ],
)
def test_what_cannot_be_served_is_refused_in_words(words: list[str], said: str) -> None:
    child = subprocess.run(
        [*COMMAND, *words],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "NO_COLOR": "1"},
    )
    assert (child.returncode, child.stdout) == (2, "")
    assert said in child.stderr
