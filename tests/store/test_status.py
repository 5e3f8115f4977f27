"""The status file: whole at every moment for whoever reads it, its fields as people know them."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from julie.core.errors import DataError
from julie.store.status import (
    HeldNow,
    HubsNow,
    LimitNow,
    LimitsNow,
    Status,
    StatusFile,
    TradingNow,
    read_status,
    status_path,
)

ROOT = Path(__file__).resolve().parents[2]


def look(count: int = 0) -> Status:
    """A status with a position; `count` makes it another."""
    held = HeldNow("MNQ", "MNQU4", "LONG", 2, 20354.75, 20359.5, 19.0, 4.75)
    return Status(
        "2024-06-29T14:30:00-04:00",
        True,
        f"run-{count}",
        "sim",
        "ACTIVE",
        "x" * (count % 700),
        trading=TradingNow(True, "topstepx_50k", "MNQ", held, (held,)),
        limits=LimitsNow(daily=LimitNow(250.0, 1000.0, "usd")),
        hubs=HubsNow("live", "live"),
        strategies={"orb": "on"},
    )


def test_it_is_read_back_as_it_was(tmp_path: Path) -> None:
    assert read_status(tmp_path) is None
    StatusFile(tmp_path).write(look())
    assert read_status(tmp_path) == look()


def test_scripts_find_the_known_fields(tmp_path: Path) -> None:
    StatusFile(tmp_path).write(look())
    told = json.loads(status_path(tmp_path).read_text(encoding="utf-8"))
    assert {"balance", "daily_pnl", "open_positions", "margin_used", "available_margin"} == set(
        told["account"]
    )
    position = told["trading"]["current_position"]
    assert (position["side"], position["quantity"], position["unrealized_pnl"]) == ("LONG", 2, 19.0)
    assert position["unrealized_points"] == 4.75
    assert set(told["patterns_detected"]) == {"order_blocks", "support_resistance", "trend"}
    assert {"mode", "desk_state", "reason", "data_age_s", "clock_skew_ms", "hubs", "reconciled_ts",
            "limits", "strategies"} <= set(told)  # fmt: skip


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    StatusFile(tmp_path).write(look())
    status_path(tmp_path).write_text('{"timestamp": 3', encoding="utf-8")
    with pytest.raises(DataError, match=r"status\.json: cannot be read"):
        read_status(tmp_path)


@pytest.mark.tier1
def test_every_read_at_50_hz_parses_while_it_is_written(tmp_path: Path) -> None:
    """A writer that stands still in the middle of each file, and a reader that does not wait."""
    words = [sys.executable, "-m", "tests.store.status_writer", str(tmp_path), "60"]
    environment = os.environ | {"JULIE_FAILPOINT": "K13:30:sleep=300"}
    writer = subprocess.Popen(words, cwd=ROOT, env=environment)
    seen: set[str] = set()
    tick = threading.Event()
    while writer.poll() is None:
        if status_path(tmp_path).exists():
            told = json.loads(status_path(tmp_path).read_bytes())
            seen.add(told["run"])
        tick.wait(0.02)
    assert writer.returncode == 0
    assert len(seen) > 3


@pytest.mark.tier1
def test_killed_in_the_middle_the_last_status_stays(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "tests.store.status_writer", str(tmp_path), "60"]
    environment = os.environ | {"JULIE_FAILPOINT": "K13:5:kill"}
    died = subprocess.run(words, cwd=ROOT, env=environment, timeout=15, check=False)
    assert died.returncode == -signal.SIGKILL
    found = read_status(tmp_path)
    assert found is not None
    assert found.run == "run-3"
    assert list(status_path(tmp_path).parent.glob(".*.part"))
    StatusFile(tmp_path).write(look(9))
    assert not list(status_path(tmp_path).parent.glob(".*.part"))
