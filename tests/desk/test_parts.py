"""Fills in parts, late fills and what the venue does unasked: booked to the cent."""

from collections.abc import Sequence

import numpy as np
import pytest

from julie.core.permits import CancelEntry
from julie.core.taken import LegDropped, LegFill
from julie.core.types import EntryKind, ExitReason, Reason
from julie.desk.commands import Order
from julie.desk.desk import Closed, Opening, Traded
from julie.desk.parts import fill_rows
from julie.desk.step import Bar, Moment
from julie.desk.table import PENDING
from julie.execution.orders import FREE, WORKING
from julie.execution.simulated import MatchingBroker
from tests.desk.standing import FULL_DAY, MINUTE_NS, QUIET, Played, new_desk

STILL = (1000, 1001, 999, 1000)
THREE = {"contracts": 3}
ENTRY, STOP, TARGET, CLOSE = 0, 1, 2, 6


class Led(Played):
    """A desk whose fills a venue brings."""

    def fills(
        self,
        *told: tuple[int, int, int],
        fee: int | None = None,
        closing: int = 0,
        dropped: Sequence[LegDropped] = (),
    ) -> list[Order]:
        """One minute with fills (slot, contracts, tick)."""
        self.row += 1
        ts = (self.day * 1440 + self.minute) * MINUTE_NS
        bar = Bar(self.row, ts, ts + MINUTE_NS, 1000, 1013, 993, 1000)
        at = Moment(self.day, 2, self.minute, FULL_DAY, 1.0)
        rows = fill_rows(LegFill(s, q, tick, 0, 0, ts, fee and fee * q) for s, q, tick in told)
        orders = self.desk.handle(Opening(0, ts, self.day))
        orders += self.desk.handle(Traded(0, bar, rows, 1, at, closing, dropped))
        orders += self.desk.handle(Closed([bar], [QUIET], [0], None, at))
        self.minute += 1
        return orders

    @property
    def book(self) -> np.ndarray:
        return self.desk.books[0]


def asked(**row: object) -> Led:
    """A long of three contracts is on its way: stop 8, target 12 ticks from the fill."""
    led = Led(new_desk(section=THREE))
    led.bar(STILL, ask=[row])
    return led


def balance(led: Led) -> int:
    return int(led.account["balance"]) - 5_000_000


class TestEntryInParts:
    def test_the_stop_covers_what_is_filled(self) -> None:
        led = asked()
        led.fills((ENTRY, 1, 1000))
        assert (int(led.book[STOP]["qty"]), int(led.book[STOP]["price"])) == (1, 992)
        assert led.book[ENTRY]["state"] == WORKING
        led.fills((ENTRY, 2, 1001))
        assert (int(led.book[STOP]["qty"]), int(led.book[TARGET]["qty"])) == (3, 3)
        assert (int(led.plan["held"][0]), led.book[ENTRY]["state"]) == (3, FREE)

    def test_money_is_that_of_each_part(self) -> None:
        led = asked()
        led.fills((ENTRY, 1, 1000), (ENTRY, 2, 1003))
        led.fills((TARGET, 3, 1012))
        assert balance(led) == (12 + 2 * 9) * 125 - 6 * 61
        row = led.trades[0]
        assert (int(row["qty"]), int(row["basis"]), int(row["gross"])) == (3, 3006, 30 * 125)

    def test_a_rest_that_the_venue_drops_scales_the_plan(self) -> None:
        led = asked()
        led.fills((ENTRY, 1, 1000), dropped=[LegDropped(ENTRY, Reason.REJECTED)])
        assert (int(led.plan["qty"][0]), int(led.account["used"])) == (1, 1)
        led.fills((STOP, 1, 992))
        assert led.plan["state"] == 0
        assert balance(led) == -8 * 125 - 2 * 61

    def test_a_rest_too_old_is_cancelled(self) -> None:
        led = asked()
        led.fills((ENTRY, 1, 1000))
        orders = [*led.fills(), *led.fills()]
        assert [type(one) for one in orders] == [CancelEntry]
        assert int(led.plan["qty"][0]) == 1

    def test_the_rest_goes_when_the_first_part_is_stopped(self) -> None:
        led = asked(entry_kind=EntryKind.LIMIT, limit_tick=1000)
        orders = led.fills((ENTRY, 1, 1000), (STOP, 1, 992))
        assert [type(one) for one in orders] == [CancelEntry]
        assert led.plan["state"] == 0
        assert all(led.book["state"] == FREE)

    def test_a_refused_entry_was_no_trade(self) -> None:
        led = asked()
        assert led.fills(dropped=[LegDropped(ENTRY, Reason.REJECTED)]) == []
        assert led.outcome() == "rejected"
        assert led.plan["state"] == 0

    def test_a_fill_that_wins_against_its_cancel_is_a_fill(self) -> None:
        led = asked()
        led.fills()
        led.fills()
        led.fills()
        assert led.outcome() == "expired"
        led.fills((ENTRY, 3, 1002))
        assert led.outcome() == "trade 0"
        assert (int(led.book[STOP]["qty"]), int(led.book[STOP]["price"])) == (3, 994)

    def test_so_is_one_that_comes_at_two_prices(self) -> None:
        led = asked()
        led.fills()
        led.fills()
        led.fills()
        led.fills((ENTRY, 2, 1002), (ENTRY, 1, 1003))
        assert led.book[ENTRY]["state"] == FREE
        assert (int(led.book[STOP]["qty"]), int(led.book[STOP]["price"])) == (3, 994)
        led.fills((TARGET, 3, 1014))
        assert led.plan["state"] == 0
        assert balance(led) == (2 * 12 + 11) * 125 - 6 * 61


