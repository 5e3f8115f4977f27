"""Every alarm of the journal gets its line in the log, whoever was killed before it was written."""

from pathlib import Path
from typing import Final

import pytest

from julie.core.clock import VirtualClock
from julie.core.events import Alarm, AuditRecord, Health, Payload, StateChanged
from julie.core.types import DeskState
from julie.core.zones import MINUTE_NS
from julie.live.logs import Logs
from julie.live.operator import Operator, OperatorLine
from julie.live.recall import read_past
from julie.live.said import Said, last_said, unsaid
from tests.fault.frame import Scenario, Scene, run_fault
from tests.fault.invariants import assert_invariants
from tests.fault.outcome import read_messages
from tests.fault.rows import played
from tests.live.left_journal import BEGAN_NS, leave

pytestmark = pytest.mark.tier1

GONE: Final = Alarm("missing_leg", "no stop works for 1")
STUCK: Final = Alarm("order_stuck", "order 7 is pending")
HALT: Final = StateChanged(DeskState.HALTED, "two desks")


def written(folder: Path, *said: Said) -> None:
    """A log whose thread came so far."""
    with Logs(folder, "sim", str) as logs:
        for one in said:
            logs.tell("bot", "WARNING", f"of record {one.seq}", BEGAN_NS, one)


def left(folder: Path) -> list[tuple[str, int]]:
    """What a start has to make good."""
    found = unsaid(folder, read_past(folder).runs)
    assert all(isinstance(one, AuditRecord) for one in found)
    return [(one.run, one.seq) for one in found]


def test_what_came_behind_the_last_line_is_unsaid(tmp_path: Path) -> None:
    reducing = StateChanged(DeskState.REDUCING, "stale")
    leave(tmp_path, "sim-1", [GONE, Health(()), STUCK, reducing, HALT])
    written(tmp_path, Said("sim-1", 1))
    assert last_said(tmp_path) == Said("sim-1", 1)
    assert left(tmp_path) == [("sim-1", 3), ("sim-1", 4), ("sim-1", 5)]
    written(tmp_path, Said("sim-1", 3), Said("sim-1", 5))
    assert left(tmp_path) == []


def test_what_was_told_late_takes_nothing_back(tmp_path: Path) -> None:
    clock = VirtualClock(BEGAN_NS)
    leave(tmp_path, "sim-1", [GONE, GONE, STUCK])
    with Logs(tmp_path, "sim", str) as logs:
        operator = Operator(
            "sim", clock, (lambda one: logs.tell("bot", "WARNING", one.text, one.ns, one.said),)
        )
        for seq, one in enumerate((GONE, GONE, STUCK), 1):
            operator.take(AuditRecord("sim-1", seq, BEGAN_NS, BEGAN_NS, one))
        operator.finish()  # the second of the first, after the third
        written_to = tmp_path / "logs" / "bot.log"
        logs.flush()
        assert written_to.read_text(encoding="utf-8").count("missing_leg") == 2
    assert last_said(tmp_path) == Said("sim-1", 3)
    assert left(tmp_path) == []
    written(tmp_path, Said("sim-2", 1))  # numbers begin anew with each run
    assert last_said(tmp_path) == Said("sim-2", 1)


def test_a_life_that_was_killed_before_it_made_good_hands_it_on(tmp_path: Path) -> None:
    leave(tmp_path, "sim-1", [GONE, STUCK])
    written(tmp_path, Said("sim-1", 1))
    leave(tmp_path, "sim-2", [Health(()), HALT])
    assert left(tmp_path) == [("sim-1", 2), ("sim-2", 2)]


@pytest.mark.parametrize("told", ["", "sim-9 4", "rubbish", "sim-1 x"])
def test_a_log_that_does_not_say_is_asked_for_the_last_run(tmp_path: Path, told: str) -> None:
    assert unsaid(tmp_path, ()) == []
    leave(tmp_path, "sim-1", [GONE])
    leave(tmp_path, "sim-2", [STUCK])
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "said.txt").write_text(told, encoding="utf-8")
    assert left(tmp_path) == [("sim-2", 1)]


