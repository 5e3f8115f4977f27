"""Traded prices from moves: opens, highs, lows and closes on the tick grid, contract by contract.

A bar opens near the last close, by about a tick, and its extremes are those of a random walk that
is pinned at open and close. At a roll the next contract trades higher by the quarter's carry; that
step is the roll's shift, no move.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from julie.synth.chance import Stream, stream
from julie.synth.plan import Plan
from julie.synth.returns import LEGS, Moves

Floats = npt.NDArray[np.float64]

FIRST_PRICE: Final = {"ES": 5900.0, "NQ": 21000.0}
CARRY: Final = {"ES": 0.0090, "NQ": 0.0100}  # a quarter's interest less dividends

# Usual distance of an open from the last close: ticks, and a share of the minute's move.
_OPEN_TICKS: Final = {"ES": 0.45, "NQ": 1.6}
_OPEN_SHARE: Final = 0.11


@dataclass(frozen=True, slots=True, eq=False)
class Prices:
    """Traded prices of one leg; `shift` carries an older contract to the level of the last."""

    open: Floats
    high: Floats
    low: Floats
    close: Floats
    shift: Floats


def _on_grid(prices: Floats, tick: float) -> Floats:
    return np.asarray(np.rint(prices / tick) * tick)


def make_prices(plan: Plan, moves: Moves, leg: str, tick: float, seed: int) -> Prices:
    """Bars of one leg from its moves."""
    rng = stream(seed, Stream.BARS, LEGS.index(leg))
    n = len(plan.ts)
    between = np.zeros(n)
    between[plan.first] = moves.gap[leg]
    roll_rows = plan.first[plan.roll_days]
    between[roll_rows] += np.log1p(CARRY[leg])
    ends = np.log(FIRST_PRICE[leg]) + np.cumsum(moves.minute[leg] + between)
    walk = np.exp(ends)
    close = _on_grid(walk, tick)
    before = np.exp(ends - moves.minute[leg])
    width = moves.scale[leg] * walk
    nudge = np.sqrt((_OPEN_TICKS[leg] * tick) ** 2 + (_OPEN_SHARE * width) ** 2)
    opened = _on_grid(before + nudge * rng.standard_normal(n), tick)
    reach = (close - opened) ** 2
    spread = 2.0 * width**2
    top = (opened + close + np.sqrt(reach + spread * rng.standard_exponential(n))) / 2
    bottom = (opened + close - np.sqrt(reach + spread * rng.standard_exponential(n))) / 2
    shift = np.zeros(n)
    for row in roll_rows:
        shift[:row] += _on_grid(walk[row - 1 : row] * CARRY[leg], tick)[0]
    outer, inner = np.maximum(opened, close), np.minimum(opened, close)
    return Prices(
        open=opened,
        high=np.maximum(_on_grid(top, tick), outer),
        low=np.minimum(_on_grid(bottom, tick), inner),
        close=close,
        shift=shift,
    )