class TestExitInParts:
    @pytest.mark.parametrize(("slot", "twin"), [(STOP, TARGET), (TARGET, STOP)])
    def test_the_twin_is_lessened(self, slot: int, twin: int) -> None:
        led = asked()
        led.fills((ENTRY, 3, 1000))
        led.fills((slot, 1, 1000))
        assert (int(led.book[slot]["qty"]), int(led.book[twin]["qty"])) == (2, 2)
        assert int(led.plan["held"][0]) == 2
        led.fills((slot, 2, 1001))
        assert (len(led.trades), int(led.trades[0]["qty"])) == (1, 3)
        assert balance(led) == 2 * 125 - 6 * 61

    def test_two_reasons_are_two_rows(self) -> None:
        led = asked()
        led.fills((ENTRY, 3, 1000))
        led.fills((TARGET, 1, 1012))
        led.fills((CLOSE, 2, 1005), closing=1 + ExitReason.MANUAL)
        assert led.exits() == [("target", 1012), ("manual", 1005)]
        assert balance(led) == (12 + 10) * 125 - 6 * 61

    def test_a_person_who_closes_a_part_leaves_the_rest_managed(self) -> None:
        led = asked()
        led.fills((ENTRY, 3, 1000))
        led.fills((CLOSE, 1, 1003), closing=1 + ExitReason.MANUAL)
        assert (int(led.plan["closing"]), int(led.plan["held"][0])) == (0, 2)
        led.fills((STOP, 2, 992))
        assert led.exits() == [("manual", 1003), ("stop", 992)]

    def test_more_than_is_held_is_no_trade_of_the_plan(self) -> None:
        led = asked()
        led.fills((ENTRY, 3, 1000))
        led.fills((STOP, 3, 992), (TARGET, 3, 1012))
        assert led.exits() == [("stop", 992)]


def test_the_venue_s_fee_is_booked() -> None:
    led = asked()
    led.fills((ENTRY, 1, 1000), (ENTRY, 2, 1000), fee=75)
    led.fills((TARGET, 1, 1012), (TARGET, 2, 1012), fee=80)
    assert int(led.trades[0]["fees"]) == 3 * (75 + 80)
    assert balance(led) == 36 * 125 - 3 * (75 + 80)


def refuse(led: Led, whole: bool = True) -> int:
    """Ask for an entry that the venue refuses, or one that it fills; what became of the asking."""
    led.broker = MatchingBroker(("MES",), 1)
    led.bar(STILL, ask=[{}])
    outcome = int(led.table.outcome[0])
    if outcome < 0 and outcome != PENDING:
        return -outcome
    if whole:
        led.fills(dropped=[LegDropped(ENTRY, Reason.REJECTED)])
    else:
        led.fills((ENTRY, 3, 1000))
        led.fills((TARGET, 3, 1012))
    return 0


class TestRefusedByTheVenue:
    def test_the_third_refusal_in_a_row_ends_the_strategys_day(self) -> None:
        led = Led(new_desk(section=THREE))
        assert [refuse(led) for _ in range(4)] == [0, 0, 0, int(Reason.STRATEGY_OFF)]
        led.day += 1
        assert refuse(led) == 0

    def test_a_fill_between_begins_the_count_anew(self) -> None:
        led = Led(new_desk(section=THREE))
        assert [refuse(led), refuse(led), refuse(led, whole=False)] == [0, 0, 0]
        assert [refuse(led) for _ in range(4)] == [0, 0, 0, int(Reason.STRATEGY_OFF)]
