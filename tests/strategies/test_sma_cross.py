"""SMA cross, drawn: the close falls below its averages and comes back."""

from typing import Any

import pytest

from julie.core.types import BracketSource
from julie.strategies.catalogue import named
from tests.strategies.asking import exits, speakers
from tests.strategies.drawing import Bar, bar, draw, price

RULE = named("sma_cross")
FAST_AND_SLOW: dict[str, Any] = {"fast": 2, "slow": 4}


def _closes(*closes: float) -> list[Bar]:
    return [bar(close, close, 1, 1) for close in closes]


DIP = _closes(*[0] * 30, -8, -8, -8, -8)  # both averages at -8


@pytest.mark.parametrize("side", [1, -1])
def test_the_crossing_fires_once_with_its_own_bracket(side: int) -> None:
    drawn = draw("10:00", [*DIP, *_closes(-4, -4, -4, -4)])
    found = drawn.ask(RULE, side, **FAST_AND_SLOW)
    found = found.take(found.row > drawn.begin + 33)
    assert drawn.place(found) == [(34, side)]
    assert found.source[0] == BracketSource.OWN
    atr = found.notes["sma_cross.atr"][0]
    assert found.stop_pts[0] == pytest.approx(2 * atr)
    assert found.target_pts[0] == pytest.approx(3 * atr)
    assert found.notes["sma_cross.fast"][0] == price(-6 * side)
    assert found.notes["sma_cross.slow"][0] == price(-7 * side)


def test_averages_that_only_meet_do_not_cross() -> None:
    drawn = draw("10:00", [*DIP, *_closes(-8, -8)])
    assert all(place < 34 for place, _ in drawn.place(drawn.ask(RULE, **FAST_AND_SLOW)))


@pytest.mark.parametrize(("close", "fires"), [(-8, []), (-7, [34])])
def test_price_cross_asks_the_close(close: float, fires: list[int]) -> None:
    drawn = draw("10:00", [*DIP, *_closes(close)])
    found = drawn.ask(RULE, price_cross=True, **FAST_AND_SLOW)
    assert [place for place, side in drawn.place(found) if side == 1 and place > 30] == fires


@pytest.mark.parametrize("side", [1, -1])
def test_the_opposite_crossing_closes_the_trade(side: int) -> None:
    drawn = draw("10:00", [*DIP, *_closes(-4, -4, -4, -4, -5, -5, -5)])
    assert drawn.exits(RULE, side, **FAST_AND_SLOW)[-1] == 38
    against = exits(speakers([RULE], **FAST_AND_SLOW)[0], drawn.series, -1)
    assert against[-1] - drawn.begin == 34
