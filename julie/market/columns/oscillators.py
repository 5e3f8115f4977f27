"""Oscillators: RSI, MACD, stochastic, Williams %R, CCI.

Those between 0 and 100 are built as 50 plus a signed part on a fine grid, so that the market upside
down reads exactly 100 minus the value. A market that did not move at all reads 50.
"""

import math
from typing import Any

import numpy as np

from julie.core.compiled import compiled
from julie.market.columns.column import Column, Kernel, Mirror, Output
from julie.market.columns.extremes import highest, lowest
from julie.market.columns.raw import CLOSE, HIGH, LOW

NAN = float("nan")
FINE = 2.0**40


@compiled
def _half(above: float, below: float) -> float:
    """-50 to 50: how far the one outweighs the other, on the fine grid."""
    whole = above + below
    return float(np.rint(50.0 * (above - below) / whole * FINE) / FINE) if whole > 0.0 else 0.0


@compiled
def _rsi(state: Any, close: Any, n: float, out: Any, start: int, stop: int) -> None:
    gain, loss, count = state[0], state[1], state[2]
    for t in range(start, stop):
        change = close[t] - close[t - 1]
        if math.isnan(change):
            count, out[t] = 0.0, NAN
            continue
        count += 1.0
        up, down = max(change, 0.0), max(-change, 0.0)
        if count == 1.0:
            gain, loss = up, down
        else:
            gain += (up - gain) / n
            loss += (down - loss) / n
        out[t] = 50.0 + _half(gain, loss) if count >= n else NAN
    state[0], state[1], state[2] = gain, loss, count


@compiled
def _macd(
    state: Any, close: Any, f: float, s: float, g: float, line: Any, signal: Any, hist: Any,
    start: int, stop: int,
) -> None:  # fmt: skip
    fast, slow, mean, count = state[0], state[1], state[2], state[3]
    first = max(f, s)
    for t in range(start, stop):
        x = close[t]
        line[t] = signal[t] = hist[t] = NAN
        if math.isnan(x):
            count = 0.0
            continue
        count += 1.0
        fast = x if count == 1.0 else fast + (x - fast) * 2.0 / (f + 1.0)
        slow = x if count == 1.0 else slow + (x - slow) * 2.0 / (s + 1.0)
        if count < first:
            continue
        line[t] = fast - slow
        mean = line[t] if count == first else mean + (line[t] - mean) * 2.0 / (g + 1.0)
        if count >= first + g - 1.0:
            signal[t] = mean
            hist[t] = line[t] - mean
    state[0], state[1], state[2], state[3] = fast, slow, mean, count


@compiled
def _mean_half(values: Any, t: int, n: int) -> float:
    total = 0.0
    for k in range(n):
        total += values[t - k] - 50.0
    return 50.0 + float(np.rint(total / n * FINE) / FINE)


@compiled
def _stochastic(
    state: Any, top: Any, bottom: Any, close: Any, n: float, s: float, d: float,
    raw: Any, slow: Any, signal: Any, start: int, stop: int,
) -> None:  # fmt: skip
    for t in range(start, stop):
        raw[t] = slow[t] = signal[t] = NAN
        if math.isnan(top[t]) or math.isnan(bottom[t]) or math.isnan(close[t]):
            continue
        raw[t] = 50.0 + _half(close[t] - bottom[t], top[t] - close[t])
        slow[t] = _mean_half(raw, t, int(s))
        signal[t] = _mean_half(slow, t, int(d))


@compiled
def _williams(
    state: Any, top: Any, bottom: Any, close: Any, n: float, out: Any, start: int, stop: int
) -> None:
    for t in range(start, stop):
        known = not (math.isnan(top[t]) or math.isnan(bottom[t]) or math.isnan(close[t]))
        out[t] = _half(close[t] - bottom[t], top[t] - close[t]) - 50.0 if known else NAN


@compiled
def _typical(state: Any, high: Any, low: Any, close: Any, out: Any, start: int, stop: int) -> None:
    for t in range(start, stop):
        out[t] = (high[t] + low[t] + close[t]) / 3.0


