"""Volume-weighted average price from 18:00 and from 09:30 Eastern, with its bands' deviation.

Each bar counts with its typical price (high + low + close) / 3 times its volume; the deviation is
weighted by volume too. A bar without volume has no value and adds nothing. New York's begins with
the first bar that opens at 09:30 or later, and there is none in the night.
"""

import math
from typing import Any

from julie.core.compiled import compiled
from julie.market.columns.column import Column, Kernel, Mirror, Output
from julie.market.columns.raw import CLOSE, DAY_OPEN, HIGH, LOW, MINUTE, VOLUME

NAN = float("nan")


@compiled
def _anchored(
    state: Any, high: Any, low: Any, close: Any, volume: Any, minute: Any, day_open: Any,
    anchor: float, vwap: Any, sd: Any, start: int, stop: int,
) -> None:  # fmt: skip
    # state: 0 begun?, 1 first close, 2 volume, 3 and 4 volume x distance from it, and x its square
    begun, first = state[0], state[1]
    weight, total, squares = state[2], state[3], state[4]
    for t in range(start, stop):
        if day_open[t] == 1:
            begun = 0.0
        vwap[t] = sd[t] = NAN
        v = volume[t]
        if minute[t] < anchor or math.isnan(v):
            continue
        if begun == 0.0:
            begun, first, weight, total, squares = 1.0, close[t], 0.0, 0.0, 0.0
        typical = ((high[t] - first) + (low[t] - first) + (close[t] - first)) / 3.0
        weight += v
        total += v * typical
        squares += v * typical * typical
        if weight > 0.0:
            mean = total / weight
            vwap[t] = first + mean
            sd[t] = math.sqrt(max(squares / weight - mean * mean, 0.0))
    state[0], state[1], state[2], state[3], state[4] = begun, first, weight, total, squares


def _from_1800(
    state: Any, h: Any, low: Any, c: Any, v: Any, minute: Any, day_open: Any, vwap: Any, sd: Any,
    start: int, stop: int,
) -> None:  # fmt: skip
    _anchored(state, h, low, c, v, minute, day_open, 0.0, vwap, sd, start, stop)


def _from_0930(
    state: Any, h: Any, low: Any, c: Any, v: Any, minute: Any, day_open: Any, vwap: Any, sd: Any,
    start: int, stop: int,
) -> None:  # fmt: skip
    _anchored(state, h, low, c, v, minute, day_open, 930.0, vwap, sd, start, stop)


VWAP = Kernel(
    "vwap",
    _from_1800,
    (
        Output("vwap", Mirror.ODD, "sum of typical price x volume / sum of volume since 18:00 ET"),
        Output("vwap_sd", Mirror.EVEN, "volume-weighted deviation of typical price round it"),
    ),
    state=lambda: 5,
    memory=lambda a_day: 1.0,
    needs="V",
)
NY_VWAP = Kernel(
    "ny_vwap",
    _from_0930,
    (
        Output("ny_vwap", Mirror.ODD, "the same since 09:30 ET; none before"),
        Output("ny_vwap_sd", Mirror.EVEN, "volume-weighted deviation of typical price round it"),
    ),
    state=lambda: 5,
    memory=lambda a_day: 1.0,
    needs="V",
)
INPUTS = (HIGH, LOW, CLOSE, VOLUME, MINUTE, DAY_OPEN)


def vwap() -> Column:
    """Volume-weighted average price since 18:00 ET."""
    return VWAP.column("vwap", INPUTS)


def vwap_sd() -> Column:
    """Volume-weighted deviation round VWAP."""
    return VWAP.column("vwap_sd", INPUTS)


def ny_vwap() -> Column:
    """Volume-weighted average price since 09:30 ET."""
    return NY_VWAP.column("ny_vwap", INPUTS)


def ny_vwap_sd() -> Column:
    """Volume-weighted deviation round New York's VWAP."""
    return NY_VWAP.column("ny_vwap_sd", INPUTS)
