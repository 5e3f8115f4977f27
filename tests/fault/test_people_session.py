"""People and machines while it trades: H10, H11, H13, H14, H18."""

import signal

from julie.core.bookings import ConfigTaken
from julie.core.errors import Exit
from julie.core.events import Command, Decision, Intent, StateChanged
from julie.core.taken import MinuteTaken
from julie.core.types import DeskState, Reason
from julie.core.zones import MINUTE_NS, SECOND_NS
from julie.simgate.exchange.bodies import Truth
from tests.fault import gate as gates
from tests.fault.asking import ASKS_ONCE
from tests.fault.bots import RULES
from tests.fault.frame import Scene
from tests.fault.loaded import WALL
from tests.fault.outcome import Outcome, read_journal
from tests.fault.rows import fault
from tests.fault.terminal import beside, forked

SLEPT_S, SET_S = 1800, 90
HARDY = tuple(f"strategies.pulse.defense.{judge}=off" for judge in ("directional_loss", "news"))


@fault("H10", process=True, sets=HARDY)
async def test_h10_the_machine_slept_with_a_position(scene: Scene) -> None:
    wall = scene.folder / "ahead.txt"
    await scene.ready(environ={WALL: str(wall)})
    await scene.entered()
    wall.write_text(str(SET_S), encoding="ascii")  # somebody sets its clock: that is no sleep
    await scene.pass_s(10)
    scene.process.send(signal.SIGSTOP)
    await scene.gate.rule("half_open")  # nobody speaks to who sleeps
    await scene.gate.market("gap", points=-6.0)  # out at its stop meanwhile
    await scene.gate.play(SLEPT_S)
    woke_ns = await scene.gate.now_ns()
    wall.write_text(f"{SET_S + SLEPT_S} {SLEPT_S}", encoding="ascii")
    scene.process.send(signal.SIGCONT)
    message = await scene.message("slept")
    assert f"slept for {SLEPT_S} s" in message.text
    await scene.reconciled()
    await scene.gate.play_to(56)
    await scene.until("in again", scene.protected)

    def nothing_before_it_was_compared(outcome: Outcome) -> None:
        assert len(outcome.alarms("slept")) == 1
        told = list(enumerate(outcome.journal))
        states = [(k, one.payload) for k, one in told if isinstance(one.payload, StateChanged)]
        slept = next(k for k, one in states if "the machine slept" in one.reason)
        over = next(k for k, one in states if k > slept and one.state is DeskState.ACTIVE)
        asked = [
            (k, one.payload)
            for k, one in told
            if isinstance(one.payload, Intent) and one.payload.role == "entry"
        ]
        assert len(asked) == 2
        assert asked[1][0] > over
        assert asked[1][1].decided_ns > woke_ns  # and not on what was heard of the time before
        minutes = [one.payload for k, one in told if isinstance(one.payload, MinuteTaken)]
        from_ns, to_ns = asked[0][1].decided_ns, woke_ns - MINUTE_NS
        slept_through = [one for one in minutes if from_ns < one.ts < to_ns]
        assert len(slept_through) >= SLEPT_S // 60 - 2  # none is missing
        assert all(any(one.gates) for one in slept_through)

    scene.checks.append(nothing_before_it_was_compared)


@fault("H11", cases=("SIGTERM", "SIGHUP"), process=True, sets=(ASKS_ONCE,))
async def test_h11_ended_by_the_system_with_a_position(scene: Scene) -> None:
    await scene.ready()
    await scene.entered()
    scene.process.send(signal.Signals[scene.case])  # a shut-down, and a log-off
    assert await scene.process.gone() == Exit.TERMINATED
    truth = await scene.gate.truth()
    assert scene.protected(truth)
    said = scene.process.said.read_text(encoding="utf-8")
    assert "stays open under its stop at 4995" in said, said[-800:]


@fault("H13", process=True)
async def test_h13_the_configuration_changed_with_a_position_open(scene: Scene) -> None:
    await scene.ready()
    before = await scene.entered()
    stop = [one.price for one in gates.working(before, "stop")]
    scene.process.send(signal.SIGTERM)
    await scene.process.gone()
    await scene.start(sets=("strategies.pulse.stop=32", "strategies.pulse.contracts=2"))
    await scene.reconciled()
    await scene.pass_s(3)
    held = await scene.gate.truth()
    assert [one.price for one in gates.working(held, "stop")] == stop  # it keeps its plan
    await scene.gate.market("gap", points=-10.0)
    await scene.until("out", lambda truth: not scene.held(truth))
    await scene.gate.play_to(56)
    after = await scene.entered()
    assert scene.held(after) == 2

    def both_are_told(outcome: Outcome) -> None:
        entries = [one for one in outcome.of(Intent) if one.role == "entry"]
        assert [one.stop_ticks for one in entries[:1]] == [20]
        assert (entries[-1].stop_ticks, entries[-1].qty) == (32, 2)
        hashes = [one.hash for one in outcome.of(ConfigTaken)]
        assert len(set(hashes)) == 2

    scene.checks.append(both_are_told)


