"""How fast the market goes: at a multiple of life, as fast as it is heard, or in lockstep.

Nothing moves before somebody listens, be it to the account alone, as who reads bars does. At `max`
nothing moves while nobody hears the market, and a client that does not keep up holds it back. In
lockstep the market waits after every piece until the client says that it has seen all that was sent
on both hubs and is idle. At `max` it waits so for a client that says it, where a minute begins and
where the account has news: what a client does at a close would else come minutes too late.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from julie.core.clock import Clock
from julie.core.zones import MINUTE_NS, SECOND_NS
from julie.simgate.server.book_stream import BookStream
from julie.simgate.server.cutting import Cutting
from julie.simgate.server.hubs import Hubs
from julie.simgate.server.meddling import Meddling
from julie.simgate.server.presence import Presence

if TYPE_CHECKING:
    from julie.simgate.exchange.exchange import Exchange

Speed = float | Literal["max", "lockstep"]
UPKEEP_S: Final = 0.02
LATE_NS: Final = 100_000_000  # of the machine: a market that was held up goes on at its own pace
STANDS_S: Final = 0.05  # of the machine: so long an answer may wait for the market to stand
CLOSED_NS: Final = 600 * SECOND_NS  # a silence as long as this is passed over at once


@dataclass(frozen=True, slots=True)
class Seen:
    """What a client says in lockstep: events of its present connections, counted by itself."""

    market: int
    user: int
    idle: bool


@dataclass(frozen=True, slots=True)
class Sent:
    """What the newest connection of each hub was sent."""

    market: int | None
    user: int | None


class Pacing:
    """Drives the exchange."""

    def __init__(
        self,
        exchange: "Exchange",
        hubs: Hubs,
        meddling: Meddling,
        cutting: Cutting,
        presence: Presence,
        machine: Clock,
        speed: Speed,
    ) -> None:
        self._exchange = exchange
        self._hubs = hubs
        self._meddling = meddling
        self._cutting = cutting
        self._presence = presence
        self._book = BookStream(exchange, hubs)
        self._machine = machine
        self._acked = asyncio.Event()
        self._granted = Sent(None, None)  # what the client had seen when it said so
        self._stands = asyncio.Event()  # at `max`, until it is acknowledged
        self._acknowledges = False  # somebody does
        self._playing = asyncio.Lock()
        self._anchor: tuple[int, int] | None = None  # machine and market time of the same moment
        self._heard_once = False
        self.speed: Speed = speed
        self.paused = False
        self.pieces = 0

    @property
    def finished(self) -> bool:
        """Whether there is no more market."""
        return self._exchange.due_ns() is None

    def sent(self) -> Sent:
        """What was sent to the clients that count."""
        market, user = self._hubs.newest("market"), self._hubs.newest("user")
        return Sent(market.sent if market else None, user.sent if user else None)

    def acknowledge(self, seen: Seen) -> bool:
        """Go on with the next piece if the client has seen all and is idle."""
        self._acknowledges = True
        good = seen.idle and self.sent() == Sent(seen.market, seen.user)
        if good and self.speed in ("lockstep", "max"):
            self._granted = self.sent()
            self._acked.set()
            return True
        return False

    async def stands(self) -> None:
        """At `max`: return when the market waits, or soon."""
        if self.speed == "max":
            with suppress(TimeoutError):
                async with asyncio.timeout(STANDS_S):
                    await self._stands.wait()

    def change(self, speed: Speed | None, paused: bool | None) -> None:
        """Another speed from now on, or a pause."""
        self._anchor = None
        self.speed = self.speed if speed is None else speed
        self.paused = self.paused if paused is None else paused

    async def play_until(self, ts_ns: int) -> None:
        """Play on to a time at once, whoever listens."""
        while (due := self._exchange.due_ns()) is not None and due <= ts_ns:
            await self._play()
        self._anchor = None

    async def run(self) -> None:
        """Play the market; for ever."""
        while True:
            if self.speed == "lockstep":
                await self._acked.wait()
                self._acked.clear()
                # A client that has left since hears nothing of what would be played now.
                while not self.finished and self.sent() == self._granted:
                    await self._play()
            elif self._may_go():
                await self._go_on()
            else:
                await asyncio.sleep(self._wait_s())

    async def _go_on(self) -> None:
        """A piece, and at `max` the wait for who acknowledges."""
        before = self.sent()
        self._acked.clear()
        await self._play()
        sent, begins = self.sent(), self._exchange.now_ns % MINUTE_NS < SECOND_NS
        news = sent.user != before.user or (begins and sent != before)
        if news and self._acknowledges and self.speed == "max":
            await self._until_acked()

    async def _until_acked(self) -> None:
        self._stands.set()
        try:
            while self._hubs.hears_market() and self.speed == "max":
                with suppress(TimeoutError):
                    async with asyncio.timeout(UPKEEP_S):
                        await self._acked.wait()
                        return
        finally:
            self._stands.clear()

    async def upkeep(self) -> None:
        """What has to happen while the market stands still too; for ever."""
        while True:
            await asyncio.sleep(UPKEEP_S)
            await self.tidy()

    async def tidy(self) -> None:
        """Send what is due, do what is due."""
        self._meddling.release(self._hubs)
        await self._cutting.due()
        self._presence.look()
        await self._hubs.flush(self._machine.mono_ns())

    def _may_go(self) -> bool:
        due = self._exchange.due_ns()
        hears = self._hubs.hears_market()
        self._heard_once = self._heard_once or self._hubs.hears_anything()
        if due is None or self.paused or not self._heard_once:
            return False
        if not isinstance(self.speed, int | float):
            return hears
        return self._machine.mono_ns() >= self._target_ns(due, self.speed)

    def _target_ns(self, due: int, speed: float) -> int:
        if self._anchor is None or due - self._exchange.now_ns > CLOSED_NS:
            self._anchor = (self._machine.mono_ns(), due)
        machine, market = self._anchor
        target = machine + round((due - market) / speed)
        now = self._machine.mono_ns()
        if now - target > LATE_NS:  # what was lost is not made up for: nobody could keep step
            self._anchor = (now, due)
            return now
        return target

    def _wait_s(self) -> float:
        due = self._exchange.due_ns()
        if due is None or self.paused or self._anchor is None or self.speed == "max":
            return UPKEEP_S
        late_ns = self._target_ns(due, float(self.speed)) - self._machine.mono_ns()
        return min(max(late_ns / SECOND_NS, 0.0), UPKEEP_S)

    async def _play(self) -> None:
        async with self._playing:
            self._exchange.advance()
            self.pieces += 1
            self._book.send()
            await self.tidy()
        await asyncio.sleep(0)  # calls come in between the pieces
