"""Averages, extremes and deviations against plain windows."""

import numpy as np
import pytest

from julie.market.columns.averages import atr, ema, sma, true_range, wilder
from julie.market.columns.extremes import highest, lowest, stdev

N = 20


def rolling(x, n, how):
    out = np.full(len(x), np.nan)
    for t in range(n - 1, len(x)):
        out[t] = how(x[t - n + 1 : t + 1])
    return out


@pytest.mark.parametrize(
    ("column", "how"),
    [
        (sma("close", N), np.mean),
        (highest("close", N), np.max),
        (lowest("low", N), np.min),
        (stdev("close", N), np.std),
    ],
)
def test_a_window_equals_the_plain_one(run, walk, column, how):
    series = walk(3, holes=0.02)
    found = run([column], series)[column]
    x = series[column.inputs[0].output.name]
    np.testing.assert_allclose(found, rolling(x, N, how), rtol=0, atol=1e-9)


def test_extremes_are_exact(run, walk):
    series = walk(2)
    column = highest("high", 7)
    assert np.array_equal(run([column], series)[column], rolling(series["high"], 7, np.max), True)


def test_a_flat_window_has_no_deviation(run, walk):
    series = walk(1)
    series["close"] = np.where(np.arange(len(series["close"])) < 500, series["close"], 5000.1)
    column = stdev("close", 20)
    assert np.all(run([column], series)[column][600:] == 0.0)


def test_a_missing_value_starts_the_window_anew(run, walk):
    series = walk(1)
    series["close"][100] = np.nan
    columns = [sma("close", 5), highest("close", 5), stdev("close", 5), ema("close", 5)]
    for found in run(columns, series).values():
        assert np.isfinite(found[99])
        assert np.all(np.isnan(found[100:105]))
        assert np.isfinite(found[105])


def test_averages_that_fade(run, walk):
    series = walk(1)
    columns = [ema("close", 9), wilder("close", 14), atr(14), wilder(true_range(), 14)]
    found = run(columns, series)
    fast = slow = series["close"][0]
    for t in range(1, 300):
        fast += (series["close"][t] - fast) * 2 / 10
        slow += (series["close"][t] - slow) / 14
    assert found[columns[0]][299] == pytest.approx(fast, abs=1e-9)
    assert found[columns[1]][299] == pytest.approx(slow, abs=1e-9)
    assert np.array_equal(found[columns[2]], found[columns[3]], True)
