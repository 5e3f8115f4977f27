"""Both hubs, their intake and their watchers as one."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from julie.core.calendar import load_calendar
from julie.core.market_events import Hub, HubState, Print
from julie.core.tasks import Tasks
from julie.execution.venue import VenueOrder
from julie.gateway.addresses import Addresses
from julie.gateway.client import Client
from julie.gateway.config import GatewaySection
from julie.gateway.feed import HubFeed
from julie.gateway.venue_rows import Ticks, VenueRows
from tests.gateway.hub_scene import MES, Heard, short_pauses
from tests.gateway.hub_server import HubServer, Life, event, quote, trade, until
from tests.gateway.samples import ACCOUNT, ORDER
from tests.gateway.venue import Venue, ok

pytestmark = pytest.mark.tier1
NQ = "CON.F.US.ENQ.Z26"
Scene = Callable[[Venue, HubServer, HubServer, HubFeed, Heard], Awaitable[None]]


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    short_pauses(monkeypatch)


async def first_quote(life: Life, method: str, arguments: list[Any]) -> None:
    if method == "SubscribeContractQuotes":
        await life.say(quote(arguments[0], bestBid=6335.0, bestAsk=6335.25))


def feed_of(client: Client, venue: Venue, hubs: tuple[str, str], heard: Heard) -> HubFeed:
    return HubFeed(
        client,
        Addresses(venue.url, *hubs),
        VenueRows(501, Ticks()),
        (MES,),
        GatewaySection(),
        load_calendar(),
        heard,
        quiet=lambda: True,
        exposed=lambda: False,
    )


def play(scene: Scene) -> None:
    async def whole() -> None:
        async with Venue() as venue, HubServer() as market, HubServer() as user, Tasks() as tasks:
            venue.says("/api/Trade/search", ok(trades=[]))
            venue.says("/api/Order/v2/query", ok(orders=[], totalCount=0))
            venue.says("/api/Position/searchOpen", ok(positions=[]))
            venue.says("/api/Account/search", ok(accounts=[ACCOUNT]))
            client, heard = venue.client(), Heard()
            market.on_invoked = first_quote
            feed = feed_of(client, venue, (user.url, market.url), heard)
            feed.start(tasks)
            try:
                await scene(venue, market, user, feed, heard)
            finally:
                for task in asyncio.all_tasks() - {asyncio.current_task()}:
                    if task.get_name() in tasks.running():
                        task.cancel()
                await client.aclose()

    asyncio.run(whole(), debug=True)


async def both_live(feed: HubFeed) -> None:
    await until(lambda: all(feed.state(hub) is HubState.LIVE for hub in Hub))


def test_both_hubs_come_up_and_their_events_go_on() -> None:
    async def scene(
        _: Venue, market: HubServer, user: HubServer, feed: HubFeed, heard: Heard
    ) -> None:
        await both_live(feed)
        assert [one for one, _ in user.life.invoked] == [
            "SubscribeAccounts", "SubscribeOrders", "SubscribePositions", "SubscribeTrades",
        ]  # fmt: skip
        assert [arguments for _, arguments in user.life.invoked] == [[], [501], [501], [501]]
        await user.life.say(event("GatewayUserOrder", ORDER))
        await market.life.say(trade(MES, 6335.25))
        await until(lambda: sum(isinstance(one, VenueOrder | Print) for one in heard.all) == 2)
        assert (feed.seen(Hub.MARKET), feed.seen(Hub.USER)) == (2, 1)
        good = feed.books.good(MES)
        assert good is not None
        assert (good.bid, good.ask) == (6335.0, 6335.25)
        counts = feed.counts()
        assert counts["market_connections"] == counts["user_connections"] == 1
        assert counts["quarantined"] == 0

    play(scene)


def test_other_contracts_cost_the_market_hub_one_connection_and_the_user_hub_none() -> None:
    async def scene(
        _: Venue, market: HubServer, user: HubServer, feed: HubFeed, heard: Heard
    ) -> None:
        await both_live(feed)
        feed.follow((MES,))
        feed.follow((NQ,))
        await until(lambda: len(market.lives) == 2 and len(market.life.invoked) == 2)
        await both_live(feed)
        assert {arguments[0] for _, arguments in market.life.invoked} == {NQ}
        assert len(user.lives) == 1

    play(scene)


def test_one_hub_may_be_gone_without_the_other() -> None:
    async def scene(
        _: Venue, market: HubServer, user: HubServer, feed: HubFeed, heard: Heard
    ) -> None:
        await both_live(feed)
        user.mute_handshake = True
        user.life.drop()
        await until(lambda: feed.state(Hub.USER) is not HubState.LIVE)
        await market.life.say(trade(MES, 6335.25))
        await until(lambda: any(isinstance(one, Print) for one in heard.all))
        assert feed.state(Hub.MARKET) is HubState.LIVE

    play(scene)


def test_addresses_come_from_the_environment_or_are_topstepx() -> None:
    found = Addresses.of({"PROJECTX_USER_HUB": "http://127.0.0.1:1/hubs/user"}.get)
    assert found.api == "https://api.topstepx.com"
    assert found.user_hub == "http://127.0.0.1:1/hubs/user"
    assert found.market_hub == "https://rtc.topstepx.com/hubs/market"
