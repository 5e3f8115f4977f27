"""Smooth trend, drawn: a tick up every two bars, a touch of the average, a close off it."""

from typing import Any

import pytest

from julie.core.types import BracketSource
from julie.strategies.catalogue import named
from tests.strategies.drawing import Bar, draw, price

RULE = named("smooth_trend_asia")
STAIRS = 200


def _step(k: int, down: float = 2) -> Bar:
    """Bar k of the staircase, with a lower wick of so many ticks."""
    close = (k + 1) // 2
    return k // 2, close + 1, k // 2 - down, close


def _drawing(touch: float, *last: float) -> list[Bar]:
    """The staircase to 100, a bar with the touching wick, then closes from there."""
    bars = [*(_step(k) for k in range(STAIRS)), _step(STAIRS, touch)]
    for close in last:
        bars.append((bars[-1][3], close, bars[-1][3] - 2, close))
    return bars


@pytest.mark.parametrize("side", [1, -1])
def test_the_first_close_above_the_touching_bar_fires(side: int) -> None:
    drawn = draw("19:00", _drawing(4, 102, 103))
    found = drawn.ask(RULE, side)
    assert drawn.place(found) == [(STAIRS + 1, side)]
    assert found.source[0] == BracketSource.OWN_PLUS
    assert found.structural[0]
    assert found.stop_pts[0] == 7 * 0.25  # from 102 to a tick under 96
    assert found.target_r[0] == 1.25
    assert found.notes["smooth_trend_asia.er"][0] == 1.0
    lag = 4.75  # of an average of 20 behind a slope of half a tick
    assert found.notes["smooth_trend_asia.fast"][0] == pytest.approx(
        price(100.75 - lag + 0.1, side), abs=0.1
    )


@pytest.mark.parametrize(
    ("touch", "last", "fires", "why"),
    [
        (3, (102,), 0, "the low stays 2 ticks above the average"),
        (4, (101,), 0, "closes at the high of the touching bar"),
        (4, (101, 101, 102), 1, "third bar after the touch"),
        (4, (101, 101, 101, 102), 0, "fourth bar after the touch"),
        (7, (102,), 1, "stop 10 ticks away: 2.5 points"),
        (8, (102,), 0, "stop 11 ticks away"),
    ],
)
def test_touches_and_near_misses(
    touch: float, last: tuple[float, ...], fires: int, why: str
) -> None:
    assert len(draw("19:00", _drawing(touch, *last)).ask(RULE)) == fires, why


@pytest.mark.parametrize(
    "numbers",
    [
        {"min_er": 1.01},
        {"min_persistence": 1.01},
        {"calm": 0.9},
        {"fast": 50, "slow": 20},
    ],
)
def test_each_quality_of_the_trend_is_asked(numbers: dict[str, Any]) -> None:
    assert len(draw("19:00", _drawing(4, 102)).ask(RULE, **numbers)) == 0
