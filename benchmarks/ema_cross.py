"""EMA cross: buy when the fast average closes above the slow one; sells are the mirror.

The rule that every engine of the benchmark runs: stop 1.5 ATR, target 3 ATR, no other condition.
"""

from julie.core.types import BracketSource, Sizing
from julie.market.columns.averages import atr, ema
from julie.market.columns.column import Column
from julie.market.columns.window import Window
from julie.strategies.base import ANY_INSTRUMENT, Entries, Params, Style, strategy


class P(Params):
    """Numbers of the rule."""

    fast: int = 20
    slow: int = 50
    atr_bars: int = 14
    stop_atr: float = 1.5
    target_atr: float = 3.0


def _columns(p: P) -> tuple[Column, ...]:
    return (
        ema("close", p.fast).named("fast"),
        ema("close", p.slow).named("slow"),
        atr(p.atr_bars).named("atr"),
    )


@strategy(
    name="ema_cross",
    group="EMA",
    style=Style.TREND,
    bracket=BracketSource.OWN,
    columns=_columns,
    params=P,
    instruments=ANY_INSTRUMENT,
    sizing=Sizing.FIXED,
    cooldown=0,
)
def ema_cross(w: Window, p: P) -> Entries:
    return Entries(
        when=(w.fast > w.slow) & (w.fast[1] <= w.slow[1]),
        stop=w.close - p.stop_atr * w.atr,
        target=w.close + p.target_atr * w.atr,
    )
