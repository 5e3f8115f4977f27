"""Bands round the price: Bollinger, Keltner, Donchian and Supertrend.

Bollinger's width is in points, upper minus lower. Supertrend's bands only ratchet towards the
price, and it turns on a close beyond the band. At each trading day's open it is told anew from the
last 40 x n bars, so that no turn of last week decides where the line lies today.
"""

import math
from typing import Any

from julie.core.compiled import compiled
from julie.market.columns.averages import atr, ema, sma
from julie.market.columns.column import MISSING, Column, Kernel, Mirror, Output
from julie.market.columns.extremes import highest, lowest, stdev
from julie.market.columns.raw import CLOSE, DAY_OPEN, HIGH, LOW

NAN = float("nan")
RETOLD = 40  # x n bars


@compiled
def _bands(
    state: Any, middle: Any, spread: Any, n: float, k: float, upper: Any, lower: Any, width: Any,
    start: int, stop: int,
) -> None:  # fmt: skip
    for t in range(start, stop):
        upper[t] = middle[t] + k * spread[t]
        lower[t] = middle[t] - k * spread[t]
        width[t] = 2.0 * k * spread[t]


def _keltner(
    state: Any, middle: Any, spread: Any, n: float, k: float, atr_n: float, upper: Any, lower: Any,
    width: Any, start: int, stop: int,
) -> None:  # fmt: skip
    _bands(state, middle, spread, n, k, upper, lower, width, start, stop)


@compiled
def _tell(
    state: Any, t: int, high: float, low: float, before: float, close: float, reach: float
) -> None:
    """One bar: state 0 direction, 1 upper and 2 lower band, 3 known?"""
    if math.isnan(reach + close):
        state[:] = 0.0
        return
    upper, lower = (high + low) / 2.0 + reach, (high + low) / 2.0 - reach
    if state[3] == 1.0:
        if before <= state[1]:
            upper = min(upper, state[1])
        if before >= state[2]:
            lower = max(lower, state[2])
    if state[0] <= 0.0 and close > upper:
        state[0] = 1.0
    elif state[0] >= 0.0 and close < lower:
        state[0] = -1.0
    state[1], state[2], state[3] = upper, lower, 1.0


@compiled
def _supertrend(
    state: Any, high: Any, low: Any, close: Any, spread: Any, day_open: Any, n: float, k: float,
    line: Any, direction: Any, start: int, stop: int,
) -> None:  # fmt: skip
    for t in range(start, stop):
        if day_open[t] == 1:
            state[:] = 0.0
            for i in range(t - int(RETOLD * n), t):
                _tell(state, i, high[i], low[i], close[i - 1], close[i], k * spread[i])
        _tell(state, t, high[t], low[t], close[t - 1], close[t], k * spread[t])
        way = int(state[0])
        direction[t] = way if way != 0 else MISSING
        line[t] = state[2] if way > 0 else (state[1] if way < 0 else NAN)


BOLLINGER = Kernel(
    "bollinger",
    _bands,
    (
        Output("bollinger_upper", Mirror.PAIR, "sma + k x population deviation", "bollinger_lower"),
        Output("bollinger_lower", Mirror.PAIR, "sma - k x population deviation", "bollinger_upper"),
        Output("bollinger_width", Mirror.EVEN, "upper - lower, in points"),
    ),
)
KELTNER = Kernel(
    "keltner",
    _keltner,
    (
        Output("keltner_upper", Mirror.PAIR, "ema(close, n) + k x atr", "keltner_lower"),
        Output("keltner_lower", Mirror.PAIR, "ema(close, n) - k x atr", "keltner_upper"),
        Output("keltner_width", Mirror.EVEN, "upper - lower, in points"),
    ),
)
SUPERTREND = Kernel(
    "supertrend",
    _supertrend,
    (
        Output("supertrend_line", Mirror.ODD, "the ratcheting band below (up) or above (down)"),
        Output("supertrend_direction", Mirror.ODD, "1 up, -1 down: last close beyond", flag=True),
    ),
    state=lambda n, k: 4,
    lag=lambda n, k: RETOLD * n + 1,
    memory=lambda n, k, a_day: 1.0 + RETOLD * n / a_day,
)


def bollinger_mid(n: int, k: float) -> Column:
    """Middle of the Bollinger bands: the simple average, whatever k."""
    return sma(CLOSE, n)


def bollinger_upper(n: int, k: float) -> Column:
    """Upper Bollinger band."""
    return BOLLINGER.column("bollinger_upper", (sma(CLOSE, n), stdev(CLOSE, n)), n, k)


def bollinger_lower(n: int, k: float) -> Column:
    """Lower Bollinger band."""
    return BOLLINGER.column("bollinger_lower", (sma(CLOSE, n), stdev(CLOSE, n)), n, k)


def bollinger_width(n: int, k: float) -> Column:
    """Distance of the Bollinger bands in points."""
    return BOLLINGER.column("bollinger_width", (sma(CLOSE, n), stdev(CLOSE, n)), n, k)


def keltner_upper(n: int, k: float, atr_n: int) -> Column:
    """Upper Keltner band."""
    return KELTNER.column("keltner_upper", (ema(CLOSE, n), atr(atr_n)), n, k, atr_n)


def keltner_lower(n: int, k: float, atr_n: int) -> Column:
    """Lower Keltner band."""
    return KELTNER.column("keltner_lower", (ema(CLOSE, n), atr(atr_n)), n, k, atr_n)


def donchian_high(n: int) -> Column:
    """Highest high of n bars."""
    return highest(HIGH, n)


def donchian_low(n: int) -> Column:
    """Lowest low of n bars."""
    return lowest(LOW, n)


def supertrend_line(n: int, k: float) -> Column:
    """Supertrend's line."""
    inputs = (HIGH, LOW, CLOSE, atr(n), DAY_OPEN)
    return SUPERTREND.column("supertrend_line", inputs, n, k)


def supertrend_direction(n: int, k: float) -> Column:
    """Supertrend's direction: 1 up, -1 down."""
    inputs = (HIGH, LOW, CLOSE, atr(n), DAY_OPEN)
    return SUPERTREND.column("supertrend_direction", inputs, n, k)
