"""A position that the venue will not close: behind its stop, tried on without a storm, told."""

from julie.core.permits import Close, Position
from julie.core.tasks import Tasks
from julie.core.types import ExitReason, Side
from julie.core.zones import SECOND_NS
from julie.execution.venue import OrderKind
from tests.execution.bench import MES, Bench, run
from tests.execution.test_executor import fills, nothing_left


async def held_in_a_halt(bench: Bench) -> None:
    bench.executor.submit([bench.entry()])
    await bench.turn()
    bench.executor.prices[MES] = bench.venue.last
    bench.venue.halted = True


def exits(bench: Bench) -> list[int | None]:
    """Prices of the limits that close."""
    return [
        one.price_tick
        for one in bench.venue.alive()
        if one.kind is OrderKind.LIMIT and "-C" in (one.tag or "")
    ]


def test_a_close_goes_on_as_a_limit_until_the_market_opens():
    async def case(bench):
        await held_in_a_halt(bench)
        bench.executor.submit([Close(Position("MES", MES, Side.LONG, 2), 2, ExitReason.TIME)])
        before = len(bench.venue.calls)
        await bench.wait(60)
        assert bench.venue.naked_ns <= 5 * SECOND_NS
        assert [one.price_tick for one in bench.venue.stops()] == [992]
        assert exits(bench) == [1000]
        assert len(bench.venue.calls) - before <= 6
        assert bench.alarms().count("cannot_exit") == 1
        await bench.wait(10)
        assert bench.alarms().count("cannot_exit") == 2
        bench.venue.halted = False
        bench.venue.trade_at(1001)
        await bench.wait(3)
        nothing_left(bench)
        assert fills(bench)[0] == [(0, 2, 1000), (6, 2, 1000)]

    run(case)


def test_the_exit_follows_a_market_that_opens_beyond_it():
    async def case(bench):
        await held_in_a_halt(bench)
        bench.executor.submit([Close(Position("MES", MES, Side.LONG, 2), 2, ExitReason.TIME)])
        await bench.wait(15)
        bench.venue.halted = False
        bench.venue.trade_at(995)
        bench.executor.prices[MES] = 995
        await bench.wait(12)
        assert exits(bench) == [993]
        bench.venue.trade_at(994)
        await bench.wait(3)
        nothing_left(bench)

    run(case)


def test_the_limit_goes_where_the_market_opens_beyond_the_stop():
    async def case(bench):
        await held_in_a_halt(bench)
        bench.executor.submit([Close(Position("MES", MES, Side.LONG, 2), 2, ExitReason.TIME)])
        await bench.wait(14)
        assert exits(bench) == [1000]
        bench.venue.halted = False
        bench.venue.trade_at(990)
        await bench.wait(3)
        nothing_left(bench)
        bench.venue.trade_at(1003)
        await bench.wait(1)
        nothing_left(bench)

    run(case)


def test_the_stop_shrinks_beside_a_limit_that_fills_in_parts():
    async def case(bench):
        await held_in_a_halt(bench)
        bench.executor.submit([Close(Position("MES", MES, Side.LONG, 2), 2, ExitReason.TIME)])
        await bench.wait(14)
        bench.venue.halted = False
        bench.venue.part = 1
        bench.venue.trade_at(1001)
        bench.venue.part = 0
        await bench.wait(5)
        assert [one.qty - one.filled for one in bench.venue.stops()] == [1]
        bench.venue.trade_at(990)
        await bench.wait(3)
        nothing_left(bench)

    run(case)


def test_the_limit_shrinks_beside_a_stop_that_fills_in_parts():
    async def case(bench):
        await held_in_a_halt(bench)
        bench.executor.submit([Close(Position("MES", MES, Side.LONG, 2), 2, ExitReason.TIME)])
        await bench.wait(14)
        bench.venue.halted = False
        bench.venue._fill(bench.venue.stops()[0], 1, 992)
        await bench.wait(5)
        (limit,) = [one for one in bench.venue.alive() if one.kind is OrderKind.LIMIT]
        assert limit.qty - limit.filled == 1
        bench.venue.trade_at(1003)
        await bench.wait(3)
        nothing_left(bench)

    run(case)


def test_without_a_price_the_close_is_asked_for_every_ten_seconds():
    async def case(bench):
        await held_in_a_halt(bench)
        bench.executor.prices._last.clear()
        bench.executor.submit([Close(Position("MES", MES, Side.LONG, 2), 2, ExitReason.TIME)])
        await bench.wait(45)
        assert bench.venue.calls.count("close") == 5
        assert len(bench.venue.stops()) == 1
        bench.venue.halted = False
        await bench.wait(12)
        nothing_left(bench)

    run(case)


def test_the_kill_switch_leaves_the_stop_where_it_cannot_close():
    async def case(bench):
        await held_in_a_halt(bench)
        bench.venue.foreign_move(bench.venue.stops()[0].id, 993)
        await bench.turn()

        async def flatten():
            async with Tasks() as group:
                done = group.start("flatten", bench.executor.flatten("test"))
                while not done.done():
                    await bench.wait(0.5)
            return done.result()

        found = await flatten()
        assert not found.flat
        assert any("cannot exit: halted" in one for one in found.said)
        await bench.wait(5)
        assert bench.venue.naked_ns <= 5 * SECOND_NS
        assert [one.price_tick for one in bench.venue.stops()] == [993]
        bench.venue.halted = False
        await bench.wait(1)
        bench.venue.trade_at(1001)
        await bench.wait(15)
        bench.venue.trade_at(1001)
        await bench.wait(3)
        nothing_left(bench)
        assert (await flatten()).flat

    run(case)
