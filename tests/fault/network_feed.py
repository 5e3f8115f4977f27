"""The venue's two streams by themselves, without a bot behind them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from julie.core.calendar import load_calendar
from julie.core.clock import ScaledClock, VirtualClock
from julie.core.events import Alarm
from julie.core.market_events import Hub, HubChanged, HubState, MarketEvent, Print
from julie.core.tasks import Tasks
from julie.execution.venue import VenueEvent, VenueOrder
from julie.gateway.config import GatewaySection
from julie.gateway.feed import HubFeed
from julie.gateway.venue import GatewayVenue
from julie.gateway.venue_rows import Ticks, VenueRows
from julie.live.venue_door import login_of
from tests.fault.gate import Gate
from tests.fault.network_seen import client_of

DrivenClock = ScaledClock | VirtualClock


class Heard:
    """What a feed told, and when."""

    def __init__(self, clock: DrivenClock) -> None:
        self._clock = clock
        self._away: dict[Hub, float] = {}
        self.prints = 0
        self.orders: dict[str | None, float] = {}  # when an order was first heard of, by its tag
        self.lives = dict.fromkeys(Hub, 0)
        self.gaps: list[float] = []  # seconds of the machine that a hub was not live

    def market(self, event: MarketEvent) -> None:
        self._clock.advance_to(event.ts_exchange)
        self.prints += isinstance(event, Print)

    def user(self, event: VenueEvent) -> None:
        if isinstance(event, VenueOrder):
            self.orders.setdefault(event.tag, asyncio.get_running_loop().time())

    def hub(self, change: HubChanged) -> None:
        now = asyncio.get_running_loop().time()
        if change.state is not HubState.LIVE:
            self._away.setdefault(change.hub, now)
            return
        since = self._away.pop(change.hub, now)
        if self.lives[change.hub]:
            self.gaps.append(now - since)
        self.lives[change.hub] += 1

    def alarm(self, alarm: Alarm) -> None:
        raise AssertionError(alarm)


@asynccontextmanager
async def feeding(
    gate: Gate, clock: DrivenClock | None = None, within_s: float = 60
) -> AsyncIterator[tuple[HubFeed, Heard, GatewayVenue]]:
    """Both streams of a running gateway, live."""
    login, clock = login_of(gate.ready), clock or ScaledClock(gate.ready.clock, gate.speed)
    client, heard = client_of(gate, clock), Heard(clock)
    rows = VenueRows(gate.ready.account_id, Ticks())
    feed = HubFeed(
        client,
        login.addresses,
        rows,
        [gate.contract],
        GatewaySection(),
        load_calendar(),
        heard,
        quiet=lambda: True,
        exposed=lambda: False,
    )
    try:
        async with asyncio.timeout(within_s), Tasks() as tasks:
            feed.start(tasks)
            await reached(lambda: all(heard.lives.values()))
            yield feed, heard, GatewayVenue(client, rows)
            raise Over
    except* Over:
        await client.aclose()


class Over(Exception):
    """Enough was seen."""


async def reached(seen: Any) -> None:
    """Wait for something to be so."""
    while not seen():  # noqa: ASYNC110 - what is waited for sets no event
        await asyncio.sleep(0.01)
