"""Keeps one hub connected, life after life, and says how far it can be relied on.

Every life is a new connection with a token read anew: connect, shake hands, subscribe, hear data,
and only then is it live. A life ends when the connection does, when nothing was heard for too long,
after a few unreadable frames, at the venue's logout, when somebody asks for another one, or in a
quiet moment because there is a newer token. Between lives the pauses double up to half a minute and
start small again after a minute of health. It never gives up.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from julie.core.events import Alarm
from julie.core.market_events import Hub, HubChanged, HubState
from julie.core.ports import HubTransport
from julie.core.tasks import Tasks
from julie.core.zones import SECOND_NS
from julie.gateway.backoff import Backoff, doubled
from julie.gateway.client import Client
from julie.gateway.errors import GatewayError, NoAnswer, TokenRefused
from julie.gateway.hub_transport import WebSocketHub
from julie.gateway.hub_url import hub_url
from julie.gateway.intake import Intake, Sink
from julie.gateway.pace import machine_s, pause
from julie.gateway.wire import Misfit
from julie.gateway.wire.hub import LOGOUT, Record

LOG: Final = logging.getLogger(__name__)

PAUSES: Final = Backoff(first_s=1.0, cap_s=30.0)
HEALTHY_S: Final = 60.0
BAD_FRAMES: Final = 3
MINUTE_S: Final = 60.0
STOP_S: Final = 5.0
LOOK_S: Final = 1.0
DATA_MOST_S: Final = 60.0  # between two subscriptions of a connection that stays silent
DATA_LEAST_S: Final = 1.5  # of the machine: two processes must have had their turn
LOGOUTS_APART_S: Final = 600.0
FORCED_SHARE: Final = 0.1  # of a token's life: then a hub is handed over, quiet or not

ANOTHER_LOGIN: Final = (
    "the venue ended two sessions within ten minutes: does another program use this login?"
)

Work = Callable[[], Awaitable[None]]
Subscription = tuple[str, Sequence[object]]
Make = Callable[[Callable[[Record], None], Callable[[Misfit], None]], HubTransport]


@dataclass(frozen=True, slots=True)
class HubLimits:
    """Seconds of the network that a life may take for what."""

    open_s: float = 5.0  # of the machine, to connect and shake hands; and again to subscribe
    silent_s: float = 25.0  # without anything at all, pings included
    data_s: float | None = 5.0  # from subscribing to the first data, where data is expected
    rebuild_gap_s: float = 300.0  # between two new connections because there is no data


class Logouts:
    """Ends of the session as the venue tells them, on both hubs for one session."""

    def __init__(self, client: Client) -> None:
        self._session = client.session
        self._clock = client.clock
        self._ended: deque[tuple[str, int]] = deque(maxlen=2)
        self.count = 0

    def note(self, token: str) -> bool:
        """The token is over; True when the one before it ended a short time ago too."""
        self._session.refused(token)
        if any(known == token for known, _ in self._ended):
            return False
        self.count += 1
        self._ended.append((token, self._clock.mono_ns()))
        first, last = self._ended[0][1], self._ended[-1][1]
        return len(self._ended) > 1 and last - first < LOGOUTS_APART_S * SECOND_NS


class HubSupervisor:
    """One hub for as long as the program runs."""

    def __init__(
        self,
        hub: Hub,
        address: str,
        subscriptions: Callable[[], Sequence[Subscription]],
        client: Client,
        logouts: Logouts,
        intake: Intake,
        sink: Sink,
        tasks: Tasks,
        *,
        expects_data: Callable[[], bool] = lambda: False,
        quiet: Callable[[], bool] = lambda: True,
        limits: HubLimits | None = None,
        make: Make = WebSocketHub,
    ) -> None:
        self.hub: Final = hub
        self._address = address
        self._subscriptions = subscriptions
        self._session = client.session
        self._clock = client.clock
        self._chance = client.chance
        self._quarantine = client.quarantine
        self._logouts = logouts
        self._intake = intake
        self._sink = sink
        self._tasks = tasks
        self._expects_data = expects_data
        self._quiet = quiet
        self._limits = limits or HubLimits()
        self._make = make
        self._token = ""
        self._forced_ns = 0
        self._end: asyncio.Future[str] | None = None
        self._data: asyncio.Future[None] | None = None
        self._reader: asyncio.Task[None] | None = None
        self._connection: HubTransport | None = None
        self._rebuilt_ns: int | None = None
        self._bad: deque[int] = deque(maxlen=BAD_FRAMES + 1)
        self.state = HubState.DOWN
        self.live_ns = 0  # monotonic time at which this life became live
        self.lives = 0
        self.bad_frames = 0
        self.left_behind = 0

    async def run(self) -> None:
        """Life after life, for ever."""
        tried = 0
        while True:
            healthy, planned = await self._life()
            if planned:
                tried = 0
                continue
            tried = 1 if healthy else tried + 1
            await pause(self._clock, PAUSES.pause_s(tried, self._chance))

    @property
    def sure(self) -> bool:
        """Whether it is live, and not even pings have been missing for too long."""
        if self.state is not HubState.LIVE or self._connection is None:
            return False
        return self._connection.silent_s <= machine_s(self._clock, self._limits.silent_s)

    def rebuild(self, reason: str) -> None:
        """End this life; the next one begins after the pause that is due."""
        if self._end is not None and not self._end.done():
            self._rebuilt_ns = self._clock.mono_ns()
            self._end.set_result(reason)

    def stale(self, reason: str) -> None:
        """Connected and silent for too long."""
        if self.state is HubState.LIVE:
            self._change(HubState.STALE, reason)

    def fresh(self) -> None:
        """Data came again."""
        if self.state is HubState.STALE:
            self._change(HubState.LIVE, "data came again")

    async def _life(self) -> tuple[bool, bool]:
        """One connection from its first to its last moment: was it healthy, did it end by plan."""
        loop = asyncio.get_running_loop()
        end: asyncio.Future[str] = loop.create_future()
        self.lives += 1
        self._end, self._data = end, loop.create_future()
        self._bad.clear()
        self._change(HubState.OPENING, "connecting")
        connection = self._make(
            partial(self._deliver, self.lives), partial(self._misfit, self.lives)
        )
        self._connection = connection
        try:
            reason, planned = await self._told(connection, end)
            healthy = self._healthy()
            if not planned:  # told before the farewell, which may take its time
                self._change(HubState.DOWN, reason)
            with suppress(GatewayError):
                await self._aside("stop", connection.stop, STOP_S)
        except asyncio.CancelledError:
            with suppress(TimeoutError):
                async with asyncio.timeout(STOP_S):
                    await connection.stop()
            self._change(HubState.STOPPED, "we leave")
            raise
        finally:
            if self._reader is not None:
                self._reader.cancel()
        return healthy, planned

    async def _told(self, connection: HubTransport, end: "asyncio.Future[str]") -> tuple[str, bool]:
        """The life's end, whatever brought it."""
        try:
            return await self._lived(connection, end)
        except GatewayError as error:
            if isinstance(error, TokenRefused):
                self._session.refused(self._token)
            return error.message, False

    async def _lived(
        self, connection: HubTransport, end: "asyncio.Future[str]"
    ) -> tuple[str, bool]:
        self._token = await self._session.for_reading()
        left_ns = self._session.left_ns
        self._forced_ns = self._clock.mono_ns() + round(left_ns * (1.0 - FORCED_SHARE))
        self._intake.new_life(self.hub)
        url = hub_url(self._address, self._token)
        await self._aside("start", partial(connection.start, url), self._limits.open_s)
        name = f"{self.hub} hub {self.lives}"
        self._reader = self._tasks.start(name, self._read(connection, end))
        await self._subscribe(connection)
        if self._limits.data_s is None or not self._expects_data():
            self._change(HubState.LIVE, "subscribed")
        else:
            self._change(HubState.WAITING, "subscribed")
        return await self._watch(connection, end)

    async def _subscribe(self, connection: HubTransport) -> None:
        async def subscribe() -> None:
            for method, arguments in self._subscriptions():
                await connection.invoke(method, arguments)

        await self._aside("subscribe", subscribe, self._limits.open_s)

    async def _watch(
        self, connection: HubTransport, end: "asyncio.Future[str]"
    ) -> tuple[str, bool]:
        """Look after a connection until it ends; it is live from its first data on."""
        look_s = machine_s(self._clock, LOOK_S)
        silent_s = machine_s(self._clock, self._limits.silent_s)
        waits = 0
        while not end.done():
            if self.state is HubState.WAITING:
                reason = await self._wait_for_data(connection, end, waits)
                waits += 1
                if reason:
                    return reason, False
            else:
                await asyncio.wait({end}, timeout=look_s)
            if connection.silent_s > silent_s:
                return f"nothing heard for {self._limits.silent_s:g} s, not even a ping", False
            await connection.beat()
            if not end.done() and await self._handover_due():
                return "handed over to a newer token", True
        return end.result(), False

    async def _wait_for_data(
        self, connection: HubTransport, end: "asyncio.Future[str]", waits: int
    ) -> str:
        """Wait for the first event; where none comes subscribe again, for nobody may have served
        that. The second time it is a reason for a new connection, but in a silent exchange every
        connection is silent, so these keep minutes apart.
        """
        data, seconds = self._data, self._limits.data_s or 0.0
        if data is None:
            return ""
        first: set[asyncio.Future[Any]] = {data, end}
        long_s = doubled(seconds, waits, DATA_MOST_S)
        limit_s = max(machine_s(self._clock, long_s), DATA_LEAST_S)
        await asyncio.wait(first, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
        if data.done() or not self._expects_data():
            self._change(HubState.LIVE, "subscribed, and data comes")
        elif not end.done() and waits and self._may_rebuild():
            self._rebuilt_ns = self._clock.mono_ns()
            return f"subscribed twice, and no data in {long_s:g} s"
        elif not end.done():
            await self._subscribe(connection)
        return ""

    def _may_rebuild(self) -> bool:
        gap_ns = round(self._limits.rebuild_gap_s * SECOND_NS)
        return self._rebuilt_ns is None or self._clock.mono_ns() - self._rebuilt_ns >= gap_ns

    async def _handover_due(self) -> bool:
        try:
            token = await self._session.for_reading()
        except GatewayError:
            return False  # the session says so to whoever needs it; this life may last a while
        if token == self._token:
            return False
        return self._quiet() or self._clock.mono_ns() >= self._forced_ns

    async def _read(self, connection: HubTransport, end: "asyncio.Future[str]") -> None:
        """The connection's own task; whatever escapes from it ends this life and no more."""
        reason = "the connection failed in a way that nobody foresaw"
        try:
            reason = await connection.run()
        except Exception:
            LOG.exception("the %s hub's connection failed", self.hub)
        finally:
            if not end.done():
                end.set_result(reason)

    async def _aside(self, what: str, work: Work, seconds: float) -> None:
        """Do something of the connection's within a time; what hangs is left behind."""
        task = self._tasks.start(f"{self.hub} hub {self.lives} {what}", _caught(work))
        await asyncio.wait({task}, timeout=seconds)
        if not task.done():
            task.cancel()
            self.left_behind += 1
            raise NoAnswer(f"the {self.hub} hub: {what} took more than {seconds:g} s")
        error = task.result()
        if error is not None:
            raise error

    def _healthy(self) -> bool:
        lasted_ns = self._clock.mono_ns() - self.live_ns
        return self.state in (HubState.LIVE, HubState.STALE) and lasted_ns >= HEALTHY_S * SECOND_NS

    def _deliver(self, life: int, record: Record) -> None:
        if life != self.lives:
            return  # left behind, and still talking
        if record.target == LOGOUT:
            if self._logouts.note(self._token):
                self._sink.alarm(Alarm("other_login", ANOTHER_LOGIN))
            self.rebuild("the venue ended the session")
        if self._data is not None and not self._data.done():
            self._data.set_result(None)
        self._intake.put(self.hub, record)

    def _misfit(self, life: int, misfit: Misfit) -> None:
        self._quarantine.put(misfit)
        if life != self.lives:
            return
        self.bad_frames += 1
        now_ns = self._clock.mono_ns()
        self._bad.append(now_ns)
        recent = [one for one in self._bad if now_ns - one < MINUTE_S * SECOND_NS]
        if len(recent) > BAD_FRAMES:
            told = f"{len(recent)} unreadable frames within a minute"
            self._sink.alarm(Alarm("bad_frames", f"the {self.hub} stream: {told}"))
            self.rebuild(told)

    def _change(self, state: HubState, reason: str) -> None:
        if state is self.state and state is not HubState.DOWN:
            return
        if state is HubState.LIVE and self.state is not HubState.STALE:
            self.live_ns = self._clock.mono_ns()
        self.state = state
        self._sink.hub(HubChanged(self.hub, state, reason, self.lives, self._clock.now_ns()))


async def _caught(work: Work) -> GatewayError | None:
    """The error of the work; nobody else hears of it."""
    try:
        await work()
    except GatewayError as error:
        return error
    except Exception as error:
        LOG.exception("a hub's connection failed")
        return NoAnswer(f"the connection failed ({type(error).__name__})")
    return None
