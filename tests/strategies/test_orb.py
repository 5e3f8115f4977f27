"""Opening range breakout, drawn: a range of 20 ticks (-10 to 10), break, retest, return."""

import pytest

from julie.core.types import BracketSource
from julie.strategies.catalogue import named
from tests.strategies.drawing import Bar, bar, draw, price

RULE = named("orb")
SIZE = 2.0  # openings of the days before: 4 to 22 ticks, their median 13
RANGE = [bar(0, 0, 10, 10), *(bar(0, 0, 1, 1) for _ in range(14))]
BREAK: Bar = (0, 11, 0, 11)  # a tick above
RETEST: Bar = (5, 8, 2, 5)  # 2 ticks above the middle
RETURN: Bar = (5, 11, 5, 11)
INSIDE: Bar = (5, 9, 4, 8)


@pytest.mark.parametrize("side", [1, -1])
def test_the_first_close_above_after_the_retest_fires(side: int) -> None:
    bars = [*RANGE, BREAK, INSIDE, RETEST, INSIDE, RETURN, RETURN, INSIDE, RETURN]
    drawn = draw("09:30", bars, SIZE)
    found = drawn.ask(RULE, side)
    assert drawn.place(found) == [(19, side)]
    assert found.source[0] == BracketSource.OWN
    assert found.structural[0]
    assert found.stop_pts[0] == 13 * 0.25  # from 11 to 2 ticks under the middle
    assert found.target_pts[0] == 20 * 0.25
    assert found.notes["orb.opening_high"][0] == price(10 * side)
    assert RULE.once_a_day


@pytest.mark.parametrize(
    ("bars", "fires", "why"),
    [
        ([(0, 10, 0, 10), RETEST, RETURN], 0, "closed at the high: never armed, and now it is"),
        ([BREAK, (5, 8, 3, 5), RETURN], 0, "3 ticks above the middle is no retest"),
        ([BREAK, (5, 12, 2, 11), INSIDE], 0, "the retest bar itself does not enter"),
        ([BREAK, RETEST, (5, 10, 5, 10)], 0, "closes at the high"),
        ([BREAK, (0, 8, -5, -5), RETURN], 1, "a close a quarter below the middle still stands"),
        ([BREAK, (0, 8, -6, -6), RETURN], 0, "a tick lower disarms"),
        ([BREAK, (0, 8, -6, -6), RETURN, RETEST, RETURN], 1, "and a new close above arms again"),
        ([BREAK, RETEST, *[INSIDE] * 58, RETURN], 1, "60 minutes after the break"),
        ([BREAK, RETEST, *[INSIDE] * 59, RETURN], 0, "61 minutes after the break"),
        ([BREAK, INSIDE, RETURN, RETEST, *[INSIDE] * 58, RETURN], 1, "from the second break"),
        ([BREAK, RETURN, RETEST, *[INSIDE] * 58, RETURN], 0, "which must come from inside"),
    ],
)
def test_arming_and_near_misses(bars: list[Bar], fires: int, why: str) -> None:
    assert len(draw("09:30", [*RANGE, *bars], SIZE).ask(RULE)) == fires, why


@pytest.mark.parametrize(("close", "fires"), [(8, 0), (9, 1)])
def test_reclaim_enters_above_the_high_of_the_retest_bar(close: float, fires: int) -> None:
    drawn = draw("09:30", [*RANGE, BREAK, RETEST, bar(5, close)], SIZE)
    assert len(drawn.ask(RULE, entry="reclaim")) == fires
    assert len(drawn.ask(RULE)) == 0


@pytest.mark.parametrize(
    ("size", "fires"),
    [
        (20 / (6.5 * 2.5), 1),  # median width 6.5 swings
        (20 / (6.5 * 2.5) - 0.01, 0),
        (20 / (6.5 * 0.5), 1),
        (20 / (6.5 * 0.5) + 0.01, 0),
    ],
)
def test_days_of_unusual_width_are_left(size: float, fires: int) -> None:
    drawing = [*RANGE, BREAK, RETEST, RETURN]
    assert len(draw("09:30", drawing, size).ask(RULE)) == fires


def test_without_an_opening_range_there_is_no_trade() -> None:
    drawn = draw("09:30", [*RANGE, BREAK, RETEST, RETURN], SIZE)
    assert len(drawn.ask(RULE)) == 1
    assert len(drawn.without(0, 15).ask(RULE)) == 0
