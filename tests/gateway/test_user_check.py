"""The venue's record stands beside the hub's story, and wins."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from julie.core.clock import VirtualClock
from julie.core.market_events import HubState
from julie.core.types import Side
from julie.execution.venue import (
    VenueAccount,
    VenueEvent,
    VenueTrade,
    VenueUnreachable,
)
from julie.gateway.user_check import Told, UserCheck

START_NS = 1_795_000_000_000_000_000


def fill(number: int, ts: int = START_NS) -> VenueTrade:
    return VenueTrade(number, 7, "CON.F.US.MES.Z26", Side.LONG, 1, 25340, 61, None, False, ts)


class Venue:
    def __init__(self) -> None:
        self.trades: list[VenueTrade] = []
        self.asked: list[str] = []
        self.down = False

    async def trades_since(self, _: int) -> Sequence[VenueTrade]:
        return self._answered("trades", self.trades)

    async def open_orders(self) -> Sequence[VenueEvent]:
        return self._answered("orders", [])

    async def account(self) -> VenueAccount:
        self._answered("account", [])
        return VenueAccount(501, 5_000_000, True)

    def _answered(self, what: str, rows: Any) -> Any:
        self.asked.append(what)
        if self.down:
            raise VenueUnreachable("down")
        return tuple(rows)


class Hub:
    def __init__(self) -> None:
        self.state = HubState.LIVE
        self.lives = 1
        self.rebuilt: list[str] = []

    def rebuild(self, reason: str) -> None:
        self.rebuilt.append(reason)


class Checked:
    def __init__(self) -> None:
        self.clock = VirtualClock(START_NS)
        self.venue, self.hub, self.told = Venue(), Hub(), Told()
        self.heard: list[VenueEvent] = []
        self.exposed = False
        venue: Any = self.venue
        hub: Any = self.hub
        self.check = UserCheck(
            venue, self.told, self.clock, self.heard.append, hub, lambda: self.exposed, 30
        )

    def passes(self, seconds: int) -> None:
        async def each() -> None:
            for _ in range(seconds):
                await self.check.look()
                self.clock.advance(1)

        asyncio.run(each())

    def trades(self) -> list[int]:
        return [one.id for one in self.heard if isinstance(one, VenueTrade)]


def test_a_calm_account_is_read_twice_a_minute() -> None:
    it = Checked()
    it.passes(60)
    assert it.venue.asked == ["trades", "orders", "account"] * 2


def test_while_exposed_and_deaf_something_is_read_each_second_within_the_budget() -> None:
    it = Checked()
    it.hub.state, it.exposed = HubState.DOWN, True
    it.passes(60)
    assert len(it.venue.asked) == 2 * 3 + 58
    gaps = [place for place, what in enumerate(it.venue.asked) if what == "trades"]
    assert max(b - a for a, b in pairwise(gaps)) <= 7


def test_a_fill_that_the_hub_kept_to_itself_goes_on_and_costs_the_connection() -> None:
    it = Checked()
    it.passes(30)
    it.venue.trades = [fill(1, START_NS + 10**9)]
    it.passes(30)
    assert it.trades() == [1]
    assert (it.check.untold, len(it.hub.rebuilt)) == (1, 1)
    it.passes(60)
    assert it.trades() == [1]


def test_what_the_hub_told_is_not_told_again() -> None:
    it = Checked()
    it.passes(30)
    it.told.note(fill(1))
    it.venue.trades = [fill(1)]
    it.passes(30)
    assert (it.trades(), it.check.untold, it.hub.rebuilt) == ([], 0, [])


def test_a_fill_of_just_now_may_still_be_on_its_way() -> None:
    it = Checked()
    it.passes(30)
    it.venue.trades = [fill(1, it.clock.now_ns() - 10**9)]
    it.passes(1)
    assert (it.trades(), it.check.untold, it.hub.rebuilt) == ([1], 0, [])


def test_after_a_new_connection_the_gap_is_nobodys_fault() -> None:
    it = Checked()
    it.passes(30)
    it.hub.lives = 2
    it.venue.trades = [fill(1)]
    it.passes(30)
    assert (it.trades(), it.check.untold, it.hub.rebuilt) == ([1], 0, [])


def test_a_venue_that_cannot_be_read_proves_nothing() -> None:
    it = Checked()
    it.venue.down = True
    it.passes(31)
    assert it.heard == []
    assert it.check.failed == 6


def test_a_voided_trade_is_news() -> None:
    told = Told()
    assert told.note(fill(1))
    assert not told.note(fill(1))
    voided = VenueTrade(1, 7, "C", Side.LONG, 1, 25340, 61, None, True, START_NS)
    assert told.note(voided)
