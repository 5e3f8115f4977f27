"""Plans that are over are not looked at any more, until there is news of one of them."""

from dataclasses import replace

from julie.core.types import Reason
from tests.execution.bench import MES, run
from tests.execution.test_executor import fills


def test_a_plan_rests_once_it_is_over_and_told():
    async def case(bench):
        book = bench.executor.book
        bench.executor.submit([bench.entry()])
        await bench.turn()
        bench.executor.take_dropped()
        assert [plan.key for plan in book.live] == ["MES:0"]
        bench.venue.trade_at(1013)
        await bench.turn()
        bench.executor.take_dropped()
        assert book.live  # over, but the desk has not heard of it
        fills(bench)
        bench.executor.take_dropped()
        assert book.live == []
        assert book.net(MES) == 0
        assert book.plans["MES:0"].done

    run(case)


def test_a_voided_exit_brings_a_plan_back():
    async def case(bench):
        book = bench.executor.book
        bench.executor.submit([bench.entry()])
        await bench.turn()
        bench.venue.trade_at(1013)
        await bench.turn()
        fills(bench)
        bench.executor.take_dropped()
        assert book.live == []
        sold = bench.venue.trades[-1]
        bench.venue.net[MES] += 2
        bench.executor.on_venue(replace(sold, voided=True))
        assert [plan.key for plan in book.live] == ["MES:0"]
        assert book.net(MES) == 2
        await bench.wait(5)
        assert [(one.qty, one.price_tick) for one in bench.venue.stops()] == [(2, 992)]

    run(case)


def test_an_entry_that_was_refused_rests_once_it_was_told():
    async def case(bench):
        book = bench.executor.book
        bench.venue.faults["place"] = ["refuse", "refuse"]
        bench.executor.submit([bench.entry()])
        await bench.turn()
        assert book.live
        assert {one.reason for one in bench.executor.take_dropped()} == {Reason.REJECTED}
        assert book.live == []

    run(case)
