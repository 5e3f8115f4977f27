"""Liquidity sweep: buy the close back above a swept swing low; sells are the mirror.

Setup         an unbroken swing low (k = 5, 10 to 240 bars old) overrun by 1 to 12 ticks, in a low
              or normal volatility regime: the stops below it are taken
Trigger       that bar or one of the next two closes back above the swing, with a lower wick of at
              least half its range; with `follow_through` the next bar closes above that bar's high
Invalidation  the dynamic bracket's stop, at least 2 ticks below the lowest price of the sweep
Silent        in an ultra low or high volatility regime, and until the regime is known (20 days)
"""

from julie.core.section import key
from julie.core.types import BracketSource, VolRegime
from julie.market.columns.column import Column
from julie.market.columns.sweeps import swept_swing_low, swept_swing_low_extreme
from julie.market.columns.window import Vec, Window, minimum
from julie.regime.vol import vol_regime
from julie.strategies.base import Entries, Params, Style, strategy


class P(Params):
    """Numbers of the rule."""

    k: int = key(5, "bars on either side of the swing", "bars", ge=1)
    max_age: int = key(240, "oldest swing that counts", "bars", ge=1)
    min_age: int = key(10, "youngest swing that counts", "bars", ge=0)
    bars_to_reclaim: int = key(3, "overrun and return within, the overrun included", "bars", ge=1)
    min_ticks: int = key(1, "the swing is overrun by at least", "ticks", ge=1)
    max_ticks: int = key(12, "and by at most", "ticks", ge=1)
    wick: float = key(0.5, "share of the reclaiming bar's range", "x", ge=0, le=1)
    follow_through: bool = key(False, "wait for the next close beyond the reclaiming bar")
    stop_ticks: int = key(2, "stop beyond the sweep's extreme, at least", "ticks", ge=0)


def _columns(p: P) -> tuple[Column, ...]:
    sweep = (p.k, p.max_age, p.min_age, p.bars_to_reclaim, p.min_ticks, p.max_ticks)
    return (
        swept_swing_low(*sweep).named("swept"),
        swept_swing_low_extreme(*sweep).named("extreme"),
        vol_regime(),
    )


def _reclaimed(w: Window, p: P, back: int) -> Vec:
    """The bar `back` bars ago closed back inside, and its wick shows who was trapped."""
    wick = minimum(w.open[back], w.close[back]) - w.low[back]
    return (w.swept[back] == 1) & (wick > 0) & (wick >= p.wick * (w.high[back] - w.low[back]))


@strategy(
    name="liquidity_sweep",
    group="SMT Divergence",
    style=Style.SWEEP,
    bracket=BracketSource.DYNAMIC,
    columns=_columns,
    params=P,
    structural=True,
)
def liquidity_sweep(w: Window, p: P) -> Entries:
    """Ask for a swept swing that a long-wicked close took back."""
    if p.follow_through:
        trigger = _reclaimed(w, p, 1) & (w.close > w.high[1])
        extreme = minimum(w.extreme[1], w.low)
    else:
        trigger, extreme = _reclaimed(w, p, 0), w.extreme[0]
    orderly = (w.vol_regime >= VolRegime.LOW) & (w.vol_regime <= VolRegime.NORMAL)
    return Entries(
        when=trigger & orderly,
        stop_beyond=extreme - p.stop_ticks * w.tick,
        levels=("extreme",),
        note=("vol_regime",),
    )
