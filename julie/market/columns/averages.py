"""Averages: simple, exponential and Wilder's; true range and ATR.

A missing input makes the average start anew. Running sums are built afresh from their window at
each trading day's open, so that a value is a function of its window and not of where the series
began.
"""

import math
from typing import Any

from julie.core.compiled import compiled
from julie.market.columns.column import Column, Kernel, Mirror, Output
from julie.market.columns.raw import CLOSE, DAY_OPEN, HIGH, LOW, base

NAN = float("nan")


@compiled
def _sma(state: Any, x: Any, day_open: Any, n: float, out: Any, start: int, stop: int) -> None:
    w = int(n)
    total, count = state[0], int(state[1])
    for t in range(start, stop):
        if math.isnan(x[t]):
            total, count, out[t] = 0.0, 0, NAN
            continue
        count += 1
        total += x[t]
        if count > w:
            total -= x[t - w]
            count = w + 1
        if day_open[t] == 1 and count >= w:
            total = 0.0
            for k in range(t - w + 1, t + 1):
                total += x[k]
        out[t] = total / w if count >= w else NAN
    state[0], state[1] = total, count


@compiled
def _ema(state: Any, x: Any, n: float, out: Any, start: int, stop: int) -> None:
    alpha = 2.0 / (n + 1.0)
    mean, count = state[0], state[1]
    for t in range(start, stop):
        if math.isnan(x[t]):
            count, out[t] = 0.0, NAN
            continue
        count += 1.0
        mean = x[t] if count == 1.0 else mean + alpha * (x[t] - mean)
        out[t] = mean if count >= n else NAN
    state[0], state[1] = mean, count


@compiled
def _wilder(state: Any, x: Any, n: float, out: Any, start: int, stop: int) -> None:
    mean, count = state[0], state[1]
    for t in range(start, stop):
        if math.isnan(x[t]):
            count, out[t] = 0.0, NAN
            continue
        count += 1.0
        mean = x[t] if count == 1.0 else mean + (x[t] - mean) / n
        out[t] = mean if count >= n else NAN
    state[0], state[1] = mean, count


@compiled
def _true_range(
    state: Any, high: Any, low: Any, close: Any, out: Any, start: int, stop: int
) -> None:
    for t in range(start, stop):
        before = close[t - 1]
        top = max(high[t], before) if before == before else high[t]
        bottom = min(low[t], before) if before == before else low[t]
        out[t] = top - bottom


@compiled
def _atr(
    state: Any, high: Any, low: Any, close: Any, n: float, out: Any, start: int, stop: int
) -> None:
    mean, count = state[0], state[1]
    for t in range(start, stop):
        x, before = high[t] - low[t], close[t - 1]
        if math.isnan(x):
            count, out[t] = 0.0, NAN
            continue
        if before == before:
            x = max(high[t], before) - min(low[t], before)
        count += 1.0
        mean = x if count == 1.0 else mean + (x - mean) / n
        out[t] = mean if count >= n else NAN
    state[0], state[1] = mean, count


def _ema_memory(n: float, a_day: float) -> float:
    return 20.0 * n / a_day  # (1 - 2/(n+1))^(20 n) < 1e-17: the seed has left the last bit


SMA = Kernel(
    "sma",
    _sma,
    (Output("sma", Mirror.LINEAR, "mean of the last n values"),),
    state=lambda n: 2,
    lag=lambda n: n,
    memory=lambda n, a_day: 1.0 + n / a_day,
)
EMA = Kernel(
    "ema",
    _ema,
    (
        Output(
            "ema", Mirror.LINEAR, "before + (x - before) * 2 / (n + 1), seeded with the first value"
        ),
    ),
    state=lambda n: 2,
    memory=_ema_memory,
)
WILDER = Kernel(
    "wilder",
    _wilder,
    (Output("wilder", Mirror.LINEAR, "before + (x - before) / n, seeded with the first value"),),
    state=lambda n: 2,
    memory=lambda n, a_day: 2.0 * _ema_memory(n, a_day),
)
TRUE_RANGE = Kernel(
    "true_range",
    _true_range,
    (Output("true_range", Mirror.EVEN, "max(high, close before) - min(low, close before)"),),
    lag=lambda: 1,
    memory=lambda a_day: 1.0 / a_day,
)

ATR = Kernel(
    "atr",
    _atr,
    (Output("atr", Mirror.EVEN, "Wilder's average of the true range"),),
    state=lambda n: 2,
    lag=lambda n: 1,
    memory=lambda n, a_day: 2.0 * _ema_memory(n, a_day) + 1.0 / a_day,
)


def sma(x: Column | str, n: int) -> Column:
    """Simple moving average."""
    return SMA.column("sma", (base(x), DAY_OPEN), n)


def ema(x: Column | str, n: int) -> Column:
    """Exponential moving average."""
    return EMA.column("ema", (base(x),), n)


def wilder(x: Column | str, n: int) -> Column:
    """Wilder's moving average."""
    return WILDER.column("wilder", (base(x),), n)


def true_range() -> Column:
    """True range of the bar."""
    return TRUE_RANGE.column("true_range", (HIGH, LOW, CLOSE))


def atr(n: int) -> Column:
    """Wilder's average true range."""
    return ATR.column("atr", (HIGH, LOW, CLOSE), n)
