"""Volume of each minute: the clock of the day, the temper of the day, and how far the minute went.

Wide minutes trade more, and activity comes in clusters of its own. A minute whose expected volume
is a handful of contracts may pass without a trade: it then makes no bar.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from julie.synth.chance import Stream, gaussian_field, stream
from julie.synth.curves import LEG_OF, Curves
from julie.synth.days import Days
from julie.synth.plan import Plan
from julie.synth.prices import Prices
from julie.synth.returns import LEGS, level_hours

Floats = npt.NDArray[np.float64]

_DAY_SLOPE: Final = {"ES": 0.65, "NQ": 0.40}  # ln volume of a day by ln wildness
_RANGE_SLOPE: Final = 0.75  # ln volume of a minute by ln of its range over the usual
_RANGE_CAP: Final = 8.0
_EARLY_SHARE: Final = 0.45  # a day that closes early trades this much
_CLUSTERS: Final = ((0.045, 3.0), (0.035, 120.0))  # variance of ln volume, minutes
_OWN_NOISE: Final = 0.32  # of a single minute
_SILENT_CONTRACTS: Final = 10.0  # expected volume at which one minute in three stays silent

SYMBOLS: Final = tuple(LEG_OF)


def make_volume(
    plan: Plan, days: Days, curves: Curves, prices: Prices, symbol: str, tick: float, seed: int
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Contracts of each minute, and which minutes traded at all."""
    leg = LEG_OF[symbol]
    rng = stream(seed, Stream.VOLUME, SYMBOLS.index(symbol))
    n = len(plan.ts)
    clock = curves.volume[symbol][plan.minute]
    temper = (days.wildness_bp / np.median(days.wildness_bp)) ** _DAY_SLOPE[leg]
    temper = temper * np.where(plan.early, _EARLY_SHARE, 1.0)
    usual = curves.range_bp[leg][plan.minute] * days.wildness_bp[plan.day_of]
    usual *= prices.close.mean() * 1e-4 / days.wildness_bp.mean()
    width = (prices.high - prices.low + tick) / (usual + tick)
    drawn = gaussian_field(n, _CLUSTERS, rng) + _OWN_NOISE * rng.standard_normal(n)
    lively = clock * temper[plan.day_of]
    volume = lively * np.minimum(width, _RANGE_CAP) ** _RANGE_SLOPE * np.exp(drawn)
    traded = rng.random(n) >= np.exp(-lively / _SILENT_CONTRACTS)
    volume = level_hours(np.where(traded, volume, 0.0), plan.hour, np.where(traded, clock, 0.0))
    return np.maximum(np.rint(volume), 1.0), traded


def legs_of(symbols: tuple[str, ...]) -> tuple[str, ...]:
    """The legs whose prices the symbols need, each once."""
    return tuple(leg for leg in LEGS if any(LEG_OF[symbol] == leg for symbol in symbols))
