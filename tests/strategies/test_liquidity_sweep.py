"""Liquidity sweep, drawn: a flat stretch, one swing low at -10, overrun later and taken back."""

import pytest

from julie.core.types import BracketSource
from julie.strategies.catalogue import named
from tests.strategies.drawing import Bar, bar, draw, price

RULE = named("liquidity_sweep")
SWING: Bar = (0, 2, -10, 2)
RECLAIM: Bar = (-11, -9, -13, -9)  # half its range is lower wick


def _flat(bars: int) -> list[Bar]:
    return [bar(0, 2) if k % 2 else bar(2, 0) for k in range(bars)]


def _drawing(*sweep: Bar, age: int = 20) -> list[Bar]:
    """The swing low, then the sweep, whose first bar is `age` bars younger."""
    return [*_flat(40), SWING, *_flat(age - 1), *sweep, *_flat(3)]


BREACH: Bar = (0, 0, -12, -11)  # closes below the swing


@pytest.mark.parametrize("side", [1, -1])
def test_the_close_back_above_fires_and_its_extreme_holds_the_stop(side: int) -> None:
    drawn = draw("22:00", _drawing(BREACH, RECLAIM))
    found = drawn.ask(RULE, side)
    assert drawn.place(found) == [(61, side)]
    assert found.source[0] == BracketSource.DYNAMIC
    assert found.structural[0]
    assert found.least_stop_pts[0] == 6 * 0.25  # from -9 to 2 ticks below -13
    assert found.notes["liquidity_sweep.extreme"][0] == price(-13, side)


@pytest.mark.parametrize(
    ("sweep", "fires", "why"),
    [
        (((0, 0, -11, -11), (-11, -9, -13, -9)), 1, "overrun by one tick first, by three at last"),
        (((0, 0, -10, -2),), 0, "touches the swing and takes no stop"),
        (((0, 0, -11, -2),), 1, "one tick beyond is a sweep"),
        (((-8, -8, -22, -8),), 1, "12 ticks beyond"),
        (((-8, -8, -23, -8),), 0, "13 ticks beyond is no sweep any more"),
        ((BREACH, (-11, -9, -12, -9)), 0, "the wick is a third of the bar"),
        ((BREACH, (-11, -11, -13, -11)), 0, "closes still below"),
        ((BREACH, BREACH, RECLAIM), 1, "back on the third bar"),
        ((BREACH, BREACH, BREACH, RECLAIM), 0, "back on the fourth: the swing is broken"),
    ],
)
def test_sweeps_and_near_misses(sweep: tuple[Bar, ...], fires: int, why: str) -> None:
    assert len(draw("22:00", _drawing(*sweep), 0.5).ask(RULE)) == fires, why


@pytest.mark.parametrize(("age", "fires"), [(9, 0), (10, 1), (240, 1), (241, 0)])
def test_the_swing_has_an_age(age: int, fires: int) -> None:
    found = draw("20:00", _drawing((0, 0, -11, -2), age=age), 0.5).ask(RULE)
    assert len(found) == fires


@pytest.mark.parametrize(("size", "fires"), [(1.0, 1), (0.05, 0), (5.0, 0)])
def test_only_low_and_normal_regimes(size: float, fires: int) -> None:
    assert len(draw("22:00", _drawing(BREACH, RECLAIM), size).ask(RULE)) == fires


@pytest.mark.parametrize(("close", "fires"), [(-9, 0), (-8, 1)])
def test_follow_through_waits_for_the_next_close(close: float, fires: int) -> None:
    drawn = draw("22:00", _drawing(BREACH, RECLAIM, bar(-9, close)))
    found = drawn.ask(RULE, follow_through=True)
    assert drawn.place(found) == [(62, 1)] * fires


@pytest.mark.parametrize(("k", "age", "fires"), [(5, 10, 1), (10, 10, 0), (10, 11, 1)])
def test_a_wider_swing_is_known_later(k: int, age: int, fires: int) -> None:
    drawn = draw("22:00", _drawing((0, 0, -11, -2), age=age), 0.5)
    assert len(drawn.ask(RULE, k=k)) == fires