def test_a_line_that_met_a_full_disk_is_unsaid(tmp_path: Path) -> None:
    leave(tmp_path, "sim-1", [GONE, STUCK])
    (tmp_path / "logs" / "bot.log").mkdir(parents=True)
    with Logs(tmp_path, "sim", str) as logs:
        logs.tell("bot", "WARNING", "nowhere to write", BEGAN_NS, Said("sim-1", 1))
        logs.flush()
        (tmp_path / "logs" / "bot.log").rmdir()
        logs.tell("bot", "WARNING", "here", BEGAN_NS, Said("sim-1", 2))
    assert left(tmp_path) == [("sim-1", 1), ("sim-1", 2)]


def test_a_flood_takes_no_room_from_an_alarm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("julie.live.logs.WAITING_MAX", 0)
    with Logs(tmp_path, "sim", str) as logs:
        logs.tell("bot", "INFO", "one of many", BEGAN_NS)
        logs.tell("bot", "WARNING", "an alarm", BEGAN_NS, Said("sim-1", 1))
    assert logs.dropped == 1
    assert "an alarm" in (tmp_path / "logs" / "bot.log").read_text(encoding="utf-8")


def test_a_start_tells_each_code_once_and_its_own_alarms_all_the_same() -> None:
    told: list[OperatorLine] = []
    operator = Operator("sim", VirtualClock(BEGAN_NS + MINUTE_NS), (told.append,))
    facts: list[Payload] = [GONE, STUCK, StateChanged(DeskState.ACTIVE, ""), GONE]
    before = [AuditRecord("sim-1", k, BEGAN_NS, BEGAN_NS, one) for k, one in enumerate(facts, 1)]
    operator.retell(before)
    assert [(one.code, one.said) for one in told] == [
        ("order_stuck", Said("sim-1", 2)),
        ("missing_leg", Said("sim-1", 4)),
    ]
    at = "at 2025-04-22 09:30:00 ET, before this start"
    assert told[1].text.startswith(f"SIM missing_leg (x2): {at}: no stop works for 1. ")
    operator.take(AuditRecord("sim-2", 1, BEGAN_NS, BEGAN_NS, GONE))
    assert told[2].text.startswith("SIM missing_leg: no stop works for 1. ")


def test_a_start_tells_no_halt_that_a_person_has_resumed() -> None:
    told: list[OperatorLine] = []
    operator = Operator("sim", VirtualClock(BEGAN_NS + MINUTE_NS), (told.append,))
    resumed = StateChanged(DeskState.ACTIVE, "resumed: seen")
    again = StateChanged(DeskState.HALTED, "flatten: a person", ("flatten",))
    before: list[Payload] = [HALT, GONE, resumed]
    operator.retell(
        AuditRecord("sim-1", k, BEGAN_NS, BEGAN_NS, one) for k, one in enumerate(before, 1)
    )
    assert [one.code for one in told] == ["missing_leg"]
    operator.retell(
        AuditRecord("sim-1", k, BEGAN_NS, BEGAN_NS, one)
        for k, one in enumerate([*before, again], 1)
    )
    assert [one.code for one in told[1:]] == ["missing_leg", "halted"]
    assert told[-1].text.startswith("SIM halted: at 2025-04-22 09:30:00 ET, before this start: f")


def test_what_was_only_counted_is_told_at_the_end() -> None:
    told: list[OperatorLine] = []
    operator = Operator("sim", VirtualClock(BEGAN_NS), (told.append,))
    for seq in range(1, 5):
        operator.take(AuditRecord("sim-1", seq, BEGAN_NS, BEGAN_NS, GONE))
    operator.finish()
    operator.finish()
    assert [one.said.seq for one in told] == [1, 4]
    assert told[1].text.startswith("SIM missing_leg (x3): no stop works for 1. ")


@pytest.mark.tier2
@pytest.mark.timeout(60)
def test_the_bot_says_at_its_start_what_a_killed_one_did_not(tmp_path: Path) -> None:
    leave(tmp_path / "data", "sim-0", [GONE, HALT])

    async def started(scene: Scene) -> None:
        await scene.start()
        await scene.message("missing_leg")
        await scene.message("halted")

    assert_invariants(played(run_fault(Scenario(started, flatten=False), 1, tmp_path)))
    codes = [one.code for one in read_messages(tmp_path / "data")]
    assert codes.count("missing_leg") == 1
