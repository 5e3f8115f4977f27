"""A person closes everything, by every way and in every state: H8."""

import json
import signal
from collections.abc import Awaitable

from julie.core.errors import Exit
from julie.core.zones import SECOND_NS
from tests.fault import gate as gates
from tests.fault.asking import ASKS_NEVER, ASKS_ONCE
from tests.fault.frame import Scene
from tests.fault.outcome import Outcome, read_journal
from tests.fault.rows import fault
from tests.fault.terminal import beside

FLAT_S = 5.0
OUTAGE_S = 100.0  # longer than one throw of the switch tries


@fault("H8", process=True, sets=("strategies.pulse.defense.directional_loss=off",))
async def test_h8_the_kill_switch_by_every_way_in_every_state(scene: Scene) -> None:
    await scene.ready()
    await scene.entered()
    await thrown(scene, by_signal(scene))  # while ACTIVE
    await thrown(scene, by_command(scene))  # while HALTED: harmless
    await again(scene)
    await beside(scene, "pause", "--reason", "lunch")
    await thrown(scene, by_command(scene))  # while REDUCING, with a position
    await again(scene)
    (scene.data / "STOP").touch()
    await scene.until("flat", gates.flat)
    assert await scene.process.gone() == Exit.STOPPED
    told = await beside(scene, "flatten", "--json", sim=True)  # and once more, without a bot
    assert (told.code, json.loads(told.out)["flat"]) == (Exit.DONE, True), told
    assert len(list(scene.data.glob("flatten-*.json"))) == 1

    def says_that_it_left_flat(outcome: Outcome) -> None:
        assert outcome.alarms("left_open") == []
        assert "ends        flat" in scene.process.said.read_text(encoding="utf-8")

    scene.checks.append(says_that_it_left_flat)


async def by_signal(scene: Scene) -> None:
    """The signal of the kill switch."""
    scene.process.send(signal.SIGUSR1)


async def by_command(scene: Scene) -> None:
    """The local socket, as `julie flatten` asks it."""
    await scene.flatten()


async def thrown(scene: Scene, way: Awaitable[None]) -> None:
    """Flat within five seconds of the market."""
    began = await scene.gate.now_ns()
    await way
    truth = await scene.until("flat", gates.flat)
    assert (truth.clock - began) / SECOND_NS <= FLAT_S
    await scene.state("HALTED")


async def again(scene: Scene) -> None:
    """A person lets it go on, and it enters once more."""
    told = await beside(scene, "resume", "--reason", "the row goes on")
    assert told.code == Exit.DONE, told
    await scene.state("ACTIVE")
    await scene.gate.play_to(56)
    await scene.entered()


@fault(
    "H8", process=True, foreign=True, sets=(ASKS_NEVER,), gate_words=("--serve", "MES,ES"),
    cases=("stop", "ctrl_c"),
)  # fmt: skip
async def test_h8_what_is_not_ours_goes_with_a_stop_and_is_told_else(scene: Scene) -> None:
    await scene.ready()
    other = scene.gate.ready.contracts["ES"]  # which this desk does not trade
    theirs = {"contract": other, "size": 2}
    await scene.gate.account("foreign", side="sell", type="stop", price=4_900.0, **theirs)
    await scene.gate.account("foreign", side="buy", **theirs)
    while not [one for one in read_journal(scene.data, "Alarm") if other in str(one.payload)]:
        await scene.pass_s(1)
    if scene.case == "stop":
        (scene.data / "STOP").touch()
        assert await scene.process.gone() == Exit.STOPPED
        await scene.until("flat", gates.flat)
        ends = "ends        flat"
    else:
        scene.process.send(signal.SIGINT)
        assert await scene.process.gone() == Exit.INTERRUPTED
        ends = f"ends        +2 {other}, not ours, stays open"

    def says_how_it_ended(outcome: Outcome) -> None:
        assert ends in scene.process.said.read_text(encoding="utf-8")
        assert len(outcome.alarms("left_open")) == (scene.case == "ctrl_c")

    scene.checks.append(says_how_it_ended)


