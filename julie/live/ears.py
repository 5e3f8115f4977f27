"""Hands on what the streams bring: time to the clock, prices to minutes, rows to the executor."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

from julie.core.bus import BEHIND_S
from julie.core.clock import Clock, ScaledClock, VirtualClock
from julie.core.events import Alarm
from julie.core.market_events import Hub, HubChanged, HubState, MarketEvent, Print
from julie.core.scribe import Scribe
from julie.core.ticks import to_ticks
from julie.core.timers import Bell
from julie.core.types import Reason
from julie.execution.executor import Executor
from julie.execution.venue import VenueEvent
from julie.gateway.errors import GatewayError
from julie.gateway.reach import Trouble
from julie.live.stream import Stream
from julie.live.turning import Turning

PATIENT_S: Final = 3600.0
AGAIN_S: Final = 0.5  # of the wall, after a fetch that failed
_AWAY: Final = ("market_stale", "market_down")


class Ears:
    """The sink of the feed; every call returns at once."""

    def __init__(
        self,
        clock: Clock,
        scribe: Scribe,
        stream: Stream,
        minutes: Turning,
        executor: Executor,
        ticks: Mapping[str, float],
    ) -> None:
        self._ticks = ticks
        self._driven = clock if isinstance(clock, VirtualClock | ScaledClock) else None
        self._scribe, self._stream = scribe, stream
        self._minutes, self._executor = minutes, executor
        self._left = asyncio.Event()  # a minute's orders have
        self._lives = dict.fromkeys(Hub, 0)
        self.wake: Callable[[], None] = _nobody
        self.bell = Bell(clock)

    @property
    def reconnects(self) -> int:
        """Connections beyond the first of each hub."""
        return sum(max(lives - 1, 0) for lives in self._lives.values())

    def advance(self, event: MarketEvent) -> None:
        """A market that drives the clock has come so far."""
        if self._driven is not None:
            self._driven.advance_to(event.ts_exchange)

    def market(self, event: MarketEvent) -> None:
        """A print or a quote."""
        self.advance(event)
        if isinstance(event, Print):
            self._traded(event)
        self._minutes.heard(event)
        self._look()

    def _traded(self, event: Print) -> None:
        """The last trade of a contract; one off the grid is no price that an order can have."""
        tick = self._ticks.get(event.contract)
        with suppress(ValueError):
            if tick is not None:
                self._executor.prices[event.contract] = to_ticks(event.price, tick)

    def elapsed(self) -> None:
        """Time has passed without a message."""
        self._minutes.elapsed()
        self._look()

    def behind(self) -> None:
        """Orders were given: what else the desk said is written when they have left."""
        asyncio.get_running_loop().call_later(BEHIND_S, self._left.set)

    async def words(self) -> None:
        """Write what the desk said, whenever its orders have left; for ever."""
        while True:
            await self._left.wait()
            self._left.clear()
            self._minutes.tell()
            self._look()

    def user(self, event: VenueEvent) -> None:
        """A row of our account."""
        self._executor.on_venue(event)
        self.wake()

    def hub(self, change: HubChanged) -> None:
        """A stream is in another state."""
        alive = change.state is HubState.LIVE
        if alive:
            self._lives[change.hub] = change.life
        if change.hub is Hub.MARKET:
            self._market_hub(change)
        elif change.state in (HubState.LIVE, HubState.DOWN):
            self._executor.stream(alive)
            if not alive:
                self._scribe.note(Alarm("user_down", f"the user stream: {change.reason}"))
        self.wake()

    def _market_hub(self, change: HubChanged) -> None:
        standing = self._executor.standing
        if change.state is HubState.LIVE:
            self._minutes.elapsed()  # what ended in the silence was not heard
            self._stream.found()
            for name in _AWAY:
                standing.release(name)
            self._look()
        elif change.state is HubState.OPENING:  # handed over to a newer token, perhaps
            self._stream.lost()
        elif change.state in (HubState.STALE, HubState.DOWN):
            self._stream.lost()
            name = _AWAY[change.state is HubState.DOWN]
            standing.reduce(name, f"the market stream: {change.reason}", Reason.STALE_DATA)
            self._scribe.note(Alarm(name, f"the market stream: {change.reason}"))

    def trouble(self, one: Trouble) -> None:
        """The venue cannot be reached or lets us in no more, or it is over."""
        standing = self._executor.standing
        if one.over:
            standing.release(one.name)
            self._executor.reconcile_soon(one.text)
        elif one.lasting:
            standing.halt(one.name, one.text, sticky=False)
        else:
            standing.reduce(one.name, one.text, Reason.NOT_RECONCILED)
        if not one.over:
            self._scribe.note(Alarm(one.name, one.text))
        self.wake()

    def alarm(self, alarm: Alarm) -> None:
        """Something for a person."""
        self._scribe.note(alarm)

    async def catch_up(self) -> None:
        """Fetch what was not heard, whenever something waits for it; for ever."""
        while True:
            await self.bell.wait(PATIENT_S)
            try:
                await self._minutes.catch_up()
            except GatewayError as error:
                self._scribe.note(Alarm("hole", f"a minute could not be fetched yet: {error}"))
                await asyncio.sleep(AGAIN_S)
                self.bell.ring()
            self.wake()

    def _look(self) -> None:
        if not self._minutes.idle:
            self.bell.ring()
        self.wake()


def _nobody() -> None:
    """Nobody waits for us."""
