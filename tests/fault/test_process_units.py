"""P23: a strategy that raises is off by itself; the others and open positions go on."""

from julie.core.events import Decision
from julie.core.taken import MinuteTaken
from tests.fault.flat_market import OPEN_MINUTE
from tests.fault.frame import Scene
from tests.fault.outcome import Outcome
from tests.fault.rows import fault

WITH_A_FAULTY_ONE = ("pulse", "faulty")


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
    await scene.safe("in a position", scene.protected)
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