@compiled
def _cci(state: Any, typical: Any, n: float, out: Any, start: int, stop: int) -> None:
    w = int(n)
    for t in range(start, stop):
        here, total, apart = typical[t], 0.0, 0.0
        for k in range(w):
            total += typical[t - k] - here
        mean = total / w
        for k in range(w):
            apart += abs(typical[t - k] - here - mean)
        if apart > 0.0:
            out[t] = -mean / (0.015 * apart / w)
        else:
            out[t] = 0.0 if apart == 0.0 else NAN


RSI = Kernel(
    "rsi",
    _rsi,
    (Output("rsi", Mirror.COMPLEMENT, "100 x Wilder's gain / (gain + loss)", offset=100.0),),
    state=lambda n: 3,
    lag=lambda n: 1,
    memory=lambda n, a_day: 40.0 * n / a_day,
)
MACD = Kernel(
    "macd",
    _macd,
    (
        Output("macd_line", Mirror.ODD, "ema(close, fast) - ema(close, slow)"),
        Output("macd_signal", Mirror.ODD, "exponential average of the line"),
        Output("macd_hist", Mirror.ODD, "line - signal"),
    ),
    state=lambda f, s, g: 4,
    memory=lambda f, s, g, a_day: 20.0 * (max(f, s) + g) / a_day,
)
STOCHASTIC = Kernel(
    "stochastic",
    _stochastic,
    (
        Output(
            "stochastic_raw",
            Mirror.COMPLEMENT,
            "100 x (close - lowest low) / (highest high - lowest low)",
            offset=100.0,
        ),
        Output("stochastic_k", Mirror.COMPLEMENT, "mean of s raw values", offset=100.0),
        Output("stochastic_d", Mirror.COMPLEMENT, "mean of d values of %K", offset=100.0),
    ),
    lag=lambda n, s, d: max(s, d),
    memory=lambda n, s, d, a_day: (s + d) / a_day,
)
WILLIAMS = Kernel(
    "williams",
    _williams,
    (
        Output(
            "williams",
            Mirror.COMPLEMENT,
            "-100 x (highest high - close) / (highest high - lowest low)",
            offset=-100.0,
        ),
    ),
)
TYPICAL = Kernel("typical", _typical, (Output("typical", Mirror.ODD, "(high + low + close) / 3"),))
CCI = Kernel(
    "cci",
    _cci,
    (Output("cci", Mirror.ODD, "(typical - its mean) / (0.015 x its mean deviation), n bars"),),
    lag=lambda n: n,
    memory=lambda n, a_day: n / a_day,
)


def rsi(n: int) -> Column:
    """Wilder's relative strength index."""
    return RSI.column("rsi", (CLOSE,), n)


def macd_line(f: int, s: int, g: int = 9) -> Column:
    """Fast minus slow exponential average of the close."""
    return MACD.column("macd_line", (CLOSE,), f, s, g)


def macd_signal(f: int, s: int, g: int = 9) -> Column:
    """Exponential average of the MACD line."""
    return MACD.column("macd_signal", (CLOSE,), f, s, g)


def macd_hist(f: int, s: int, g: int = 9) -> Column:
    """MACD line minus its signal."""
    return MACD.column("macd_hist", (CLOSE,), f, s, g)


def _stochastic_of(output: str, n: int, s: int, d: int) -> Column:
    inputs = (highest(HIGH, n), lowest(LOW, n), CLOSE)
    return STOCHASTIC.column(output, inputs, n, s, d)


def stochastic_k(n: int, s: int, d: int = 3) -> Column:
    """Stochastic %K over n bars, smoothed over s."""
    return _stochastic_of("stochastic_k", n, s, d)


def stochastic_d(n: int, s: int, d: int = 3) -> Column:
    """Stochastic %D: the mean of d values of %K."""
    return _stochastic_of("stochastic_d", n, s, d)


def williams(n: int) -> Column:
    """Williams %R, -100 to 0."""
    return WILLIAMS.column("williams", (highest(HIGH, n), lowest(LOW, n), CLOSE), n)


def typical() -> Column:
    """Typical price of the bar."""
    return TYPICAL.column("typical", (HIGH, LOW, CLOSE))


def cci(n: int) -> Column:
    """Commodity channel index."""
    return CCI.column("cci", (typical(),), n)
