"""Highest, lowest and standard deviation of the last n values, the row itself included.

A missing input makes the window start anew. The sums behind the deviation are taken around a value
of the window and built afresh every n rows and at each trading day's open, so that neither the
level of the price nor the place where the series began leaves a trace in it.
"""

import math
from typing import Any

from julie.core.compiled import compiled
from julie.market.columns.column import Column, Kernel, Mirror, Output, spread
from julie.market.columns.raw import DAY_OPEN, base

NAN = float("nan")


@compiled
def _extreme(state: Any, x: Any, n: float, sign: float, out: Any, start: int, stop: int) -> None:
    # state: 0 extreme of the window (times sign), 1 rows since it, 2 rows without a gap
    w = int(n)
    best, age, count = state[0], int(state[1]), int(state[2])
    for t in range(start, stop):
        v = sign * x[t]
        if math.isnan(v):
            count, out[t] = 0, NAN
            continue
        count, age = min(count + 1, w), age + 1
        if count == 1 or v >= best:
            best, age = v, 0
        elif age >= w:
            best, age = v, 0
            for k in range(1, w):
                if sign * x[t - k] > best:
                    best, age = sign * x[t - k], k
        out[t] = sign * best if count == w else NAN
    state[0], state[1], state[2] = best, age, count


def _highest(state: Any, x: Any, n: float, out: Any, start: int, stop: int) -> None:
    _extreme(state, x, n, 1.0, out, start, stop)


def _lowest(state: Any, x: Any, n: float, out: Any, start: int, stop: int) -> None:
    _extreme(state, x, n, -1.0, out, start, stop)


@compiled
def _stdev(state: Any, x: Any, day_open: Any, n: float, out: Any, start: int, stop: int) -> None:
    # state: 0 value the sums are taken around, 1 sum, 2 sum of squares, 3 rows without a gap, 4 age
    w = int(n)
    around, total, squares = state[0], state[1], state[2]
    count, age = int(state[3]), int(state[4])
    for t in range(start, stop):
        if math.isnan(x[t]):
            count, out[t] = 0, NAN
            continue
        count, age = min(count + 1, w), age + 1
        if count < w:
            out[t] = NAN
            age = w
            continue
        if age >= w or day_open[t] == 1:
            around, total, squares, age = x[t], 0.0, 0.0, 0
            for k in range(t - w + 1, t + 1):
                total += x[k] - around
                squares += (x[k] - around) ** 2
        else:
            new, old = x[t] - around, x[t - w] - around
            total += new - old
            squares += new * new - old * old
        mean = total / w
        out[t] = math.sqrt(max(squares / w - mean * mean, 0.0))
    state[0], state[1], state[2], state[3], state[4] = around, total, squares, count, age


HIGHEST = Kernel(
    "highest",
    _highest,
    (Output("highest", Mirror.EXTREME, "largest of the last n values"),),
    state=lambda n: 3,
    lag=lambda n: n,
    memory=lambda n, a_day: n / a_day,
    partner=lambda: LOWEST,
)
LOWEST: Kernel = Kernel(
    "lowest",
    _lowest,
    (Output("lowest", Mirror.EXTREME, "smallest of the last n values"),),
    state=lambda n: 3,
    lag=lambda n: n,
    memory=lambda n, a_day: n / a_day,
    partner=lambda: HIGHEST,
)
STDEV = Kernel(
    "stdev",
    _stdev,
    (Output("stdev", Mirror.OWN, "standard deviation of the last n values (population)"),),
    state=lambda n: 5,
    lag=lambda n: n,
    memory=lambda n, a_day: 1.0 + n / a_day,
    mirror=spread,
)


def highest(x: Column | str, n: int) -> Column:
    """Highest of the last n values."""
    return HIGHEST.column("highest", (base(x),), n)


def lowest(x: Column | str, n: int) -> Column:
    """Lowest of the last n values."""
    return LOWEST.column("lowest", (base(x),), n)


def stdev(x: Column | str, n: int) -> Column:
    """Population standard deviation of the last n values."""
    return STDEV.column("stdev", (base(x), DAY_OPEN), n)
