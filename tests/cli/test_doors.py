"""The three doors at the top level."""

import subprocess
import sys
from pathlib import Path

import pytest

from julie.core.errors import Exit

ROOT = Path(__file__).parents[2]


def door(name: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / name), *words], capture_output=True, text=True, check=False
    )


def test_backtest_is_the_command() -> None:
    shown = door("backtest.py", "--help")
    assert shown.returncode == 0
    assert "julie backtest" in shown.stdout


@pytest.mark.parametrize("name", ["launch_ui.py"])
def test_a_door_that_leads_nowhere_yet_says_so(name: str) -> None:
    shown = door(name)
    assert shown.returncode == Exit.ENVIRONMENT
    assert shown.stdout == ""
    assert "this version of Julie" in shown.stderr
    assert "backtest.py" in shown.stderr
