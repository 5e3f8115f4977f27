"""The executor's thin line: a bracket placed, guarded, moved, closed, lost, killed, found again.

What is asserted is the venue's own record: one entry a leg, no position without a stop for longer
than five seconds, nothing turned round, nothing left behind.
"""

import asyncio
from contextlib import suppress

import pytest

from julie.core import failpoints
from julie.core.errors import JulieError
from julie.core.failpoints import VARIABLE, FailpointReached
from julie.core.permits import Close, Leg, NearerStop, Position
from julie.core.tasks import Tasks
from julie.core.types import DeskState, ExitReason, Reason, Side
from julie.core.zones import SECOND_NS
from tests.execution.bench import MES, START, Bench, run

FIVE_S = 5 * SECOND_NS


def fills(bench: Bench):
    end = bench.clock.now_ns() + SECOND_NS
    taken, closing = bench.executor.take_fills("MES", START, end)
    return [(fill.slot, fill.qty, fill.tick) for fill in taken], closing


def close(qty: int = 2) -> Close:
    return Close(Position("MES", MES, Side.LONG, qty), qty, ExitReason.TIME)


def halted(bench: Bench) -> bool:
    return bench.executor.state is DeskState.HALTED


def nothing_left(bench: Bench) -> None:
    assert bench.venue.net[MES] == 0
    assert bench.venue.alive() == []
    assert bench.venue.naked_ns <= FIVE_S


def test_an_entry_its_legs_and_its_target():
    async def case(bench):
        assert bench.executor.gate("MES") is Reason.NONE
        bench.executor.submit([bench.entry()])
        await bench.turn()
        assert len(bench.venue.accepted) == 1
        assert [o.price_tick for o in bench.venue.stops()] == [992]
        assert fills(bench) == ([(0, 2, 1000)], 0)
        bench.venue.trade_at(1013)
        await bench.turn()
        assert fills(bench) == ([(2, 2, 1012)], 0)
        assert fills(bench) == ([], 0)
        nothing_left(bench)
        assert bench.executor.idle

    run(case)


def test_nothing_is_entered_before_the_first_comparison():
    async def case(bench):
        bench.venue.unreachable = True
        bench.executor.reconcile_soon("test")
        assert bench.executor.gate("MES") is Reason.NOT_RECONCILED
        bench.executor.submit([bench.entry()])
        await bench.turn()
        assert bench.venue.calls == []
        assert [d.reason for d in bench.executor.take_dropped()] == [Reason.NOT_RECONCILED]
        bench.venue.unreachable = False
        await bench.wait(6)
        assert bench.executor.gate("MES") is Reason.NONE

    run(case)


def test_what_only_time_tells_is_asked_when_the_entry_is_about_to_leave():
    async def case(bench):
        deaf_from = bench.clock.now_ns() + SECOND_NS

        def deaf(symbol):
            assert symbol == "MES"
            return Reason.STALE_DATA if bench.clock.now_ns() >= deaf_from else Reason.NONE

        bench.executor.standing.asks(deaf)
        assert bench.executor.gate("MES") is Reason.NONE
        bench.executor.submit([bench.entry()])
        bench.clock.advance(1.0)
        assert bench.executor.state is DeskState.ACTIVE
        await bench.turn()
        assert bench.venue.calls == []
        assert [d.reason for d in bench.executor.take_dropped()] == [Reason.STALE_DATA]

    run(case)


def test_two_legs_close_one_by_one():
    async def case(bench):
        bench.executor.submit([bench.entry(legs=(Leg(1, 8), Leg(1, 16)))])
        await bench.turn()
        assert len(bench.venue.accepted) == 2
        assert bench.venue.net[MES] == 2
        bench.executor.submit([Close(Position("MES", MES, Side.LONG, 2), 1, ExitReason.TIME)])
        await bench.wait(1)
        assert bench.venue.net[MES] == 1
        assert [o.qty for o in bench.venue.stops()] == [1]
        bench.executor.submit([Close(Position("MES", MES, Side.LONG, 1), 1, ExitReason.TIME)])
        await bench.wait(1)
        assert fills(bench) == ([(0, 1, 1000), (3, 1, 1000), (6, 1, 1000), (7, 1, 1000)], 0)
        nothing_left(bench)

    run(case)


def test_a_stop_moves_nearer_and_never_away():
    async def case(bench):
        bench.executor.submit([bench.entry()])
        await bench.turn()
        position = Position("MES", MES, Side.LONG, 2)
        bench.executor.submit([NearerStop("MES:0:1", position, 992, 996)])
        await bench.turn()
        assert [o.price_tick for o in bench.venue.stops()] == [996]
        stop = bench.venue.stops()[0]
        bench.venue.foreign_move(stop.id, 990)
        await bench.wait(5)
        assert [o.price_tick for o in bench.venue.stops()] == [996]
        bench.venue.foreign_move(stop.id, 998)
        await bench.wait(3)
        assert [o.price_tick for o in bench.venue.stops()] == [998]

    run(case)


