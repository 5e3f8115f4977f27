"""Sweeps: drawn bars for each condition, and a plain walk over every swing of random ones."""

import numpy as np
import pytest

from julie.core.calendar import load_calendar
from julie.market.columns.averages import atr
from julie.market.columns.column import mirrored
from julie.market.columns.levels import day_open_price, prior_session_high, prior_session_low
from julie.market.columns.sweeps import (
    sweep_high,
    sweep_low,
    sweep_low_age,
    sweep_low_extreme,
    swept_swing_high,
    swept_swing_low,
    swept_swing_low_extreme,
)

LEVEL = day_open_price()  # the first bar of every drawing opens at the level


def drawn(*bars):
    """One-minute bars from a trading day's open, each (open, high, low, close)."""
    open_ns = load_calendar().open_ns[4200]
    o, h, lo, c = (np.array(x, float) for x in zip(*bars, strict=True))
    n = len(bars)
    return {
        "ts": open_ns + 60_000_000_000 * np.arange(n), "open": o, "high": h, "low": lo, "close": c,
        "volume": np.full(n, 100.0), "shift": np.zeros(n),
    }  # fmt: skip


INSIDE = (100, 102, 100, 101)


def test_a_wick_below_and_a_close_back_on_the_same_bar(run):
    series = drawn(INSIDE, (101, 101, 99.75, 100.5), (100.5, 102, 100.25, 102))
    columns = [sweep_low(LEVEL), sweep_low_extreme(LEVEL), sweep_low_age(LEVEL)]
    flag, extreme, age = run(columns, series).values()
    assert flag.tolist() == [0, 1, 0]
    assert extreme[1:].tolist() == [99.75, 99.75]
    assert age[1:].tolist() == [0, 1]
    assert np.isnan(extreme[0])


@pytest.mark.parametrize(
    ("wick", "expected"), [(99.75, 1), (100.0, 0)], ids=["a tick beyond", "at the level"]
)
def test_it_needs_a_tick(run, wick, expected):
    series = drawn(INSIDE, (101, 101, wick, 101))
    assert run([sweep_low(LEVEL)], series)[sweep_low(LEVEL)][-1] == expected


@pytest.mark.parametrize(("n", "row"), [(1, None), (2, None), (3, 3), (4, 3)])
def test_the_close_comes_back_within_n_bars(run, n, row):
    below = (99, 99.5, 98, 99)
    series = drawn(INSIDE, (101, 101, 99, 99), below, (99, 101, 98.5, 100.25), (100, 101, 100, 101))
    columns = [sweep_low(LEVEL, n), sweep_low_extreme(LEVEL, n)]
    flag, extreme = run(columns, series).values()
    assert np.flatnonzero(flag == 1).tolist() == ([] if row is None else [row])
    if row:
        assert extreme[row] == 98


def test_coming_from_below_is_no_sweep(run):
    below = (99, 99.5, 98, 99)
    series = drawn((100, 100, 99, 99), below, below, below, below, (99, 101, 98, 101))
    assert not np.any(run([sweep_low(LEVEL)], series)[sweep_low(LEVEL)] == 1)


def test_no_level_is_not_known_rather_than_not_swept(run, walk):
    flag = run([sweep_low(prior_session_low())], walk(1))[sweep_low(prior_session_low())]
    assert np.all(flag[:540] == -128)
    assert np.all(flag[540:] >= 0)


def test_the_mirror_of_a_swept_low_is_a_swept_high(run, walk):
    turned = mirrored(sweep_low_extreme(prior_session_low(), 2))
    assert turned.factor == -1.0
    assert mirrored(sweep_low(prior_session_low())).column == sweep_high(prior_session_high())
    with pytest.raises(ValueError, match="not a price"):
        mirrored(sweep_low(atr(14)))


def _turns(low, k):
    return [
        t
        for t in range(k, len(low) - k)
        if all(low[t] < low[t - j] and low[t] <= low[t + j] for j in range(1, k + 1))
    ]


def _taken(series, k, row, max_age, min_age, n, max_ticks):
    """Row on which a swing low was swept and how far; None if it was broken or forgotten first."""
    low, close = series["low"], series["close"]
    price = low[row]
    for t in range(row + k + 1, min(row + max_age + 1, len(low))):
        if low[t] > price - 0.25:
            continue
        for back in range(t, min(t + n, len(low))):
            if close[back] >= price:
                extreme = low[t : back + 1].min()
                fits = t - row >= min_age and price - extreme <= max_ticks * 0.25
                return (back, extreme) if fits else None
        return None
    return None


@pytest.mark.parametrize(("k", "max_age", "min_age"), [(3, 120, 10), (5, 240, 25)])
def test_swept_swings_are_those_of_a_plain_walk(run, walk, k, max_age, min_age):
    series = walk(2, seed=k)
    columns = [
        swept_swing_low(k, max_age, min_age),
        swept_swing_low_extreme(k, max_age, min_age),
        swept_swing_high(k, max_age, min_age),
    ]
    found = run(columns, series)
    upside_down = series | {"low": -series["high"], "close": -series["close"]}
    for flag, bars in ((columns[0], series), (columns[2], upside_down)):
        events = [_taken(bars, k, r, max_age, min_age, 3, 12) for r in _turns(bars["low"], k)]
        rows = {e[0] for e in events if e}
        assert set(np.flatnonzero(found[flag] == 1)) == rows
        assert len(rows) > 10
    deepest: dict[int, float] = {}
    for event in (_taken(series, k, r, max_age, min_age, 3, 12) for r in _turns(series["low"], k)):
        if event:
            deepest[event[0]] = min(event[1], deepest.get(event[0], np.inf))
    for row, extreme in deepest.items():
        assert found[columns[1]][row] == extreme


def test_real_bars_have_the_sweeps_that_were_measured(run, es):
    """liquidity_sweep lives of them: a few dozen a day on either side before its other filters."""
    flags = [swept_swing_low(), swept_swing_high(), swept_swing_low(10)]
    low, high, wide = (int((x == 1).sum()) / 168 for x in run(flags, es).values())
    assert 25 < low < 35
    assert 25 < high < 35
    assert 15 < wide < low
