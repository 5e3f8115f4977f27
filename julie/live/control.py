"""The bot's door for windows and terminals: a local socket that tells what happens and takes
commands.

Trading never waits for a reader: each has a queue of its own that loses its oldest records, and one
that does not read at all is shown out. A command is acknowledged at once, handed to the bot, and
answered when it is done.
"""

import asyncio
import contextlib
import logging
import os
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from julie import __version__
from julie.core.bus import BEHIND_S, Bus, Reader, Topic
from julie.core.errors import JulieError
from julie.core.events import AuditRecord, Command
from julie.core.scribe import AUDIT
from julie.core.tasks import Tasks
from julie.live.control_place import (
    Place,
    forget_place,
    socket_path,
    wants_port,
    write_place,
)
from julie.live.control_wire import (
    LINE_MAX,
    Answer,
    Hello,
    Welcome,
    from_client,
    line_of,
    record_line,
)
from julie.store.status import Status

LOG: Final = logging.getLogger(__name__)
STATUS: Final = Topic("status", Status)

CLIENTS_MAX: Final = 16
RECORDS_MAX: Final = 8192  # waiting for one reader
HELLO_S: Final = 5.0
SLOW_S: Final = 10.0  # a reader that takes nothing for so long is shown out

Obey = Callable[[Command], Awaitable[Answer]]