@pytest.mark.parametrize("fault", ["lose_answer", "lose_request"])
def test_a_move_without_an_answer_is_settled(fault):
    async def case(bench):
        bench.executor.submit([bench.entry()])
        await bench.turn()
        bench.venue.faults["modify"] = [fault]
        position = Position("MES", MES, Side.LONG, 2)
        bench.executor.submit([NearerStop("MES:0:1", position, 992, 996)])
        await bench.wait(6)
        assert [o.price_tick for o in bench.venue.stops()] == [996]

    run(case)


@pytest.mark.parametrize("deaf", [False, True])
@pytest.mark.parametrize("tags", [True, False])
def test_an_entry_accepted_without_an_answer_is_found(tags, deaf):
    async def case(bench):
        bench.venue.shows_tags, bench.deaf = tags, deaf
        bench.venue.faults["place"] = ["lose_answer"]
        bench.executor.submit([bench.entry()])
        await bench.wait(5)
        assert len(bench.venue.accepted) == 1
        assert fills(bench) == ([(0, 2, 1000)], 0)
        assert bench.executor.book.net(MES) == 2
        assert bench.executor.state is DeskState.ACTIVE

    run(case)


def test_an_entry_that_never_arrived_is_given_up_and_not_sent_again():
    async def case(bench):
        bench.venue.faults["place"] = ["lose_request"]
        bench.executor.submit([bench.entry()])
        await bench.wait(1)
        assert bench.executor.book.open_plans(MES)  # the slot counts as used meanwhile
        await bench.wait(6)
        assert bench.venue.accepted == []
        assert not bench.executor.book.open_plans(MES)
        assert bench.venue.calls.count("place") == 1
        bench.executor.submit([bench.entry(plan=0)])
        await bench.turn()
        assert len(bench.venue.accepted) == 1

    run(case)


def test_two_orders_that_fit_halt_the_desk():
    async def case(bench):
        bench.venue.shows_tags = False
        bench.deaf = True
        bench.venue.faults["place"] = ["lose_answer"]
        bench.venue.foreign_market(MES, Side.LONG, 2)
        bench.executor.submit([bench.entry()])
        await bench.wait(4)
        assert bench.executor.state is DeskState.HALTED
        assert bench.executor.standing.holds("ambiguous")

    run(case)


@pytest.mark.parametrize("point", ["K1", "K2", "K3", "K4", "K5", "K6", "K7"])
@pytest.mark.parametrize("deaf", [False, True])
def test_killed_while_entering(point, deaf, monkeypatch):
    killed(point, deaf, monkeypatch)


def killed(point, deaf, monkeypatch):
    async def main():
        bench = Bench()
        bench.deaf = deaf
        with suppress(BaseExceptionGroup, FailpointReached):
            async with bench:
                failpoints._read.cache_clear()
                monkeypatch.setenv(VARIABLE, f"{point}:1:raise")
                bench.executor.submit([bench.entry()])
                await bench.wait(3)
        monkeypatch.delenv(VARIABLE)
        return bench

    async def again(bench):
        bench.told = len(bench.venue.events)
        bench.executor = bench._executor()
        bench.deaf = False
        await bench.executor.recover(list(bench.journal.records))
        async with bench:
            await bench.wait(9)
            assert len(bench.venue.accepted) == (0 if point in ("K1", "K2") else 1)
            assert bench.executor.book.net(MES) == bench.venue.net[MES]
            if bench.venue.net[MES]:
                assert sum(o.qty for o in bench.venue.stops()) == 2
                assert fills(bench)[0] == [(0, 2, 1000)]

    async def both():
        await again(await main())

    asyncio.run(both())


def test_what_never_arrived_is_settled_all_at_once():
    async def case(bench):
        bench.venue.faults["place"] = ["lose_request", "lose_request"]
        bench.executor.submit([bench.entry(legs=(Leg(1, 8), Leg(1, 16)))])
        await bench.wait(3.5)
        assert not bench.executor.book.open_plans()

    run(case)


def test_a_flatten_that_a_person_finished_is_not_begun_again():
    async def case(bench):
        bench.executor.submit([bench.entry()])
        await bench.wait(2)
        bench.venue.halted = True
        async with Tasks() as group:
            flatten = group.start("flatten", bench.executor.flatten("test"))
            while not flatten.done():
                await bench.wait(1)
        assert bench.executor.flatten_due
        await bench.wait(31)
        assert bench.executor.flatten_due, "compared, and it is still open"
        bench.venue.halted = False
        bench.venue.foreign_market(MES, Side.SHORT, 2)
        await bench.wait(31)
        assert not bench.executor.flatten_due
        assert bench.executor.standing.holds("flatten"), "a person resumes"
        bench.venue.foreign_market(MES, Side.LONG, 1)
        await bench.restart()
        await bench.wait(5)
        assert bench.venue.net[MES] == 1

    run(case)


def test_a_desk_that_is_halted_for_its_journal_goes_on_once_that_takes_records_again():
    async def case(bench):
        append = bench.journal.append

        def full(record):
            raise JulieError("the disk is full", "make room")

        bench.journal.append = full
        bench.executor.submit([bench.entry()])
        await bench.wait(2)
        assert bench.executor.standing.holds("journal_unwritable")
        assert bench.venue.accepted == []
        bench.journal.append = append
        await bench.wait(31)
        assert bench.executor.state is DeskState.ACTIVE

    run(case)
