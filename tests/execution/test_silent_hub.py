"""A user hub that is connected and says nothing of what the venue fills."""

import pytest

from julie.core.permits import Leg
from julie.core.zones import SECOND_NS
from julie.execution.venue import VenueOrder, VenueStatus
from tests.execution.bench import HALVES, MES, TWO, Bench, run


@pytest.mark.parametrize("legs", [TWO, HALVES])
@pytest.mark.parametrize("working", [False, True])
def test_an_entry_without_a_stop_whose_fill_is_not_told_is_covered_in_time(
    working: bool, legs: tuple[Leg, ...]
) -> None:
    async def case(bench: Bench) -> None:
        await bench.wait(2)
        bench.venue.makes_stops = False
        bench.deaf = True
        before = len(bench.venue.calls)
        bench.executor.submit([bench.entry(legs=legs)])
        await bench.turn()
        if working:  # the first word comes through, the next does not
            first: dict[int, VenueOrder] = {}
            for row in bench.venue.events:
                if isinstance(row, VenueOrder) and row.status is VenueStatus.OPEN:
                    first.setdefault(row.id, row)
            for row in first.values():
                bench.executor.on_venue(row)
        await bench.wait(10)
        assert bench.venue.net[MES] == bench.executor.book.net(MES) == 2
        assert sum(one.qty for one in bench.venue.stops()) == 2
        assert bench.venue.naked_ns <= 5 * SECOND_NS
        assert len(bench.venue.calls) - before == 2 * len(legs)

    run(case)
