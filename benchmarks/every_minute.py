"""A rule that wants in at every close: it makes orders for the row `bar_to_order`, not money."""

from julie.core.types import BracketSource, Sizing
from julie.market.columns.averages import atr
from julie.market.columns.window import Window
from julie.strategies.base import ANY_INSTRUMENT, Entries, Params, Style, strategy

POINTS = 1.75  # of stop and target, x unit_pts: out again within minutes


class P(Params):
    """It has none."""


@strategy(
    name="every_minute",
    group="BENCH",
    style=Style.BREAKOUT,
    bracket=BracketSource.OWN,
    columns=lambda p: (atr(14).named("atr"),),
    params=P,
    instruments=ANY_INSTRUMENT,
    sizing=Sizing.FIXED,
    cooldown=0,
)
def every_minute(w: Window, p: P) -> Entries:
    return Entries(
        when=w.close > 0.0,
        stop=w.close - POINTS * w.unit,
        target=w.close + POINTS * w.unit,
    )
