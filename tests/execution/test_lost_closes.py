"""Closes that do not come through, while looks take long: the stop is back within its time."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from julie.core.permits import Leg
from julie.core.tasks import Tasks
from julie.core.types import Side
from julie.core.zones import SECOND_NS
from tests.execution.bench import MES, Bench, run
from tests.execution.test_executor import close, nothing_left

READS = ("open_orders", "orders_since", "order", "positions", "trades_since")
LATE_S = 4.0  # a second is left to a machine that is busy


def slow(bench: Bench, seconds: float) -> None:
    """Every look takes its time, as where many of them are spread."""

    def late(read: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def looked(*given: Any) -> Any:
            await bench.executor._floor.until(lambda: False, seconds)
            return await read(*given)

        return looked

    for name in READS:
        setattr(bench.venue, name, late(getattr(bench.venue, name)))


def lost(bench: Bench, fault: str, times: int) -> None:
    """So many closes go wrong."""
    bench.venue.faults["close"] = [fault] * times


@pytest.mark.parametrize("legs", [(Leg(2, 12),), (Leg(1, 12), Leg(1, 16))])
@pytest.mark.parametrize("look_s", [0.0, 1.0])
@pytest.mark.parametrize("fault", ["lose_request", "one_too_many", "not_sent", "refuse"])
def test_no_position_stands_bare_for_closes_that_are_lost(
    fault: str, look_s: float, legs: tuple[Leg, ...]
) -> None:
    async def case(bench: Bench) -> None:
        bench.executor.submit([bench.entry(legs=legs)])
        await bench.wait(1)
        slow(bench, look_s)
        lost(bench, fault, 6)
        bench.executor.submit([close(leg.qty) for leg in legs])
        for _ in range(60):
            await bench.wait(1)
        assert bench.venue.calls.count("close") > 2
        assert bench.venue.naked_ns <= LATE_S * SECOND_NS
        assert bench.venue.turned == []

    run(case)


@pytest.mark.parametrize("fault", ["one_too_many", "not_sent"])
def test_a_close_that_never_left_has_its_stop_back_at_once(fault: str) -> None:
    async def case(bench: Bench) -> None:
        bench.executor.submit([bench.entry()])
        await bench.wait(1)
        slow(bench, 0.5)
        lost(bench, fault, 1)
        bench.executor.submit([close()])
        await bench.wait(1.0)
        assert [(one.qty, one.price_tick) for one in bench.venue.stops()] == [(2, 992)]
        assert bench.venue.naked_ns <= SECOND_NS // 5
        await bench.wait(12)
        nothing_left(bench)

    run(case)


def test_a_stop_that_lingers_does_not_hold_up_the_close() -> None:
    async def case(bench: Bench) -> None:
        bench.executor.submit([bench.entry()])
        await bench.wait(1)
        slow(bench, 1.5)
        bench.deaf = True  # nobody tells that the stop is gone
        bench.executor.submit([close()])
        await bench.wait(8)
        assert bench.venue.net[MES] == 0
        assert bench.venue.naked_ns <= 3 * SECOND_NS

    run(case)


def test_what_the_kill_switch_put_back_goes_when_the_guard_has_it_again() -> None:
    async def case(bench: Bench) -> None:
        bench.executor.submit([bench.entry()])
        await bench.wait(1)
        lost(bench, "lose_request", 30)
        async with Tasks() as group:
            done = group.start("flatten", bench.executor.flatten("a test"))
            while not done.done():
                await bench.wait(0.5)
        assert not done.result().flat
        assert bench.venue.naked_ns <= LATE_S * SECOND_NS
        await bench.wait(3)
        assert [one.qty for one in bench.venue.stops()] == [2]
        bench.venue.faults["close"].clear()
        await bench.wait(30)
        nothing_left(bench)

    run(case)


ES = "CON.F.US.EP.U26"  # which nobody here trades


def test_a_stop_put_back_for_somebody_else_stays_with_their_position() -> None:
    async def case(bench: Bench) -> None:
        venue = bench.venue
        venue.foreign_market(ES, Side.LONG, 2)
        venue.places_stop("by hand", ES, Side.SHORT, 2, 992)
        await bench.wait(5)
        venue.halted = True
        async with Tasks() as group:
            done = group.start("flatten", bench.executor.flatten("a test"))
            while not done.done():
                await bench.wait(0.5)
        assert not done.result().flat
        await bench.wait(20)
        assert [(one.contract, one.qty) for one in venue.stops()] == [(ES, 2)]

    run(case)


@pytest.mark.parametrize("ours", [True, False])
def test_a_stop_that_another_kill_switch_put_back_goes_where_it_protects_nothing(
    ours: bool,
) -> None:
    async def case(bench: Bench) -> None:
        if ours:
            bench.executor.submit([bench.entry()])
            await bench.wait(1)
        bench.venue.places_stop("put-back-1", MES, Side.SHORT, 2, 990)
        bench.executor.reconcile_soon("a test")
        await bench.wait(5)
        assert [one.price_tick for one in bench.venue.stops()] == ([992] if ours else [])

    run(case)


def test_a_kill_switch_that_is_thrown_twice_works_once_after_the_other() -> None:
    async def case(bench: Bench) -> None:
        bench.executor.submit([bench.entry()])
        await bench.wait(1)
        lost(bench, "lose_request", 2)
        async with Tasks() as group:
            both = [group.start(f"flatten {k}", bench.executor.flatten("a test")) for k in (1, 2)]
            await bench.wait(1)
            assert not any(one.done() for one in both)
            while not all(one.done() for one in both):
                await bench.wait(0.5)
        assert [one.result().flat for one in both] == [True, True]
        assert [one.result().closes for one in both] == [1, 0]
        assert both[0].result().cancels > 0
        assert bench.executor.flatten_due is False
        nothing_left(bench)

    run(case)
