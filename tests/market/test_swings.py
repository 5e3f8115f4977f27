"""Swings and what is left unbroken of them, found by looking at every bar afresh."""

import numpy as np
import pytest

from julie.market.columns.swings import (
    equal_high,
    equal_low,
    nearest_swing_high,
    nearest_swing_low,
    second_swing_high,
    swing_high,
    swing_high_age,
    swing_high_before,
    swing_high_broken,
    swing_low,
    swing_low_age,
    swing_low_before,
    swing_low_broken,
)
from julie.market.columns.timeframe import on


def swing_rows(x, k):
    """Rows of the swing highs of a series, by the definition."""
    n = len(x)
    return [
        t
        for t in range(k, n - k)
        if all(x[t] > x[t - j] for j in range(1, k + 1))
        and all(x[t] >= x[t + j] for j in range(1, k + 1))
    ]


def broken_at(price, row, close):
    """The first row that closes above a swing high."""
    beyond = np.flatnonzero(close[row:] > price)
    return row + beyond[0] if len(beyond) else len(close)


@pytest.mark.parametrize("k", [2, 3, 5])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_last_confirmed_swing(run, walk, k, sign):
    series = walk(1, seed=k)
    names = (
        (swing_high, swing_high_age, swing_high_broken, swing_high_before)
        if sign > 0
        else (swing_low, swing_low_age, swing_low_broken, swing_low_before)
    )
    price, age, broken, before = (name(k, 60) for name in names)
    found = run([price, age, broken, before], series)
    x, close = sign * series["high" if sign > 0 else "low"], sign * series["close"]
    rows = swing_rows(x, k)
    told = 0
    for t in range(len(x)):
        known = [r for r in rows if r + k <= t]
        if not known or t - known[-1] > 60:
            assert np.isnan(found[price][t])
            assert found[broken][t] == -128
            continue
        last = known[-1]
        assert sign * found[price][t] == x[last]
        assert found[age][t] == t - last
        assert found[broken][t] == (broken_at(x[last], last, close) <= t)
        if len(known) > 1 and t - known[-2] <= 60:
            assert sign * found[before][t] == x[known[-2]]
            told += 1
    assert told > 500


@pytest.mark.parametrize(("max_age", "min_age"), [(240, 0), (60, 10)])
def test_nearest_unbroken_swings(run, walk, max_age, min_age):
    series, k = walk(1, seed=8), 3
    high, low = nearest_swing_high(k, max_age, min_age), nearest_swing_low(k, max_age, min_age)
    second = second_swing_high(k, max_age, min_age)
    found = run([high, low, second], series)
    told = 0
    for sign, column in ((1, high), (-1, low)):
        x, close = sign * series["high" if sign > 0 else "low"], sign * series["close"]
        swings = [(r, x[r], broken_at(x[r], r, close)) for r in swing_rows(x, k)]
        for t in range(0, len(x), 7):
            alive = {
                p
                for r, p, gone in swings
                if r + k <= t < gone and min_age <= t - r <= max_age
            }  # fmt: skip
            ahead = sorted(alive)
            assert all(p >= close[t] for p in ahead)
            if not ahead:
                assert np.isnan(found[column][t])
                continue
            assert sign * found[column][t] == ahead[0]
            if sign > 0 and len(ahead) > 1:
                assert found[second][t] == ahead[1]
                told += 1
    assert told > 20


def test_equal_highs_are_two_unbroken_swings_within_two_ticks(run, walk):
    series, k = walk(2, seed=4), 3
    found = run([equal_high(k), equal_low(k)], series)
    for sign, column in ((1, equal_high(k)), (-1, equal_low(k))):
        x, close = sign * series["high" if sign > 0 else "low"], sign * series["close"]
        swings = [(r, x[r], broken_at(x[r], r, close)) for r in swing_rows(x, k)]
        level, born, held = np.nan, 0, []
        told = 0
        for t in range(len(x)):
            for r, p, _ in swings:
                if r + k == t:
                    alive = [q for s, q, gone in swings if s < r and t < gone and t - s <= 240]
                    near = [q for q in alive if abs(q - p) <= 0.5]
                    if near:
                        level, born = max(*near, p), r
            if close[t] > level or t - born > 240:
                level = np.nan
            held.append(sign * level)
            told += level == level
        np.testing.assert_array_equal(found[column], held)
        assert told > 50


def test_a_swing_of_a_higher_timeframe_shows_when_its_bar_completed(run, walk):
    series = walk(1, seed=3)
    column = on("5m", swing_high(2))
    found = run([column], series)[column]
    blocks = series["high"].reshape(-1, 5).max(axis=1)
    rows = swing_rows(blocks, 2)
    for t in range(len(found)):
        known = [r for r in rows if r + 2 <= (t + 1) // 5 - 1]
        if known:
            assert found[t] == blocks[known[-1]]
        else:
            assert np.isnan(found[t])
