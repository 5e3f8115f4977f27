"""Somebody trades by hand while an entry of ours is on its way to the venue."""

import pytest

from julie.core.types import Side
from julie.core.zones import SECOND_NS
from julie.execution.venue import NewOrder, Outcome, RefusalCode, Refused
from tests.execution.bench import MES, Bench, run

FIVE_S = 5 * SECOND_NS


def meets(bench: Bench, side: Side, qty: int, slow_s: float, *, refused: bool = False) -> None:
    """The next order comes to the venue so much later than somebody's."""
    door = bench.venue.place

    async def place(order: NewOrder) -> Outcome:
        bench.venue.place = door  # type: ignore[method-assign]
        bench.venue.foreign_market(MES, side, qty)
        if slow_s:
            await bench.executor._floor.until(lambda: False, slow_s)
        else:
            bench.clock.advance(0.05)
        return Refused(RefusalCode.OTHER, "no") if refused else await door(order)

    bench.venue.place = place  # type: ignore[method-assign]


@pytest.mark.parametrize("slow_s", [0.0, 1.5])
@pytest.mark.parametrize(
    ("side", "qty"), [(Side.LONG, 1), (Side.SHORT, 1), (Side.SHORT, 2), (Side.SHORT, 3)]
)
def test_an_entry_that_meets_somebodys_position_has_stops_for_what_is_left(
    side: Side, qty: int, slow_s: float
) -> None:
    async def case(bench: Bench) -> None:
        meets(bench, side, qty, slow_s)
        bench.executor.submit([bench.entry()])
        await bench.wait(slow_s + 3)
        left = 2 + side * qty
        assert bench.executor.book.net(MES) == bench.venue.net[MES] == left
        assert sum(order.qty for order in bench.venue.stops()) == abs(left)
        assert sum(order.qty for order in bench.venue.targets()) == max(min(left, 2), 0)
        assert all(plan.net * left > 0 for plan in bench.executor.book.open_plans())
        assert bench.venue.naked_ns <= FIVE_S

    run(case)


def test_somebodys_position_is_taken_over_once_our_entry_is_refused() -> None:
    async def case(bench: Bench) -> None:
        meets(bench, Side.SHORT, 1, 1.5, refused=True)
        bench.executor.submit([bench.entry()])
        await bench.wait(5)
        assert bench.executor.book.net(MES) == bench.venue.net[MES] == -1
        assert [(order.side, order.qty) for order in bench.venue.stops()] == [(Side.LONG, 1)]
        assert bench.venue.naked_ns <= FIVE_S

    run(case)
