"""Somebody else's clients at our gateway, in an environment of theirs that JULIE_FOREIGN names."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.tier4, pytest.mark.timeout(120)]

HERE = Path(__file__).parent
SERVE = ["-m", "julie.cli.main", "simgate", "--scenario", "sample", "--speed", "10"]
SWITCHES = ["--dialect", '{"machine_tokens":true}']


@pytest.mark.parametrize(
    "script", ["signalrcore_client.py", "pysignalr_client.py", "project_x_session.py"]
)
def test_they_trade_a_bracket(script: str) -> None:
    python = os.environ.get("JULIE_FOREIGN")
    if not python:
        pytest.skip("JULIE_FOREIGN names no Python with signalrcore, pysignalr and project-x-py")
    gateway = subprocess.Popen(
        [sys.executable, *SERVE, *SWITCHES], stdout=subprocess.PIPE, text=True
    )
    assert gateway.stdout is not None
    try:
        ready = gateway.stdout.readline()
        found = subprocess.run(
            [python, str(HERE / script)], input=ready, capture_output=True, text=True, timeout=90
        )
    finally:
        gateway.kill()
        gateway.wait()
        gateway.stdout.close()
    assert found.returncode == 0, found.stderr
    told = json.loads(found.stdout.splitlines()[-1])
    assert told["modified"]
    assert told["closed"]
