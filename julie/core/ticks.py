"""Prices and ticks: the one crossing between a price in points and a whole number of ticks.

A price on the grid is `ticks * tick`. Orders, brackets and fills hold ticks (integers); columns
hold points (floats). Stops round away from the entry and targets towards it, so that a rounded
bracket is never nearer to the entry, nor a target farther, than what the rule asked for.
"""

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
GRID_TOLERANCE = 1e-6  # a share of a tick; what floating point leaves behind, never a real price


def to_ticks(price: float, tick: float) -> int:
    """The whole number of ticks at `price`; refuses a price off the grid."""
    ticks = price / tick
    whole = round(ticks)
    if not math.isfinite(ticks) or abs(ticks - whole) > GRID_TOLERANCE * max(
        1.0, abs(whole) * 1e-3
    ):
        raise ValueError(f"price {price!r} is not on the {tick} grid")
    return whole


def price_words(price: float) -> str:
    """A price as a person reads it: each digit that it has, and none that floating point added."""
    return f"{price:.10g}"


def grid(prices: npt.NDArray[np.float64], tick: float) -> npt.NDArray[np.int64]:
    """A whole series in ticks; the caller has checked the grid on import."""
    return np.rint(prices / tick).astype(np.int64)


def ticks_up(distance: Floats, tick: float | Floats) -> Floats:
    """Whole ticks, rounded away from zero distance (for stops); NaN stays NaN."""
    return np.ceil(distance / tick - GRID_TOLERANCE)


def ticks_down(distance: Floats, tick: float | Floats) -> Floats:
    """Whole ticks, rounded towards zero distance (for targets); NaN stays NaN."""
    return np.floor(distance / tick + GRID_TOLERANCE)
