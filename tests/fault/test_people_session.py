"""People and machines while it trades: H3, H4, H5, H8, H10, H11, H13, H14, H18."""

import json
import signal
from collections.abc import Awaitable, Mapping

from julie.core.bookings import ConfigTaken
from julie.core.errors import Exit
from julie.core.events import Command, Decision, Intent, StateChanged
from julie.core.taken import MinuteTaken
from julie.core.types import DeskState, Reason
from julie.core.zones import MINUTE_NS, SECOND_NS
from julie.simgate.exchange.bodies import Truth
from tests.fault import gate as gates
from tests.fault.bots import RULES, settings_of
from tests.fault.frame import Scene
from tests.fault.gate import KEY, USER
from tests.fault.loaded import WALL
from tests.fault.outcome import Outcome, read_journal
from tests.fault.rows import fault
from tests.fault.terminal import Said, beside, forked, ready_file

ONCE = "strategies.pulse.last=930"
NEVER = "strategies.pulse.first=1400"
FLAT_S = 5.0


def login(scene: Scene, **more: str) -> dict[str, str]:
    """The environment of a bot that trades the row's gateway as if it were the venue."""
    ready = scene.gate.ready
    return {
        "PROJECTX_API_URL": ready.url, "PROJECTX_USER_HUB": ready.user_hub,
        "PROJECTX_MARKET_HUB": ready.market_hub, "PROJECTX_USERNAME": USER,
        "PROJECTX_API_KEY": KEY, "PROJECTX_ACCOUNT_ID": str(ready.account_id), **more,
        "XDG_STATE_HOME": str(scene.folder / "state"),
    }  # fmt: skip


async def asked_live(
    scene: Scene, environ: Mapping[str, str], *sets: str, mode: str = "--live"
) -> Said:
    """A start that means the venue."""
    words = [word for one in ("live.enabled=true", *sets) for word in ("--set", one)]
    return await forked(
        "run", mode, "--headless", "--data-dir", str(scene.data), *words,
        folder=scene.folder, environ=environ,
    )  # fmt: skip


@fault("H3", sets=(NEVER,), flatten=False)
async def test_h3_the_wrong_account(scene: Scene) -> None:
    name = str(scene.gate.ready.accounts[0]["name"])
    right = f"live.account_name={name}"
    told = [
        await asked_live(scene, login(scene), "live.account_name=SOMEBODY-ELSE"),
        await asked_live(scene, login(scene, PROJECTX_ACCOUNT_ID="99999"), right),
        await asked_live(scene, login(scene), right),  # never confirmed, and nobody to be asked
    ]
    for one in told:
        assert one.code == Exit.LOGIN, one
        assert "Traceback" not in one.err
        assert name not in one.err
        assert KEY not in one.err + one.out
    assert "was never confirmed on this machine" in told[2].err
    locked = await asked_live(scene, login(scene), "live.enabled=false")
    assert locked.code == Exit.USAGE, locked
    truth = await scene.gate.truth()
    assert gates.calls(truth, "/Order/place") == []


@fault("H4", sets=(NEVER,), flatten=False, speed=30)
async def test_h4_paper_and_live_are_told_apart_in_every_output(scene: Scene) -> None:
    paper = scene.folder / "paper"
    sets = [word for one in settings_of(("pulse",), (NEVER,)) for word in ("--set", one)]
    found = await forked(
        "run", "--paper", "--sim", str(ready_file(scene)), "--headless", "--data-dir", str(paper),
        "--until", "09:31", "--strategies", f"{RULES}:pulse", *sets,
        folder=scene.folder,
    )  # fmt: skip
    assert found.code == Exit.DONE, found
    assert "PAPER" in found.err
    assert "PAPER" in found.out
    log = (paper / "logs" / "bot.log").read_text(encoding="utf-8")
    assert all(" PAPER " in line or line.startswith(" ") for line in log.splitlines() if line)
    assert json.loads((paper / "logs" / "status.json").read_text())["mode"] == "paper"
    (run,) = {one.run for one in read_journal(paper)}
    assert "paper" in run
    other = await forked(
        "run",
        "--sim",
        str(ready_file(scene)),
        "--headless",
        "--data-dir",
        str(paper),
        folder=scene.folder,
    )
    assert other.code == Exit.JOURNAL, other
    assert "belongs to paper, not to sim" in other.err


OF_THE_GATE = ("READY.json", "gate-ready.json", "gate.txt")


@fault("H5", process=True, sets=(ONCE,))
async def test_h5_no_secret_in_any_byte_whatever_fails(scene: Scene) -> None:
    state = {"XDG_STATE_HOME": str(scene.folder / "state")}  # where the last error is kept
    await scene.ready(words=("-vv",), environ=state)  # the loudest, with stack traces
    await scene.entered()
    told = f"{KEY} of {USER}"
    echo = {"success": False, "errorCode": 1, "errorMessage": told}
    await scene.gate.rule("body", {"path": "/api/Position/searchOpen"}, {"count": 2}, json=echo)
    loud = {"status": 500, "text": told, "headers": {"WWW-Authenticate": told, "Location": told}}
    await scene.gate.rule("status", {"path": "/api/Trade/search"}, {"count": 2}, **loud)
    await scene.gate.rule("truncate", {"path": "/api/Account/search"}, {"count": 1}, keep=9)
    await scene.gate.rule("refuse_connect", {"hub": "market"}, {"count": 1}, status=500)
    await scene.gate.rule("refuse_connect", {"hub": "user"}, {"count": 1})  # the URL has the token
    await scene.gate.rule("expire_tokens")
    await scene.gate.rule("reset", lines=True)
    await scene.pass_s(20)
    scene.process.send(signal.SIGTERM)
    await scene.process.gone()

    def nowhere(outcome: Outcome) -> None:
        for path in sorted(scene.folder.rglob("*")):
            if path.is_file() and path.name not in OF_THE_GATE:
                content = path.read_bytes()
                assert KEY.encode() not in content, path
                assert USER.encode() not in content, path
                assert b"eyJhbGciOi" not in content, f"a token in {path}"
        assert outcome.log

    scene.checks.append(nowhere)


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


@fault(
    "H8", process=True, foreign=True, sets=(NEVER,), gate_words=("--serve", "MES,ES"),
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


@fault("H8", process=True, sets=(ONCE,), cases=("stop", "stop_ctrl_c", "ctrl_c"))
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


@fault("H8", process=True, sets=(ONCE,))
async def test_h8_the_kill_switch_in_an_outage(scene: Scene) -> None:
    await scene.ready()
    await scene.entered()
    await scene.gate.rule("status", {"path": "/api/*"}, {"for_s": 3.0}, status=503)
    await scene.flatten()
    await scene.until("flat", gates.flat, within_s=15)


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


@fault("H11", cases=("SIGTERM", "SIGHUP"), process=True, sets=(ONCE,))
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
    "H13", process=True, sets=(ONCE, "strategies.pulse.below=40", "strategies.pulse.expires=2")
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


@fault("H18", process=True, sets=(ONCE,))
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
