"""A supervised hub against a hub server, with a login server beside it and a clock of the test."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from julie.core.clock import VirtualClock
from julie.core.events import Alarm
from julie.core.market_events import Hub, HubChanged, HubState, MarketEvent
from julie.core.tasks import Tasks
from julie.execution.venue import VenueEvent
from julie.gateway import hub as hub_module
from julie.gateway.backoff import Backoff
from julie.gateway.bad_ticks import TickFilter
from julie.gateway.hub import HubLimits, HubSupervisor, Logouts
from julie.gateway.intake import Intake
from julie.gateway.quotes import Books
from julie.gateway.venue_rows import Ticks, VenueRows
from tests.gateway.hub_server import HubServer, until
from tests.gateway.venue import NOW_S, Venue

MES = "CON.F.US.MES.Z26"
SUBSCRIPTIONS = (("SubscribeContractQuotes", [MES]), ("SubscribeContractTrades", [MES]))


class Heard:
    """A sink that keeps everything in its order."""

    def __init__(self) -> None:
        self.all: list[Any] = []
        self.states: list[HubChanged] = []
        self.alarms: list[Alarm] = []

    def market(self, event: MarketEvent) -> None:
        self.all.append(event)

    def user(self, event: VenueEvent) -> None:
        self.all.append(event)

    def hub(self, change: HubChanged) -> None:
        self.states.append(change)

    def alarm(self, alarm: Alarm) -> None:
        self.alarms.append(alarm)

    @property
    def state(self) -> HubState | None:
        return self.states[-1].state if self.states else None

    def reasons(self) -> list[str]:
        """Why the hub went down, each time."""
        return [one.reason for one in self.states if one.state is HubState.DOWN]


class Scene:
    """All parts of one supervised market hub."""

    def __init__(self, venue: Venue, server: HubServer, tasks: Tasks, **more: Any) -> None:
        self.venue, self.server = venue, server
        self.clock: VirtualClock = venue.clock
        self.client = venue.client()
        self.heard = Heard()
        books, ticks = Books(), Ticks()
        self.intake = Intake(
            self.clock,
            self.heard,
            VenueRows(501, ticks),
            books,
            TickFilter(books, ticks, 10.0, 0.2),
            self.client.quarantine,
        )
        self.hub = HubSupervisor(
            Hub.MARKET,
            server.url,
            lambda: SUBSCRIPTIONS,
            self.client,
            Logouts(self.client),
            self.intake,
            self.heard,
            tasks,
            **more,
        )

    async def live(self, lives: int = 1) -> None:
        """Until the hub is live in the life of that number, or a later one."""
        await until(lambda: self.hub.state is HubState.LIVE and self.hub.lives >= lives)


def play(scene: Callable[[Scene], Awaitable[None]], start: bool = True, **more: Any) -> Heard:
    """Run a scene; the hub is kept from its beginning unless the scene starts it."""

    async def whole() -> Heard:
        async with Venue() as venue, HubServer() as server, Tasks() as tasks:
            made = Scene(venue, server, tasks, **more)
            running: Sequence[asyncio.Task[None]] = (
                tasks.start("intake", made.intake.run()),
                tasks.start("market hub", made.hub.run()),
            )
            try:
                await scene(made)
            finally:
                for task in running:
                    task.cancel()
                await made.client.aclose()
        return made.heard

    return asyncio.run(whole(), debug=True)


__all__ = ["MES", "NOW_S", "Heard", "HubLimits", "Scene", "hub_module", "play"]


def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hub that looks often and comes back at once."""
    monkeypatch.setattr(hub_module, "LOOK_S", 0.02)
    monkeypatch.setattr(hub_module, "PAUSES", Backoff(first_s=0.01, cap_s=0.05))
