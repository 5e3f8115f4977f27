"""The report of live runs says what the journal holds, and `why` what the judges said."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from julie.cli import main
from julie.core.bookings import EquityMarked
from julie.core.errors import Exit
from julie.core.events import (
    Alarm,
    Decision,
    Fill,
    Intent,
    JudgedCandidate,
    OrderState,
    OrderUpdate,
    Spoken,
)
from julie.core.taken import LegDropped, MinuteTaken, TakenBar
from julie.core.types import Code, Reason, Side
from tests.live.left_journal import leave
from tests.store.test_trades_files import START, leg

pytestmark = pytest.mark.tier1
Capture = pytest.CaptureFixture[str]
MINUTE = 60 * 10**9
JUDGES = ("session", "chop")


def bar(k: int) -> TakenBar:
    ts = START + k * MINUTE
    return TakenBar("CON.F.US.EP.U25", ts, 6000.0, 6001.0, 5999.75, 6000.25, 10.0)


def minute(k: int, dropped: int = 0) -> MinuteTaken:
    left = ((LegDropped(0, dropped),),) if dropped else ((),)
    at = START + k * MINUTE
    return MinuteTaken(at, (bar(k),), ((),), (0,), (0,), (0,), dropped=left)


def decision(k: int, candidate: int, outcome: Reason) -> Decision:
    denied = outcome is Reason.IN_CHOP
    one = JudgedCandidate(
        candidate, "ES", "orb", Side.LONG, (Code.ALLOW, Code.DENY if denied else Code.ALLOW),
        outcome, (0.4, 0.8), 0.5, 6000.0, 8, 12, "",
        (Spoken("chop", outcome, (0.4, 0.8)),) if denied else (),
    )  # fmt: skip
    return Decision(START + k * MINUTE, JUDGES, (one,))


def entry(k: int, number: int) -> Intent:
    at = START + (k + 1) * MINUTE
    return Intent(f"ES:{number}", "CON.F.US.MES.U25", Side.LONG, 1, 8, f"tag{number}",
                  decided_ns=at)  # fmt: skip


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Three candidates: one denied, one traded, one that the venue refused."""
    closed = replace(
        leg(7, 30.0), instrument="MES", candidate_id=1, entry_price=6000.5, side=1,
        entry_kind="market", slippage_ticks=2.0, slippage=2.5,
    )  # fmt: skip
    leave(tmp_path, "sim-old", [minute(0)], START)
    leave(
        tmp_path,
        "sim-new",
        [
            minute(0), decision(0, 0, Reason.IN_CHOP), EquityMarked(5_000_000, 0, 4_800_000),
            minute(1), decision(1, 1, Reason.NONE), entry(1, 0),
            OrderUpdate("9", "tag0", OrderState.FILLED, 1),
            Fill("9", "CON.F.US.MES.U25", Side.LONG, 1, 24002, 61),
            minute(2), closed, EquityMarked(5_003_000, 0, 4_800_000),
            minute(3), decision(3, 2, Reason.NONE), entry(3, 1),
            OrderUpdate("", "tag1", OrderState.REJECTED, 0),
            Alarm("size_mismatch", "venue 2, journal 1"), Alarm("hole", "7 minutes"),
            minute(4, int(Reason.REJECTED)),
        ],
        START,
    )  # fmt: skip
    return tmp_path


def test_the_newest_run_is_reported(journal: Path, capsys: Capture) -> None:
    where = ["--data-dir", str(journal)]
    assert main.run(["report", "--live", "--json", *where]) == Exit.DONE
    told = json.loads(capsys.readouterr().out)
    assert (told["run_id"], told["trades"], told["candidates"], told["bars"]) == (
        "sim-new", 1, 3, 5,
    )  # fmt: skip
    live = told["live"]
    assert (live["orders"], live["refused"], live["fees_booked"]) == ({"entry": 2}, 1, 0.61)
    assert (live["slippage_ticks"], live["late_ticks"]) == (2.0, 2.0)
    assert live["differences"] == ["size_mismatch: venue 2, journal 1"]
    assert live["alarms"] == {"size_mismatch": 1, "hole": 1}
    assert live["balance"] == 50_030.0
    (day,) = live["days"]  # over all runs of it
    assert (day["day"], day["run"], day["minutes"]) == ("2025-06-16", "sim-old, sim-new", 6)
    assert (day["candidates"], day["trades"], day["net"]) == (3, 1, 30.0)
    page = Path(told["report"]).read_text(encoding="utf-8")
    assert "<title>SIM sim-new</title>" in page
    whole = json.loads(Path(told["report"]).with_name("report.json").read_text(encoding="utf-8"))
    assert whole["refusals"] == {"in_chop": 1, "rejected": 1}
    assert whole["limits"]["start"] == 50_000.0


def test_text_names_mode_and_differences(journal: Path, capsys: Capture) -> None:
    assert main.run(["report", "--live", "sim-new", "--data-dir", str(journal)]) == Exit.DONE
    told = capsys.readouterr().out
    assert told.startswith("=== SIM RESULTS === sim-new\nSIM: what was traded")
    assert "Note: difference found: size_mismatch: venue 2, journal 1" in told
    assert "denied by chop 1" in told
    assert "Note: day 2025-06-16: 6 minutes, 3 candidates, 1 trades, +30.00 USD net, flat" in told


def test_unknown_runs_and_times_are_refused(journal: Path, capsys: Capture) -> None:
    where = ["--data-dir", str(journal)]
    assert main.run(["report", "--live", "sim-none", *where]) == Exit.USAGE
    assert "its newest runs: sim-old, sim-new" in capsys.readouterr().err
    assert main.run(["report", "--live", "--last", "soon", *where]) == Exit.USAGE
    assert main.run(["why", "--at", "2025-06-16T12:00", "--run", "live", *where]) == Exit.USAGE
    assert "the nearest is of the bar 2025-06-16 09:33 Eastern" in capsys.readouterr().err


def test_a_stretch_counts_back_from_now_and_in_a_simulated_market_from_its_last_time(
    journal: Path, capsys: Capture
) -> None:
    where = ["report", "--live", "--no-plots", "--json", "--data-dir", str(journal)]
    assert main.run([*where, "--last", "week"]) == Exit.DONE
    assert json.loads(capsys.readouterr().out)["live"]["runs"] == ["sim-old", "sim-new"]
    leave(journal, "live-last", [minute(5), decision(5, 3, Reason.IN_CHOP)], START)
    assert main.run([*where, "--last", "7d"]) == Exit.USAGE
    told = capsys.readouterr().err
    assert "the newest is live-last, last heard of 2025-06-16" in told
    assert "leave `--last` out" in told
    assert main.run([*where, "--last", "9000d"]) == Exit.DONE
    told = json.loads(capsys.readouterr().out)
    assert told["live"]["runs"] == ["sim-old", "sim-new", "live-last"]


def test_why_tells_what_was_journaled(journal: Path, capsys: Capture) -> None:
    said = {}
    for at in ("09:31", "09:32", "09:34"):
        words = ["why", "--at", f"2025-06-16T{at}", "--run", "sim-new"]
        assert main.run([*words, "--data-dir", str(journal)]) == Exit.DONE
        said[at] = capsys.readouterr().out
    assert "chop               deny" in said["09:31"]
    assert "  -> trade 7" in said["09:32"]
    assert "  -> taken, then: the venue refused the entry" in said["09:34"]
