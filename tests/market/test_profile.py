"""Volume profiles against bins counted anew for every row asked."""

import math

import numpy as np
import pytest

from julie.market.columns.profile import (
    dev_poc,
    dev_vah,
    dev_val,
    lvn_above,
    lvn_below,
    poc,
    roll_poc,
    roll_vah,
    roll_val,
    vah,
    val,
)
from julie.market.columns.raw import DAY, MINUTE

TICK = 0.25


def bins_of(series, rows):
    """Contracts by tick: each bar's volume in equal shares over its range."""
    found: dict[int, float] = {}
    for t in rows:
        low, high = round(series["low"][t] / TICK), round(series["high"][t] / TICK)
        volume = series["volume"][t]
        share = 0.0 if math.isnan(volume) else math.floor(volume / (high - low + 1) * 2**20) / 2**20
        if share > 0:
            for k in range(low, high + 1):
                found[k] = found.get(k, 0.0) + share
    lo, hi = min(found), max(found)
    return {k: found.get(k, 0.0) for k in range(lo, hi + 1)}


def value_area(bins, close):
    """Point of control and edges, by the words of the definition."""
    lo, hi = min(bins), max(bins)
    most = max(bins.values())
    equals = [k for k in bins if bins[k] == most]
    now = round(close / TICK)
    control = min(equals, key=lambda k: (abs(k - (lo + hi) / 2), abs(k - now)))
    top = bottom = control
    while sum(bins[k] for k in range(bottom, top + 1)) < 0.7 * sum(bins.values()):
        up, down = bins.get(top + 1, -1.0), bins.get(bottom - 1, -1.0)
        top += up >= down
        bottom -= down >= up
    return control * TICK, top * TICK, bottom * TICK


def nodes_of(bins, control):
    """Flat runs of bins lower than both neighbours and below 30 % of the control's volume."""
    levels, found = sorted(bins), []
    for i in levels[1:-1]:
        if bins[i - 1] <= bins[i]:
            continue
        j = i
        while j < levels[-1] and bins[j + 1] == bins[i]:
            j += 1
        if j < levels[-1] and bins[j + 1] > bins[i] and bins[i] < 0.3 * bins[control]:
            found.append((i + j) / 2 * TICK)
    return found


@pytest.fixture(scope="module")
def series(walk):
    made = walk(3, seed=5)
    made["volume"][::41] = np.nan
    return made


@pytest.fixture(scope="module")
def clock(run, series):
    return run([DAY, MINUTE], series)


def _regular(clock, day):
    inside = (clock[DAY] == day) & (clock[MINUTE] >= 930) & (clock[MINUTE] < 1320)
    return np.flatnonzero(inside)


def test_the_profile_of_regular_hours_develops(run, series, clock):
    columns = [dev_poc(), dev_vah(), dev_val()]
    found = run(columns, series)
    asked = 0
    for t in range(0, len(series["ts"]), 29):
        rows = _regular(clock, clock[DAY][t])
        rows = rows[rows <= t]
        values = [found[c][t] for c in columns]
        if not len(rows):
            assert np.all(np.isnan(values))
            continue
        expected = value_area(bins_of(series, rows), series["close"][rows[-1]])
        assert tuple(values) == expected
        asked += 1
    assert asked > 30


def test_the_prior_profile_and_its_nodes_stand_the_next_day(run, series, clock):
    columns = [poc(), vah(), val(), lvn_above(), lvn_below()]
    found = run(columns, series)
    days = np.unique(clock[DAY])
    assert np.all(np.isnan(found[columns[0]][clock[DAY] == days[0]]))
    around = 0
    for k in (1, 2):
        rows = _regular(clock, days[k - 1])
        bins = bins_of(series, rows)
        expected = value_area(bins, series["close"][rows[-1]])
        nodes = nodes_of(bins, round(expected[0] / TICK))
        for t in np.flatnonzero(clock[DAY] == days[k])[::37]:
            assert tuple(found[c][t] for c in columns[:3]) == expected
            close = series["close"][t]
            above = min((p for p in nodes if p >= close), default=np.nan)
            below = max((p for p in nodes if p <= close), default=np.nan)
            np.testing.assert_equal([found[c][t] for c in columns[3:]], [above, below])
            around += above == above
    assert around > 10


def test_the_rolling_profile_covers_the_last_bars(run, series):
    n = 60
    columns = [roll_poc(n), roll_vah(n), roll_val(n)]
    found = run(columns, series)
    assert np.all(np.isnan(found[columns[0]][: n - 1]))
    for t in range(n - 1, len(series["ts"]), 43):
        bins = bins_of(series, range(t - n + 1, t + 1))
        expected = value_area(bins, series["close"][t])
        assert tuple(found[c][t] for c in columns) == expected


def test_a_profile_that_misses_a_tenth_of_its_bars_is_not_known(run, walk):
    series = walk(2, seed=6)
    clock = run([DAY, MINUTE], series)
    series["volume"][_regular(clock, clock[DAY][0])[::8]] = np.nan
    assert np.all(np.isnan(run([vah()], series)[vah()]))
    series["volume"][:] = np.nan
    for values in run([dev_poc(), roll_poc(30), lvn_above()], series).values():
        assert np.all(np.isnan(values))


def test_one_bar_spreads_evenly_and_its_middle_controls(run, walk):
    series = walk(1, seed=2)
    found = run([dev_poc(), dev_vah(), dev_val(), MINUTE], series)
    t = int(np.flatnonzero(found[MINUTE] == 930)[0])
    high, low = series["high"][t], series["low"][t]
    assert abs(found[dev_poc()][t] - (high + low) / 2) <= TICK / 2
    width = (high - low) / TICK + 1
    covered = (found[dev_vah()][t] - found[dev_val()][t]) / TICK + 1
    assert 0.7 * width <= covered < 0.7 * width + 2
