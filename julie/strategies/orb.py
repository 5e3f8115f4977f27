"""Opening range breakout: buy the retest that held after the break; sells are the mirror.

Setup         a close above the high of 09:30-09:45 arms for 60 minutes, and a new close above it
              from inside begins them again; a close below the low, or a quarter of the width below
              the middle, disarms. Retest: while armed, a low at the middle + 2 ticks or below
Trigger       the first close after the retest above the range (`edge`), or above the high of the
              retest bar (`reclaim`); it disarms
Invalidation  2 ticks below the middle; target one width of the range
Silent        when the width is under 0.5 or over 2.5 of its 20-day median, and until that is known;
              after 15:00; after one entry of the side a day
"""

from typing import Any, Literal

from pydantic import Field

from julie.core.compiled import compiled
from julie.core.section import key
from julie.core.types import BracketSource
from julie.market.columns.column import Column, Kernel, Mirror, Output
from julie.market.columns.levels import opening_high, opening_low
from julie.market.columns.minutes import minute_median
from julie.market.columns.raw import CLOSE, DAY, HIGH, LOW, MINUTE
from julie.market.columns.span import span
from julie.market.columns.window import Window
from julie.strategies.base import NY, Entries, Params, Style, strategy

NAN = float("nan")


class P(Params):
    """Numbers of the rule."""

    entry: Literal["edge", "reclaim"] = Field(
        "edge", description="beyond the range's edge, or beyond the retest bar"
    )
    min_width: float = key(0.5, "narrowest range traded", "x median width", ge=0)
    max_width: float = key(2.5, "widest range traded", "x median width", gt=0)
    median_days: int = key(20, "days of that median", "days", ge=1, le=60)
    armed_minutes: int = key(60, "the break is remembered so long", "min", ge=1)
    disarm_widths: float = key(0.25, "a close so far below the middle disarms", "widths", ge=0)
    retest_ticks: int = key(2, "how near to the middle the retest must come", "ticks", ge=0)
    stop_ticks: int = key(2, "stop below the middle", "ticks", ge=0)
    target_widths: float = key(1.0, "target beyond the entry", "widths", gt=0)


@compiled
def _bar(
    state: Any, minute: float, top: float, bottom: float, high: float, low: float, close: float,
    reclaim: float, minutes: float, disarm: float, touch: float,
) -> int:  # fmt: skip
    """One bar of one side; state: 0 closed beyond, 1 minute after arming, 2 high of the retest"""
    middle, fired = 0.5 * (top + bottom), 0
    fresh = close > top and state[0] == 0.0
    if close < bottom or close < middle - disarm * (top - bottom) or minute - state[1] >= minutes:
        state[1] = 0.0
    if state[1] > 0.0 and state[2] == state[2]:
        if close > (state[2] if reclaim else top):
            fired, state[1] = 1, 0.0
    elif state[1] > 0.0 and low <= middle + touch:
        state[2] = high
    elif fresh:
        state[1], state[2] = minute + 1.0, NAN
    state[0] = 1.0 if close > top else 0.0
    return fired


@compiled
def _retest(
    state: Any, day: Any, minute: Any, top: Any, bottom: Any, h: Any, lo: Any, c: Any, tick: Any,
    reclaim: float, minutes: float, disarm: float, ticks: float,
    buy: Any, sell: Any, start: int, stop: int,
) -> None:  # fmt: skip
    # state: 0 day, then three numbers a side
    touch = ticks * tick[0]
    for t in range(start, stop):
        if day[t] != state[0]:
            state[:] = 0.0
            state[0] = day[t]
        buy[t] = sell[t] = 0
        if top[t] == top[t]:
            how = (reclaim, minutes, disarm, touch)
            up, down = state[1:4], state[4:7]
            buy[t] = _bar(up, minute[t], top[t], bottom[t], h[t], lo[t], c[t], *how)
            sell[t] = _bar(down, minute[t], -bottom[t], -top[t], -lo[t], -h[t], -c[t], *how)


RETEST = Kernel(
    "orb",
    _retest,
    tuple(
        Output(f"orb_{side}", Mirror.PAIR_EVEN, f"1 where a break {way} held", partner, flag=True)
        for side, way, partner in (("buy", "upwards", "orb_sell"), ("sell", "downwards", "orb_buy"))
    ),
    state=lambda *_: 7,
    memory=lambda *_: 1.0,
    tables=("tick",),
)


def _columns(p: P) -> tuple[Column, ...]:
    top, bottom = opening_high(), opening_low()
    bars = (DAY, MINUTE, top, bottom, HIGH, LOW, CLOSE)
    how = (float(p.entry == "reclaim"), p.armed_minutes, p.disarm_widths, p.retest_ticks)
    width = span(top, bottom)
    return (
        top,
        bottom,
        width.named("width"),
        minute_median(width, p.median_days).named("usual_width"),
        RETEST.column("orb_buy", bars, *how).named("held"),
    )


@strategy(
    name="orb",
    group="Breakout Strategy",
    style=Style.BREAKOUT,
    bracket=BracketSource.OWN,
    columns=_columns,
    params=P,
    structural=True,
    sessions=NY,
    window=("09:45", "14:59"),
    once_a_day=True,
)
def orb(w: Window, p: P) -> Entries:
    """Ask for a retest that held, on a day of usual width."""
    share = w.width / w.usual_width
    middle = 0.5 * (w.opening_high + w.opening_low)
    return Entries(
        when=(w.held == 1) & (share >= p.min_width) & (share <= p.max_width),
        stop=middle - p.stop_ticks * w.tick,
        target=w.close + p.target_widths * w.width,
        levels=("opening_high", "opening_low"),
        note=("usual_width",),
    )
