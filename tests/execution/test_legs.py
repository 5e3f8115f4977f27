"""Stops, targets and closes of a position: missing, refused, taken off, never answered."""

import pytest

from julie.core.permits import CancelEntry
from julie.core.types import DeskState, ExitReason
from tests.execution.bench import MES, run
from tests.execution.test_executor import FIVE_S, close, fills, nothing_left


def test_a_missing_stop_is_laid():
    async def case(bench):
        bench.venue.makes_stops = False
        bench.executor.submit([bench.entry()])
        await bench.wait(5)
        assert [(o.qty, o.price_tick) for o in bench.venue.stops()] == [(2, 992)]
        assert bench.venue.naked_ns <= FIVE_S
        (told,) = [text for kind, text in bench.alarm_words() if kind == "missing_leg"]
        assert told.endswith("laid at 248")  # the price as the platform shows it: 992 ticks

    run(case)


def test_a_stop_that_is_refused_closes_and_halts():
    async def case(bench):
        bench.venue.makes_stops, bench.venue.refuse_stops = False, 9
        bench.executor.submit([bench.entry()])
        await bench.wait(8)
        nothing_left(bench)
        assert bench.executor.state is DeskState.HALTED
        assert fills(bench) == ([(0, 2, 1000), (6, 2, 1000)], 1 + ExitReason.RECONCILE)

    run(case)


def test_a_missing_target_is_laid():
    async def case(bench):
        bench.venue.makes_targets = False
        bench.executor.submit([bench.entry()])
        await bench.wait(12)
        assert [(o.qty, o.price_tick) for o in bench.venue.targets()] == [(2, 1012)]
        assert len(bench.venue.stops()) == 1
        bench.venue.trade_at(1013)
        await bench.wait(4)
        nothing_left(bench)

    run(case)


def test_a_stop_that_somebody_takes_off_comes_back_until_the_third_time():
    async def case(bench):
        bench.executor.submit([bench.entry()])
        await bench.turn()
        for _ in range(3):
            bench.venue.foreign_cancel(bench.venue.stops()[0].id)
            await bench.wait(5)
            assert [(o.qty, o.price_tick) for o in bench.venue.stops()] == [(2, 992)]
        assert bench.executor.state is DeskState.HALTED
        assert bench.venue.naked_ns <= FIVE_S

    run(case)


@pytest.mark.parametrize("fault", ["lose_answer", "lose_request", "refuse"])
def test_a_close_that_is_not_answered_never_turns_the_position(fault):
    async def case(bench):
        bench.executor.submit([bench.entry()])
        await bench.turn()
        bench.venue.faults["close"] = [fault]
        bench.executor.submit([close()])
        await bench.wait(15)
        nothing_left(bench)
        assert fills(bench)[0] == [(0, 2, 1000), (6, 2, 1000)]

    run(case)


@pytest.mark.parametrize("fault", ["", "lose_answer", "lose_request"])
def test_a_limit_entry_is_taken_off(fault):
    async def case(bench):
        bench.executor.submit([bench.entry(limit=995)])
        await bench.turn()
        bench.venue.faults["cancel"] = [fault]
        bench.executor.submit([CancelEntry("MES:0:0", MES)])
        await bench.wait(5)
        assert bench.venue.calls.count("cancel") == (2 if fault == "lose_request" else 1)
        nothing_left(bench)
        assert fills(bench) == ([], 0)

    run(case)


@pytest.mark.parametrize("stay", [1.0, 30.0])
def test_legs_that_outlive_their_entry_are_told_only_where_they_stay(stay):
    async def case(bench):
        bench.executor.submit([bench.entry(limit=995)])
        await bench.turn()
        legs = bench.venue.brackets.pop(next(iter(bench.venue.brackets)))
        bench.venue.faults["cancel"] = ["", *["lose_request"] * 9]
        bench.executor.submit([CancelEntry("MES:0:0", MES)])
        await bench.turn()
        bench.executor.reconcile_soon("test")
        await bench.wait(stay)
        assert ("orphan_order" in bench.alarms()) == (stay > 5)
        bench.venue.faults["cancel"] = []
        await bench.wait(4)
        assert all(bench.venue.orders[leg].status.ended for leg in legs)
        nothing_left(bench)
        assert bench.alarms().count("orphan_order") == (stay > 5)

    run(case)


def test_what_was_had_at_two_prices_is_told_as_it_was_had():
    async def case(bench):
        bench.venue.fills_markets, bench.venue.part = False, 1
        bench.executor.submit([bench.entry()])
        await bench.turn()
        bench.venue.trade_at(1000)
        bench.venue.trade_at(1003)
        await bench.turn()
        assert fills(bench)[0] == [(0, 1, 1000), (0, 1, 1003)]
        bench.venue.trade_at(991)
        bench.venue.trade_at(988)
        await bench.wait(4)
        nothing_left(bench)
        assert fills(bench)[0] == [(1, 1, 991), (1, 1, 988)]

    run(case)
