"""Levels of the clock, against a plain reading of each day."""

import numpy as np
import pytest

from julie.market.columns import levels
from julie.market.columns.raw import DAY, MINUTE, SESSION

STRETCHES = [
    (levels.asia_high, levels.asia_low, 0, 540),
    (levels.london_high, levels.london_low, 540, 840),
    (levels.overnight_high, levels.overnight_low, 0, 930),
    (levels.day_high, levels.day_low, 0, 1440),
]
PRIORS = [
    (levels.prior_day_high, levels.prior_day_low, 0, 1440),
    (levels.prior_rth_high, levels.prior_rth_low, 930, 1320),
    (levels.prior_ny_pm_high, levels.prior_ny_pm_low, 1080, 1380),
]


def _rows(clock, day, begin, end):
    inside = (clock[DAY] == day) & (clock[MINUTE] >= begin) & (clock[MINUTE] < end)
    return np.flatnonzero(inside)


@pytest.fixture(scope="module")
def series(walk):
    return walk(7, holes=0.05)


@pytest.fixture(scope="module")
def clock(run, series):
    return run([DAY, MINUTE, SESSION], series)


@pytest.mark.parametrize(("high", "low", "begin", "end"), STRETCHES)
def test_a_running_stretch_develops_and_then_stands(run, series, clock, high, low, begin, end):
    found = run([high(), low()], series)
    for t in range(0, len(series["ts"]), 53):
        rows = _rows(clock, clock[DAY][t], begin, end)
        rows = rows[rows <= t]
        if not len(rows):
            assert np.isnan(found[high()][t])
            assert np.isnan(found[low()][t])
            continue
        assert found[high()][t] == series["high"][rows].max()
        assert found[low()][t] == series["low"][rows].min()


@pytest.mark.parametrize(("high", "low", "begin", "end"), PRIORS)
def test_a_prior_stretch_is_that_of_the_day_before(run, series, clock, high, low, begin, end):
    found = run([high(), low(), levels.prior_rth_close()], series)
    days = np.unique(clock[DAY])
    for t in range(0, len(series["ts"]), 53):
        k = int(np.searchsorted(days, clock[DAY][t]))
        if k == 0:
            assert np.isnan(found[high()][t])
            continue
        rows = _rows(clock, days[k - 1], begin, end)
        assert found[high()][t] == series["high"][rows].max()
        assert found[low()][t] == series["low"][rows].min()
        last = _rows(clock, days[k - 1], 930, 1320)[-1]
        assert found[levels.prior_rth_close()][t] == series["close"][last]


def test_each_session_follows_the_one_before(run, series, clock):
    columns = [
        levels.session_high(),
        levels.session_low(),
        levels.prior_session_high(),
        levels.prior_session_low(),
    ]
    found = run(columns, series)
    parts = clock[DAY] * 8 + clock[SESSION]
    begins = np.flatnonzero(np.diff(parts, prepend=-1) != 0)
    for t in range(0, len(parts), 31):
        k = int(np.searchsorted(begins, t, side="right")) - 1
        assert found[columns[0]][t] == series["high"][begins[k] : t + 1].max()
        assert found[columns[1]][t] == series["low"][begins[k] : t + 1].min()
        if k > 0:
            before = slice(begins[k - 1], begins[k])
            assert found[columns[2]][t] == series["high"][before].max()
            assert found[columns[3]][t] == series["low"][before].min()


@pytest.mark.parametrize(
    ("high", "low", "begin", "end"),
    [
        (levels.opening_high(), levels.opening_low(), 930, 945),
        (levels.midnight_high(), levels.midnight_low(), 360, 390),
        (levels.night_high(), levels.night_low(), 0, 930),
    ],
)
def test_a_range_is_no_level_before_it_ended(run, walk, high, low, begin, end):
    series = walk(2)
    found = run([high, low, DAY, MINUTE], series)
    minute = found[MINUTE]
    assert np.all(np.isnan(found[high][minute < end - 1]))
    for t in np.flatnonzero(minute >= end - 1)[::40]:
        rows = _rows(found, found[DAY][t], begin, end)
        assert found[high][t] == series["high"][rows].max()
        assert found[low][t] == series["low"][rows].min()


def test_open_prices(run, series, clock):
    found = run([levels.day_open_price(), levels.ny_open_price()], series)
    for t in range(0, len(series["ts"]), 97):
        first = _rows(clock, clock[DAY][t], 0, 1440)[0]
        assert found[levels.day_open_price()][t] == series["open"][first]
        rows = _rows(clock, clock[DAY][t], 930, 1320)
        rows = rows[rows <= t]
        price = found[levels.ny_open_price()][t]
        assert price == series["open"][rows[0]] if len(rows) else np.isnan(price)


def test_a_level_older_than_a_week_is_forgotten(run, walk):
    series = walk(12)
    days = run([DAY], series)[DAY]
    kept = np.isin(days, [days[0], days[-1]])
    thin = {name: values[kept] for name, values in series.items()}
    assert np.all(np.isnan(run([levels.prior_day_high()], thin)[levels.prior_day_high()]))


def test_a_day_without_regular_hours_leaves_the_last_that_had_them(run, walk):
    series = walk(3)
    clock = run([DAY, MINUTE], series)
    days = np.unique(clock[DAY])
    kept = (clock[DAY] != days[1]) | (clock[MINUTE] < 930)
    thin = {name: values[kept] for name, values in series.items()}
    rows = _rows(clock, days[0], 930, 1320)
    assert run([levels.prior_rth_high()], thin)[levels.prior_rth_high()][-1] == (
        series["high"][rows].max()
    )
