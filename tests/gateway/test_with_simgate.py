"""Our client against the simulated gateway: orders to and fro, and a hub that is ill-treated."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import SecretStr

from julie.core.calendar import load_calendar
from julie.core.clock import VirtualClock
from julie.core.market_events import Hub, HubState, MarketEvent, Print
from julie.core.tasks import Tasks
from julie.core.types import Side
from julie.execution.venue import (
    Accepted,
    NewOrder,
    OrderKind,
    RefusalCode,
    Refused,
    VenueOrder,
    VenuePosition,
    VenueStatus,
    VenueTrade,
)
from julie.gateway import hub as hub_module
from julie.gateway.addresses import Addresses
from julie.gateway.backoff import Backoff
from julie.gateway.client import Client
from julie.gateway.config import GatewaySection
from julie.gateway.feed import HubFeed
from julie.gateway.session import Credentials
from julie.gateway.venue import GatewayVenue
from julie.gateway.venue_rows import Ticks, VenueRows
from tests.gateway.hub_scene import Heard
from tests.gateway.hub_server import until
from tests.simgate.server.gate import ACCOUNT, Gate
from tests.simgate.server.gate import play as with_gate

pytestmark = pytest.mark.tier2


class Sink(Heard):
    """Keeps what comes, and drives the clock as a simulated session does."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__()
        self._clock = clock

    def market(self, event: MarketEvent) -> None:
        self._clock.advance_to(event.ts_exchange)
        super().market(event)

    def of(self, kind: type[Any]) -> list[Any]:
        return [one for one in self.all if isinstance(one, kind)]


class Bot:
    """What listens and acts."""

    def __init__(self, gate: Gate) -> None:
        ready = gate.ready
        self.gate = gate
        self.clock = VirtualClock(ready.clock)
        chance = np.random.default_rng(3)
        keys = Credentials(SecretStr(ready.username), SecretStr(ready.api_key))
        self.client = Client(ready.url, keys, self.clock, chance)
        rows = VenueRows(ACCOUNT, Ticks())
        self.venue = GatewayVenue(self.client, rows)
        self.sink = Sink(self.clock)
        self.feed = HubFeed(
            self.client,
            Addresses(ready.url, ready.user_hub, ready.market_hub),
            rows,
            (gate.contract,),
            GatewaySection(),
            load_calendar(),
            self.sink,
            quiet=lambda: True,
            exposed=lambda: True,
        )

    async def live(self, **lives: int) -> None:
        """Until both hubs are live, each in the life named or a later one."""

        def done() -> bool:
            counts = self.feed.counts()
            return all(
                self.feed.state(hub) is HubState.LIVE
                and counts[f"{hub}_connections"] >= lives.get(hub, 1)
                for hub in Hub
            )

        await until(done, 15)


Scene = Callable[[Gate, Bot], Awaitable[None]]


def play(scene: Scene, folder: Path) -> None:
    async def whole(gate: Gate) -> None:
        await gate.play(2)
        bot = Bot(gate)
        async with Tasks() as tasks:
            bot.feed.start(tasks)
            try:
                await bot.live()
                await scene(gate, bot)
            finally:
                ours = set(tasks.running())
                for task in asyncio.all_tasks():
                    if task.get_name() in ours:
                        task.cancel()
                await bot.client.aclose()

    with_gate(whole, folder)


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "LOOK_S", 0.05)
    monkeypatch.setattr(hub_module, "PAUSES", Backoff(first_s=0.02, cap_s=0.2))