@fault(
    "H13", process=True, sets=(ASKS_ONCE, "strategies.pulse.below=40", "strategies.pulse.expires=2")
)  # fmt: skip
async def test_h13_the_configuration_changed_while_an_entry_works(scene: Scene) -> None:
    """What was decided stays decided: the limit works until its own expiry."""

    def works(truth: Truth) -> bool:
        return bool(gates.working(truth, "entry"))

    await scene.ready()
    await scene.until("a limit works", works)
    await scene.kill()
    await scene.start(sets=("strategies.pulse.below=0", "strategies.pulse.stop=32"))
    await scene.reconciled()
    assert works(await scene.gate.truth())
    gone = await scene.until("expired", lambda truth: not works(truth), within_s=200)
    (entry,) = [one for one in gone.orders if one.role == "entry"]
    assert entry.updated_ns - entry.created_ns > 60 * SECOND_NS

    def it_was_the_desks(outcome: Outcome) -> None:
        assert not [one for one in outcome.messages if one.code == "orphan_order"]

    scene.checks.append(it_was_the_desks)


@fault("H14", process=True, sets=("defense.circuit_breaker.day_loss_usd=40",))
async def test_h14_a_breaker_is_not_reset_while_its_limit_is_broken(scene: Scene) -> None:
    await scene.ready()
    await scene.entered()
    await scene.gate.market("gap", points=-10.0)
    await scene.until("out", lambda truth: not scene.held(truth))
    await scene.gate.play_to(56)
    await scene.gate.play(64)
    await scene.told("the breaker fired", lambda: denied(scene, Reason.DAY_LOSS))
    without = await beside(scene, "resume")
    assert without.code == Exit.HALTED, without
    assert "--reason TEXT" in without.err
    empty = await beside(scene, "resume", "--reason", " ")
    assert empty.code == Exit.USAGE
    refused = await beside(scene, "resume", "--reason", "I feel lucky")
    assert refused.code == Exit.HALTED, refused
    assert "still broken by the account's numbers" in refused.err

    def recorded(outcome: Outcome) -> None:
        asked = [dict(one.arguments) for one in outcome.of(Command) if one.verb == "resume"]
        assert {"reason": "I feel lucky"} in asked
        assert len([one for one in outcome.of(Intent) if one.role == "entry"]) == 1
        assert not any(one.reset for one in outcome.of(MinuteTaken))

    scene.checks.append(recorded)


def denied(scene: Scene, reason: Reason) -> bool:
    """Whether a candidate was refused for that."""
    return any(
        one.outcome is reason
        for record in read_journal(scene.data, "Decision")
        if isinstance(record.payload, Decision)
        for one in record.payload.candidates
    )


@fault("H18", process=True, sets=(ASKS_ONCE,))
async def test_h18_a_machine_in_another_zone_and_seven_minutes_ahead(scene: Scene) -> None:
    wall = scene.folder / "ahead.txt"
    wall.write_text("420", encoding="ascii")
    await scene.ready(environ={"TZ": "Asia/Tokyo", WALL: str(wall)})
    await scene.entered()
    await scene.pass_s(5)
    scene.process.send(signal.SIGTERM)
    assert await scene.process.gone() == Exit.TERMINATED
    words = ("--data-dir", str(scene.data), "--strategies", f"{RULES}:pulse")
    again = await forked("replay", *words)  # by a machine that is right: the same decisions
    assert again.code == Exit.DONE, again

    def times_are_eastern_and_utc(outcome: Outcome) -> None:
        (entry,) = [one for one in outcome.of(Intent) if one.role == "entry"]
        assert entry.decided_ns % MINUTE_NS == 0
        assert (entry.decided_ns // MINUTE_NS) % 1440 == 13 * 60 + 31  # 09:31 Eastern, in UTC
        assert outcome.status is not None
        assert outcome.status["timestamp"][-6:] in ("-04:00", "-05:00")
        assert " ET SIM " in outcome.log

    scene.checks.append(times_are_eastern_and_utc)
