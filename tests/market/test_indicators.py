"""Indicators against slow loops written straight from their definitions."""

import numpy as np
import pytest

from julie.market.columns import bands, directional, oscillators
from julie.market.columns.averages import atr, ema

nan = np.nan


def wilder(x, n):
    out, mean = np.full(len(x), nan), nan
    for t in np.flatnonzero(np.isfinite(x)):
        mean = x[t] if np.isnan(mean) else mean + (x[t] - mean) / n
        out[t] = mean
    return out


def exponential(x, n):
    out, mean = np.full(len(x), nan), nan
    for t in np.flatnonzero(np.isfinite(x)):
        mean = x[t] if np.isnan(mean) else mean + (x[t] - mean) * 2 / (n + 1)
        out[t] = mean
    return out


def windows(x, n):
    padded = np.concatenate([np.full(n - 1, nan), x])
    return np.lib.stride_tricks.sliding_window_view(padded, n)


def change(x):
    return np.diff(x, prepend=nan)


def true_range(s):
    before = np.roll(s["close"], 1)
    before[0] = nan
    return np.fmax(s["high"], before) - np.fmin(s["low"], before)


def rsi(s, n):
    move = change(s["close"])
    gain, loss = wilder(np.maximum(move, 0), n), wilder(np.maximum(-move, 0), n)
    return 100 * gain / (gain + loss)


def directions(s, n):
    up, down = change(s["high"]), -change(s["low"])
    span = np.where(np.isnan(up), nan, true_range(s))
    plus = wilder(np.where((up > down) & (up > 0), up, 0 * up), n) / wilder(span, n) * 100
    minus = wilder(np.where((down > up) & (down > 0), down, 0 * up), n) / wilder(span, n) * 100
    lead = 100 * abs(plus - minus) / (plus + minus)
    lead[:n] = nan
    return plus, minus, wilder(lead, n)


def raw_stochastic(s, n):
    top, bottom = windows(s["high"], n).max(1), windows(s["low"], n).min(1)
    return 100 * (s["close"] - bottom) / (top - bottom)


def cci(s, n):
    typical = (s["high"] + s["low"] + s["close"]) / 3
    w = windows(typical, n)
    mean = w.mean(1)
    return (typical - mean) / (0.015 * abs(w - mean[:, None]).mean(1))


def efficiency(s, n):
    path = windows(abs(change(s["close"])), n).sum(1)
    net = np.full(len(path), nan)
    net[n:] = abs(s["close"][n:] - s["close"][:-n])
    return net / path


def persistence(s, n):
    return (windows(change(s["close"]), n) >= 0).mean(1)


def macd(s):
    line = exponential(s["close"], 12) - exponential(s["close"], 26)
    line[:25] = nan
    return line, exponential(line, 9)


CASES = {
    "rsi": (oscillators.rsi(14), lambda s: rsi(s, 14)),
    "plus_di": (directional.plus_di(14), lambda s: directions(s, 14)[0]),
    "minus_di": (directional.minus_di(14), lambda s: directions(s, 14)[1]),
    "adx": (directional.adx(14), lambda s: directions(s, 14)[2]),
    "er": (directional.er(30), lambda s: efficiency(s, 30)),
    "persistence": (directional.persistence(30), lambda s: persistence(s, 30)),
    "macd_line": (oscillators.macd_line(12, 26), lambda s: macd(s)[0]),
    "macd_signal": (oscillators.macd_signal(12, 26, 9), lambda s: macd(s)[1]),
    "macd_hist": (oscillators.macd_hist(12, 26, 9), lambda s: macd(s)[0] - macd(s)[1]),
    "stochastic_k": (
        oscillators.stochastic_k(14, 3),
        lambda s: windows(raw_stochastic(s, 14), 3).mean(1),
    ),
    "stochastic_d": (
        oscillators.stochastic_d(14, 3, 3),
        lambda s: windows(windows(raw_stochastic(s, 14), 3).mean(1), 3).mean(1),
    ),
    "williams": (oscillators.williams(14), lambda s: raw_stochastic(s, 14) - 100),
    "cci": (oscillators.cci(20), lambda s: cci(s, 20)),
    "bollinger_upper": (
        bands.bollinger_upper(20, 2.0),
        lambda s: windows(s["close"], 20).mean(1) + 2 * windows(s["close"], 20).std(1),
    ),
    "bollinger_width": (
        bands.bollinger_width(20, 2.0),
        lambda s: 4 * windows(s["close"], 20).std(1),
    ),
    "keltner_lower": (
        bands.keltner_lower(20, 1.5, 14),
        lambda s: exponential(s["close"], 20) - 1.5 * wilder(true_range(s), 14),
    ),
    "donchian_high": (bands.donchian_high(20), lambda s: windows(s["high"], 20).max(1)),
}


@pytest.mark.parametrize("name", CASES)
def test_an_indicator_follows_its_definition(run, walk, name):
    series = walk(2, holes=0.02)
    column, plain = CASES[name]
    found, wanted = run([column], series)[column], plain(series)
    ready = np.isfinite(found)
    assert ready.sum() > 2000
    assert np.all(ready[100:])
    np.testing.assert_allclose(found[ready], wanted[ready], rtol=0, atol=1e-8)


def supertrend(s, spread, k):
    """The usual rule from the first bar on, never told anew."""
    n, middle = len(spread), (s["high"] + s["low"]) / 2
    upper, lower, way, line = nan, nan, 0, np.full(n, nan)
    for t in np.flatnonzero(np.isfinite(spread)):
        before, close = s["close"][t - 1], s["close"][t]
        high, low = middle[t] + k * spread[t], middle[t] - k * spread[t]
        upper = min(high, upper) if before <= upper else high
        lower = max(low, lower) if before >= lower else low
        if way <= 0 and close > upper:
            way = 1
        elif way >= 0 and close < lower:
            way = -1
        line[t] = {1: lower, -1: upper, 0: nan}[way]
    return line


def test_supertrend_ratchets_and_turns(run, walk):
    series = walk(3)
    line, way, spread = bands.supertrend_line(10, 3), bands.supertrend_direction(10, 3), atr(10)
    found = run([line, way, spread], series)
    wanted = supertrend(series, found[spread], 3)
    assert np.array_equal(found[line][:1380], wanted[:1380], True)
    # told anew from 400 bars at the open, it is the same line again
    assert np.array_equal(found[line][1380:], wanted[1380:], True)
    up = found[way] == 1
    assert np.all(series["close"][up] >= found[line][up])
    assert np.all(np.diff(found[line])[up[1:] & up[:-1]] >= 0)
    assert np.sum(np.diff(found[way]) != 0) > 20


def test_a_market_that_stands_still(run, walk):
    series = walk(1)
    for name in ("open", "high", "low", "close"):
        series[name][:] = 5000.0
    still = {
        oscillators.rsi(14): 50.0, oscillators.stochastic_k(14, 3): 50.0, oscillators.cci(20): 0.0,
        oscillators.williams(14): -50.0, directional.er(30): 0.0, directional.adx(14): 0.0,
        directional.persistence(30): 1.0, bands.bollinger_width(20, 2.0): 0.0,
    }  # fmt: skip
    found = run(still, series)
    assert all(found[column][-1] == value for column, value in still.items())


def test_a_quotient(run, walk):
    series = walk(1)
    column = directional.ratio(atr(5), atr(60))
    found = run([column, atr(5), atr(60), directional.ratio("close", ema("close", 9))], series)
    assert np.array_equal(found[column], found[atr(5)] / found[atr(60)], True)
    with pytest.raises(Exception, match="rsi"):
        directional.ratio(oscillators.rsi(14), "close")
