"""A bot on a thread of its own, for the commands that ask one."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from julie.core.bus import Bus
from julie.core.events import Command
from julie.live.control import ControlSocket
from julie.live.control_wire import Answer
from julie.store.status import Status


@contextmanager
def bot(folder: Path, status: Status | None = None, mode: str = "sim") -> Iterator[list[Command]]:
    """It does whatever is asked, except `resume` without reason."""
    heard: list[Command] = []
    ready, ended = threading.Event(), threading.Event()

    async def obey(command: Command) -> Answer:
        heard.append(command)
        good = command.verb != "resume" or bool(command.arguments)
        return Answer(command.id, good, f"{command.verb}: {'done' if good else 'no reason'}")

    async def serve() -> None:
        door = ControlSocket(folder, Bus(), f"{mode}-1", mode, obey)
        async with asyncio.TaskGroup() as group:
            task = group.create_task(door.run())
            await door.ready.wait()
            if status is not None:
                door.show(status)
            ready.set()
            await asyncio.to_thread(ended.wait, 15)
            task.cancel()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(8)
    try:
        yield heard
    finally:
        ended.set()
        thread.join()
