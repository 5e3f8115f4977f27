"""Whoever only listens to a simulated market that waits for him: both streams, and no desk."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import numpy as np

from julie.core.calendar import load_calendar
from julie.core.clock import VirtualClock
from julie.core.events import Alarm
from julie.core.market_events import Hub, HubChanged, HubState, MarketEvent
from julie.core.tasks import Tasks
from julie.execution.venue import VenueEvent
from julie.gateway.client import Client
from julie.gateway.config import GatewaySection
from julie.gateway.feed import HubFeed
from julie.gateway.venue_rows import Ticks, VenueRows
from julie.live.sim import Lockstep, Ready, Seen, SimControl, end_child, start_child
from julie.live.venue_door import login_of


class Over(Exception):
    """The market is at its end."""


class Listener:
    """Hears one contract; what is done with its events is `heard`'s."""

    def __init__(self, ready: Ready, contract: str) -> None:
        self.ready = ready
        self.clock = VirtualClock(ready.clock)
        self.lives: Counter[Hub] = Counter()
        self.step: Lockstep | None = None
        login, chance = login_of(ready), np.random.default_rng(1)
        self.client = Client(login.url, login.credentials, self.clock, chance)
        self.feed = HubFeed(
            self.client, login.addresses,
            VenueRows(ready.account_id, Ticks()), [contract], GatewaySection(), load_calendar(),
            self, quiet=lambda: True, exposed=lambda: False, lockstep=True,
        )  # fmt: skip

    def heard(self, event: MarketEvent) -> None:
        """A print or a quote, at its time."""
        raise NotImplementedError

    def market(self, event: MarketEvent) -> None:
        self.clock.advance_to(event.ts_exchange)
        self.heard(event)
        self.wake()

    def user(self, event: VenueEvent) -> None:
        del event
        self.wake()

    def hub(self, change: HubChanged) -> None:
        self.lives[change.hub] += change.state is HubState.LIVE
        self.wake()

    def alarm(self, alarm: Alarm) -> None:
        raise AssertionError(alarm)

    def wake(self) -> None:
        if self.step is not None:
            self.step.wake()

    @property
    def at_rest(self) -> bool:
        live = all(self.feed.state(hub) is HubState.LIVE for hub in Hub)
        return live and not self.feed.intake.waiting


Heard = TypeVar("Heard", bound=Listener)


async def _nothing_to_write() -> None:
    """There is no journal here."""


async def _as_it_is(ready: Ready) -> None:
    """The gateway plays without rules."""


async def listened(
    words: Sequence[str],
    made: Callable[[Ready], Heard],
    prepared: Callable[[Ready], Awaitable[None]] = _as_it_is,
) -> Heard:
    """A whole market in lockstep, over the sockets of a gateway in a process of its own."""
    child, ready = await start_child((*words, "--speed", "lockstep"))
    await prepared(ready)
    control, heard = SimControl(ready.url), made(ready)
    feed = heard.feed
    heard.step = Lockstep(
        control,
        lambda: Seen(feed.seen(Hub.MARKET), feed.seen(Hub.USER)),
        lambda: heard.at_rest,
        _nothing_to_write,
    )
    try:
        async with Tasks() as tasks:
            feed.start(tasks)
            await heard.step.run()
            raise Over
    except* Over:
        pass
    finally:
        await heard.client.aclose()
        await control.aclose()
        await end_child(child)
    return heard
