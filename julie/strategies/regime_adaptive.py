"""Regime adaptive: buy the pullback to the 20-bar average in an uptrend; sells are the mirror.

Setup         the 20-bar average above the 200-bar one, and the low within 0.3 ATR of the former
Trigger       a wide bar (1.3 mean ranges of the 20 bars before it; 1.6 in a high volatility regime)
              that closes above the average and above the high of the bar before
Invalidation  the dynamic bracket's stop
Silent        in an ultra low volatility regime, and until the regime is known (20 days)

Without a table of modes every bucket and side is followed: what the rule says is what is traded.
"""

from julie.core.section import key
from julie.core.types import BracketSource, VolRegime
from julie.market.columns.averages import atr, sma
from julie.market.columns.column import Column
from julie.market.columns.span import bar_range
from julie.market.columns.window import Window, where
from julie.regime.vol import vol_regime
from julie.strategies.base import Entries, Params, Style, strategy


class P(Params):
    """Numbers of the rule."""

    fast: int = key(20, "average that is pulled back to", "bars", ge=2)
    slow: int = key(200, "average that tells the trend", "bars", ge=2)
    near_atr: float = key(0.3, "how far the low may lie from the fast average", "ATR", ge=0)
    atr_bars: int = key(20, "span of that ATR", "bars", ge=1)
    range_bars: int = key(20, "bars before, whose mean range is the measure", "bars", ge=1)
    wide: float = key(1.3, "range of the bar that triggers", "x mean range", ge=0)
    wide_when_high: float = key(1.6, "the same in a high volatility regime", "x mean range", ge=0)


def _columns(p: P) -> tuple[Column, ...]:
    return (
        sma("close", p.fast).named("fast"),
        sma("close", p.slow).named("slow"),
        atr(p.atr_bars).named("atr"),
        bar_range(),
        sma(bar_range(), p.range_bars).named("mean_range"),
        vol_regime(),
    )


@strategy(
    name="regime_adaptive",
    group="RegimeAdaptive",
    style=Style.TREND,
    bracket=BracketSource.DYNAMIC,
    columns=_columns,
    params=P,
    cooldown=10,
)
def regime_adaptive(w: Window, p: P) -> Entries:
    """Ask for a wide bar off the fast average of an uptrend."""
    pulled_back = (w.fast > w.slow) & (abs(w.low - w.fast) <= p.near_atr * w.atr)
    factor = where(w.vol_regime == VolRegime.HIGH, p.wide_when_high, p.wide)
    wide = w.bar_range > factor * w.mean_range[1]
    turned = (w.close > w.fast) & (w.close > w.high[1])
    awake = w.vol_regime != VolRegime.ULTRA_LOW
    return Entries(
        when=pulled_back & wide & turned & awake,
        levels=("fast", "slow"),
        note=("mean_range", "vol_regime"),
    )
