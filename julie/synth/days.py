"""The temper of each day: how wild it is, and the VIX that follows from it.

Wildness is the size of a minute's move (basis points, without the wildest minutes). Its
distribution is that of the eight real months, a week of panic in a hundred and seventy days
included, and every run gets all of it: days take evenly spaced quantiles, and a slow chain decides
in which order, so that calm follows calm and panics come in clusters.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from julie.synth.chance import Stream, stream
from julie.synth.plan import Plan

Floats = npt.NDArray[np.float64]

# Quantiles of the wildness of a day, fitted on es_1m (168 days).
_SHARE: Final = (0.0, 0.02, 0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95, 0.98, 1.0)
_WILDNESS_BP: Final = (0.60, 0.89, 1.00, 1.10, 1.47, 2.12, 2.83, 3.86, 4.84, 8.39, 17.8)

_DAY_TO_DAY = 0.92  # persistence of the chain
_EARLY_SHARE = 0.75  # a day that closes early is this wild
_PANIC_TILT = 0.30  # share of a day's drift that goes against a rise of wildness
_LEG_DRIFT = 0.30  # the rest of a day's drift, of its own


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """One value a trading day."""

    wildness_bp: Floats
    drift: Floats  # of the day's standard deviation, positive = up


def _order(count: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Ranks of a slow chain: which of the quantiles each day takes."""
    step = np.sqrt(1 - _DAY_TO_DAY**2)
    level, chain = rng.standard_normal(), []
    for shock in rng.standard_normal(count):
        chain.append(level)
        level = _DAY_TO_DAY * level + step * shock
    return np.argsort(np.argsort(np.array(chain))).astype(np.int64)


def draw_days(plan: Plan, seed: int) -> Days:
    """Wildness and drift of every day of the run."""
    count = len(plan.day)
    rng = stream(seed, Stream.DAYS)
    share = (_order(count, rng) + 0.5) / count
    wildness = np.exp(np.interp(share, _SHARE, np.log(_WILDNESS_BP)))
    rise = np.diff(np.log(wildness), prepend=np.log(wildness[0]))
    spread = float(rise.std())
    rise = rise / spread if spread > 0 else rise
    drift = -_PANIC_TILT * rise + _LEG_DRIFT * rng.standard_normal(count)
    return Days(np.where(plan.early, _EARLY_SHARE, 1.0) * wildness, drift)
