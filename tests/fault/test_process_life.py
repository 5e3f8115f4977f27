"""The program itself: half a status file, a blocked loop, signals: P22, P25 and P27."""

import asyncio
import json
import signal

from julie.core.errors import Exit
from julie.core.events import Alarm, Intent, StateChanged
from julie.core.types import DeskState
from tests.fault.asking import ASKS_ONCE
from tests.fault.frame import Scene
from tests.fault.gate import protected
from tests.fault.outcome import Outcome, read_log
from tests.fault.rows import fault
from tests.fault.test_process_kills import entries

POLLS_HZ = 50


@fault("P22", process=True, sets=(ASKS_ONCE,))
async def test_p22_every_read_of_the_status_is_whole(scene: Scene) -> None:
    reads: list[str] = []
    logs = scene.data / "logs"

    async def poll() -> None:
        while True:
            if (logs / "status.json").exists():
                reads.append(json.loads((logs / "status.json").read_bytes())["desk_state"])
            await asyncio.sleep(1 / POLLS_HZ)

    polling = scene.tasks.start("reader", poll())
    for writing in (1, 2, 3):  # the status, the trades of the day, the status of its next state
        await scene.start(failpoint=f"K13:{writing}:kill")
        await scene.killed()
        assert list(logs.glob(".*.json.*.part"))  # half a file lies there
    await scene.start()
    await scene.reconciled()
    before = len(reads)
    await scene.told("polled for a second", lambda: len(reads) >= before + POLLS_HZ)
    polling.cancel()
    assert not list(logs.glob(".*.json.*.part"))


@fault("P25", process=True)
async def test_p25_a_blocked_loop_is_noticed(scene: Scene) -> None:
    await scene.ready(failpoint="K5:sleep=10400")
    await scene.entered()
    await scene.gate.breaks()
    await scene.gate.market("gap", points=-10.0)  # out at its stop, unheard: it would enter again
    await scene.message("loop_stuck", within_s=300)
    await scene.gate.play_to(56)
    await scene.until("in again", lambda truth: len(entries(truth)) == 2)
    log = read_log(scene.data)
    assert "the loop has stood still for 2" in log
    assert "failpoints.py" in log  # the stack

    def halted_until_it_was_compared(outcome: Outcome) -> None:
        told = list(enumerate(one.payload for one in outcome.journal))
        stuck = next(k for k, one in told if isinstance(one, Alarm) and one.kind == "loop_stuck")
        states = [(k, one.state) for k, one in told if isinstance(one, StateChanged)]
        halted = next(k for k, state in states if state is DeskState.HALTED)
        over = next(k for k, state in states if k > halted and state is DeskState.ACTIVE)
        asked = [k for k, one in told if isinstance(one, Intent) and one.role == "entry"]
        assert halted <= stuck + 1
        assert [k > over for k in asked] == [False, True]  # the second not before it was compared
        assert asked[0] < min(halted, stuck)

    scene.checks.append(halted_until_it_was_compared)


@fault(
    "P27",
    cases=("SIGINT", "SIGTERM", "SIGHUP", "SIGINT SIGINT"),
    process=True,
    sets=(ASKS_ONCE,),
)
async def test_p27_an_end_with_a_position_open(scene: Scene) -> None:
    await scene.ready()
    await scene.entered()
    await scene.gate.breaks()
    for name in scene.case.split():
        scene.process.send(signal.Signals[name])
    code = await scene.process.gone()
    expected = Exit.INTERRUPTED if "SIGINT" in scene.case else Exit.TERMINATED
    assert code == expected
    truth = await scene.until("still protected", lambda truth: protected(truth, scene.contract))
    assert sum(one.role == "close" for one in truth.orders) == 0

    def says_what_it_left(outcome: Outcome) -> None:
        if scene.case.count("SIG") == 1:
            text = outcome.log + scene.process.said.read_text("utf-8")
            assert "1 MES" in text or "MES 1" in text or "MES" in text
            assert any(one.code == "left_open" for one in outcome.messages)

    scene.checks.append(says_what_it_left)
