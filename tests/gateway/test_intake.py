"""From records to events: nothing that counts is lost, nothing odd is believed at once."""

import asyncio
import json
from typing import Any

import pytest

from julie.core.clock import VirtualClock
from julie.core.market_events import Hub, MarketEvent, Print, QuoteNow
from julie.core.types import Side
from julie.execution.venue import Unreadable, VenueEvent, VenueOrder
from julie.gateway.bad_ticks import CONFIRMED, NOT_POSITIVE, OFF_GRID, UNCONFIRMED, TickFilter
from julie.gateway.intake import Intake
from julie.gateway.quarantine import Quarantine
from julie.gateway.quotes import Books
from julie.gateway.redact import Redactor
from julie.gateway.venue_rows import Ticks, VenueRows
from julie.gateway.wire.hub import read_record
from tests.gateway.hub_scene import MES, Heard
from tests.gateway.hub_server import END, event, quote, trade
from tests.gateway.samples import ORDER, spoilt

NQ = "CON.F.US.ENQ.Z26"


class Parts:
    """An intake and what came out of it."""

    def __init__(self) -> None:
        self.clock = VirtualClock(1_000)
        self.heard = Heard()
        self.books = Books()
        ticks = Ticks()
        self.filter = TickFilter(self.books, ticks, band_atr=10.0, band_pct=0.2)
        self.quarantine = Quarantine(Redactor())
        rows = VenueRows(501, ticks)
        self.intake = Intake(self.clock, self.heard, rows, self.books, self.filter, self.quarantine)

    def put(self, *texts: str, hub: Hub = Hub.MARKET) -> None:
        for text in texts:
            self.intake.put(hub, read_record(text.rstrip(END).encode()))

    def empty(self) -> list[Any]:
        """What goes on once all that waits was read."""
        before = len(self.heard.all)

        async def whole() -> None:
            task = asyncio.ensure_future(self.intake.run())  # noqa: TID251 - no group is at hand
            while self.intake.waiting:  # noqa: ASYNC110 - what is waited for sets no event
                await asyncio.sleep(0)
            await asyncio.sleep(0)
            task.cancel()

        asyncio.run(whole())
        return self.heard.all[before:]

    def read(self, *texts: str, hub: Hub = Hub.MARKET) -> list[Any]:
        self.put(*texts, hub=hub)
        return self.empty()

    def prices(self, *prices: float) -> list[float]:
        """Prints one by one, and the prices that went on."""
        found: list[float] = []
        for price in prices:
            found += [one.price for one in self.read(trade(MES, price)) if isinstance(one, Print)]
        return found


def test_a_print_keeps_everything_that_was_said() -> None:
    (found,) = Parts().read(trade(MES, 6335.25, "2026-11-20T15:51:30.052+00:00", 3))
    assert found == Print(MES, 6335.25, 3, 1_795_189_890_052_000_000, 1_000, Side.LONG)


def test_a_pause_is_told_before_what_ends_it() -> None:
    parts = Parts()
    parts.read(trade(MES, 6335.25))
    known: list[int] = []
    parts.intake.after_pause = lambda: known.append(len(parts.heard.all))
    parts.clock.advance(1.9)
    parts.read(trade(MES, 6335.25))
    assert known == []
    parts.clock.advance(6.0)
    parts.read(trade(MES, 6335.25))
    assert known == [2]


def test_a_change_builds_on_what_was_known() -> None:
    parts = Parts()
    (first,) = parts.read(quote(MES, bestBid=6335.0))
    assert not first.sound
    (other,) = parts.read(quote(NQ, bestAsk=25000.0))
    assert not other.sound
    (whole,) = parts.read(quote(MES, bestAsk=6335.25, lastPrice=6335.0))
    assert (whole.bid, whole.ask, whole.last) == (6335.0, 6335.25, 6335.0)
    (moved,) = parts.read(quote(MES, bestAsk=6335.5))
    assert (moved.bid, moved.ask, moved.last, moved.sound) == (6335.0, 6335.5, 6335.0, True)


@pytest.mark.parametrize("change", [{"bestBid": 6336.0}, {"bestBid": 6335.25}, {"bestAsk": 0}])
def test_a_book_that_cannot_be_used_says_so_and_the_last_good_one_is_kept(
    change: dict[str, Any],
) -> None:
    parts = Parts()
    (good,) = parts.read(quote(MES, bestBid=6335.0, bestAsk=6335.25))
    (bad,) = parts.read(quote(MES, **change))
    assert not bad.sound
    assert parts.books.now(MES) == bad
    assert parts.books.good(MES) == good
    assert parts.books.unsound == 1


def test_of_quotes_that_wait_together_the_newest_goes_on_in_its_own_place() -> None:
    parts = Parts()
    found = parts.read(
        quote(MES, bestBid=6335.0, bestAsk=6335.25),
        quote(NQ, bestBid=25000.0, bestAsk=25000.25),
        trade(MES, 6335.25),
        quote(MES, bestAsk=6335.5),
        trade(MES, 6335.5),
    )
    assert [(type(one), one.contract) for one in found] == [
        (QuoteNow, NQ), (Print, MES), (QuoteNow, MES), (Print, MES),
    ]  # fmt: skip
    assert (found[2].bid, found[2].ask) == (6335.0, 6335.5)
    assert parts.intake.coalesced == 1
    assert parts.intake.seen(Hub.MARKET) == 5


