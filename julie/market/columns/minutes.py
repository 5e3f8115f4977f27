"""The usual value at this minute of the trading day: mean, deviation and median of the last days.

A day that lacks the minute is passed over; fewer than half of the days, and nothing is known. The
running day is not part of its own reference. Relative volume stands on the mean.
"""

import math
from typing import Any

import numpy as np

from julie.core.compiled import compiled
from julie.market.columns.column import Column, Kernel, Mirror, Output, spread
from julie.market.columns.raw import DAY_OPEN, MINUTE, VOLUME, base

NAN = float("nan")
DAYS = 20
MINUTES = 1440
HEAD = 3

# state: 0 completed days, 1 slot of the running day, 2 begun?; then days + 1 slots of minutes


@compiled
def _open_day(state: Any, day_open: int, days: int) -> None:
    if day_open != 1:
        return
    if state[2] == 1.0:
        state[0] += 1.0
        state[1] = (int(state[1]) + 1) % (days + 1)
    state[2] = 1.0
    at = HEAD + int(state[1]) * MINUTES
    for k in range(MINUTES):
        state[at + k] = NAN


@compiled
def _known(state: Any, x: float, minute: float, bar_min: float, days: int, found: Any) -> int:
    """Collect the earlier days' values of this minute, oldest first, and enter today's."""
    at = int(minute / bar_min) if bar_min >= 1.0 else -1
    if at < 0 or at >= MINUTES:
        return 0
    now, count = int(state[1]), 0
    if state[0] >= days:
        for k in range(1, days + 1):
            v = state[HEAD + ((now + k) % (days + 1)) * MINUTES + at]
            if v == v:
                found[count] = v
                count += 1
    state[HEAD + now * MINUTES + at] = x
    return count


@compiled
def _minute_mean(
    state: Any, x: Any, minute: Any, day_open: Any, bar_min: Any, d: float,
    mean: Any, sd: Any, start: int, stop: int,
) -> None:  # fmt: skip
    days = int(d)
    found = np.empty(days)
    for t in range(start, stop):
        _open_day(state, day_open[t], days)
        count = _known(state, x[t], minute[t], bar_min[0], days, found)
        mean[t] = sd[t] = NAN
        if 2 * count < days or count == 0:
            continue
        total = squares = 0.0
        for k in range(count):
            total += found[k]
        middle = total / count
        for k in range(count):
            squares += (found[k] - middle) ** 2
        mean[t], sd[t] = middle, math.sqrt(squares / count)


@compiled
def _minute_median(
    state: Any, x: Any, minute: Any, day_open: Any, bar_min: Any, d: float,
    out: Any, start: int, stop: int,
) -> None:  # fmt: skip
    days = int(d)
    found = np.empty(days)
    for t in range(start, stop):
        _open_day(state, day_open[t], days)
        count = _known(state, x[t], minute[t], bar_min[0], days, found)
        out[t] = NAN
        if 2 * count < days or count == 0:
            continue
        for i in range(1, count):
            v, j = found[i], i
            while j > 0 and found[j - 1] > v:
                found[j] = found[j - 1]
                j -= 1
            found[j] = v
        out[t] = 0.5 * found[(count - 1) // 2] + 0.5 * found[count // 2]


@compiled
def _rvol(state: Any, volume: Any, mean: Any, out: Any, start: int, stop: int) -> None:
    for t in range(start, stop):
        out[t] = volume[t] / mean[t] if mean[t] > 0.0 else NAN


def _state(days: float) -> int:
    return int(HEAD + (days + 1) * MINUTES)


MINUTE_MEAN = Kernel(
    "minute_mean",
    _minute_mean,
    (
        Output(
            "minute_mean", Mirror.LINEAR, "mean at this minute of the last `days` completed days"
        ),
        Output("minute_stdev", Mirror.OWN, "standard deviation at this minute of those days"),
    ),
    state=_state,
    memory=lambda days, a_day: days + 1.0,
    tables=("bar_min",),
    mirror=spread,
)
MINUTE_MEDIAN = Kernel(
    "minute_median",
    _minute_median,
    (
        Output(
            "minute_median",
            Mirror.LINEAR,
            "median at this minute of the last `days` completed days",
        ),
    ),
    state=_state,
    memory=lambda days, a_day: days + 1.0,
    tables=("bar_min",),
)
RVOL = Kernel(
    "rvol",
    _rvol,
    (Output("rvol", Mirror.EVEN, "volume / its mean at the same minute of the last 20 days"),),
    needs="V",
)


def minute_mean(x: Column | str, days: int = DAYS) -> Column:
    """Mean of the values at this minute of the last completed days."""
    return MINUTE_MEAN.column("minute_mean", (base(x), MINUTE, DAY_OPEN), days)


def minute_stdev(x: Column | str, days: int = DAYS) -> Column:
    """Standard deviation of the values at this minute of the last completed days."""
    return MINUTE_MEAN.column("minute_stdev", (base(x), MINUTE, DAY_OPEN), days)


def minute_median(x: Column | str, days: int = DAYS) -> Column:
    """Median of the values at this minute of the last completed days."""
    return MINUTE_MEDIAN.column("minute_median", (base(x), MINUTE, DAY_OPEN), days)


def rvol() -> Column:
    """Relative volume: 1 is usual for this minute of the day."""
    return RVOL.column("rvol", (VOLUME, minute_mean(VOLUME)))