class _Guest:
    """One connected client."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    def say(self, line: bytes) -> None:
        """Hand a line to the system; returns at once."""
        if not self._writer.is_closing():
            self._writer.write(line)

    async def heard(self) -> None:
        """Return once the client has taken most of it; raises when it does not."""
        await asyncio.wait_for(self._writer.drain(), SLOW_S)

    async def leave(self) -> None:
        """Close the connection."""
        self._writer.close()
        with contextlib.suppress(OSError, TimeoutError):
            await asyncio.wait_for(self._writer.wait_closed(), 1.0)


class ControlSocket:
    """Serves clients for as long as `run` runs."""

    def __init__(
        self, data_dir: Path, bus: Bus, run: str, mode: str, obey: Obey, *, port: bool | None = None
    ) -> None:
        self._data_dir = data_dir
        self._bus = bus
        self._welcome = Welcome(run, mode, os.getpid(), __version__)
        self._obey = obey
        self._by_port = wants_port() if port is None else port
        self._token = secrets.token_hex(16) if self._by_port else ""
        self._asked: asyncio.Queue[tuple[Command, _Guest]] = asyncio.Queue(256)
        self._guests: set[_Guest] = set()
        self._meetings: set[asyncio.Task[None]] = set()
        self._running: set[str] = set()
        self._status: Status | None = None
        self.ready = asyncio.Event()

    @property
    def clients(self) -> int:
        """Connected now."""
        return len(self._guests)

    def show(self, status: Status) -> None:
        """Tell every client how the bot is."""
        self._status = status
        self._bus.publish(STATUS, status)

    async def run(self) -> None:
        """Serve until cancelled."""
        server = await self._listen()
        try:
            async with Tasks() as tasks:
                self.ready.set()
                while True:
                    command, guest = await self._asked.get()
                    self._running.add(command.id)
                    tasks.start(f"command {command.id}", self._answered(command, guest))
        finally:
            self.ready.clear()
            server.close()
            for guest in list(self._guests):
                guest.say(line_of("bye", "the bot stops"))
                await guest.leave()
            if self._meetings:
                await asyncio.wait(self._meetings, timeout=2.0)
            forget_place(self._data_dir)
            if not self._by_port:
                socket_path(self._data_dir).unlink(missing_ok=True)

    async def _listen(self) -> asyncio.Server:
        if self._by_port:
            server = await asyncio.start_server(self._meet, "127.0.0.1", 0, limit=LINE_MAX)
            port = int(server.sockets[0].getsockname()[1])
            write_place(self._data_dir, Place(os.getpid(), port=port, token=self._token))
            return server
        path = socket_path(self._data_dir)
        path.unlink(missing_ok=True)  # of a bot that was killed; the folder's lock is ours
        server = await asyncio.start_unix_server(self._meet, path, limit=LINE_MAX)
        path.chmod(0o600)
        write_place(self._data_dir, Place(os.getpid(), socket=str(path)))
        return server

    async def _answered(self, command: Command, guest: _Guest) -> None:
        try:
            answer = await self._obey(command)
        except JulieError as error:
            answer = Answer(command.id, False, str(error))
        finally:
            self._running.discard(command.id)
        guest.say(line_of("answer", answer))

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        guest = _Guest(writer)
        self._guests.add(guest)
        meeting = asyncio.current_task()
        if meeting is not None:
            self._meetings.add(meeting)
            meeting.add_done_callback(self._meetings.discard)
        try:
            if len(self._guests) > CLIENTS_MAX:
                guest.say(line_of("bye", f"{CLIENTS_MAX} clients are connected already"))
                return
            guest.say(line_of("welcome", self._welcome))
            hello = await asyncio.wait_for(_greeted(reader), HELLO_S)
            if self._token and not secrets.compare_digest(hello.token, self._token):
                guest.say(line_of("bye", "the token is wrong"))
                return
            await self._serve(reader, guest, hello)
        except TimeoutError:
            LOG.info("a client of the local socket took nothing for %s s: shown out", SLOW_S)
        except (OSError, ValueError) as error:
            LOG.info("a client of the local socket left: %s", error)
        finally:
            self._guests.discard(guest)
            await guest.leave()

    async def _serve(self, reader: asyncio.StreamReader, guest: _Guest, hello: Hello) -> None:
        """Tell and listen until either ends; raises `OSError` or `ValueError` with why."""
        records = self._bus.queue(AUDIT, RECORDS_MAX) if "audit" in hello.topics else None
        looks = self._bus.mailbox(STATUS) if "status" in hello.topics else None
        try:
            async with Tasks() as tasks:
                if records is not None:
                    tasks.start("records", _tell_records(records, guest))
                if looks is not None:
                    if self._status is not None:
                        guest.say(line_of("status", self._status))
                    tasks.start("status", _tell_status(looks, guest))
                await self._listen_to(reader, guest)
        except ExceptionGroup as group:
            raise _why(group) from group
        finally:
            if records is not None:
                self._bus.leave(AUDIT, records)
            if looks is not None:
                self._bus.leave(STATUS, looks)

    async def _listen_to(self, reader: asyncio.StreamReader, guest: _Guest) -> None:
        while line := await reader.readline():
            said = from_client(line)
            if said.command is None:
                continue
            command = said.command
            if command.id in self._running or self._asked.full():
                guest.say(line_of("answer", Answer(command.id, False, "it is being done already")))
                continue
            guest.say(line_of("taken", command.id))
            self._asked.put_nowait((command, guest))
        raise ConnectionError("it closed the connection")


def _why(group: ExceptionGroup[Exception]) -> Exception:
    """Why a guest left: who writes and who reads may see it both; what else went wrong is told
    whole.
    """
    _, fault = group.split((OSError, ValueError))
    if fault is not None:
        return fault
    error: Exception = group
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


async def _greeted(reader: asyncio.StreamReader) -> Hello:
    hello = from_client(await reader.readline()).hello
    if hello is None:
        raise ValueError("it did not greet")
    return hello


async def _tell_records(records: Reader[AuditRecord], guest: _Guest) -> None:
    lost = 0
    while True:
        for record in await records.wait(BEHIND_S):
            guest.say(record_line(record))
        if records.dropped > lost:
            lost = records.dropped
            guest.say(line_of("lost", lost))
        await guest.heard()


async def _tell_status(looks: Reader[Status], guest: _Guest) -> None:
    while True:
        for status in await looks.wait():
            guest.say(line_of("status", status))
        await guest.heard()
