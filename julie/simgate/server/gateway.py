"""The simulated gateway as one server on loopback: its doors, its market, its end.

It ends when it is told to, when the program that started it is gone, or when nobody has come for so
many seconds; with a state folder it is then written down and goes on from there the next time.
"""

import asyncio
import signal
import socket
from collections.abc import Callable
from typing import Final

from aiohttp import web

from julie.core.clock import MachineClock
from julie.core.errors import UsageError
from julie.core.tasks import Tasks
from julie.core.zones import SECOND_NS
from julie.simgate.server.control_door import PREFIX, ControlDoor
from julie.simgate.server.control_types import Ready
from julie.simgate.server.parent import is_alive
from julie.simgate.server.ready import ready_line
from julie.simgate.server.rule_types import HubName
from julie.simgate.server.state import write_state
from julie.simgate.server.wiring import Wanted, wired

HOST: Final = "127.0.0.1"
WATCH_S: Final = 0.25
SAVE_S: Final = 5.0
KEEP_ALIVE_S: Final = 120.0
_HUBS: Final[dict[str, HubName]] = {"/hubs/user": "user", "/hubs/market": "market"}


class Gateway:
    """Opens the doors, looks after them, and closes them."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._machine = MachineClock()
        self._touched_ns = self._machine.mono_ns()
        self.stop: Final = asyncio.Event()
        parts = self._parts = wired(wanted, self._machine)
        self.exchange: Final = parts.exchange
        self._hubs, self._pacing = parts.hubs, parts.pacing
        self._control = ControlDoor(
            parts.exchange, parts.hubs, parts.statute, parts.pacing, parts.switches, self._save,
            self.stop,
        )  # fmt: skip

    async def serve(self, tell: Callable[[Ready], None]) -> None:
        """Serve until the end; `tell` is called once, when clients may come."""
        line = _line(self._wanted.port)
        runner = web.ServerRunner(
            web.Server(
                self._handle,  # type: ignore[arg-type]  # a plain request is all that is needed
                access_log=None,
                keepalive_timeout=KEEP_ALIVE_S,
            ),
            shutdown_timeout=0.5,
        )
        await runner.setup()
        await web.SockSite(runner, line).start()
        self._heed_signals()
        ready = ready_line(
            self.exchange, self._parts.login, line.getsockname()[1], self._pacing.speed
        )
        self._control.ready = ready
        try:
            async with Tasks() as tasks:
                work = [
                    tasks.start("market", self._pacing.run()),
                    tasks.start("upkeep", self._pacing.upkeep()),
                    tasks.start("pulse", self._parts.hub_door.pulse()),
                    tasks.start("watch", self._watch()),
                ]
                tell(ready)
                await self.stop.wait()
                for task in work:
                    task.cancel()
        finally:
            for connection in self._hubs.connections():
                connection.reset()
            await runner.cleanup()
            self._save()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self._touched_ns = self._machine.mono_ns()
        if request.path.startswith(PREFIX):
            return await self._control.serve(request)
        path = request.path.lower().rstrip("/")
        if (hub := _HUBS.get(path)) is not None:
            return await self._parts.hub_door.serve(request, hub)
        if (hub := _HUBS.get(path.removesuffix("/negotiate"))) is not None:
            return await self._parts.hub_door.negotiate(request, hub)
        return await self._parts.rest_door.serve(request)

    async def _watch(self) -> None:
        """Notice that we are no longer needed, and write the state down now and then."""
        saved_ns, saved_at = self._machine.mono_ns(), -1
        while True:
            await asyncio.sleep(WATCH_S)
            now = self._machine.mono_ns()
            wanted = self._wanted
            if self._hubs.connections():
                self._touched_ns = now
            idle_s = (now - self._touched_ns) / SECOND_NS
            if wanted.idle_exit_s is not None and idle_s > wanted.idle_exit_s:
                self.stop.set()
            if wanted.parent is not None and not is_alive(wanted.parent):
                self.stop.set()
            news = self.exchange.now_ns != saved_at or self._touched_ns > saved_ns
            if wanted.state and news and now - saved_ns > SAVE_S * SECOND_NS:
                self._save()
                saved_ns, saved_at = now, self.exchange.now_ns

    def _save(self) -> None:
        folder = self._wanted.state
        if folder is None:
            return
        self.exchange.save(folder)
        write_state(folder, self._parts.state())

    def _heed_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            try:
                asyncio.get_running_loop().add_signal_handler(number, self.stop.set)
            except NotImplementedError:  # Windows: Ctrl-C breaks in as everywhere else
                return


def _line(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port), backlog=128)
    except OSError as error:
        raise UsageError(
            f"port {port} cannot be served: {error.strerror}",
            "choose another with --port, or 0 for a free one",
        ) from error
