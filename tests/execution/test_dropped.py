"""The desk hears of every entry that ended unfilled, once, unless it took it off itself."""

import asyncio

import pytest

from julie.core.permits import CancelEntry, Leg
from julie.core.taken import LegDropped, MinuteTaken, TakenBar
from julie.core.types import Reason
from julie.core.zones import MINUTE_NS, SECOND_NS
from tests.execution.bench import MES, START, Bench, run


def told(bench: Bench) -> list[tuple[str, int, Reason]]:
    """What the desk hears of fills and drops at the close of a minute."""
    bench.executor.take_fills("MES", START, bench.clock.now_ns() + SECOND_NS)
    return [(one.plan, one.slot, one.reason) for one in bench.executor.take_dropped()]


def test_an_entry_that_never_arrived():
    async def case(bench):
        bench.venue.faults["place"] = ["lose_request"]
        bench.executor.submit([bench.entry()])
        await bench.wait(1)
        assert told(bench) == []  # unknown is neither there nor gone
        await bench.wait(6)
        assert told(bench) == [("MES:0", 0, Reason.NOT_SENT)]
        assert told(bench) == []

    run(case)


def test_a_limit_that_somebody_took_off():
    async def case(bench):
        bench.executor.submit([bench.entry(limit=995, legs=(Leg(1, 8), Leg(1, 16)))])
        await bench.turn()
        first = min(bench.venue.orders)
        bench.venue.foreign_cancel(first)
        await bench.turn()
        assert told(bench) == [("MES:0", 0, Reason.WITHDRAWN)]

    run(case)


def test_not_what_the_desk_took_off_itself():
    async def case(bench):
        bench.executor.submit([bench.entry(limit=995)])
        await bench.turn()
        bench.executor.submit([CancelEntry("MES:0:0", MES)])
        await bench.wait(1)
        assert bench.venue.alive() == []
        assert told(bench) == []

    run(case)


def test_an_entry_that_the_desk_does_not_know_is_taken_off():
    async def case(bench):
        bench.executor.submit([bench.entry(limit=995)])
        await bench.turn()
        bench.executor.agree([], {"MES:0"})
        await bench.wait(3)
        assert len(bench.venue.alive()) > 0
        bench.executor.agree([], frozenset())
        await bench.wait(3)
        assert bench.venue.alive() == []
        assert bench.alarms().count("orphan_order") == 1

    run(case)


def test_a_refused_leg_alone():
    async def case(bench):
        bench.venue.faults["place"] = ["", "refuse"]
        bench.executor.submit([bench.entry(legs=(Leg(1, 8), Leg(1, 16)))])
        await bench.turn()
        assert told(bench) == [("MES:0", 3, Reason.REJECTED)]

    run(case)


def test_what_waits_when_the_kill_switch_is_thrown():
    async def case(bench):
        bench.executor._floor.flattening = True
        bench.executor.submit([bench.entry()])
        await bench.turn()
        assert told(bench) == [("MES:0", 0, Reason.HALTED)]
        assert bench.venue.accepted == []

    run(case)


@pytest.mark.parametrize("heard", [True, False])
def test_after_a_restart_what_was_heard_is_not_told_again(heard):
    async def main():
        async with Bench() as bench:
            bench.executor.submit([bench.entry(limit=995)])
            await bench.turn()
            bench.venue.foreign_cancel(min(bench.venue.orders))
            await bench.turn()
            if heard:
                assert told(bench) == [("MES:0", 0, Reason.WITHDRAWN)]
                ts = bench.clock.now_ns() // MINUTE_NS * MINUTE_NS
                gone = ((LegDropped(0, int(Reason.WITHDRAWN)),),)
                bench.executor._floor.ledger.note(
                    MinuteTaken(ts, (None,), ((),), (0,), (0,), (0,), dropped=gone)
                )
            await bench.restart()
            again = [] if heard else [("MES:0", 0, Reason.WITHDRAWN)]
            assert told(bench) == again

    asyncio.run(main())


@pytest.mark.parametrize("traded", [MES, "a month that nobody knows any more", None])
def test_after_a_restart_a_fill_that_waits_for_a_bar_is_still_told(traded):
    async def case(bench):
        bench.executor.submit([bench.entry()])
        await bench.wait(2)
        ts = bench.clock.now_ns() // MINUTE_NS * MINUTE_NS
        bar = TakenBar("ES", ts, 1.0, 1.0, 1.0, 1.0, 1.0, traded=traded) if traded else None
        taken = MinuteTaken(ts, (bar,), ((),), (0,), (0,), (0,))
        bench.executor._floor.ledger.note(taken)
        await bench.restart()
        ts += MINUTE_NS
        fills, _ = bench.executor.take_fills("MES", ts, ts + MINUTE_NS)
        assert [(one.slot, one.qty) for one in fills] == ([] if traded else [(0, 2)])

    run(case)
