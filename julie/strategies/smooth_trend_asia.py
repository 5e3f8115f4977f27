"""Smooth trend, Asia: buy the first close off the 20-bar average; sells are the mirror.

Setup         EMA20 above EMA50, both above their value 10 bars before; efficiency of 30 bars at
              least 0.35; 55 % of 30 closes not below the close before; ATR(5) at most 1.3 ATR(60)
Trigger       in the last 3 bars the low came within a tick of EMA20, and this is the first close
              above the high of that bar; of several such touches the newest counts
Invalidation  a tick under the low since the touch, at most 2.5 points away or no trade;
              target 1.25 R
Silent        outside ASIA, and for 20 bars after an entry
"""

from julie.core.section import key
from julie.core.types import BracketSource, Session
from julie.market.columns.averages import atr, ema
from julie.market.columns.column import Column
from julie.market.columns.directional import er, persistence
from julie.market.columns.window import Vec, Window, minimum, where
from julie.strategies.base import Entries, Params, Style, strategy


class P(Params):
    """Numbers of the rule."""

    fast: int = key(20, "fast average", "bars", ge=2)
    slow: int = key(50, "slow average", "bars", ge=2)
    rising_bars: int = key(10, "both lie above their value so long before", "bars", ge=1)
    trend_bars: int = key(30, "span of efficiency and persistence", "bars", ge=2)
    min_er: float = key(0.35, "least efficiency ratio", "x", ge=0)
    min_persistence: float = key(0.55, "least share of rising closes", "x", ge=0)
    calm: float = key(1.3, "most ATR(5) / ATR(60)", "x", gt=0)
    touch_bars: int = key(3, "the touch may lie so many bars back", "bars", ge=1)
    touch_ticks: int = key(1, "how near to the fast average counts as a touch", "ticks", ge=0)
    stop_ticks: int = key(1, "stop beyond the low since the touch", "ticks", ge=0)
    max_stop: float = key(2.5, "no trade with a wider stop", "points x unit_pts", gt=0)
    target_r: float = key(1.25, "target", "x stop", gt=0)


def _columns(p: P) -> tuple[Column, ...]:
    return (
        ema("close", p.fast).named("fast"),
        ema("close", p.slow).named("slow"),
        er(p.trend_bars).named("er"),
        persistence(p.trend_bars).named("persistence"),
        atr(5).named("atr_now"),
        atr(60).named("atr_usual"),
    )


def _first_close_off(w: Window, p: P, back: int) -> Vec:
    """The bar `back` bars ago touched, and this is the first close above its high."""
    first = (w.low[back] <= w.fast[back] + p.touch_ticks * w.tick) & (w.close > w.high[back])
    for between in range(1, back):
        first = first & (w.close[between] <= w.high[back])
    return first


def _low_since(w: Window, back: int) -> Vec:
    low: Vec = w.low
    for k in range(1, back + 1):
        low = minimum(low, w.low[k])
    return low


def _off_average(w: Window, p: P) -> tuple[Vec, Vec]:
    """Such a close off one of the last bars, and the low since the newest of those touches."""
    off, low = _first_close_off(w, p, p.touch_bars), _low_since(w, p.touch_bars)
    for back in range(p.touch_bars - 1, 0, -1):
        newer = _first_close_off(w, p, back)
        off, low = off | newer, where(newer, _low_since(w, back), low)
    return off, low


@strategy(
    name="smooth_trend_asia",
    group="RegimeAdaptive",
    style=Style.TREND,
    bracket=BracketSource.OWN_PLUS,
    columns=_columns,
    params=P,
    structural=True,
    sessions=(Session.ASIA,),
    cooldown=20,
)
def smooth_trend_asia(w: Window, p: P) -> Entries:
    """Ask for the first close off the fast average of a calm uptrend."""
    rising = (w.fast > w.fast[p.rising_bars]) & (w.slow > w.slow[p.rising_bars])
    steady = (w.er >= p.min_er) & (w.persistence >= p.min_persistence)
    calm = w.atr_now / w.atr_usual <= p.calm
    off_average, low = _off_average(w, p)
    stop = low - p.stop_ticks * w.tick
    near = w.close - stop <= p.max_stop * w.unit
    return Entries(
        when=(w.fast > w.slow) & rising & steady & calm & off_average & near,
        stop=stop,
        target_r=p.target_r,
        levels=("fast", "slow"),
        note=("er", "persistence"),
    )
