"""Chop: is the market boxed in, breaking out of its box, or failing to?

R is the range of the last 30 bars. When it falls below the `chop` threshold their high and low are
frozen as the box; `t` counts the bars since. A state is left at a close, by the first line that
holds:

NORMAL      R < chop, 30 bars since 18:00 -> IN_CHOP
IN_CHOP     close beyond the box by `breakout` -> BREAKOUT;
            R > median on 5 closes running -> NORMAL
BREAKOUT    close beyond the other side by `breakout` -> BREAKOUT there; close back at the edge ->
            FAILED; higher high and higher low (k = 3), the high above the box -> CONFIRMED;
            30 bars -> NORMAL
CONFIRMED   beyond the other side -> BREAKOUT there; back at the edge -> FAILED;
            R > median or 20 bars -> NORMAL
FAILED      beyond either side by `breakout` -> BREAKOUT there;
            15 bars -> IN_CHOP if inside the box, with the same box and t, else NORMAL

`breakout` is a quarter of the box's height, two ticks at least. Each trading day opens in NORMAL.
The thresholds are columns: the 20th and 50th percentile of R in the same session of 20 days, both
times the accordion: ATR(120) over its session median, within 0.6 and 1.8.
"""

from enum import IntEnum
from typing import Any, NamedTuple

from julie.core.compiled import compiled
from julie.market.columns.averages import atr
from julie.market.columns.column import MISSING, Column, Kernel, Mirror, Output
from julie.market.columns.extremes import highest, lowest
from julie.market.columns.percentile import quantile, session_median
from julie.market.columns.raw import CLOSE, DAY_OPEN
from julie.market.columns.span import span
from julie.market.columns.swings import (
    swing_high,
    swing_high_before,
    swing_low,
    swing_low_before,
)

NAN = float("nan")
BARS = 30
TIGHT, WIDE = 20.0, 50.0  # percentiles of R
LEAST, MOST = 0.6, 1.8  # the accordion
SHARE = 0.25
K = 3


class Chop(IntEnum):
    """State of the chop machine."""

    NORMAL = 0
    IN_CHOP = 1
    BREAKOUT_LONG = 2
    BREAKOUT_SHORT = 3
    CONFIRMED_LONG = 4
    CONFIRMED_SHORT = 5
    FAILED_LONG = 6
    FAILED_SHORT = 7


@compiled
def _scaled(
    state: Any, root: Any, now: Any, usual: Any, least: float, most: float, out: Any,
    start: int, stop: int,
) -> None:  # fmt: skip
    for t in range(start, stop):
        ratio = now[t] / usual[t]
        out[t] = root[t] * (least if ratio < least else (most if ratio > most else ratio))


# Phases: 0 normal, 1 in chop, 2 breakout, 3 confirmed, 4 failed; the last three have a side. State:
# 0 phase, 1 side, 2 bars of the box, 3 top, 4 bottom, 5 bars of the phase, 6 wide closes running,
# 7 bars of the day.


@compiled
def _from_chop(state: Any, close: float, wide: bool, breakout: float) -> int:
    state[6] = state[6] + 1.0 if wide else 0.0
    if close >= state[3] + breakout or close <= state[4] - breakout:
        state[1] = 1.0 if close >= state[3] + breakout else -1.0
        return 2
    return 0 if state[6] >= 5.0 else 1


@compiled
def _from_outside(state: Any, close: float, wide: bool, rising: bool, breakout: float) -> int:
    """From breakout, confirmed and failed, seen from the side that broke."""
    phase, side = int(state[0]), state[1]
    edge = state[3] if side > 0.0 else -state[4]
    far = state[4] if side > 0.0 else -state[3]
    at = side * close
    if at <= far - breakout:
        state[1] = -side
        return 2
    if phase == 4:
        if at >= edge + breakout:
            return 2
        if state[5] < 15.0:
            return 4
        return 1 if far <= at <= edge else 0
    if at <= edge:
        return 4
    if phase == 2:
        return 3 if rising else (0 if state[5] >= 30.0 else 2)
    return 0 if wide or state[5] >= 20.0 else 3


