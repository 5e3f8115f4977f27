"""A venue whose clock is not ours: what is ours is known all the same."""

import pytest

from julie.core.clock import VirtualClock
from julie.core.types import Side
from julie.core.zones import SECOND_NS
from tests.execution.bench import MES, START, Bench, run
from tests.execution.test_executor import close, nothing_left


class Apart(VirtualClock):
    """The bench's clock, so many seconds behind."""

    def __init__(self, clock: VirtualClock, seconds: float) -> None:
        super().__init__(START)
        self._ours, self._apart_ns = clock, round(seconds * SECOND_NS)

    def now_ns(self) -> int:
        return self._ours.now_ns() - self._apart_ns


def behind(bench: Bench, seconds: float) -> None:
    """From now on the venue's clock shows less than ours."""
    bench.venue.clock = Apart(bench.clock, seconds)


@pytest.mark.parametrize("fault", ["", "lose_answer"])
@pytest.mark.parametrize("deaf", [False, True])
@pytest.mark.parametrize("seconds", [-8.0, 6.0, 16.0])
def test_our_close_is_ours_on_a_clock_that_is_off(seconds: float, deaf: bool, fault: str) -> None:
    async def case(bench: Bench) -> None:
        await bench.wait(30)
        behind(bench, seconds)
        bench.executor.submit([bench.entry()])
        await bench.wait(5)
        bench.deaf = deaf
        bench.venue.faults["close"] = [fault]
        bench.executor.submit([close()])
        await bench.wait(20)
        nothing_left(bench)
        assert bench.executor.book.foreign == {}
        assert bench.executor.book.net(MES) == 0
        assert bench.venue.calls.count("close") == 1
        assert bench.alarms() == []

    run(case)


def test_what_somebody_sold_before_our_close_is_not_our_close() -> None:
    async def case(bench: Bench) -> None:
        await bench.wait(30)
        behind(bench, 16.0)
        bench.executor.submit([bench.entry()])
        await bench.wait(5)
        bench.venue.foreign_market(MES, Side.SHORT, 2)
        bench.venue.foreign_market(MES, Side.LONG, 2)
        await bench.wait(5)
        theirs = set(bench.executor.book.foreign)
        bench.executor.submit([close()])
        await bench.wait(20)
        nothing_left(bench)
        assert len(theirs) == 2
        assert set(bench.executor.book.foreign) | bench.executor.book.spent == theirs

    run(case)


def test_an_entry_whose_answer_is_lost_is_found_where_no_tags_are_shown() -> None:
    async def case(bench: Bench) -> None:
        await bench.wait(30)
        behind(bench, 7.0)
        bench.executor.submit([bench.entry()])
        await bench.wait(5)
        bench.executor.submit([close()])
        await bench.wait(5)
        bench.venue.shows_tags, bench.deaf = False, True
        bench.venue.faults["place"] = ["lose_answer"]
        bench.executor.submit([bench.entry(1)])
        await bench.wait(10)
        assert bench.executor.book.net(MES) == bench.venue.net[MES] == 2
        assert "unknown_position" not in bench.alarms()
        assert [one.qty for one in bench.venue.stops()] == [2]

    run(case)
