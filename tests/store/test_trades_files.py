"""The trades as files: the day and its summary, one line a leg, nothing twice and nothing torn."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from julie.core.bookings import TradeClosed
from julie.core.taken import TakenBar
from julie.store.dataset import listed
from julie.store.day_bars import write_day
from julie.store.read import load_bars
from julie.store.trades_files import TradesFiles
from tests.store.journal_parts import payload

ROOT = Path(__file__).resolve().parents[2]
START = 1_750_080_600 * 10**9  # 2025-06-16 09:30 Eastern
MINUTE = 60 * 10**9


def leg(trade_id: int, net: float, minutes: int = 5) -> TradeClosed:
    """A closed leg with that result."""
    made = payload(10)
    assert isinstance(made, TradeClosed)
    return replace(
        made, trade_id=trade_id, entry_ts=START, exit_ts=START + minutes * MINUTE, net=net,
        gross=net + 7.56, fees=7.56,
    )  # fmt: skip


def test_the_day_and_its_summary(tmp_path: Path) -> None:
    files = TradesFiles(tmp_path)
    files.write_today("2025-06-16", [leg(1, 100.25), leg(2, -50.0, 10), leg(3, 75.25, 15)])
    told = json.loads(files.today.read_text(encoding="utf-8"))
    first = told["trades"][0]
    assert first["entry_time"] == "2025-06-16T09:30:00-04:00"
    assert (first["side"], first["quantity"], first["pnl"]) == ("LONG", 2, 100.25)
    assert first["max_drawdown"] == -25.0
    assert told["summary"] == {
        "total_trades": 3,
        "winning_trades": 2,
        "losing_trades": 1,
        "total_pnl": 125.5,
        "win_rate": 66.7,
        "average_win": 87.75,
        "average_loss": -50.0,
        "profit_factor": 3.51,
        "best_trade": 100.25,
        "worst_trade": -50.0,
        "average_duration": 10.0,
    }


def test_a_day_without_trades(tmp_path: Path) -> None:
    files = TradesFiles(tmp_path)
    files.write_today("2025-06-16", [])
    told = json.loads(files.today.read_text(encoding="utf-8"))
    assert told["summary"]["total_trades"] == 0
    assert told["summary"]["win_rate"] is None


def test_one_line_a_leg_and_none_twice(tmp_path: Path) -> None:
    TradesFiles(tmp_path).append("run-1", [leg(1, 77.2)])
    again = TradesFiles(tmp_path)
    again.append("run-1", [leg(1, 77.2), leg(2, -10.0)])
    again.append("run-1", [leg(2, -10.0)])
    again.append("run-2", [leg(1, 5.0)])
    lines = [json.loads(line) for line in again.all.read_text(encoding="utf-8").splitlines()]
    assert [(one["run"], one["tradeId"]) for one in lines] == [
        ("run-1", 1), ("run-1", 2), ("run-2", 1),
    ]  # fmt: skip
    first = lines[0]
    assert (first["pnl"], first["commission"], first["netPnL"]) == (84.76, 7.56, 77.2)
    assert (first["entryTime"], first["duration"]) == ("2025-06-16T13:30:00Z", "5m0s")


def test_a_torn_last_line_is_written_again(tmp_path: Path) -> None:
    files = TradesFiles(tmp_path)
    files.append("run-1", [leg(1, 1.0), leg(2, 2.0)])
    content = files.all.read_bytes()
    files.all.write_bytes(content[:-20])
    again = TradesFiles(tmp_path)
    again.append("run-1", [leg(1, 1.0), leg(2, 2.0)])
    assert again.all.read_bytes() == content


@pytest.mark.tier1
def test_killed_in_the_middle_the_last_day_stays(tmp_path: Path) -> None:
    program = (
        "from pathlib import Path; from julie.store.trades_files import TradesFiles\n"
        f"files = TradesFiles(Path({str(tmp_path)!r}))\n"
        "files.write_today('2025-06-15', []); files.write_today('2025-06-16', [])"
    )
    environment = os.environ | {"JULIE_FAILPOINT": "K13:2:kill"}
    died = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, check=False)
    assert died.returncode == -signal.SIGKILL
    told = json.loads((tmp_path / "logs" / "trades_today.json").read_text(encoding="utf-8"))
    assert told["date"] == "2025-06-15"


def test_the_bars_of_a_day_are_read_like_others(tmp_path: Path) -> None:
    minutes = [
        TakenBar("ESU5", START + k * MINUTE, 6000.0, 6001.0, 5999.75, 6000.25, float(10 + k))
        for k in (1, 0, 2)
    ]
    (file,) = write_day(tmp_path, date(2025, 6, 16), {"ES": minutes, "NQ": []}, simulated=True)
    assert file == tmp_path / "bars" / "live" / "2025-06-16" / "ES.parquet"
    bars = load_bars(file, "ES")
    assert bars.ts.tolist() == [START, START + MINUTE, START + 2 * MINUTE]
    assert (bars.volume.tolist(), bars.simulated) == ([10.0, 11.0, 12.0], True)
    assert listed(tmp_path) == []
