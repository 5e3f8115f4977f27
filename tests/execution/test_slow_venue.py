"""A venue that is slow to answer, or whose events do not come: no stop too many, none too few."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from julie.core.permits import Leg
from julie.core.types import Side
from julie.core.zones import SECOND_NS
from julie.execution.sending import lay
from julie.execution.tags import Role
from julie.execution.venue import VenuePosition
from tests.execution.bench import MES, Bench, run

READS = ("open_orders", "orders_since", "trades_since", "positions", "order")


def slow_answers(bench: Bench, seconds: float) -> None:
    """Every reading takes that long."""

    def late(read: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def answer(*args: Any) -> Any:
            until = bench.clock.now_ns() + round(seconds * SECOND_NS)
            while bench.clock.now_ns() < until:
                await bench.clock.sleeper(until)
            return await read(*args)

        return answer

    for name in READS:
        setattr(bench.venue, name, late(getattr(bench.venue, name)))


async def started_again(bench: Bench) -> None:
    """The bot dies, and lives again by its journal; the venue is slow by then."""
    records = list(bench.journal.records)
    assert bench._task is not None
    assert bench._group is not None
    bench._task.cancel()
    await bench.turn()
    slow_answers(bench, 1.5)
    bench.told = len(bench.venue.events)
    bench.executor = bench._executor()
    back = bench._group.start("recovery", bench.executor.recover(records))
    bench._task = bench._group.start("again", bench.executor.run())
    while not back.done():
        await bench.wait(0.1)


def stops_laid(bench: Bench) -> int:
    return bench.venue.calls.count("place") - 1


@pytest.mark.parametrize("gone", ["nothing", "all", "stopped out", "the stop"])
def test_a_start_reads_what_is_held_before_it_lays_a_stop(gone: str) -> None:
    async def case(bench: Bench) -> None:
        bench.executor.submit([bench.entry()])
        await bench.wait(2)
        bench.deaf = True
        if gone == "all":
            for one in bench.venue.alive():
                bench.venue.foreign_cancel(one.id)
            bench.venue.foreign_market(MES, Side.SHORT, 2)
        elif gone == "stopped out":
            bench.venue.trade_at(980)
        elif gone == "the stop":
            bench.venue.foreign_cancel(bench.venue.stops()[0].id)
        bench.venue.naked_ns = 0
        await started_again(bench)
        await bench.wait(15)
        assert stops_laid(bench) == (1 if gone == "the stop" else 0)
        assert bench.venue.net[MES] == (0 if gone in ("all", "stopped out") else 2)
        assert bench.venue.naked_ns <= 5 * SECOND_NS
        assert bench.executor.book.net(MES) == bench.venue.net[MES]
        assert "leg_refused" not in [one.name for one in bench.executor.standing.causes]

    run(case)


@pytest.mark.parametrize(("sizes", "held"), [((2, 2), 2), ((2, 2, 2), 2), ((2, 2), 3)])
def test_of_stops_too_many_one_at_a_time_goes(sizes: tuple[int, ...], held: int) -> None:
    async def case(bench: Bench) -> None:
        bench.executor.submit([bench.entry(legs=(Leg(held, 12),))])
        await bench.wait(1)
        (plan,) = bench.executor.book.open_plans(MES)
        (leg,) = plan.legs
        floor = bench.executor._floor
        native = leg.alive(Role.STOP)[0]
        assert native.id is not None
        bench.venue._change(native.id, qty=sizes[0])
        native.qty = sizes[0]
        for size in sizes[1:]:
            await lay(floor, plan, leg, Role.STOP, size, 992)
        await bench.turn()
        slow_answers(bench, 1.5)
        bench.deaf = True  # nobody hears what becomes of what was asked
        for _ in range(200):
            await bench.wait(0.1)
            assert sum(one.qty - one.filled for one in bench.venue.stops()) >= held
        assert sum(one.qty - one.filled for one in bench.venue.stops()) == held

    run(case)


def test_the_rest_of_an_entry_behind_a_stop_that_filled_is_not_left_bare() -> None:
    async def case(bench: Bench) -> None:
        venue = bench.venue
        bench.executor.submit([bench.entry(limit=995)])
        await bench.wait(1)
        entry = next(one for one in venue.alive() if one.parent_id is None)
        venue._fill(entry, 1, 995)
        await bench.wait(2)
        before, stop = len(venue.events), venue.stops()[0]
        venue.last = 986
        venue._fill(stop, 1, 986)
        venue._fill(venue.orders[entry.id], 1, 986)
        places = [row for row in venue.events[before:] if isinstance(row, VenuePosition)]
        for row in venue.events[before:]:
            if row not in places[1:]:  # those are lost
                bench.executor.on_venue(row)
        bench.told = len(venue.events)
        await bench.wait(30)
        assert venue.naked_ns <= 5 * SECOND_NS
        assert bench.executor.book.net(MES) == venue.net[MES]

    run(case)
