"""What somebody else closed of ours: shared out among legs, found again after a restart."""

from dataclasses import replace

import pytest

from julie.core.events import Fill, PositionChanged
from julie.core.permits import Leg
from julie.core.types import DeskState, ExitReason, Side
from julie.execution.others import book_closed, explained
from julie.execution.reconcile import Difference
from julie.execution.repairs import _act
from julie.execution.tags import Role, tag_of
from tests.execution.bench import MES, Bench, run
from tests.execution.test_executor import close

ONE_EACH = (Leg(1, 8), Leg(1, 16))


def parts(bench: Bench) -> list[tuple[int, int]]:
    """Fills of the journal that are parts of a trade: size and fee."""
    fills = [one.payload for one in bench.journal.records if isinstance(one.payload, Fill)]
    return [(one.qty, one.fee_cents) for one in fills if one.trade < 0]


def test_one_order_that_closes_two_legs_is_booked_in_parts() -> None:
    async def case(bench: Bench) -> None:
        bench.executor.submit([bench.entry(legs=ONE_EACH)])
        await bench.wait(5)
        bench.venue.foreign_market(MES, Side.SHORT, 2)
        await bench.wait(5)
        assert bench.executor.book.net(MES) == 0
        assert bench.venue.alive() == []
        fills, closing = bench.executor.take_fills("MES", 0, bench.clock.now_ns() + 1)
        assert [(one.slot, one.qty) for one in fills] == [(0, 1), (3, 1), (6, 1), (7, 1)]
        assert closing == 1 + ExitReason.RECONCILE

    bench = run(case)
    assert [qty for qty, _ in parts(bench)] == [1, 1]
    assert sum(fee for _, fee in parts(bench)) == 37  # of the trade that was shared


@pytest.mark.parametrize("legs", [ONE_EACH, (Leg(2, 12),)])
@pytest.mark.parametrize("lost", [False, True])
def test_one_order_in_two_trades_is_booked_once(legs: tuple[Leg, ...], lost: bool) -> None:
    async def case(bench: Bench) -> None:
        bench.executor.submit([bench.entry(legs=legs)])
        await bench.wait(5)
        if lost:  # a close of ours that nobody heard, and that looks the same
            bench.venue.faults["close"] = ["lose_request"] * 2
            bench.executor.submit([close()])
            await bench.turn()
        bench.venue.foreign_market(MES, Side.SHORT, 2, each=1)
        for _ in range(2):
            await bench.wait(12)
            assert bench.venue.net[MES] == bench.executor.book.net(MES) == 0
            assert bench.executor.book.open_plans() == []
            assert bench.venue.alive() == []
            assert "turned" not in [one.name for one in bench.executor.standing.causes]
            await bench.restart()

    bench = run(case)
    assert lost or [qty for qty, _ in parts(bench)] == [1, 1]


def test_what_a_voided_trade_of_somebody_closed_is_closed_again() -> None:
    async def case(bench: Bench) -> None:
        bench.executor.submit([bench.entry(legs=ONE_EACH)])
        await bench.wait(5)
        bench.venue.foreign_market(MES, Side.SHORT, 2)
        await bench.wait(5)
        bench.venue.net[MES] += 2
        bench.executor.on_venue(replace(bench.venue.trades[-1], voided=True))
        assert bench.executor.book.net(MES) == 2
        await bench.wait(15)
        for _ in range(2):
            assert bench.venue.net[MES] == bench.executor.book.net(MES) == 0
            assert bench.venue.alive() == []
            await bench.restart()

    bench = run(case)
    assert [qty for qty, _ in parts(bench)] == [1, 1, -1, -1]


@pytest.mark.parametrize("legs", [ONE_EACH, (Leg(2, 12),)])
def test_what_is_left_has_its_stop_where_no_trade_explains_the_rest(legs: tuple[Leg, ...]) -> None:
    async def case(bench: Bench) -> None:
        bench.executor.submit([bench.entry(legs=legs)])
        await bench.wait(5)
        bench.deaf = True
        for stop in bench.venue.stops():
            assert stop.id is not None
            bench.venue.foreign_cancel(stop.id)
        bench.venue.foreign_market(MES, Side.SHORT, 1)
        bench.venue.trades.pop()  # nobody will ever tell of it
        bench.deaf = False
        await bench.restart()
        await bench.wait(20)
        assert bench.venue.net[MES] == 1
        assert sum(one.qty for one in bench.venue.stops()) == 1
        assert "phantom_trade" in [one.name for one in bench.executor.standing.causes]

    run(case)


