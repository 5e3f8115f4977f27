"""Chop: no entry inside the box, a small one until the breakout is proven, fades while fresh.

The machine of `julie.regime.chop` says where the market stands. In chop both sides are denied.
After a breakout its own side trades half size until a higher high and a higher low confirm it,
the other side is denied. When it fails back into the box the fade is allowed: in full to 45 bars
after the box was frozen, at half size to 90, not later; the side that failed is denied.
"""

from julie.core.section import key
from julie.core.types import Reason
from julie.defense.base import Candidates, Mask, Params, Verdicts, View, deny, judge, scale
from julie.regime.chop import Chop, chop_bars, chop_median, chop_range, chop_state

IN_CHOP, BREAKOUT, CONFIRMED, FAILED = map(
    int, (Chop.IN_CHOP, Chop.BREAKOUT_LONG, Chop.CONFIRMED_LONG, Chop.FAILED_LONG)
)  # the short state of a pair is the next number


class P(Params):
    """Numbers of the rule."""

    breakout_scale: float = key(0.5, "size until the breakout is confirmed", "x", gt=0, le=1)
    fade_full_bars: float = key(45.0, "fades in full so long after the box", "base bars", ge=0)
    fade_last_bars: float = key(90.0, "no fades so long after the box", "base bars", ge=0)
    fade_scale: float = key(0.5, "size of a late fade", "x", gt=0, le=1)


def fades(c: Candidates) -> Mask:
    """Which candidates fade a failed breakout: their trades bear the mode `fade`."""
    faded: Mask = (c.chop_state >= FAILED) & ((c.chop_state % 2 == 0) == (c.side < 0))
    return faded


@judge(
    name="chop",
    params=P,
    numbers=("range", "needed", "bars"),
    columns=(
        chop_state().named("chop_state"),
        chop_bars().named("chop_bars"),
        chop_range().named("chop_range"),
        chop_median().named("chop_median"),
    ),
)
def chop(c: Candidates, p: View) -> Verdicts:
    state, bars = c.chop_state, c.chop_bars
    outside = state >= BREAKOUT
    failed, fade = state >= FAILED, fades(c)
    mine = outside & ((state % 2 == 0) == (c.side > 0))
    numbers = (c.chop_range, c.chop_median, bars)
    return (
        deny(state == IN_CHOP, Reason.IN_CHOP, *numbers)
        .then(deny(mine & failed, Reason.CHOP_FAILED, *numbers))
        .then(deny(outside & ~mine & ~failed, Reason.CHOP_WRONG_SIDE, *numbers))
        .then(scale(mine & (state < CONFIRMED), p.breakout_scale, Reason.CHOP_UNPROVEN, *numbers))
        .then(deny(fade & (bars > p.fade_last_bars), Reason.CHOP_FADE_STALE, *numbers))
        .then(scale(fade & (bars > p.fade_full_bars), p.fade_scale, Reason.CHOP_FADE, *numbers))
    )