def test_a_bracket_is_placed_moved_and_closed(tmp_path: Path) -> None:
    async def scene(gate: Gate, bot: Bot) -> None:
        order = NewOrder(
            "j-1", gate.contract, Side.LONG, 2, OrderKind.MARKET, stop_ticks=40, target_ticks=80
        )
        placed = await bot.venue.place(order)
        assert isinstance(placed, Accepted)
        await until(lambda: len(bot.sink.of(VenueTrade)) == 1)
        (fill,) = bot.sink.of(VenueTrade)
        assert (fill.qty, fill.fee_cents, fill.pnl_cents) == (2, 122, None)
        legs = {one.kind: one for one in await bot.venue.open_orders()}
        assert legs[OrderKind.STOP].price_tick == fill.price_tick - 40
        assert legs[OrderKind.LIMIT].price_tick == fill.price_tick + 80
        stop = legs[OrderKind.STOP]
        moved = await bot.venue.modify(stop.id, price_tick=fill.price_tick - 30)
        assert moved == Accepted()
        assert await bot.venue.cancel(legs[OrderKind.LIMIT].id) == Accepted()
        held = await bot.venue.order(stop.id)
        assert held is not None
        assert (held.price_tick, held.status) == (fill.price_tick - 30, VenueStatus.OPEN)
        again = await bot.venue.place(order)
        assert isinstance(again, Refused)
        assert again.code is RefusalCode.TAG_IN_USE
        assert await bot.venue.close(gate.contract) == Accepted()
        await until(lambda: bool(bot.sink.of(VenuePosition)[-1:]) and _flat(bot))
        for one in await bot.venue.open_orders():
            assert await bot.venue.cancel(one.id) == Accepted()
        assert await bot.venue.positions() == ()
        trades = await bot.venue.trades_since(gate.ready.clock)
        truth = await gate.look("truth")
        assert len(trades) == len(truth["fills"]) == 2

    play(scene, tmp_path)


def _flat(bot: Bot) -> bool:
    return bool(bot.sink.of(VenuePosition)[-1].qty == 0)


@pytest.mark.parametrize("do", ["reset", "close", "logout"])
@pytest.mark.parametrize("hub", list(Hub))
def test_a_hub_that_goes_comes_back_and_is_heard(hub: Hub, do: str, tmp_path: Path) -> None:
    async def scene(gate: Gate, bot: Bot) -> None:
        await gate.rule({"hub": hub.value}, do)
        changed = list(Hub) if do == "logout" else [hub]  # a new token is one for both
        await bot.live(**dict.fromkeys((one.value for one in changed), 2))
        before = len(bot.sink.of(Print))
        await gate.play(60)
        await until(lambda: len(bot.sink.of(Print)) > before)
        assert isinstance(
            await bot.venue.place(NewOrder("j", gate.contract, Side.LONG, 1, OrderKind.MARKET)),
            Accepted,
        )
        await until(lambda: bool(bot.sink.of(VenueTrade)))

    play(scene, tmp_path)


def test_frames_that_are_cut_doubled_or_spoilt_cost_no_print_that_was_whole(tmp_path: Path) -> None:
    async def scene(gate: Gate, bot: Bot) -> None:
        await gate.rule({"event": "GatewayTrade"}, "split", scope={"count": 5})
        await gate.rule({"event": "GatewayTrade", "nth": 8}, "garbage", size=64)
        await gate.rule({"event": "GatewayQuote", "nth": 8}, "grow", size=10_000_000)
        await gate.play(600)
        await until(lambda: bot.feed.seen(Hub.MARKET) >= 30)
        await asyncio.sleep(0.2)
        assert bot.feed.state(Hub.MARKET) is HubState.LIVE
        counts = bot.feed.counts()
        assert counts["market_connections"] == 1
        assert counts["quarantined"] >= 1

    play(scene, tmp_path)


def test_a_fill_that_the_user_hub_kept_to_itself_is_read(tmp_path: Path) -> None:
    async def scene(gate: Gate, bot: Bot) -> None:
        await gate.rule({"event": "GatewayUser*"}, "mute")
        await bot.venue.place(NewOrder("j", gate.contract, Side.LONG, 1, OrderKind.MARKET))
        assert bot.sink.of(VenueTrade) == []
        await gate.play(90)
        await until(lambda: len(bot.sink.of(VenueTrade)) == 1, 15)
        assert [one.status for one in bot.sink.of(VenueOrder)] == []
        assert bot.sink.of(VenuePosition) == []  # the comparison reads them

    play(scene, tmp_path)
