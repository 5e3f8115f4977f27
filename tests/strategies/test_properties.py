"""What holds for every strategy: it cannot see ahead, and neither the level of the price, nor the
side, nor the size of the blocks makes a difference.

The volatility regime stands on returns in percent, so shifted and turned series take it as it was.
"""

from typing import Any

import numpy as np
import pytest

from julie.core.candidates import FIELDS, Array, Candidates
from julie.core.types import BracketSource
from julie.market.columns.column import Column, Kernel, Mirror, Output
from julie.market.columns.raw import CLOSE
from julie.regime.vol import vol_regime
from julie.strategies.base import Entries, Strategy, Style, strategy
from julie.strategies.evaluate import Speaker
from tests.strategies.asking import BLOCK, Series, candidates, every, speakers

WARM_DAYS = 24  # what the rules compare with is complete
MONTH_ROWS = 42_000
TWICE_K = 12_500.0

Told = tuple[Series, Candidates, dict[Column, Array]]


@pytest.fixture(params=["es", "walk"])
def told(request: pytest.FixtureRequest) -> Told:
    """A series, what everybody says on it, and its volatility regime."""
    name = request.param
    series: Series = request.getfixturevalue(name)
    found: Candidates = request.getfixturevalue(f"on_{name}")
    return series, found, {vol_regime(): request.getfixturevalue(f"regime_of_{name}")}


@pytest.fixture
def month(told: Told, everybody: list[Speaker]) -> tuple[Series, Candidates, int]:
    """Some weeks of a series, what everybody says on them, and the first row that is warm."""
    series = told[0].first(MONTH_ROWS)
    warm = int(np.searchsorted(series.day, series.day[0] + WARM_DAYS))
    return series, candidates(everybody, series), warm


def _same(a: Candidates, b: Candidates) -> None:
    assert len(a) == len(b)
    for name in FIELDS:
        assert np.array_equal(a[name], b[name], equal_nan=True), name
    for name, told in a.notes.items():
        assert np.array_equal(told, b.notes[name], equal_nan=True), name


def _key(found: Candidates, side: int = 1) -> set[tuple[int, int, int]]:
    return set(
        zip(found.row.tolist(), found.strategy.tolist(), (side * found.side).tolist(), strict=True)
    )


def _distances_agree(a: Candidates, b: Candidates) -> None:
    a, b = (found.take(np.lexsort((found.strategy, found.row))) for found in (a, b))
    for name in ("stop_pts", "target_pts", "least_stop_pts", "limit_pts", "target_r"):
        np.testing.assert_allclose(a[name], b[name], rtol=0, atol=1e-6, err_msg=name)


def test_everybody_speaks_on_both_series(on_walk: Candidates, portfolio: list[Strategy]) -> None:
    assert set(on_walk.strategy.tolist()) == set(range(len(portfolio)))


def test_nothing_is_seen_of_the_future(
    month: tuple[Series, Candidates, int], everybody: list[Speaker]
) -> None:
    series, found, warm = month
    spoke = found.row[found.row >= warm]
    chosen = np.random.default_rng(3).integers(warm, len(series), 200)
    watched = np.unique(np.concatenate([spoke - 1, spoke, spoke + 1, chosen]))
    stops = {int(row) + 1 for row in watched if row < len(series)} | {warm, len(series)}
    prefixes = candidates(everybody, series, sorted(stops))
    assert len(spoke) > 200
    _same(found, prefixes)


def _peek(state: Any, close: Any, out: Any, start: int, stop: int) -> None:
    for t in range(start, stop):
        out[t] = close[t + 1] if t + 1 < stop else close[t]


def test_a_column_that_peeks_would_be_noticed(walk: Series) -> None:
    peek = Kernel("peek", _peek, (Output("peek", Mirror.LINEAR, "the next close"),))
    leak = strategy(
        name="leak", group="", style=Style.TREND, bracket=BracketSource.DYNAMIC,
        columns=(peek.column("peek", (CLOSE,)),),
    )(lambda w, p: Entries(when=w["peek(close)"] > w.close + 2))  # fmt: skip
    series = walk.first(2000)
    whole = candidates(speakers([leak]), series)
    prefixes = candidates(speakers([leak]), series, every(1, len(series)))
    assert len(whole) > 0
    assert len(prefixes) == 0


@pytest.mark.parametrize("points", [64.0, -192.0])
def test_the_level_of_the_price_makes_no_difference(
    points: float, told: Told, everybody: list[Speaker]
) -> None:
    series, found, regime = told
    moved = candidates(everybody, series.moved(points), given=regime)
    assert _key(moved) == _key(found)
    _distances_agree(moved, found)


def test_shorts_are_longs_upside_down(told: Told, everybody: list[Speaker]) -> None:
    series, found, regime = told
    turned = candidates(everybody, series.upside_down(TWICE_K), given=regime)
    assert _key(turned, -1) == _key(found)
    _distances_agree(turned.take(np.argsort(turned.ts, kind="stable")), found)


def test_two_runs_give_the_same_bits(told: Told, everybody: list[Speaker]) -> None:
    _same(told[1], candidates(everybody, told[0]))


@pytest.mark.parametrize(("block", "begin", "rows"), [(1, 850, 400), (7, 0, 4_500)])
def test_blocks_give_the_same_bits(
    block: int,
    begin: int,
    rows: int,
    month: tuple[Series, Candidates, int],
    everybody: list[Speaker],
) -> None:
    series, found, warm = month
    begin += warm  # the first minutes since 18:00: New York's morning bar by bar
    end = begin + rows
    cut = candidates(everybody, series.first(end), every(block, end, begin))
    assert begin < BLOCK
    assert (cut.row >= begin).sum() > 10
    _same(found.take(found.row < end), cut)
