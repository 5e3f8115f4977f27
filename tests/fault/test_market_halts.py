"""A market that stands still: M3."""

from julie.core.zones import SECOND_NS
from julie.simgate.exchange.bodies import Request
from tests.fault.asking import ASKS_ONCE
from tests.fault.frame import Scene
from tests.fault.outcome import Outcome
from tests.fault.rows import fault

HALT_S = 60.0
EXITS = ("/api/Position/closeContract", "/api/Position/partialCloseContract", "/api/Order/place")


def exits(requests: list[Request], from_ns: int, to_ns: int) -> list[Request]:
    """What asked to get out, or to protect, between two times."""
    return [one for one in requests if one.path in EXITS and from_ns <= one.ns < to_ns]


async def stuck_and_out(scene: Scene) -> None:
    """Told, protected, no storm; and out once the market trades again."""
    began = await scene.gate.now_ns()
    told = await scene.message("cannot_exit", within_s=20)
    assert "cannot exit: halted" in told.text
    await scene.pass_s(30)
    truth = await scene.until("protected", scene.protected, within_s=1)
    asked = exits(truth.requests, began, truth.clock)
    assert len(asked) <= 3 + (truth.clock - began) / (10 * SECOND_NS), asked
    await scene.until(
        "out", lambda truth: not scene.held(truth), within_s=HALT_S + 90
    )  # a bar to open

    def nothing_works(outcome: Outcome) -> None:
        assert outcome.truth.positions == []

    scene.checks.append(nothing_works)


@fault("M3", sets=(ASKS_ONCE,), cases=("down", None))
async def test_m3_the_kill_switch_in_a_halt(scene: Scene) -> None:
    await scene.ready()
    await scene.entered()
    await scene.gate.market("halt", seconds=HALT_S, limit=scene.case)
    await scene.flatten()
    await stuck_and_out(scene)


@fault("M3", sets=(ASKS_ONCE, "strategies.pulse.leave=931"))
async def test_m3_a_close_of_the_desk_in_a_halt(scene: Scene) -> None:
    await scene.ready()
    await scene.entered()
    await scene.gate.play_to(59.0)
    await scene.gate.market("halt", seconds=HALT_S, limit="down")
    await stuck_and_out(scene)


@fault("M3", sets=("strategies.pulse.first=931",))
async def test_m3_no_entry_in_a_halt(scene: Scene) -> None:
    await scene.ready()
    await scene.gate.market("halt", seconds=HALT_S, limit="up")
    await scene.pass_s(HALT_S - 5)
    truth = await scene.gate.truth()
    assert truth.orders == []
