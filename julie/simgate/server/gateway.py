"""The simulated gateway as one server on loopback: its doors, its market, its end.

It ends when it is told to, when the program that started it is gone, or when nobody has come for so
many seconds; with a state folder it is then written down and goes on from there the next time.
"""

import asyncio
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from aiohttp import web

from julie.core.clock import Clock, MachineClock
from julie.core.errors import UsageError
from julie.core.tasks import Tasks
from julie.core.zones import SECOND_NS
from julie.simgate.exchange.events import Event, MarketEvent
from julie.simgate.exchange.exchange import Exchange, load_exchange
from julie.simgate.exchange.setup import Setup
from julie.simgate.market.scripts import MarketScript
from julie.simgate.server.calls import Calls, Login
from julie.simgate.server.control_door import PREFIX, ControlDoor
from julie.simgate.server.control_types import Ready
from julie.simgate.server.cutting import Cutting
from julie.simgate.server.dialect import Dialect
from julie.simgate.server.hub_door import HubDoor
from julie.simgate.server.hub_text import HubText
from julie.simgate.server.hubs import Hubs
from julie.simgate.server.meddling import Meddling
from julie.simgate.server.pacing import Pacing, Speed
from julie.simgate.server.parent import is_alive
from julie.simgate.server.presence import Presence
from julie.simgate.server.ready import ready_line
from julie.simgate.server.rest_door import RestDoor
from julie.simgate.server.roles import Roles
from julie.simgate.server.rule_types import HubName, Rule
from julie.simgate.server.rules import RuleBook
from julie.simgate.server.state import State, read_state, write_state
from julie.simgate.server.switches import Switches
from julie.simgate.server.tokens import Tokens
from julie.simgate.server.venue_rules import Statute

HOST: Final = "127.0.0.1"
WATCH_S: Final = 0.25
SAVE_S: Final = 5.0
KEEP_ALIVE_S: Final = 120.0
_HUBS: Final[dict[str, HubName]] = {"/hubs/user": "user", "/hubs/market": "market"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the gateway is started with."""

    setup: Setup
    speed: Speed
    login: Login
    port: int = 0
    state: Path | None = None
    dialect: Dialect = field(default_factory=Dialect)
    rules: tuple[Rule, ...] = ()
    scripts: tuple[MarketScript, ...] = ()
    parent: int | None = None
    idle_exit_s: float | None = None


class Gateway:
    """All parts of the server, wired once."""

    def __init__(self, wanted: Wanted) -> None:
        machine: Clock = MachineClock()
        self._wanted = wanted
        self._machine = machine
        self.stop: Final = asyncio.Event()
        self._touched_ns = machine.mono_ns()
        kept = read_state(wanted.state) if wanted.state else None
        rng = np.random.default_rng(wanted.setup.seed)
        book = RuleBook(lambda: self.exchange.now_ns, machine.mono_ns, kept.rules if kept else ())
        meddling = Meddling(book, lambda: self.exchange.now_ns, machine.mono_ns, rng, self._pace)
        hubs = Hubs(HubText(lambda: switches.dialect), meddling)

        def sink(event: Event) -> None:
            if isinstance(event, MarketEvent):
                hubs.market_event(event)
            else:
                hubs.user_event(event)

        exchange = _exchange(wanted, sink, machine)
        self.exchange: Final = exchange
        switches = Switches(exchange, kept.dialect if kept else wanted.dialect)

        def token_time() -> int:
            machine_time = switches.dialect.machine_tokens
            return machine.now_ns() if machine_time else exchange.now_ns

        login = kept.login if kept else wanted.login
        tokens = Tokens(
            token_time, lambda: switches.dialect.token_life_s, kept.tokens if kept else None
        )
        self._tokens = tokens
        self._book = book
        self._switches = switches
        self._login = login
        presence = Presence(exchange, hubs, book)
        cutting = Cutting(hubs, tokens, book, meddling, presence)
        statute = Statute(book, exchange)
        if kept is None:
            _begin(wanted, statute, exchange)
        self._pacing = Pacing(exchange, hubs, meddling, cutting, presence, machine, wanted.speed)
        self._hub_door = HubDoor(
            hubs, exchange, tokens, book, lambda: switches.dialect, machine, self._pace
        )
        self._rest_door = RestDoor(
            exchange,
            Calls(exchange, tokens, login, lambda: switches.dialect, machine),
            Roles(exchange),
            book,
            hubs,
            cutting,
            presence,
            lambda: switches.dialect,
            machine,
            rng,
            self._pace,
        )
        self._control = ControlDoor(
            exchange, hubs, statute, self._pacing, switches, self._save, self.stop
        )
        self._hubs = hubs

    def _pace(self) -> float:
        """Market seconds in one of the machine, where the market goes at a multiple of life."""
        speed = self._pacing.speed
        return float(speed) if isinstance(speed, int | float) else 1.0

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
        ready = ready_line(self.exchange, self._login, line.getsockname()[1], self._pacing.speed)
        self._control.ready = ready
        try:
            async with Tasks() as tasks:
                work = [
                    tasks.start("market", self._pacing.run()),
                    tasks.start("upkeep", self._pacing.upkeep()),
                    tasks.start("pulse", self._hub_door.pulse()),
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
            return await self._hub_door.serve(request, hub)
        if (hub := _HUBS.get(path.removesuffix("/negotiate"))) is not None:
            return await self._hub_door.negotiate(request, hub)
        return await self._rest_door.serve(request)

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
        state = State(
            tokens=self._tokens.kept,
            login=self._login,
            dialect=self._switches.dialect,
            rules=self._book.kept,
        )
        write_state(folder, state)

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


def _begin(wanted: Wanted, statute: Statute, exchange: Exchange) -> None:
    """What the scenario brings with it; a restart has it in its state."""
    for rule in wanted.rules:
        statute.make(rule)
    for script in wanted.scripts:
        exchange.script(script)


def _exchange(wanted: Wanted, sink: Callable[[Event], None], machine: Clock) -> Exchange:
    folder = wanted.state
    if folder is not None and read_state(folder) is not None:
        return load_exchange(folder, sink, machine)
    return Exchange(wanted.setup, sink, machine)
