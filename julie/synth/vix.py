"""The VIX of the simulated days: it follows their wildness and jumps when prices fall.

Fitted on eight months of the real index beside es_1m: ln VIX = 2.60 + 0.47 x (5-day average of ln
wildness) + a slow rest, most of whose steps go against the day's return.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from julie.synth.chance import Stream, stream
from julie.synth.days import Days
from julie.synth.plan import Plan

Floats = npt.NDArray[np.float64]

_LEVEL: Final = 2.60
_SLOPE: Final = 0.47
_MEMORY: Final = 1 / 3  # weight of the newest of five days
_REST_STAYS: Final = 0.75
_AGAINST_RETURN: Final = 0.055  # fall of ln VIX for a rise of one standard deviation
_REST_NOISE: Final = 0.03
_OPEN_NOISE: Final = 0.05
_ABOVE: Final = 0.035  # mean distance of the high above open and close
_BELOW: Final = 0.021


@dataclass(frozen=True, slots=True, eq=False)
class Vix:
    """Daily bars of the volatility index; visible from 16:15 ET of their day."""

    day: npt.NDArray[np.int32]  # days since 1970-01-01
    open: Floats
    high: Floats
    low: Floats
    close: Floats

    def __len__(self) -> int:
        return len(self.day)


def make_vix(plan: Plan, days: Days, day_return: Floats, seed: int) -> Vix:
    """The index of every day, from its wildness and its return (in standard deviations)."""
    rng = stream(seed, Stream.VIX)
    count = len(plan.day)
    wild = np.log(days.wildness_bp)
    slow, rest = float(wild[0]), 0.0
    close = np.empty(count)
    noise = rng.standard_normal(count)
    for d in range(count):
        slow += _MEMORY * (float(wild[d]) - slow)
        step = -_AGAINST_RETURN * float(day_return[d]) + _REST_NOISE * float(noise[d])
        rest = _REST_STAYS * rest + step
        close[d] = _LEVEL + _SLOPE * slow + rest
    before = np.concatenate([close[:1], close[:-1]])
    opened = before + _OPEN_NOISE * rng.standard_normal(count)
    high = np.maximum(opened, close) + rng.exponential(_ABOVE, count)
    low = np.minimum(opened, close) - rng.exponential(_BELOW, count)
    return Vix(plan.day, _quoted(opened), _quoted(high), _quoted(low), _quoted(close))


def _quoted(line: Floats) -> Floats:
    return np.asarray(np.round(np.exp(line), 2), dtype=np.float64)
