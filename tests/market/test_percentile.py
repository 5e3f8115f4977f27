"""Ranks against whole days of the same session, by sorting them anew for each row."""

import numpy as np

from julie.core.calendar import load_calendar
from julie.market.columns.averages import atr
from julie.market.columns.minutes import minute_mean, minute_median, minute_stdev, rvol
from julie.market.columns.percentile import percentile, quantile, session_median
from julie.market.columns.raw import DAY, MINUTE, SESSION

ATR = atr(5)


def days_before(found, t, days):
    seen = np.unique(found[DAY])
    here = int(np.searchsorted(seen, found[DAY][t]))
    return np.isin(found[DAY], seen[here - days : here]) if here >= days else None


def test_rank_and_value_among_the_days_before(run, walk):
    series = walk(6, holes=0.03)
    rank, low, middle = percentile(ATR, 3), quantile(ATR, 20, 3), session_median(ATR, 3)
    found = run([ATR, rank, low, middle, DAY, MINUTE, SESSION], series)
    x, asked = found[ATR], 0
    for t in range(0, len(x), 101):
        among = days_before(found, t, 3)
        if among is None:
            assert np.isnan(found[rank][t])
            assert np.isnan(found[middle][t])
            continue
        late = (found[SESSION] == 3) & (found[MINUTE] >= 1325)
        reference = x[among & (found[SESSION] == found[SESSION][t]) & ~late & np.isfinite(x)]
        share = (reference < x[t]).mean() + 0.5 * (reference == x[t]).mean()
        assert abs(found[rank][t] - 100 * share) < 1e-9
        assert abs(found[low][t] - np.percentile(reference, 20)) < 1e-9
        assert abs(found[middle][t] - np.median(reference)) < 1e-9
        asked += 1
    assert asked > 30


def test_the_last_hour_of_new_york_is_ranked_but_is_no_reference(run, walk):
    series = walk(5)
    quiet = run([MINUTE, SESSION], series)
    late = (quiet[SESSION] == 3) & (quiet[MINUTE] >= 1325)
    series["volume"] = np.where(late, 1e6, 10.0)
    rank = percentile("volume", 2)
    found = run([rank], series)[rank]
    two_days = 2 * 1380
    assert np.all(found[two_days:][late[two_days:]] == 100.0)
    assert np.all(found[two_days:][~late[two_days:]] == 50.0)


def test_nothing_is_known_before_the_days_are_complete(run, walk):
    series = walk(4)
    rank = percentile("volume", 3)
    found = run([rank, DAY], series)
    ready = np.isfinite(found[rank])
    fourth = found[DAY] == np.unique(found[DAY])[3]
    assert np.array_equal(ready, fourth)


def test_bars_under_a_minute_have_no_rank(run, walk):
    series = walk(4)
    rank, usual = percentile("volume", 2), minute_mean("volume", 2)
    found = run([rank, usual], series, bar_s=1)
    assert np.all(np.isnan(found[rank]))
    assert np.all(np.isnan(found[usual]))


def test_usual_value_at_this_minute(run, walk):
    series = walk(9, holes=0.2)
    columns = minute_mean("volume", 5), minute_stdev("volume", 5), minute_median("volume", 5)
    found = run([*columns, DAY, MINUTE], series)
    asked = 0
    for t in range(0, len(series["ts"]), 97):
        among = days_before(found, t, 5)
        same = (
            None if among is None else series["volume"][among & (found[MINUTE] == found[MINUTE][t])]
        )
        if same is None or len(same) < 2.5:
            assert all(np.isnan(found[c][t]) for c in columns)
            continue
        plain = same.mean(), same.std(), np.median(same)
        assert all(abs(found[c][t] - p) < 1e-9 for c, p in zip(columns, plain, strict=True))
        asked += 1
    assert asked > 20


def test_relative_volume(run, walk):
    series = walk(21)
    found = run([rvol(), DAY], series)
    calendar = load_calendar()
    last = found[DAY] == np.unique(found[DAY])[20]
    opened = calendar.open_ns[calendar.index_of(series["ts"])]
    minute = (series["ts"] - opened) // 60_000_000_000
    usual = np.array([series["volume"][(minute == m) & ~last].mean() for m in range(0, 1380, 60)])
    rows = [np.flatnonzero(last & (minute == m))[0] for m in range(0, 1380, 60)]
    np.testing.assert_allclose(found[rvol()][rows], series["volume"][rows] / usual, rtol=1e-12)
    assert np.all(np.isnan(found[rvol()][~last]))
