"""A first start in the middle of a trading day: what the account made before it counts."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from julie.core.events import BalanceAnchored
from julie.core.types import Reason, Side
from julie.core.zones import SECOND_NS
from julie.execution.venue import VenueAccount, VenueTrade, VenueUnreachable
from tests.execution.bench import MES, START, Bench

OURS = 5_000_000
HOUR_NS = 3600 * SECOND_NS
BUY = VenueTrade(1, 1, MES, Side.LONG, 1, 1000, 61, None, False, START - HOUR_NS)
SOLD = replace(BUY, id=2, order_id=2, side=Side.SHORT, pnl_cents=-69_836)
YESTERDAY = replace(BUY, id=3, ts=START - 9 * HOUR_NS, pnl_cents=-10_000)
VOID = replace(SOLD, id=4, voided=True)
LOST = -69_958


def started(case: Callable[[Bench], object], trades: Sequence[VenueTrade]) -> Bench:
    """A start three hours after the open, on an account that has traded."""

    async def main() -> Bench:
        bench = Bench()
        bench.venue.trades += trades
        bench.venue.balance_cents = OURS + LOST
        bench.executor.before.begin(START - 3 * HOUR_NS, START + 3 * HOUR_NS)
        async with bench:
            await bench.turn()
            await case(bench)  # type: ignore[misc]
        return bench

    return asyncio.run(main())


def anchors(bench: Bench) -> list[int]:
    told = (record.payload for record in bench.journal.records)
    return [one.apart_cents for one in told if isinstance(one, BalanceAnchored)]


def words(bench: Bench) -> list[str]:
    return [text for kind, text in bench.alarm_words() if kind == "earlier_trades"]


def test_what_the_account_lost_before_the_start_counts_against_the_day():
    async def case(bench):
        assert bench.executor.gate("MES") is Reason.NOT_RECONCILED  # not before the desk knows
        assert bench.executor.governing(OURS) is None  # the minute with which its day begins
        assert bench.executor.gate("MES") is Reason.NOT_RECONCILED
        assert bench.executor.governing(OURS) == OURS + LOST
        assert bench.executor.gate("MES") is Reason.NONE
        assert bench.executor.governing(OURS + LOST) is None
        await bench.restart()
        assert bench.executor.governing(OURS + LOST) is None

    bench = started(case, [YESTERDAY, BUY, SOLD, VOID])
    assert anchors(bench) == [0]
    assert words(bench) == ["the account made -699.58 USD today before this start; it counts"]
    assert "balance_differs" not in bench.alarms()
    assert "foreign_orders" not in bench.alarms()


def test_without_earlier_trades_the_day_begins_at_the_balance():
    async def case(bench):
        assert bench.executor.gate("MES") is Reason.NONE
        assert bench.executor.governing(OURS) is None
        assert bench.executor.governing(OURS) is None

    bench = started(case, [YESTERDAY])
    assert anchors(bench) == [LOST]
    assert words(bench) == []


def test_trades_of_the_desk_do_not_count_a_second_time():
    async def case(bench):
        bench.venue.foreign_market(MES, Side.LONG, 1)
        bench.venue.foreign_market(MES, Side.SHORT, 1)
        by_hand = sum((row.pnl_cents or 0) - row.fee_cents for row in bench.venue.trades)
        bench.executor.submit([bench.entry()])
        await bench.turn()
        bench.venue.trade_at(1013)
        await bench.turn()
        bench.executor.take_fills("MES", 0, bench.clock.now_ns() + 1)
        await bench.executor.reconcile()
        assert bench.executor.governing(OURS) is None
        assert bench.executor.governing(OURS) == OURS + by_hand

    started(case, [])


def test_a_day_that_cannot_be_read_counts_from_now_on_and_is_told(monkeypatch):
    async def case(bench):
        whole = bench.venue.trades_since

        async def newer(ts):
            if ts < START - HOUR_NS:
                raise VenueUnreachable("a row that nobody understands")
            return await whole(ts)

        monkeypatch.setattr(bench.venue, "trades_since", newer)
        bench.executor.before.begin(START - 3 * HOUR_NS, START + 3 * HOUR_NS)
        for _ in range(2):
            assert await bench.executor.reconcile() is not None
            assert bench.executor.governing(OURS) is None
            assert bench.executor.gate("MES") is Reason.NOT_RECONCILED
        assert anchors(bench) == []
        assert await bench.executor.reconcile() is not None
        assert bench.executor.gate("MES") is Reason.NONE
        assert bench.executor.governing(OURS) is None

    async def unread(bench):
        bench.executor.before._read = None
        await case(bench)

    bench = started(unread, [BUY, SOLD])
    assert anchors(bench) == [LOST]
    assert "cannot be read: the limits count from now on" in words(bench)[0]


@pytest.mark.parametrize("hours", [3, 20])
def test_with_the_next_day_nothing_is_left_to_count(hours):
    async def case(bench):
        bench.clock.advance(hours * 3600.0)
        assert bench.executor.gate("MES") is Reason.NONE
        assert bench.executor.governing(OURS) is None

    bench = started(case, [BUY, SOLD])
    assert anchors(bench) == [LOST]


def test_a_position_that_was_found_does_not_keep_the_other_instruments_off():
    async def case(bench):
        bench.venue.foreign_market(MES, Side.LONG, 1)
        await bench.wait(10)
        assert bench.executor.book.net(MES) == 1
        assert [one.qty for one in bench.venue.stops()] == [1]
        balance = OURS + LOST - 37
        bench.executor.on_venue(VenueAccount(1, balance, True))
        assert bench.executor.gate("MNQ") is Reason.NOT_RECONCILED
        assert bench.executor.governing(OURS) is None
        assert bench.executor.governing(OURS) == balance
        assert bench.executor.gate("MNQ") is Reason.NONE
        bench.executor.submit([bench.entry()])
        await bench.wait(5)
        assert bench.alarms().count("not_sent") == 1  # on its own it does
        bench.venue.trade_at(990)  # its stop is some 40 ticks away
        bench.venue.trade_at(950)
        await bench.wait(5)
        assert bench.venue.net[MES] == 0
        bench.executor.on_venue(VenueAccount(1, balance - 37, True))
        assert bench.executor.governing(balance) == balance - 37

    bench = started(case, [BUY, SOLD])
    assert "balance_differs" not in bench.alarms()
