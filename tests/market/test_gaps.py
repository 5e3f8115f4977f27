"""Fair value gaps: drawn lives of a zone, and a plain book of zones on random bars."""

import numpy as np
import pytest

from julie.core.calendar import load_calendar
from julie.market.columns.averages import atr
from julie.market.columns.gaps import (
    body_gap_bull_high,
    body_gap_bull_low,
    fvg_bear_age,
    fvg_bear_high,
    fvg_bear_low,
    fvg_bull_age,
    fvg_bull_high,
    fvg_bull_low,
    fvg_new,
    fvg_size,
    ifvg_bear_high,
    ifvg_bear_low,
    ifvg_bull_high,
    ifvg_bull_low,
    ifvg_new,
)

BULL = (fvg_bull_low(), fvg_bull_high(), fvg_bull_age())
INVERSE = (ifvg_bear_low(), ifvg_bear_high())

# a gap from 101 to 102 on the third bar
RISE = [(100, 101, 99, 100.5), (100.5, 103, 100.5, 103), (103, 104, 102, 103.5)]


def drawn(*bars):
    """One-minute bars from a trading day's open, each (open, high, low, close)."""
    o, h, lo, c = (np.array(x, float) for x in zip(*bars, strict=True))
    n = len(bars)
    return {
        "ts": load_calendar().open_ns[4200] + 60_000_000_000 * np.arange(n), "open": o, "high": h,
        "low": lo, "close": c, "volume": np.full(n, 100.0), "shift": np.zeros(n),
    }  # fmt: skip


def test_a_gap_lives_until_its_far_edge_trades(run):
    series = drawn(*RISE, (103.5, 104, 101.25, 103), (103, 103.5, 101, 102))
    low, high, age = run(BULL, series).values()
    new, size = run([fvg_new(), fvg_size()], series).values()
    assert new.tolist() == [0, 0, 1, 0, 0]
    assert low[2:4].tolist() == [101, 101]
    assert high[2:4].tolist() == [102, 102]
    assert age[2:4].tolist() == [0, 1]
    assert size[2:4].tolist() == [1, 1]
    assert np.isnan(low[[0, 1, 4]]).all()


def test_touching_bars_leave_no_gap(run):
    series = drawn(*RISE[:2], (103, 104, 101, 103.5))
    assert not run([fvg_new()], series)[fvg_new()].any()


def test_a_close_through_the_far_edge_flips_the_zone(run):
    series = drawn(*RISE, (103, 103, 100, 100.5), (100.5, 101.75, 100, 101), (101, 102, 100.5, 101))
    low, high = run(INVERSE, series).values()
    assert run([ifvg_new()], series)[ifvg_new()].tolist() == [0, 0, 0, -1, 0, 0]
    assert low[3:5].tolist() == [101, 101]
    assert high[3:5].tolist() == [102, 102]
    assert np.isnan(low[5])  # 102 traded


def test_a_wick_through_the_far_edge_only_kills(run):
    series = drawn(*RISE, (103, 103, 100, 101))
    assert not run([ifvg_new()], series)[ifvg_new()].any()
    assert np.isnan(run(BULL, series)[BULL[0]][-1])


def test_a_gap_ages(run):
    quiet = [(103.5, 104, 103, 103.5)] * 8
    low = run([fvg_bull_low(0.0, 5)], drawn(*RISE, *quiet))[fvg_bull_low(0.0, 5)]
    assert np.isfinite(low[2:8]).all()
    assert np.isnan(low[8:]).all()


def test_body_gaps_lie_between_bodies_and_may_be_small_only_by_leave(run, walk):
    series = walk(2, seed=14)
    column = body_gap_bull_low(0.5, 60)
    found = run([column, body_gap_bull_high(0.5, 60), atr(14)], series)
    o, c, usual = series["open"], series["close"], found[atr(14)]
    born = [
        t
        for t in range(20, len(o))
        if min(o[t], c[t]) - max(o[t - 2], c[t - 2]) >= 0.5 * usual[t]
    ]  # fmt: skip
    assert len(born) > 20
    for t in born:
        assert found[column][t] == max(o[t - 2], c[t - 2])
        assert found[body_gap_bull_high(0.5, 60)][t] == min(o[t], c[t])


def _book(series, sign, max_age):
    """(gap edges and age, inverse edges) row by row for one side, bullish when sign is 1."""
    near = sign * series["low" if sign > 0 else "high"]
    far = sign * series["high" if sign > 0 else "low"]
    close = sign * series["close"]
    alive: list[tuple[float, float, int]] = []
    inverse: list[tuple[float, float, int]] = []  # of the other side, edges as they were
    gaps, flips = [], []
    for t in range(len(close)):
        inverse = [z for z in inverse if t - z[2] <= max_age and far[t] < z[0]]
        dead = [z for z in alive if t - z[2] <= max_age and near[t] <= z[1]]
        alive = [z for z in alive if t - z[2] <= max_age and near[t] > z[1]]
        inverse += [(a, b, t) for a, b, _ in dead if close[t] < b]
        if t >= 2 and near[t] > far[t - 2]:
            alive.append((near[t], far[t - 2], t))
        best = max(alive, key=lambda z: (z[0], z[2]), default=None)
        lowest = min(inverse, key=lambda z: (z[1], -z[2]), default=None)
        gaps.append((sign * best[0], sign * best[1], t - best[2]) if best else (np.nan,) * 3)
        flips.append((sign * lowest[0], sign * lowest[1]) if lowest else (np.nan,) * 2)
    return np.array(gaps), np.array(flips)


@pytest.mark.parametrize("sign", [1, -1])
def test_the_book_of_zones(run, walk, sign):
    series, age = walk(2, seed=17), 60
    if sign > 0:
        gap = (fvg_bull_high(0.0, age), fvg_bull_low(0.0, age), fvg_bull_age(0.0, age))
        flip = (ifvg_bear_high(0.0, age), ifvg_bear_low(0.0, age))
    else:
        gap = (fvg_bear_low(0.0, age), fvg_bear_high(0.0, age), fvg_bear_age(0.0, age))
        flip = (ifvg_bull_low(0.0, age), ifvg_bull_high(0.0, age))
    found = run([*gap, *flip], series)
    gaps, flips = _book(series, sign, age)
    for k, column in enumerate(gap):
        np.testing.assert_array_equal(found[column], gaps[:, k])
    for k, column in enumerate(flip):
        np.testing.assert_array_equal(found[column], flips[:, k])
    assert np.isfinite(gaps[:, 0]).sum() > 500
    assert np.isfinite(flips[:, 0]).sum() > 200
