"""Between two trading days: the day that ended is closed before the next one is heard.

The first messages of a new day wait until the minutes of the old one are decided, its record is
written, and the contracts of the new day are known. Then they are handed on in their order.
"""

from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

from julie.core.bookings import DayClosed
from julie.core.calendar import Calendar
from julie.core.clock import Clock
from julie.core.events import Payload
from julie.core.market_events import MarketEvent
from julie.live.minutes import Minutes
from julie.live.rolls import Rolls

FOR_EVER: Final = 1 << 62


class Closes(Protocol):
    """Whose trading day ends; the desk."""

    def day_closed(self) -> DayClosed:
        """The end of the trading day."""
        ...


class Turning:
    """Hands messages on to the minutes, day by day."""

    def __init__(
        self,
        calendar: Calendar,
        minutes: Minutes,
        rolls: Rolls,
        desk: Closes,
        open_anywhere: Callable[[], bool],
        note: Callable[[Payload], object],
        clock: Clock,
        closed: Callable[[], None],
    ) -> None:
        self._calendar, self._minutes, self._rolls = calendar, minutes, rolls
        self._desk, self._open_anywhere, self._note = desk, open_anywhere, note
        self._now_ns, self._closed = clock.now_ns, closed
        self._held: deque[MarketEvent] = deque()
        self._stand(self._calendar.begun(clock.now_ns()))
        self._turning = self._ended = False
        self._closed_at = 0  # minutes taken when a day was closed last

    @property
    def idle(self) -> bool:
        """Whether nothing waits."""
        return self._minutes.idle and not (self._held or self._turning or self._rolls.due)

    def heard(self, event: MarketEvent) -> None:
        """A message of the market."""
        if self._held or self._new_day(max(event.ts_exchange, self._now_ns())):
            self._held.append(event)
        else:
            self._minutes.heard(event)

    def elapsed(self) -> None:
        """Time has passed without a message."""
        if not self._held and not self._new_day(self._now_ns()):
            self._minutes.elapsed()

    def _stand(self, place: int) -> None:
        """A trading day goes on until the next one opens, and behind the last we know for ever."""
        opens = self._calendar.open_ns
        self._next_ns = int(opens[place + 1]) if place + 1 < len(opens) else FOR_EVER

    def _new_day(self, now_ns: int) -> bool:
        self._turning = self._turning or now_ns >= self._next_ns
        return self._turning

    def tell(self) -> None:
        """Write down what the desk said of the newest minute."""
        self._minutes.tell()

    async def catch_up(self) -> None:
        """Fetch what was not heard, and turn the day when it is over."""
        while not self.idle:
            await self._minutes.catch_up()
            if self._turning:
                await self._turn()
            elif self._rolls.due:
                await self._rolls.go_on()

    async def _turn(self) -> None:
        """May be broken off by a venue that does not answer, and is then begun again."""
        opens = int(self._calendar.open_ns[self._calendar.begun(self._newest_ns())])
        if not self._ended:
            self._minutes.elapsed(min(self._now_ns(), opens))
            await self._minutes.catch_up()
            self.close_day()
            self._ended = True
        place = self._calendar.begun(self._newest_ns())
        await self._rolls.look(self._calendar.date_of(place))
        self._stand(place)
        self._turning = self._ended = False
        while self._held and not self._turning:
            self._minutes.heard(self._held.popleft())

    def _newest_ns(self) -> int:
        return max([self._now_ns(), *(one.ts_exchange for one in self._held)])

    def close_day(self) -> None:
        """Write the desk's record of a day that it heard something of, when nothing is open."""
        self.tell()
        if self._minutes.taken > self._closed_at and not self._open_anywhere():
            self._closed_at = self._minutes.taken
            self._note(self._desk.day_closed())
            self._closed()
