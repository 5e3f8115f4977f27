"""SMA cross: buy when the fast average crosses above the slow one; sells are the mirror.

Setup         none: the crossing itself
Trigger       the fast average closes above the slow one, having been at or below it on the bar
              before; with `price_cross` the close crosses the fast average instead
Invalidation  2 ATR against, target 3 ATR; the opposite cross closes the trade (`reversal`)
Silent        outside 09:30-15:55, and until the slow average is known
"""

from julie.core.section import key
from julie.core.types import BracketSource
from julie.market.columns.averages import atr, sma
from julie.market.columns.column import Column
from julie.market.columns.window import Vec, Window
from julie.strategies.base import ANY_BASE, ANY_INSTRUMENT, Entries, Params, Style, strategy


class P(Params):
    """Numbers of the rule."""

    fast: int = key(9, "fast average", "bars", ge=1)
    slow: int = key(21, "slow average", "bars", ge=2)
    price_cross: bool = key(False, "the close crosses the fast average instead")
    atr_bars: int = key(14, "span of the ATR of stop and target", "bars", ge=1)
    stop_atr: float = key(2.0, "stop distance", "ATR", gt=0)
    target_atr: float = key(3.0, "target distance", "ATR", gt=0)


def _columns(p: P) -> tuple[Column, ...]:
    return (
        sma("close", p.fast).named("fast"),
        sma("close", p.slow).named("slow"),
        atr(p.atr_bars).named("atr"),
    )


def _cross_up(w: Window, p: P) -> Vec:
    quick, slow = (w.close, w.fast) if p.price_cross else (w.fast, w.slow)
    return (quick > slow) & (quick[1] <= slow[1])


def _cross_down(w: Window, p: P) -> Vec:
    quick, slow = (w.close, w.fast) if p.price_cross else (w.fast, w.slow)
    return (quick < slow) & (quick[1] >= slow[1])


@strategy(
    name="sma_cross",
    group="SMA",
    style=Style.TREND,
    bracket=BracketSource.OWN,
    columns=_columns,
    params=P,
    window=("09:30", "15:55"),
    instruments=ANY_INSTRUMENT,
    bases=ANY_BASE,
    exits=_cross_down,
    on=False,
)
def sma_cross(w: Window, p: P) -> Entries:
    return Entries(
        when=_cross_up(w, p),
        stop=w.close - p.stop_atr * w.atr,
        target=w.close + p.target_atr * w.atr,
        levels=("fast", "slow"),
        note=("atr",),
    )
