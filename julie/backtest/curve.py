"""Arithmetic of an equity curve in whole cents: drawdowns, streaks, ratios of daily results."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

TRADING_DAYS_A_YEAR: Final = 252


@dataclass(frozen=True, slots=True)
class Drawdown:
    """The deepest fall from a peak: steps count the curve's points, -1 is the start of the run."""

    cents: int
    share: float  # of the equity at the peak
    peak: int  # step of the peak
    trough: int
    recovered: int | None  # first step back at the peak; None = not within the run


def under_peak(net: Ints, start: int) -> Ints:
    """How far the equity lies under its highest point so far, after each step."""
    equity = start + np.cumsum(net)
    fall: Ints = np.maximum(np.maximum.accumulate(equity), start) - equity
    return fall


def deepest(net: Ints, start: int) -> Drawdown | None:
    """The maximum drawdown of a curve that starts at `start`; None if it never falls."""
    fall = under_peak(net, start)
    if not len(fall) or int(fall.max()) == 0:
        return None
    trough = int(np.argmax(fall))
    level = np.concatenate(([start], start + np.cumsum(net)))
    peak = int(np.argmax(level[: trough + 2])) - 1
    peak_level = int(level[peak + 1])
    back = np.flatnonzero(level[trough + 2 :] >= peak_level)
    recovered = int(back[0]) + trough + 1 if len(back) else None
    cents = int(fall[trough])
    return Drawdown(cents, cents / peak_level if peak_level > 0 else 1.0, peak, trough, recovered)


def longest_under_water(daily: Ints) -> int:
    """The most days running that close under an earlier close."""
    return longest_run(under_peak(daily, 0) > 0)


def longest_run(flags: npt.NDArray[np.bool_]) -> int:
    """The longest run of true values."""
    if not flags.any():
        return 0
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False]))))
    return int((edges[1::2] - edges[::2]).max())


def streaks(net: Ints) -> tuple[int, int]:
    """Most wins and most losses running; a scratch neither adds nor ends."""
    counted = net[net != 0]
    return longest_run(counted > 0), longest_run(counted < 0)


def sharpe(daily: Ints) -> float | None:
    """Yearly Sharpe ratio of daily results, days without a trade included."""
    if len(daily) < 2 or int(daily.min()) == int(daily.max()):
        return None
    ratio = float(np.mean(daily)) / float(np.std(daily, ddof=1))
    return ratio * math.sqrt(TRADING_DAYS_A_YEAR)


def sortino(daily: Ints) -> float | None:
    """Like Sharpe, but only days below zero count as risk."""
    if len(daily) < 2:
        return None
    downside = float(np.sqrt(np.mean(np.minimum(daily, 0).astype(np.float64) ** 2)))
    return float(np.mean(daily)) / downside * math.sqrt(TRADING_DAYS_A_YEAR) if downside else None


def profit_factor(net: Ints) -> float | None:
    """Won dollars for each dollar lost; None without a loss."""
    lost = -int(net[net < 0].sum())
    return int(net[net > 0].sum()) / lost if lost else None