def test_in_a_burst_prints_are_all_there_and_user_events_come_first() -> None:
    parts = Parts()
    order = event("GatewayUserOrder", {"action": 1, "data": ORDER})
    for number in range(3_000):
        parts.put(quote(MES, bestBid=6335.0), trade(MES, 6335.0 + number % 4, qty=number))
    parts.put(order, hub=Hub.USER)
    found = parts.empty()
    assert isinstance(found[0], VenueOrder)
    assert [one.qty for one in found if isinstance(one, Print)] == list(range(3_000))
    assert sum(isinstance(one, QuoteNow) for one in found) + parts.intake.coalesced == 3_000
    assert parts.intake.coalesced > 2_900
    assert parts.intake.most_waiting == 6_001


def test_user_events_do_not_wait_for_the_end_of_a_burst() -> None:
    parts = Parts()

    class Late(Heard):
        def market(self, event: MarketEvent) -> None:
            if len(self.all) == 600:
                order = event_of_order
                parts.put(order, hub=Hub.USER)
            super().market(event)

    event_of_order = event("GatewayUserOrder", ORDER)
    parts.intake._sink = Late()
    parts.put(*(trade(MES, 6335.0) for _ in range(5_000)))
    parts.empty()
    kinds = [isinstance(one, VenueOrder) for one in parts.intake._sink.all]
    assert 600 < kinds.index(True) <= 600 + 512


def test_a_row_about_our_orders_that_cannot_be_read_is_told() -> None:
    parts = Parts()
    texts = [
        event("GatewayUserOrder", spoilt(ORDER, status=99)),
        event("GatewayUserTrade", {"action": 0, "data": {"contractId": MES}}),
        event("GatewayUserNews", {}),
        event("GatewayUserOrder", spoilt(ORDER, accountId=7)),
    ]
    found: list[VenueEvent] = parts.read(*texts, hub=Hub.USER)
    assert all(isinstance(one, Unreadable) for one in found)
    assert [getattr(one, "contract", None) for one in found] == [MES, MES]
    assert parts.quarantine.total == 3
    assert parts.intake.seen(Hub.USER) == 4


def test_a_new_connection_counts_from_its_own_beginning() -> None:
    parts = Parts()
    parts.read(trade(MES, 1.0), trade(MES, 1.0))
    parts.put(trade(MES, 1.0))
    parts.intake.new_life(Hub.MARKET)
    parts.put(trade(MES, 1.0), trade(MES, 1.0))
    parts.empty()
    assert parts.intake.seen(Hub.MARKET) == 2


@pytest.mark.parametrize(
    ("price", "why"),
    [(0.0, NOT_POSITIVE), (-6335.0, NOT_POSITIVE), (6335.1, OFF_GRID)],
)
def test_an_impossible_price_is_never_believed(price: float, why: str) -> None:
    parts = Parts()
    assert parts.prices(6335.0, price, price, 6335.25) == [6335.0, 6335.25]
    assert parts.filter.counts()[why] == 2


def test_a_single_far_print_is_left_out() -> None:
    parts = Parts()
    assert parts.prices(6335.0, 63350.0, 6335.25, 633.5, 6335.5) == [6335.0, 6335.25, 6335.5]
    assert parts.filter.counts()[UNCONFIRMED] == 2


def test_a_second_print_makes_a_far_one_true() -> None:
    parts = Parts()
    assert parts.prices(6335.0, 6400.0, 6400.5, 6400.25) == [6335.0, 6400.0, 6400.5, 6400.25]
    assert parts.filter.counts() == {
        OFF_GRID: 0, NOT_POSITIVE: 0, UNCONFIRMED: 0, CONFIRMED: 1,
    }  # fmt: skip


def test_a_quote_beside_it_makes_a_far_print_true_before_or_after() -> None:
    parts = Parts()
    parts.read(quote(MES, bestBid=6399.75, bestAsk=6400.0))
    assert parts.prices(6335.0, 6400.0) == [6335.0, 6400.0]
    assert parts.prices(6500.0) == []
    first, second = parts.read(quote(MES, bestBid=6499.75, bestAsk=6500.0))
    assert (first.price, second.bid) == (6500.0, 6499.75)
    assert parts.prices(6501.0) == [6501.0]


def test_a_wild_market_widens_the_band() -> None:
    parts = Parts()
    assert parts.prices(6335.0, 6360.0, 6336.0) == [6335.0, 6336.0]
    parts.filter.measured(MES, 4.0)
    assert parts.prices(6370.0) == [6370.0]


def test_what_no_market_row_can_be_is_counted() -> None:
    parts = Parts()
    found = parts.read(
        trade(MES, 6335.0),
        event("GatewayTrade", MES, [{"price": "6335", "timestamp": "now"}]),
        event("GatewayQuote", MES, json.loads("[1]")),
    )
    assert len(found) == 1
    assert parts.quarantine.total == 2