@compiled
def _chop(
    state: Any, c: Any, top: Any, bottom: Any, tight: Any, median: Any,
    high: Any, low: Any, high_before: Any, low_before: Any, day_open: Any, tick: Any, share: float,
    out: Any, turned: Any, bars: Any, box_top: Any, box_bottom: Any, start: int, stop: int,
) -> None:  # fmt: skip
    for t in range(start, stop):
        if day_open[t] == 1:
            state[0], state[7] = 0.0, 0.0
        state[7] += 1.0
        r = top[t] - bottom[t]
        out[t] = turned[t] = MISSING
        bars[t] = box_top[t] = box_bottom[t] = NAN
        if not (tight[t] > 0.0 and median[t] > 0.0 and (r >= 0.0 or state[7] < 30.0)):
            state[0] = 0.0
            continue
        wide, side = r > median[t], state[1]
        breakout = max(share * (state[3] - state[4]), 2.0 * tick[0])
        state[2] += 1.0
        state[5] += 1.0
        if state[0] == 0.0:
            phase = 1 if r < tight[t] and state[7] >= 30.0 else 0
            if phase == 1:
                state[2], state[3], state[4] = 0.0, top[t], bottom[t]
        elif state[0] == 1.0:
            phase = _from_chop(state, c[t], wide, breakout)
        else:
            rising = side * high[t] > side * high_before[t] and side * low[t] > side * low_before[t]
            beyond = high[t] > state[3] if side > 0.0 else low[t] < state[4]
            phase = _from_outside(state, c[t], wide, rising and beyond, breakout)
        if phase != state[0] or side != state[1]:
            state[0], state[5], state[6] = phase, 0.0, 0.0
        code = phase if phase < 2 else 2 * phase - 2
        out[t] = code + (1 if phase >= 2 and state[1] < 0.0 else 0)
        turned[t] = code + (1 if phase >= 2 and state[1] > 0.0 else 0)
        bars[t] = state[2] if phase > 0 else 0.0
        box_top[t] = state[3] if phase > 0 else NAN
        box_bottom[t] = state[4] if phase > 0 else NAN


SCALED = Kernel(
    "chop_threshold",
    _scaled,
    (
        Output(
            "chop_threshold", Mirror.EVEN, "root x clamp(ATR(120) / its session median, 0.6, 1.8)"
        ),
    ),
)
CHOP = Kernel(
    "chop",
    _chop,
    (
        Output(
            "chop_state",
            Mirror.PAIR_EVEN,
            "0 NORMAL, 1 IN_CHOP, then long and short: 2 3 BREAKOUT, 4 5 CONFIRMED, 6 7 FAILED",
            "chop_state_turned",
            flag=True,
        ),
        Output(
            "chop_state_turned",
            Mirror.PAIR_EVEN,
            "chop_state with long and short exchanged",
            "chop_state",
            flag=True,
        ),
        Output("chop_bars", Mirror.EVEN, "bars since the box was frozen, 0 in NORMAL"),
        Output("chop_top", Mirror.PAIR, "top of the box, none in NORMAL", "chop_bottom"),
        Output("chop_bottom", Mirror.PAIR, "bottom of the box, none in NORMAL", "chop_top"),
    ),
    state=lambda share: 8,
    memory=lambda share, a_day: 1.0,
    tables=("tick",),
)


def chop_range() -> Column:
    """R: range of the last 30 bars."""
    return span(highest("high", BARS), lowest("low", BARS)).named("chop_range")


def _threshold(percent: float) -> Column:
    now = atr(4 * BARS)
    inputs = (quantile(chop_range(), percent), now, session_median(now))
    return SCALED.column("chop_threshold", inputs, LEAST, MOST)


def chop_threshold() -> Column:
    """Below this range the market is in chop."""
    return _threshold(TIGHT).named("chop_threshold")


def chop_median() -> Column:
    """Above this range the market has left its chop."""
    return _threshold(WIDE).named("chop_median")


class ChopColumns(NamedTuple):
    """What the machine tells."""

    state: Column
    bars: Column
    top: Column
    bottom: Column


def chop_on(tight: Column, median: Column) -> ChopColumns:
    """The machine on given thresholds, such as a bucket's multiples of ATR."""
    turns = (swing_high(K), swing_low(K), swing_high_before(K), swing_low_before(K))
    box = (highest("high", BARS), lowest("low", BARS))
    inputs = (CLOSE, *box, tight, median, *turns, DAY_OPEN)
    names = ("chop_state", "chop_bars", "chop_top", "chop_bottom")
    return ChopColumns(*(CHOP.column(name, inputs, SHARE).named(name) for name in names))


def chop_state() -> Column:
    """State of the chop machine, 0 to 7."""
    return chop_on(chop_threshold(), chop_median()).state


def chop_bars() -> Column:
    """Bars since the box was frozen, 0 in NORMAL."""
    return chop_on(chop_threshold(), chop_median()).bars


def chop_top() -> Column:
    """Top of the box; none in NORMAL."""
    return chop_on(chop_threshold(), chop_median()).top


def chop_bottom() -> Column:
    """Bottom of the box; none in NORMAL."""
    return chop_on(chop_threshold(), chop_median()).bottom
