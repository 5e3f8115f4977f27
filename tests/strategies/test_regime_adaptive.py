"""Regime adaptive, drawn: a flat stretch above the old level, then one wide bar off its average."""

import pytest

from julie.core.types import BracketSource, VolRegime
from julie.strategies.catalogue import named
from tests.strategies.drawing import Bar, bar, draw, price, walk_to

RULE = named("regime_adaptive")
FLAT = [bar(40, 42, 1, 1) if k % 2 else bar(42, 40, 1, 1) for k in range(59)]


def _drawing(last: Bar) -> list[Bar]:
    return [*FLAT, last, *walk_to(last[3], [44, 44, 44])]


@pytest.mark.parametrize("side", [1, -1])
def test_one_wide_bar_off_the_average_fires(side: int) -> None:
    drawn = draw("22:00", _drawing((42, 47, 41, 46)))
    found = drawn.ask(RULE, side)
    assert drawn.place(found) == [(59, side)]
    assert found.source[0] == BracketSource.DYNAMIC
    assert found.notes["regime_adaptive.vol_regime"][0] == VolRegime.NORMAL
    fast = (10 * 40 + 9 * 42 + 46) / 20
    assert found.notes["regime_adaptive.fast"][0] == pytest.approx(price(fast, side))


@pytest.mark.parametrize(
    ("last", "why"),
    [
        ((42, 47, 42, 46), "5 ticks wide, and 1.3 mean ranges are 5.2"),
        ((42, 47, 41, 43), "closes at the high of the bar before"),
        ((42, 47, 39, 46), "its low is 2 ticks under the average, and 0.3 ATR are 1.3"),
    ],
)
def test_a_tick_less_and_it_is_silent(last: Bar, why: str) -> None:
    assert len(draw("22:00", _drawing(last)).ask(RULE)) == 0, why


@pytest.mark.parametrize(("size", "fires"), [(0.5, 1), (5.0, 0)])
def test_bars_that_are_ultra_low_among_their_days_are_left(size: float, fires: int) -> None:
    drawing = [*FLAT, *FLAT[1:], (42.0, 47.0, 41.0, 46.0)]
    assert len(draw("22:00", drawing, size).ask(RULE)) == fires


@pytest.mark.parametrize(("high", "fires"), [(47, 0), (48, 1)])
def test_a_high_regime_wants_a_wider_bar(high: float, fires: int) -> None:
    found = draw("22:00", _drawing((42, high, 41, 46)), 0.1).ask(RULE)
    assert len(found) == fires, "1.6 mean ranges are 6.4 ticks"
