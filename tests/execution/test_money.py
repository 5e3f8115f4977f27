"""Fees and balance: the venue's word counts, and differences are told."""

from dataclasses import replace

from julie.core.bookings import DayClosed
from julie.core.events import AuditRecord
from julie.core.types import Side
from julie.execution.floor import Traded
from julie.execution.money import Money
from julie.execution.venue import VenueAccount, VenueTrade
from julie.risk.approval import approve
from tests.execution.bench import MES, START, Bench, run
from tests.execution.test_executor import fills

OURS = 4_000_000
DAY = DayClosed(20_254, OURS, 0, 0, "desk-1", b"")


def balance(bench: Bench, cents: int) -> None:
    bench.executor.on_venue(VenueAccount(1, cents, can_trade=True))


def test_the_venues_gain_governs_once_nothing_is_under_way():
    async def case(bench):
        assert bench.executor.governing(OURS) is None  # both begin here
        bench.executor.submit([bench.entry()])
        await bench.turn()
        balance(bench, 4_900_000)
        assert bench.executor.governing(OURS) is None  # a position is open
        bench.venue.trade_at(1013)
        await bench.turn()
        balance(bench, 4_900_000)
        assert bench.executor.governing(OURS) is None  # and not yet told
        fills(bench)
        assert bench.executor.governing(OURS) == OURS - 100_000
        assert bench.executor.governing(OURS - 100_000) is None
        assert bench.alarms().count("balance_differs") == 1

    run(case)


def test_a_tick_of_what_was_traded_is_no_difference():
    async def case(bench):
        bench.executor.governing(OURS)
        bench.venue.foreign_market(MES, Side.LONG, 2)
        bench.venue.foreign_market(MES, Side.SHORT, 2)
        await bench.turn()
        balance(bench, 5_000_000 - 250)
        assert bench.executor.governing(OURS) is None
        balance(bench, 5_000_000 - 251)
        assert bench.executor.governing(OURS) == OURS - 251

    run(case)


def test_a_balance_older_than_the_last_trade_says_nothing():
    async def case(bench):
        bench.executor.governing(OURS)
        balance(bench, 4_000_000)
        bench.venue.foreign_market(MES, Side.LONG, 1)
        bench.venue.foreign_market(MES, Side.SHORT, 1)
        await bench.turn()
        assert bench.executor.governing(OURS) is None

    run(case)


def test_a_voided_trade_is_booked_again_and_the_position_looked_after():
    async def case(bench):
        bench.executor.governing(OURS)
        bench.executor.submit([bench.entry()])
        await bench.turn()
        bench.venue.trade_at(1013)
        await bench.turn()
        fills(bench)
        sold = bench.venue.trades[-1]
        bench.venue.net[MES] += 2
        bench.executor.on_venue(replace(sold, voided=True))
        await bench.wait(5)
        assert bench.venue.naked_ns <= 5_000_000_000
        assert [(one.qty, one.price_tick) for one in bench.venue.stops()] == [(2, 992)]
        booked = [r.payload for r in bench.journal.records if type(r.payload).__name__ == "Fill"]
        assert [(one.trade, one.qty) for one in booked][-2:] == [(sold.id, 2), (sold.id, -2)]
        assert "trade_voided" in bench.alarms()

    run(case)


def test_other_fees_are_told_once_after_three():
    async def case(bench):
        money = bench.executor.money
        money._traded = {MES: Traded("MES", MES, 0.25, 125, 61)}
        for plan in range(3):
            bench.executor.submit([bench.entry(plan=plan)])
            await bench.turn()
            bench.venue.trade_at(bench.venue.last + 13)
            await bench.turn()
        assert money.fees_differ == 6
        assert bench.alarms().count("fee_differs") == 1
        taken, _ = bench.executor.take_fills("MES", 0, bench.clock.now_ns() + 1)
        assert {fill.fee_cents for fill in taken} == {37}

    run(case)


def test_what_a_test_order_brought_is_booked_without_an_alarm():
    told: list[str] = []
    mes = Traded("MES", MES, 0.25, 125, 61)
    money = Money({MES: mes}, lambda kind, text: told.append(f"{kind}: {text}"), lambda _: None)
    money.account()
    assert money.governing(VenueAccount(1, 5_000_000, can_trade=True), OURS) is None
    entry = VenueTrade(1, 1, MES, Side.LONG, 1, 1000, 61, None, False, 1)
    leave = replace(entry, id=2, order_id=2, side=Side.SHORT, pnl_cents=-1250)
    for row in (entry, leave):
        money.traded(row)
        money.aside(row)
    money.account()
    after = VenueAccount(1, 5_000_000 - 1372, can_trade=True)
    assert money.governing(after, OURS) == OURS - 1372
    assert money.governing(after, OURS - 1372) is None
    assert told == []
    less = VenueAccount(1, 5_000_000 - 1372 - 500, can_trade=True)
    assert money.governing(less, OURS - 1372) == OURS - 1872
    assert told == ["balance_differs: the venue's balance says -5.00 USD more than our trades"]


def test_a_test_order_of_the_executor_is_known_for_one():
    async def case(bench):
        assert bench.executor.governing(OURS) is None
        bench.executor.submit([replace_name(bench.entry(), "MES:x1:0")])
        await bench.turn()
        assert all(plan.adopted for plan in bench.executor.book.open_plans(MES))
        bench.venue.trade_at(1013)
        await bench.turn()
        fees = sum(row.fee_cents for row in bench.executor.book.trades.values())
        balance(bench, 5_000_000 - fees)
        assert bench.executor.governing(OURS) == OURS - fees
        assert "balance_differs" not in bench.alarms()

    run(case)


def test_what_was_lost_while_nobody_was_here_counts():
    async def case(bench):
        assert bench.executor.governing(OURS) is None  # both begin here
        balance(bench, 5_000_000 - 20_000)  # heard, and not yet told to the desk
        bench.venue.balance_cents = 5_000_000 - 45_000
        await bench.restart()
        assert bench.executor.governing(OURS) == OURS - 45_000
        assert bench.alarms().count("balance_differs") == 1

    run(case)


def test_what_a_test_order_brought_before_a_kill_is_known_after_it():
    async def case(bench):
        assert bench.executor.governing(OURS) is None
        bench.executor.submit([replace_name(bench.entry(), "MES:x1:0")])
        await bench.turn()
        bench.venue.trade_at(1013)
        await bench.turn()
        fees = sum(row.fee_cents for row in bench.executor.book.trades.values())
        bench.venue.balance_cents = 5_000_000 - fees
        await bench.restart()
        assert bench.executor.governing(OURS) == OURS - fees
        assert "balance_differs" not in bench.alarms()

    run(case)


def test_with_a_new_trading_day_the_comparison_begins_anew():
    async def case(bench):
        assert bench.executor.governing(OURS) is None
        seq = len(bench.journal.records) + 1
        bench.journal.append(AuditRecord("run-1", seq, START, START, DAY))
        bench.venue.balance_cents = 3_000_000  # paid out while the market was closed
        await bench.restart()
        assert bench.executor.governing(OURS) is None
        bench.executor.money.day_closed()
        balance(bench, 2_000_000)
        assert bench.executor.governing(OURS) is None
        assert "balance_differs" not in bench.alarms()

    run(case)


def replace_name(entry, name):
    return approve(replace(entry.value, intent=name))
