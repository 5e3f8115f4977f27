"""I8: at the end of a row everything is closed, through the bot if it answers, else without it."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from julie.core.clock import ScaledClock
from julie.execution import kill
from julie.live.control_client import NoAnswer, SocketClient, ask, new_command
from julie.live.control_place import NobodyThere
from julie.live.venue_door import login_of, opened
from tests.fault.gate import flat

if TYPE_CHECKING:
    from tests.fault.frame import Scene


async def begin_flatten(scene: "Scene") -> None:
    """Throw the kill switch and go on; from another thread, for the bot may live in this one."""
    await asyncio.to_thread(_send_flatten, scene.data)


def _send_flatten(data: Path) -> None:
    with SocketClient(data, ()) as client:
        client.send(new_command("flatten", reason="thrown by a test"))


async def flat_by_the_bot(scene: "Scene") -> float | None:
    """Seconds of the wall until the venue shows nothing; None where no bot answers."""
    if not scene.bots or not scene.bot.alive:
        return None
    began = asyncio.get_running_loop().time()
    try:
        answer = await asyncio.to_thread(ask, scene.data, "flatten", reason="the row is over")
    except (NobodyThere, NoAnswer):
        return None
    return await _took(scene, began) if answer.ok else None


async def flat_by_rest(scene: "Scene") -> float:
    """The same without a bot, as `julie flatten` does it."""
    began = asyncio.get_running_loop().time()
    clock = ScaledClock(await scene.gate.now_ns(), scene.gate.speed)
    async with opened(login_of(scene.gate.ready)) as door:
        await door.client.session.for_acting()
        await kill.flatten(door.venue(), clock)
    return await _took(scene, began)


async def _took(scene: "Scene", began: float) -> float:
    await scene.until("flat", flat)
    return asyncio.get_running_loop().time() - began