@fault("H8", process=True, sets=(ASKS_ONCE,), cases=("stop", "stop_ctrl_c", "ctrl_c"))
async def test_h8_while_it_starts(scene: Scene) -> None:
    await scene.ready()
    await scene.entered()
    await scene.kill()
    await scene.gate.rule("delay", {"path": "/api/History/retrieveBars"}, seconds=60)
    await scene.start()
    first = read_journal(scene.data)[0].run
    while not [one for one in read_journal(scene.data, "StateChanged") if one.run != first]:
        await scene.pass_s(1)  # its orders are taken up, its history is on the way
    if scene.case == "ctrl_c":
        scene.process.send(signal.SIGINT)
        assert await scene.process.gone() == Exit.INTERRUPTED
        told = "stays open under its stop at 49"
    else:
        (scene.data / "STOP").touch()
        if scene.case == "stop":
            await scene.until("flat", gates.flat)
            assert await scene.process.gone() == Exit.STOPPED
            told = "everything is closed"
        else:
            await scene.pass_s(3)
            scene.process.send(signal.SIGINT)
            assert await scene.process.gone() in {Exit.STOPPED, Exit.INTERRUPTED}
            told = "ended"

    def says_how_it_ended(outcome: Outcome) -> None:
        said = scene.process.said.read_text(encoding="utf-8")
        assert told in said
        assert "Traceback" not in said

    scene.checks.append(says_how_it_ended)


@fault("H8", process=True, sets=(ASKS_ONCE,))
async def test_h8_the_kill_switch_in_an_outage(scene: Scene) -> None:
    await scene.ready()
    await scene.entered()
    await scene.gate.rule("status", {"path": "/api/*"}, {"for_s": 3.0}, status=503)
    await scene.flatten()
    await scene.until("flat", gates.flat, within_s=15)


@fault("H8", process=True, sets=(ASKS_ONCE,))
async def test_h8_a_stop_in_a_long_outage_is_tried_on(scene: Scene) -> None:
    await scene.ready()
    await scene.entered()
    await scene.gate.rule("status", {"path": "/api/*"}, status=503)
    (scene.data / "STOP").touch()
    await scene.pass_s(OUTAGE_S)
    assert scene.protected(await scene.gate.truth())
    await scene.message("not_flat")
    await scene.gate.sim("rules", method="DELETE")
    await scene.until("flat", gates.flat, within_s=60)
    assert await scene.process.gone() == Exit.STOPPED

    def says_that_it_left_flat(outcome: Outcome) -> None:
        assert outcome.alarms("left_open") == []
        assert "ends        flat" in scene.process.said.read_text(encoding="utf-8")

    scene.checks.append(says_that_it_left_flat)


@fault("H8", process=True, foreign=True, sets=(ASKS_NEVER,))
async def test_h8_nobody_says_flat_who_could_not_read_the_venue(scene: Scene) -> None:
    await scene.ready()
    await scene.gate.rule("status", {"path": "/api/*"}, status=503)
    await scene.gate.rule("mute", {"hub": "user"})
    await scene.gate.account("foreign", contract=scene.contract, side="buy", size=2)
    (scene.data / "STOP").touch()
    await scene.message("not_flat")
    scene.process.send(signal.SIGTERM)  # nobody wants to wait for the venue
    assert await scene.process.gone() == Exit.HALTED
    await scene.gate.sim("rules", method="DELETE")
    told = await beside(scene, "flatten", "--json", sim=True)
    assert (told.code, json.loads(told.out)["flat"]) == (Exit.DONE, True), told

    def says_that_it_does_not_know(outcome: Outcome) -> None:
        said = scene.process.said.read_text(encoding="utf-8")
        assert "ends        flat" not in said
        assert "the venue could not be read, and may hold more" in said
        assert outcome.alarms("left_open")

    scene.checks.append(says_that_it_does_not_know)
