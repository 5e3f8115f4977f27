"""History of several contract months as one series that ends in today's contract."""

import asyncio
from datetime import UTC, datetime

import numpy as np
import pytest

from julie.core.calendar import load_calendar
from julie.core.instruments import INSTRUMENTS
from julie.core.zones import MINUTE_NS, SECOND_NS
from julie.gateway.errors import CallRefused
from julie.gateway.wire import BarRow
from julie.live.warm import Watched, history, months_of, rows_of, window_start
from julie.store.rows import join

ES = INSTRUMENTS["ES"]
OLD, NEW = ES.contract_id("M25"), ES.contract_id("U25")
FIRST = int(np.datetime64("2025-06-11T22:00", "ns").astype(np.int64))
CALENDAR = load_calendar()


def bar(ts: int, price: float, volume: int) -> BarRow:
    return BarRow(
        t=datetime.fromtimestamp(ts // SECOND_NS, UTC),
        o=price,
        h=price + 1,
        l=price - 1,
        c=price,
        v=volume,
    )


class Shop:
    """Hands out bars as the venue does, and notes what it was asked for."""

    def __init__(self, bars: dict[str, list[BarRow]]) -> None:
        self.bars = bars
        self.asked: list[tuple[str, int, int]] = []

    async def __call__(self, contract: str, start: int, end: int) -> list[BarRow]:
        self.asked.append((contract, start, end))
        return [b for b in self.bars.get(contract, []) if start <= b.t.timestamp() * 1e9 <= end]


def two_months() -> Shop:
    """Three trading days of both months; the new one is busier from the second day on."""
    spans = [(int(CALENDAR.open_ns[k]), k) for k in days()]
    old, new = [], []
    for begin, k in spans:
        for m in range(0, 1380, 7):
            later = k > days()[0]
            old.append(bar(begin + m * MINUTE_NS, 6000.0 + m % 5, 5 if later else 100))
            new.append(bar(begin + m * MINUTE_NS, 6050.0 + m % 5, 100 if later else 5))
    return Shop({OLD: old, NEW: new})


def days() -> range:
    place = int(CALENDAR.index_of(np.array([FIRST]))[0])
    return range(place, place + 3)


def test_months_are_joined_at_the_roll_by_what_both_show() -> None:
    shop = two_months()
    end = int(CALENDAR.close_ns[days()[-1]])
    bars = asyncio.run(history(Watched(ES, NEW), CALENDAR, FIRST, end, shop, None))
    assert bars.contract == ("M25", "U25")
    [roll] = bars.rolls.tolist()
    # the second day is led by who led on the first, the third by who was busier on the second
    assert bars.ts[roll] == CALENDAR.open_ns[days()[2]]
    assert not bars.roll_estimated[0]
    assert set(bars.shift[:roll]) == {50.0}
    assert set(bars.shift[roll:]) == {0.0}


def test_today_belongs_to_the_contract_that_is_traded_now() -> None:
    shop = two_months()
    end = int(CALENDAR.close_ns[days()[1]])  # by volume the old month would still lead today
    bars = asyncio.run(history(Watched(ES, NEW), CALENDAR, FIRST, end, shop, None))
    today = bars.ts >= CALENDAR.open_ns[days()[1]]
    assert {bars.contract[k] for k in bars.contract_of[today]} == {"U25"}
    assert bars.close[today].min() >= 6050.0


def test_without_a_common_bar_the_gap_is_told_as_estimated() -> None:
    shop = two_months()
    shop.bars[NEW] = [
        b for b in shop.bars[NEW] if b.t.timestamp() * 1e9 >= CALENDAR.open_ns[days()[2]]
    ]
    end = int(CALENDAR.close_ns[days()[-1]])
    bars = asyncio.run(history(Watched(ES, NEW), CALENDAR, FIRST, end, shop, None))
    assert bars.roll_estimated.tolist() == [True]


class Forgetful(Shop):
    """A venue that knows only the contracts it has bars of."""

    async def __call__(self, contract: str, start: int, end: int) -> list[BarRow]:
        if contract not in self.bars:
            raise CallRefused("bars: refused, CONTRACT_NOT_FOUND (1)", 1, "CONTRACT_NOT_FOUND")
        return await super().__call__(contract, start, end)


def test_a_month_that_the_venue_has_forgotten_has_no_bars(caplog: pytest.LogCaptureFixture) -> None:
    whole, end = two_months(), int(CALENDAR.close_ns[days()[-1]])
    shop = Forgetful({NEW: whole.bars[NEW]})
    bars = asyncio.run(history(Watched(ES, NEW), CALENDAR, FIRST, end, shop, None))
    assert bars.contract == ("U25",)
    assert len(bars) == len(whole.bars[NEW])
    assert any(OLD in one.getMessage() for one in caplog.records)


def test_the_contract_of_today_is_never_taken_for_forgotten() -> None:
    shop, end = Forgetful({OLD: two_months().bars[OLD]}), int(CALENDAR.close_ns[days()[-1]])
    with pytest.raises(CallRefused):
        asyncio.run(history(Watched(ES, NEW), CALENDAR, FIRST, end, shop, None))


def test_what_lies_here_is_not_asked_for_again() -> None:
    shop = two_months()
    middle, end = int(CALENDAR.close_ns[days()[1]]), int(CALENDAR.close_ns[days()[-1]])
    first = asyncio.run(history(Watched(ES, NEW), CALENDAR, FIRST, end, shop, None))
    whole = two_months()
    kept = join(
        [
            rows_of(name, [b for b in bars if b.t.timestamp() * 1e9 < middle])
            for name, bars in shop.bars.items()
        ],
        "kept",
        "",
    )
    again = asyncio.run(history(Watched(ES, NEW), CALENDAR, FIRST, end, whole, kept))
    assert np.array_equal(again.ts, first.ts)
    assert np.array_equal(again.close, first.close)
    assert all(start > CALENDAR.open_ns[days()[1]] for _, start, _ in whole.asked)


def test_the_months_of_a_window() -> None:
    now = Watched(ES, NEW)
    start = window_start(CALENDAR, FIRST, 20)
    assert months_of(now, start)[-2:] == (OLD, NEW)
    gold = Watched(INSTRUMENTS["GC"], INSTRUMENTS["GC"].contract_id("G26"))
    assert months_of(gold, start)[-2:] == (
        INSTRUMENTS["GC"].contract_id("Z25"),
        INSTRUMENTS["GC"].contract_id("G26"),
    )
    assert (CALENDAR.index_of(np.array([FIRST]))[0] - CALENDAR.index_of(np.array([start]))[0]) == 20
