"""Volatility: no entry while the market is asleep.

The last minutes' returns (New York 120 bars, London 90, Asia 60) are compared with the same
session of 20 days; in the lowest 5 % (`ultra_low`, left 2 points higher) targets are not reached
in time and costs eat what is.
"""

from julie.core.types import VolRegime
from julie.defense.base import Candidates, Reason, Verdicts, View, deny, judge
from julie.regime.vol import vol_percentile, vol_regime

ULTRA_LOW = int(VolRegime.ULTRA_LOW)


@judge(
    name="volatility",
    columns=(vol_regime().named("vol_regime"), vol_percentile().named("vol_percentile")),
    numbers=("percentile",),
)
def volatility(c: Candidates, p: View) -> Verdicts:
    return deny(c.vol_regime == ULTRA_LOW, Reason.ULTRA_LOW_VOLATILITY, c.vol_percentile)