def test_somebodys_order_is_not_taken_for_our_lost_close_after_a_restart() -> None:
    async def case(bench: Bench) -> None:
        bench.executor.submit([bench.entry(legs=ONE_EACH)])
        await bench.wait(5)
        bench.venue.foreign_market(MES, Side.SHORT, 1)
        await bench.wait(2)
        bench.venue.faults["close"] = ["lose_request"] * 3
        bench.executor.submit([close(1)])
        await bench.wait(0.5)
        await bench.restart()
        await bench.wait(30)
        assert bench.venue.net[MES] == bench.executor.book.net(MES) == 0
        assert bench.executor.book.open_plans() == []
        fills, _ = bench.executor.take_fills("MES", 0, bench.clock.now_ns() + 1)
        assert sorted(one.slot for one in fills)[-2:] == [6, 7]

    run(case)


def test_what_is_held_is_written_when_a_close_of_somebody_is_booked() -> None:
    async def case(bench: Bench) -> None:
        bench.executor.submit([bench.entry()])
        await bench.wait(5)
        bench.deaf = True
        bench.venue.foreign_market(MES, Side.SHORT, 2)
        book, row = bench.executor.book, bench.venue.trades[-1]
        book.foreign_trades[row.id] = row
        assert book_closed(bench.executor._floor, Difference("phantom_trade", MES, 0, 2))
        assert book.net(MES) == 0
        held = [one.payload for one in bench.journal.records]
        assert [one.qty for one in held if isinstance(one, PositionChanged)] == [2, 0]

    run(case)


def test_a_restart_finds_the_parts_and_makes_nothing_of_them_again() -> None:
    async def case(bench: Bench) -> None:
        bench.executor.submit([bench.entry(legs=ONE_EACH)])
        await bench.wait(5)
        bench.venue.foreign_market(MES, Side.SHORT, 2)
        await bench.wait(5)
        before = len(parts(bench))
        await bench.restart()
        await bench.wait(40)
        book = bench.executor.book
        assert book.net(MES) == 0
        assert book.open_plans() == []
        assert len(parts(bench)) == before == 2
        assert bench.venue.alive() == []
        bench.executor.submit([bench.entry(plan=1)])
        await bench.wait(5)
        assert book.net(MES) == bench.venue.net[MES] == 2
        assert sum(order.qty for order in bench.venue.stops()) == 2

    run(case)


def test_what_is_sold_beyond_our_position_is_somebody_elses() -> None:
    async def case(bench: Bench) -> None:
        bench.executor.submit([bench.entry()])
        await bench.wait(5)
        bench.venue.foreign_market(MES, Side.SHORT, 3)
        await bench.wait(2)  # it is explained by the same trade: nothing is read twice
        assert bench.executor.book.net(MES) == bench.venue.net[MES] == -1
        assert [(order.side, order.qty) for order in bench.venue.stops()] == [(Side.LONG, 1)]
        assert "unknown_position" in bench.alarms()
        await bench.wait(9)
        assert len(bench.venue.alive()) == 1

    run(case)


def test_a_stop_of_a_position_that_is_gone_is_not_laid_again() -> None:
    async def case(bench: Bench) -> None:
        bench.executor.submit([bench.entry()])
        await bench.wait(5)
        placed = len(bench.venue.accepted)
        for order in bench.venue.alive():
            bench.venue.foreign_cancel(order.id)
        bench.venue.foreign_market(MES, Side.SHORT, 2)
        await bench.wait(9)
        assert len(bench.venue.accepted) == placed
        assert bench.executor.book.open_plans() == []

    run(case)


def test_an_entry_whose_answer_was_lost_is_not_taken_for_somebody_elses() -> None:
    async def case(bench: Bench) -> None:
        bench.venue.shows_tags = False
        bench.venue.unreachable = True
        bench.executor.submit([bench.entry(legs=(Leg(2, 8),))])
        await bench.turn()
        bench.venue.foreign_market(MES, Side.LONG, 2)  # it came after all, as the stream shows it
        await bench.turn()
        floor = bench.executor._floor
        held = Difference("unknown_position", MES, venue=2, ours=0)
        assert explained(floor, held)
        await _act(floor, held)
        assert [plan.adopted for plan in floor.book.open_plans()] == [False]

    run(case)


def test_what_another_desks_stop_covers_gets_no_second_one_until_that_is_gone() -> None:
    async def case(bench: Bench) -> None:
        theirs = tag_of("run-9", "MES:7", 1, Role.STOP, 0)
        bench.venue.foreign_market(MES, Side.LONG, 2)
        bench.venue.places_stop(theirs, MES, Side.SHORT, 2, 960)
        await bench.wait(60)
        assert [one.tag for one in bench.venue.stops()] == [theirs]
        assert bench.executor.state is DeskState.HALTED
        assert "stops of another desk cover it" in " ".join(t for _, t in bench.alarm_words())
        bench.venue.foreign_cancel(bench.venue.stops()[0].id)
        await bench.wait(60)
        assert [(one.qty, one.price_tick) for one in bench.venue.stops()] == [(2, 960)]

    run(case)
