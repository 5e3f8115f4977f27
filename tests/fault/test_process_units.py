"""P23: a strategy, a judge or a column that raises is off by itself; the others and open positions
go on.
"""

from pathlib import Path

from julie.core.events import Decision
from julie.core.taken import MinuteTaken
from julie.core.types import Code, Reason
from tests.fault.flat_market import OPEN_MINUTE
from tests.fault.frame import Scene
from tests.fault.outcome import Outcome
from tests.fault.rows import fault

WITH_A_FAULTY_ONE = ("pulse", "faulty")
BALKING = Path(__file__).parent / "balking.py"
BROUGHT = (
    *("--strategies", f"{BALKING}:leaning"),
    *("--set", "strategies.leaning.sizing=fixed"),
)
WITH_THE_JUDGE = "defense.order=[session, balking, holiday, circuit_breaker, account_rules]"


def pulse_spoke_each_minute(outcome: Outcome) -> None:
    """Its candidates are those of a run without the other."""
    minutes = [one.ts for one in outcome.of(MinuteTaken)]
    spoke = [
        decision.ts
        for decision in outcome.of(Decision)
        for one in decision.candidates
        if one.strategy == "pulse"
    ]
    assert [ts for ts in minutes if ts >= spoke[0]] == spoke


@fault("P23", rules=WITH_A_FAULTY_ONE)
async def test_p23_a_strategy_that_always_raises(scene: Scene) -> None:
    await scene.gate.breaks()
    await scene.ready()
    await scene.until("in a position", scene.protected)
    for _ in range(4):
        await scene.gate.play_to(56)
        await scene.pass_s(6)
    assert scene.protected(await scene.gate.truth())
    scene.checks.append(pulse_spoke_each_minute)

    def off_after_three(outcome: Outcome) -> None:
        assert len(outcome.alarms("unit_failed")) == 3
        assert len(outcome.alarms("strategy_off")) == 1

    scene.checks.append(off_after_three)


@fault(
    "P23",
    rules=WITH_A_FAULTY_ONE,
    sets=(
        f"strategies.faulty.fails_from={OPEN_MINUTE + 1}",
        f"strategies.faulty.fails_to={OPEN_MINUTE + 1}",
    ),
)
async def test_p23_a_strategy_that_raises_once(scene: Scene) -> None:
    await scene.ready()
    await scene.entered()
    for _ in range(3):
        await scene.gate.play_to(56)
        await scene.pass_s(6)
    scene.checks.append(pulse_spoke_each_minute)

    def told_once(outcome: Outcome) -> None:
        assert len(outcome.alarms("unit_failed")) == 1
        assert not outcome.alarms("strategy_off")

    scene.checks.append(told_once)


async def three_minutes_more(scene: Scene, kind: str) -> None:
    """In a position, until the unit is off; the position keeps its stop."""
    await scene.until("in a position", scene.protected)
    for _ in range(5):
        await scene.gate.play_to(56)
        await scene.pass_s(6)
    assert scene.protected(await scene.gate.truth())
    scene.checks.append(pulse_spoke_each_minute)

    def off_after_three(outcome: Outcome) -> None:
        failed = [one for one in outcome.alarms("unit_failed") if one.startswith(kind)]
        assert len(failed) == 3
        assert len(outcome.alarms(f"{kind}_off")) == 1

    scene.checks.append(off_after_three)


@fault("P23", process=True)
async def test_p23_a_judge_that_raises(scene: Scene) -> None:
    await scene.gate.breaks()
    await scene.ready(words=(*BROUGHT, "--set", WITH_THE_JUDGE))
    await three_minutes_more(scene, "judge")

    def nobody_passes_it_and_the_others_judge_as_before(outcome: Outcome) -> None:
        decisions = outcome.of(Decision)
        assert decisions[0].judges[1] == "balking"
        before, after = decisions[0], decisions[1:]
        assert {one.codes[1] for one in before.candidates} == {Code.ALLOW}
        for one in (one for decision in after for one in decision.candidates):
            assert one.codes[1] == Code.DENY
            assert one.outcome is Reason.JUDGE_FAILED
            assert one.codes[0] == before.candidates[0].codes[0]
            assert one.codes[2:] == before.candidates[0].codes[2:]

    scene.checks.append(nobody_passes_it_and_the_others_judge_as_before)


@fault("P23", process=True)
async def test_p23_a_column_that_raises(scene: Scene) -> None:
    await scene.gate.breaks()
    await scene.ready(words=BROUGHT)
    await three_minutes_more(scene, "column")

    def who_reads_it_is_silent(outcome: Outcome) -> None:
        first, *later = outcome.of(Decision)
        assert [one.strategy for one in first.candidates] == ["leaning", "pulse"]
        assert all([one.strategy for one in each.candidates] == ["pulse"] for each in later)

    scene.checks.append(who_reads_it_is_silent)
