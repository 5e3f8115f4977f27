"""Messages of several contracts to minutes that go on together, and fills laid on their path."""

import numpy as np

from julie.core.calendar import load_calendar
from julie.core.instruments import INSTRUMENTS
from julie.core.market_events import Print, QuoteNow
from julie.core.taken import LegFill
from julie.core.types import Side
from julie.core.zones import MINUTE_NS, SECOND_NS
from julie.execution.orders import MARKET, new_books, place_leg
from julie.live.fills import placed
from julie.live.stream import Opened, Stream
from julie.live.warm import Watched
from julie.market.aggregator import Together

DAY = int(np.datetime64("2025-06-11T14:00", "ns").astype(np.int64))
ES, NQ = INSTRUMENTS["ES"], INSTRUMENTS["NQ"]


def stream(*instruments) -> Stream:
    made = Stream([Watched(one, one.contract_id("M25")) for one in instruments], load_calendar())
    made.begin(DAY - MINUTE_NS)
    return made


def printed(one, ts: int, price: float) -> Print:
    return Print(one.contract_id("M25"), price, 1, ts, ts, Side.LONG)


def quoted(one, ts: int) -> QuoteNow:
    return QuoteNow(one.contract_id("M25"), 1.0, 2.0, 1.5, ts, ts)


def test_the_desk_hears_the_close_before_the_opening() -> None:
    heard = stream(ES)
    list(heard.heard(printed(ES, DAY, 6000.0), DAY))
    told = list(heard.heard(printed(ES, DAY + MINUTE_NS, 6001.0), DAY + MINUTE_NS))
    assert [type(one) for one in told] == [Together, Opened]
    assert told[0].ts == DAY
    assert told[1] == Opened(0, DAY + MINUTE_NS)


def test_what_goes_into_no_minute_is_counted() -> None:
    heard = stream(ES)
    for ts in (DAY, DAY + SECOND_NS, DAY, DAY + MINUTE_NS, DAY + 2 * SECOND_NS):
        list(heard.heard(printed(ES, ts, 6000.0), ts))
    counts = heard.counts()
    assert (counts["prints repeated"], counts["prints late"]) == (1, 1)


def test_an_opening_waits_until_the_neighbour_has_closed() -> None:
    heard = stream(ES, NQ)
    for one in (ES, NQ):
        list(heard.heard(printed(one, DAY, 6000.0), DAY))
    at = DAY + MINUTE_NS
    assert list(heard.heard(printed(ES, at, 6001.0), at)) == []
    told = list(heard.heard(quoted(NQ, at), at))
    assert isinstance(told[0], Together)
    assert [type(one) for one in told] == [Together, Opened, Opened]
    assert all(one is not None for one in told[0].minutes)


def test_a_silent_neighbour_is_waited_for_a_second() -> None:
    heard = stream(ES, NQ)
    for one in (ES, NQ):
        list(heard.heard(printed(one, DAY, 6000.0), DAY))
    at = DAY + MINUTE_NS
    list(heard.heard(printed(ES, at, 6001.0), at))
    told = list(heard.elapsed(at + SECOND_NS))
    assert isinstance(told[0], Together)
    assert told[0].minutes[1] is not None  # its minute ended by the clock as well


def fill(slot: int, tick: int, ts: int) -> LegFill:
    return LegFill(slot, 1, tick, 0, 0, ts)


def walked(prices: list[tuple[int, float]]) -> tuple:
    heard = stream(ES)
    for second, price in prices:
        list(heard.heard(printed(ES, DAY + second * SECOND_NS, price), DAY + second * SECOND_NS))
    [minute, _] = heard.heard(quoted(ES, DAY + MINUTE_NS), DAY + MINUTE_NS)
    assert isinstance(minute, Together)
    return minute.minutes[0], heard.aggregators[0]


def test_an_entry_at_the_open_and_its_stop_behind_the_high() -> None:
    built, aggregator = walked([(0, 6000.0), (10, 6002.0), (30, 5998.0), (50, 6000.0)])
    [book] = new_books(1)
    place_leg(book, 0, MARKET, 1, 1, 0, 6, 40, 1)
    fills = [fill(0, 24001, DAY), fill(1, 23994, DAY + 25 * SECOND_NS)]
    found, side = placed(fills, book, built, aggregator, 0.25)
    assert side == 1  # so the desk walks the low first
    assert [(one.phase, one.slip) for one in found] == [(0, 1), (1, 1)]


def test_a_short_is_walked_to_the_high_first() -> None:
    built, aggregator = walked([(0, 6000.0), (10, 6002.0), (30, 5998.0), (50, 6000.0)])
    [book] = new_books(1)
    place_leg(book, 0, MARKET, -1, 1, 0, 40, 6, 1)
    fills = [fill(0, 23999, DAY), fill(2, 23993, DAY + 25 * SECOND_NS)]
    found, side = placed(fills, book, built, aggregator, 0.25)
    assert side == -1
    assert [(one.phase, one.slip) for one in found] == [(0, 1), (2, 0)]


def test_a_fill_is_stamped_a_little_after_its_print() -> None:
    built, aggregator = walked([(0, 6000.0), (10, 6002.0), (30, 5998.0), (50, 6000.0)])
    [book] = new_books(1)
    place_leg(book, 0, MARKET, -1, 1, 0, 40, 6, 1)
    fills = [fill(0, 23999, DAY + 7_000), fill(2, 23993, DAY + 30 * SECOND_NS + 2_000)]
    found, _ = placed(fills, book, built, aggregator, 0.25)
    assert [one.phase for one in found] == [0, 2]


def test_a_stop_behind_a_gap_loses_from_the_open() -> None:
    built, aggregator = walked([(0, 5990.0), (10, 5991.0)])
    [book] = new_books(1)
    place_leg(book, 0, MARKET, 1, 1, 0, 6, 40, 1)
    book[1]["state"], book[1]["price"] = 1, 24000 - 6
    book[2]["state"], book[2]["price"] = 1, 24040
    book[0]["state"] = 0
    found, side = placed([fill(1, 23959, DAY)], book, built, aggregator, 0.25)
    assert [(one.phase, one.slip) for one in found] == [(0, 1)]
    assert side == 0
