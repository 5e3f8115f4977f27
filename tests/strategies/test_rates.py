"""How often each strategy speaks on the real bars: enough to be tested, and not all day long.

The floors are the catalogue's own; the longs a day were measured when the rules were chosen, and a
rule that is read differently shows here first.
"""

from typing import Any

import numpy as np
import pytest

from julie.core.candidates import Candidates
from julie.core.instruments import instrument
from julie.core.types import Silence
from julie.strategies.base import Strategy
from julie.strategies.catalogue import named
from julie.strategies.silence import silence_of
from tests.strategies.asking import Series, candidates, in_its_time, speakers

ES_DAYS = 168
LOUDEST = 10.0  # candidates a side and day

FLOORS = {
    "regime_adaptive": 1000,
    "orb": 30,
    "liquidity_sweep": 1000,
    "smooth_trend_asia": 220,
    "value_area_breakout": 20,
    "sma_cross": 1500,
}
LONGS_A_DAY = [
    ("regime_adaptive", {}, 6.1),
    ("orb", {}, 0.23),
    ("orb", {"entry": "reclaim"}, 0.34),
    ("liquidity_sweep", {}, 7.8),
    ("liquidity_sweep", {"k": 10}, 5.3),
    ("smooth_trend_asia", {}, 1.6),
    ("sma_cross", {}, 9.8),
]


def _by_strategy(
    found: Candidates, portfolio: list[Strategy], series: Series
) -> dict[str, list[int]]:
    """Candidates of either side inside the strategy's own time."""
    counted = {}
    for place, one in enumerate(portfolio):
        own = found.take(found.strategy == place)
        own = own.take(in_its_time(one, own, series))
        counted[one.name] = [int((own.side == side).sum()) for side in (1, -1)]
    return counted


def test_each_strategy_speaks_often_enough_and_not_too_often(
    es: Series, on_es: Candidates, portfolio: list[Strategy]
) -> None:
    counted = _by_strategy(on_es, portfolio, es)
    assert set(counted) == set(FLOORS), "a strategy without an expected rate is untested"
    for name, sides in counted.items():
        assert sum(sides) >= FLOORS[name], name
        assert max(sides) / ES_DAYS <= LOUDEST, name


@pytest.mark.parametrize(("name", "numbers", "expected"), LONGS_A_DAY)
def test_longs_a_day_are_those_of_the_chosen_rule(
    es: Series, name: str, numbers: dict[str, Any], expected: float
) -> None:
    one = named(name)
    counted = _by_strategy(candidates(speakers([one], **numbers), es), [one], es)
    assert counted[name][0] / ES_DAYS == pytest.approx(expected, rel=0.15)


def test_value_is_accepted_on_most_days_and_seldom_comes_back_in_time(es: Series) -> None:
    found = candidates(speakers([named("value_area_breakout")]), es)
    in_new_york = (es.minute[found.row] >= 930) & (es.minute[found.row] < 1320)
    longs = found.take(in_new_york & (found.side == 1))
    filled = [
        es.low[row + 1 : row + 1 + life].min() <= es.close[row] - limit
        for row, limit, life in zip(longs.row, longs.limit_pts, longs.expires_bars, strict=True)
    ]
    assert len(np.unique(es.day[longs.row])) / ES_DAYS == pytest.approx(0.59, rel=0.05)
    assert sum(filled) / ES_DAYS == pytest.approx(0.13, rel=0.05)


def test_without_volume_only_those_that_need_it_are_silent(
    nq_long: Series, portfolio: list[Strategy]
) -> None:
    nq = instrument("NQ")
    silent = {one.name: silence_of(one, nq, 60, has_volume=False) for one in portfolio}
    assert {name for name, why in silent.items() if why is Silence.VOLUME} == {
        "value_area_breakout"
    }
    speaking = [one for one in portfolio if silent[one.name] is None]
    found = candidates(speakers(speaking, "NQ"), nq_long)
    for name, sides in _by_strategy(found, speaking, nq_long).items():
        assert sum(sides) >= FLOORS[name], name
    mute = candidates(speakers([named("value_area_breakout")], "NQ"), nq_long)
    assert len(mute) == 0


def test_averages_cross_less_often_on_longer_bars(es_5m: Series) -> None:
    one = named("sma_cross")
    counted = _by_strategy(candidates(speakers([one]), es_5m), [one], es_5m)
    assert counted["sma_cross"][0] / ES_DAYS == pytest.approx(1.9, rel=0.1)


@pytest.mark.parametrize("seconds", [300, 900])
def test_on_longer_bars_the_others_say_base(seconds: int, portfolio: list[Strategy]) -> None:
    es = instrument("ES")
    said = {one.name: silence_of(one, es, seconds, has_volume=True) for one in portfolio}
    assert said.pop("sma_cross") is None
    assert set(said.values()) == {Silence.BASE}
