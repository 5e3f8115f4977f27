"""From the hubs' records to events, off the sockets' back: user events first, then the market.

The sockets only put records here. Quotes are merged, and of several that wait together only the
newest of a contract goes on, in its own place, so that no print is overtaken. Prints and user
events are never dropped. What cannot be read is quarantined; on the user hub it is told besides,
because it may concern our orders.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

from julie.core.clock import Clock
from julie.core.events import Alarm
from julie.core.market_events import Hub, HubChanged, MarketEvent, Print, QuoteNow
from julie.core.types import Side
from julie.core.zones import SECOND_NS
from julie.execution.venue import Unreadable, VenueEvent
from julie.gateway.bad_ticks import TickFilter
from julie.gateway.quarantine import Quarantine
from julie.gateway.quotes import Books
from julie.gateway.venue_rows import VenueRows
from julie.gateway.wire import Aggressor, Quote
from julie.gateway.wire import Print as PrintRow
from julie.gateway.wire.hub import USER_EVENTS, Record, read_event

SLICE: Final = 512  # market records until user events have their turn again
PAUSE_NS: Final = 2 * SECOND_NS  # no word of the market for so long is a pause


class Sink(Protocol):
    """Who is told; every call returns at once."""

    def market(self, event: MarketEvent) -> None:
        """A print or a quote."""
        ...

    def user(self, event: VenueEvent) -> None:
        """A row about our account, or that one could not be read."""
        ...

    def hub(self, change: HubChanged) -> None:
        """A stream is in another state."""
        ...

    def alarm(self, alarm: Alarm) -> None:
        """Something a person should look at."""
        ...


class Intake:
    """Two queues and the one who empties them."""

    def __init__(
        self,
        clock: Clock,
        sink: Sink,
        rows: VenueRows,
        books: Books,
        ticks: TickFilter,
        quarantine: Quarantine,
    ) -> None:
        self._clock = clock
        self._sink = sink
        self._rows = rows
        self._books = books
        self._ticks = ticks
        self._quarantine = quarantine
        self._waiting: dict[Hub, deque[tuple[Record, int]]] = {hub: deque() for hub in Hub}
        self._news = asyncio.Event()
        self._seen = dict.fromkeys(Hub, 0)
        self._last_ns = 0
        self.after_pause: Callable[[], None] = _nobody  # told before what ends a pause is handed on
        self.heard_ns: Final[dict[str, int]] = {}  # contract: monotonic time of its last message
        self.handing = ""  # the contract whose message is being handed on now
        self.market_events = 0
        self.coalesced = 0
        self.most_waiting = 0

    def put(self, hub: Hub, record: Record) -> None:
        """Take a record; it is read as soon as its turn comes."""
        self._waiting[hub].append((record, self._clock.now_ns()))
        self._news.set()

    @property
    def waiting(self) -> int:
        """Records that nobody has read yet."""
        return sum(map(len, self._waiting.values()))

    def seen(self, hub: Hub) -> int:
        """Records of the hub's present connection that were read and handed on."""
        return self._seen[hub]

    def new_life(self, hub: Hub) -> None:
        """A new connection: its count begins, what the old one left waiting is still read first."""
        self._seen[hub] = -len(self._waiting[hub])
        if hub is Hub.MARKET:
            self._books.forget()

    async def run(self) -> None:
        """Empty the queues; for ever."""
        user, market = self._waiting[Hub.USER], self._waiting[Hub.MARKET]
        while True:
            await self._news.wait()
            self._news.clear()
            self.most_waiting = max(self.most_waiting, len(user) + len(market))
            while user or market:
                while user:
                    self._user(*user.popleft())
                self._market([market.popleft() for _ in range(min(SLICE, len(market)))])
                if market:
                    await asyncio.sleep(0)

    def _user(self, record: Record, _: int) -> None:
        self._seen[Hub.USER] += 1
        found = read_event(record)
        for row in found.rows:
            event = self._rows.event(row)
            if event is not None:
                self._sink.user(event)
        for misfit in found.misfits:
            self._quarantine.put(misfit)
            if record.target in USER_EVENTS:
                raw = self._quarantine.shown(misfit)
                self._sink.user(Unreadable(str(misfit), misfit.contract_id, raw))

    def _market(self, records: list[tuple[Record, int]]) -> None:
        now_ns = self._clock.mono_ns()
        if now_ns - self._last_ns >= PAUSE_NS:
            self.after_pause()
        self._last_ns = now_ns
        events: list[MarketEvent | None] = []
        newest: dict[str, int] = {}
        for record, ts_local in records:
            found = read_event(record)
            for misfit in found.misfits:
                self._quarantine.put(misfit)
            for row in found.rows:
                if isinstance(row, Quote):
                    self._quote(found.contract, row, ts_local, events, newest)
                elif isinstance(row, PrintRow):
                    events.extend(self._ticks.printed(_print(found.contract, row, ts_local)))
        for event in events:
            if event is not None:
                self.handing = event.contract
                self._sink.market(event)
                self.heard_ns[event.contract] = self._clock.mono_ns()  # it may have moved the clock
                self.market_events += 1
        self.handing = ""
        self._seen[Hub.MARKET] += len(records)

    def _quote(
        self,
        contract: str,
        row: Quote,
        ts_local: int,
        events: list[MarketEvent | None],
        newest: dict[str, int],
    ) -> None:
        quote: QuoteNow = self._books.merge(contract, row, ts_local)
        events.extend(self._ticks.quoted(quote))
        before = newest.get(contract)
        if before is not None:
            events[before] = None
            self.coalesced += 1
        newest[contract] = len(events)
        events.append(quote)


def _print(contract: str, row: PrintRow, ts_local: int) -> Print:
    side = Side.LONG if row.type is Aggressor.BUY else Side.SHORT
    return Print(contract, row.price, row.volume, int(row.timestamp), ts_local, side)


def _nobody() -> None:
    """Nobody wants to know."""
