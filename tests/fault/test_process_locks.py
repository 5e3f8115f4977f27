"""Two desks, and what a desk left behind: P14, P15 and P16."""

import asyncio
import json
import os
import socket
import sys
from dataclasses import asdict

import httpx

from julie.core.clock import MachineClock
from julie.core.errors import Exit
from julie.core.events import StateChanged
from julie.live.account_lock import Holder, lock_folder, lock_name
from tests.fault.asking import ASKS_ONCE
from tests.fault.bots import ProcessBot
from tests.fault.frame import Scene
from tests.fault.gate import KEY, USER, calls, working
from tests.fault.outcome import Outcome, read_log
from tests.fault.rows import fault


@fault("P14", process=True, sets=(ASKS_ONCE,))
async def test_p14_a_second_start_is_refused(scene: Scene) -> None:
    await scene.ready()
    first = scene.process.child.pid
    before = len((await scene.gate.truth()).requests)
    folder = scene.folder / "second"
    folder.mkdir()
    second = ProcessBot(scene.gate.ready, folder, scene.gate.speed, ("pulse",), ())
    await second.start()
    try:
        assert await second.gone() == Exit.ANOTHER_INSTANCE
    finally:
        await second.end()
    said = " ".join(second.said.read_text("utf-8").split())
    for word in (f"process {first}", socket.gethostname(), "started", "last heartbeat"):
        assert word in said
    truth = await scene.gate.truth()
    logins = [one for one in truth.requests[before:] if one.path.endswith("loginKey")]
    assert not logins
    await scene.entered()


def left_behind(scene: Scene, holder: Holder) -> None:
    """A lock file that nobody holds any more."""
    path = lock_folder() / lock_name(scene.gate.ready.url, str(scene.gate.ready.account_id))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(holder)), encoding="utf-8")


@fault("P15", cases=("dead", "reused"), sets=(ASKS_ONCE,))
async def test_p15_a_stale_lock_is_taken_over(scene: Scene) -> None:
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
    await child.wait()
    pid = child.pid if scene.case == "dead" else os.getppid()
    now = MachineClock().now_ns()
    left_behind(scene, Holder(pid, socket.gethostname(), "another start", now, now, "run-before"))
    await scene.gate.breaks()
    await scene.ready()
    await scene.until("in a position", scene.protected)
    assert f"process {pid}" in read_log(scene.data)
    assert "taken over" in read_log(scene.data)


@fault("P16", sets=("strategies.pulse.first=931",), foreign=True, flatten=False, open_question=True)
async def test_p16_another_desk_on_the_account_halts_this_one(scene: Scene) -> None:
    await scene.ready()
    url = scene.gate.ready.url
    async with httpx.AsyncClient(base_url=url, timeout=10.0, trust_env=False) as http:
        login = {"userName": USER, "apiKey": KEY}
        token = (await http.post("/api/Auth/loginKey", json=login)).json()["token"]
        order = {
            "accountId": scene.gate.ready.account_id,
            "contractId": scene.contract,
            "type": 1,
            "side": 0,
            "size": 1,
            "limitPrice": 4900.0,
            "customTag": "julie-deadbeef-MES.1-1-L1",
        }
        await scene.gate.breaks()
        headers = {"Authorization": f"Bearer {token}"}
        placed = (await http.post("/api/Order/place", json=order, headers=headers)).json()
    assert placed["success"], placed
    await scene.message("two_desks", within_s=30)
    await scene.state("HALTED")
    await scene.gate.play_to(56)
    await scene.gate.play(120)
    truth = await scene.gate.truth()
    assert [one.id for one in working(truth)] == [placed["orderId"]]
    assert len(calls(truth, "/Order/place")) == 1
    assert not calls(truth, "/Order/cancel")

    def told(outcome: Outcome) -> None:
        assert any("two_desks" in one.causes for one in outcome.of(StateChanged))

    scene.checks.append(told)
