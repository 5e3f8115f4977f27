"""A second terminal steers the running bot; the kill switch works when the bot is dead."""

import asyncio
import json
import os
import pty
import signal
import sys
from pathlib import Path

import pytest

from julie.core.errors import Exit
from julie.core.zones import SECOND_NS
from tests.fault import gate as gates
from tests.fault.frame import Scenario, Scene, run_fault
from tests.fault.invariants import assert_invariants
from tests.fault.outcome import read_journal
from tests.fault.terminal import beside

pytestmark = [pytest.mark.tier2, pytest.mark.timeout(180)]
SPEED = 10.0
FLAT_S = 5.0


def played(play, folder: Path, speed: float = SPEED, **more) -> None:
    """A bot of its own process, and what a person does beside it."""
    scenario = Scenario(play, process=True, speed=speed, **more)
    assert_invariants(asyncio.run(run_fault(scenario, 1, folder)))


def test_the_bot_is_watched_and_steered_from_a_second_terminal(tmp_path: Path) -> None:
    async def play(scene: Scene) -> None:
        await scene.ready()
        await scene.entered()
        await looked_at(scene)
        await held_back_and_let_go(scene)
        await tried_and_ended(scene)

    played(play, tmp_path)


async def looked_at(scene: Scene) -> None:
    async with asyncio.timeout(10.0):  # the bot hears of the fill a moment after the venue
        while "position  flat" in (found := await beside(scene, "status")).out:
            pass
    assert found.code == Exit.DONE, found
    assert found.out.startswith("SIM  sim-")
    assert "position  LONG 1 CON.F.US.MES" in found.out
    assert "stop 4995" in found.out, found.out
    told = json.loads((await beside(scene, "status", "--json")).out)
    assert (told["source"], told["desk_state"], told["hubs"]["market"]) == (
        "socket", "ACTIVE", "live",
    )  # fmt: skip
    screen = await asyncio.to_thread(watched, scene.data)
    assert "what happened" in screen
    assert "LONG 1" in screen
    examined = await beside(scene, "doctor", sim=True)
    assert examined.code == Exit.DONE, examined
    assert "ok    account" in examined.out
    for stream in ("account", "market"):
        assert f"ok    streams    the {stream}'s opens in " in examined.out
    assert "? " in examined.out  # the bracket mode is asked of the person


def watched(folder: Path) -> str:
    """`julie status --watch` on a terminal, until Ctrl-C."""
    words = [sys.executable, "-m", "julie.cli.main", "status", "--watch"]
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["COLUMNS"], os.environ["LINES"] = "110", "45"
        os.execv(sys.executable, [*words, "--data-dir", str(folder)])  # noqa: S606
    screen = b""
    try:
        while b"LONG 1" not in screen:
            screen += os.read(terminal, 65536)
        os.kill(pid, signal.SIGINT)
        while True:
            try:
                if not (more := os.read(terminal, 65536)):
                    break
            except OSError:  # the other end was closed
                break
            screen += more
    finally:
        os.close(terminal)
        _, ended = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(ended) == 0
    return screen.decode(errors="replace")


async def held_back_and_let_go(scene: Scene) -> None:
    paused = await beside(scene, "pause", "--reason", "lunch")
    assert (paused.code, "paused: lunch" in paused.out) == (Exit.DONE, True), paused
    assert "paused    lunch" in (await beside(scene, "status")).out
    flat = await beside(scene, "flatten", "--reason", "a test")
    assert flat.code == Exit.DONE, flat
    assert gates.flat(await scene.gate.truth())
    refused = await beside(scene, "resume")
    assert refused.code == Exit.HALTED
    assert "--reason TEXT" in refused.err
    again = await beside(scene, "resume", "--reason", "looked at it")
    assert again.code == Exit.DONE, again
    await scene.state("ACTIVE")


async def tried_and_ended(scene: Scene) -> None:
    await scene.until("flat", gates.flat)
    await beside(scene, "pause")
    await beside(scene, "resume", "--reason", "once more")
    entered = await scene.entered()
    assert scene.held(entered) == 1
    ending = await beside(scene, "stop", "--after-trade")
    assert ending.code == Exit.DONE, ending
    assert scene.process.alive
    await scene.gate.market("gap", points=-20.0)
    assert await scene.process.gone() == Exit.DONE, scene.process.said.read_text()[-2000:]
    last = await beside(scene, "status")
    assert last.code == Exit.HALTED  # nobody runs any more
    assert "has ended" in last.out


def test_flatten_when_the_bot_is_dead(tmp_path: Path) -> None:
    async def play(scene: Scene) -> None:
        await scene.ready()
        await scene.entered()
        await scene.kill()
        calls = len(gates.calls(await scene.gate.truth(), "/loginKey"))
        flat = await beside(scene, "flatten", "--json", sim=True)
        assert flat.code == Exit.DONE, flat
        assert "going to the venue myself" in flat.err
        told = json.loads(flat.out)
        assert (told["by"], told["flat"]) == ("rest", True)
        truth = await scene.until("flat", gates.flat)
        began = gates.calls(truth, "/loginKey")[calls].ns
        closed = max(one.ns for one in truth.timeline if one.kind in ("fill", "position"))
        assert (closed - began) / SECOND_NS <= FLAT_S
        (report,) = scene.data.glob("flatten-*.json")
        assert json.loads(report.read_text(encoding="utf-8"))["flat"] is True
        await refused_by_stop(scene)

    played(play, tmp_path)


async def refused_by_stop(scene: Scene) -> None:
    """STOP lies there: no start passes it until a person takes it away."""
    stop = scene.data / "STOP"
    asked = len((await scene.gate.truth()).requests)
    bot = scene.make()
    await bot.start()
    assert await bot.gone() == Exit.STOPPED
    assert "forbids trading" in scene.process.said.read_text(encoding="utf-8")
    assert len((await scene.gate.truth()).requests) == asked
    stop.unlink()
    await scene.start()
    await scene.reconciled()


def test_a_test_order_through_the_running_bot(tmp_path: Path) -> None:
    async def play(scene: Scene) -> None:
        await scene.start()
        await scene.reconciled()
        await scene.gate.play(60)
        # A minute is over: price and limits of the day are known.
        await scene.told("a minute", lambda: bool(read_journal(scene.data, "MinuteTaken")))
        tried = await beside(
            scene, "place-test-order", "--symbol", "MES", "--cancel-after", "2",
        )  # fmt: skip
        assert tried.code == Exit.DONE, tried
        assert "bought 1 CON.F.US.MES" in tried.out
        assert "flat, no order left" in tried.out
        truth = await scene.until("flat", gates.flat)
        assert [one.role for one in truth.orders].count("entry") == 1

    played(play, tmp_path, speed=5.0, sets=("strategies.pulse.first=1400",))
