"""Both streams are cut in the middle of a market that waits for us: it goes on where it stopped."""

import asyncio
from collections import Counter
from pathlib import Path

import httpx
import numpy as np
import pytest

from julie.core.calendar import load_calendar
from julie.core.clock import VirtualClock
from julie.core.events import Alarm
from julie.core.market_events import Hub, HubChanged, HubState, MarketEvent, Print
from julie.core.tasks import Tasks
from julie.core.zones import MINUTE_NS
from julie.execution.venue import VenueEvent
from julie.gateway.client import Client
from julie.gateway.config import GatewaySection
from julie.gateway.feed import Addresses, HubFeed
from julie.gateway.venue_rows import Ticks, VenueRows
from julie.live.sim import Lockstep, Ready, Seen, SimControl, end_child, start_child
from julie.live.venue_door import login_of
from tests.simgate.server.gate import DAY, bars_file

pytestmark = [pytest.mark.tier2, pytest.mark.timeout(60)]
MINUTES = 30
CUTS = {
    "match": {},
    "action": {"do": "reset"},
    "scope": {"after_s": 600, "every_s": 600, "count": 2},
}


class Over(Exception):
    """The market is at its end."""


class Listener:
    """Counts the prints of each minute."""

    def __init__(self, ready: Ready) -> None:
        self.clock = VirtualClock(ready.clock)
        self.prints: Counter[int] = Counter()
        self.lives = dict.fromkeys(Hub, 0)
        self.step: Lockstep | None = None
        login, chance = login_of(ready), np.random.default_rng(1)
        self.client = Client(login.url, login.credentials, self.clock, chance)
        self.feed = HubFeed(
            self.client, Addresses(ready.url, ready.user_hub, ready.market_hub),
            VenueRows(ready.account_id, Ticks()), [ready.contracts["MES"]], GatewaySection(),
            load_calendar(), self.clock, chance, self, quiet=lambda: True,
            exposed=lambda: False, lockstep=True,
        )  # fmt: skip

    def market(self, event: MarketEvent) -> None:
        self.clock.advance_to(event.ts_exchange)
        self.prints[event.ts_exchange // MINUTE_NS] += isinstance(event, Print)
        self.wake()

    def user(self, event: VenueEvent) -> None:
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


async def nothing_to_write() -> None:
    """There is no journal here."""


async def listened(folder: Path) -> Listener:
    """The whole market, cut twice."""
    data = ("--data", str(bars_file(folder, minutes=MINUTES)), "--symbol", "MES")
    span = ("--date", DAY.isoformat(), "--from", "09:30", "--until", "10:00")
    child, ready = await start_child((*data, *span, "--speed", "lockstep"))
    async with httpx.AsyncClient(base_url=ready.url, trust_env=False) as http:
        (await http.post("/_sim/rules", json=CUTS)).raise_for_status()
    control, heard = SimControl(ready.url), Listener(ready)
    feed = heard.feed
    heard.step = Lockstep(
        control,
        lambda: Seen(feed.seen(Hub.MARKET), feed.seen(Hub.USER)),
        lambda: heard.at_rest,
        nothing_to_write,
    )
    try:
        async with asyncio.timeout(45), Tasks() as tasks:
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


def test_a_market_in_lockstep_outlives_two_cuts_of_both_streams(tmp_path: Path) -> None:
    heard = asyncio.run(listened(tmp_path))
    assert heard.lives == dict.fromkeys(Hub, 3)
    assert len(heard.prints) == MINUTES
    whole = [count for count in heard.prints.values() if count == 4]
    assert len(whole) >= MINUTES - 2, "only the minutes of the cuts may lack a print"
