"""Sweeps: a wick takes the stops beyond a level, and a close comes back.

`sweep_low(level, n)`: after a close at or above the level a bar trades a tick or more below it, and
that bar or one of the next n - 1 closes at or above it again. `swept_swing_low` is the same of an
unbroken swing, old enough to have gathered stops and not overrun by more than `max_ticks`; a swing
whose stops were taken once is gone, and so is one that stayed beyond: it is broken.
The extreme of the last sweep and its age stay known for 240 bars.
"""

import math
from dataclasses import replace
from typing import Any

from julie.core.compiled import compiled
from julie.market.columns.column import MISSING, Column, Kernel, Mirror, Mirrored, Output, mirrored
from julie.market.columns.raw import CLOSE, HIGH, LOW, base
from julie.market.columns.swings import (
    MAX_AGE,
    swing_high,
    swing_high_age,
    swing_low,
    swing_low_age,
)

NAN = float("nan")
HELD = 240.0
ALMOST = 0.999999  # a tick less what floating point leaves behind


@compiled
def _sweep(
    state: Any, level: Any, h: Any, lo: Any, c: Any, tick: Any, n: float, side: float,
    swept: Any, extreme: Any, age: Any, start: int, stop: int,
) -> None:  # fmt: skip
    # state: 0 bars since pierced 1 level 2 extreme; the last sweep: 3 extreme 4 age + 1
    for t in range(start, stop):
        beyond = h[t] if side > 0.0 else lo[t]
        if state[4] > 0.0:
            state[4] = state[4] + 1.0 if state[4] <= HELD else 0.0
        if state[0] > 0.0:
            state[0] += 1.0
            state[2] = side * max(side * state[2], side * beyond)
        elif side * (c[t - 1] - level[t]) <= 0.0 and side * (beyond - level[t]) >= ALMOST * tick[0]:
            state[0], state[1], state[2] = 1.0, level[t], beyond
        swept[t] = 0 if state[0] > 0.0 or level[t] == level[t] else MISSING
        if state[0] > 0.0 and side * (c[t] - state[1]) <= 0.0:
            swept[t], state[0], state[3], state[4] = 1, 0.0, state[2], 1.0
        elif state[0] >= n:
            state[0] = 0.0
        extreme[t] = state[3] if state[4] > 0.0 else NAN
        age[t] = state[4] - 1.0 if state[4] > 0.0 else NAN


def _other_side(column: Column) -> Mirrored:
    level = mirrored(column.inputs[0])
    if level.offset != 0.0 or level.factor > 0.0:
        raise ValueError(f"{column.inputs[0].expression} is not a price, so it cannot be swept")
    n, side = column.params
    twin = replace(column, inputs=(level.column, *column.inputs[1:]), params=(n, -side))
    return Mirrored(0.0, -1.0 if column.output.name == "sweep_extreme" else 1.0, twin)


SWEEP = Kernel(
    "sweep",
    _sweep,
    (
        Output("sweep", Mirror.OWN, "1 on the bar that closes back after a wick beyond", flag=True),
        Output("sweep_extreme", Mirror.OWN, "how far the last sweep went"),
        Output("sweep_age", Mirror.OWN, "bars since the last sweep"),
    ),
    state=lambda n, side: 5,
    lag=lambda n, side: 1,
    memory=lambda n, side, a_day: 1.0 + 2.0 * (HELD + n) / a_day,
    tables=("tick",),
    mirror=_other_side,
)


@compiled
def _watch(
    one: Any, age: float, x: float, close: float, oldest: float, youngest: float, n: float,
    least: float, side: float,
) -> int:  # fmt: skip
    """Move one swing on by a bar: 0 it stays, 1 it is gone, 2 it was swept."""
    if one[2] > 0.0:
        one[2] += 1.0
        one[3] = side * max(side * one[3], side * x)
    elif age > oldest:
        return 1
    elif side * (x - one[0]) >= least:
        one[2], one[3] = 1.0, x
        one[4] = 1.0 if age >= youngest else 0.0
    inside = side * (close - one[0]) <= 0.0
    if one[2] == 0.0:
        return 0 if inside else 1
    if inside:
        return 2
    return 1 if one[2] >= n else 0


# One side's swings: 0 row, 1 how many, 2 extreme of the last sweep, 3 its age + 1, 4 nearest price
# (times side), 5 row of the oldest, 6 whether any is pierced; then price, row, bars since pierced,
# extreme and whether it was aged.


@compiled
def _walk_swings(
    state: Any, x: float, c: float, oldest: float, youngest: float, n: float, least: float,
    most: float, side: float,
) -> int:  # fmt: skip
    """Move every swing on by a bar; 1 if one was swept."""
    row, kept, found = state[0], 7, 0
    state[4], state[6] = math.inf, 0.0
    for i in range(7, 7 + 5 * int(state[1]), 5):
        one = state[i : i + 5]
        fate = _watch(one, row - one[1], x, c, oldest, youngest, n, least, side)
        if fate == 2 and one[4] == 1.0 and side * (one[3] - one[0]) <= most:
            far = side * one[3]
            state[2] = one[3] if found == 0 else side * max(side * state[2], far)
            state[3], found = 1.0, 1
        if fate == 0:
            state[4], state[6] = min(state[4], side * one[0]), max(state[6], one[2])
            for j in range(5):
                state[kept + j] = one[j]
            kept += 5
    state[1], state[5] = (kept - 7) // 5, state[8]
    return found


@compiled
def _swept_side(
    state: Any, price: Any, swing_age: Any, x: Any, c: Any,
    k: float, oldest: float, youngest: float, n: float, least: float, most: float, side: float,
    swept: Any, extreme: Any, age: Any, start: int, stop: int,
) -> None:  # fmt: skip
    for t in range(start, stop):
        state[0] += 1.0
        if state[3] > 0.0:
            state[3] = state[3] + 1.0 if state[3] <= HELD else 0.0
        swept[t] = 0 if state[0] > k else MISSING
        # most bars reach no swing, and nothing happens to any
        idle = state[6] == 0.0 and side * x[t] <= state[4] and state[0] - state[5] <= oldest
        if state[1] > 0.0 and not idle:
            swept[t] = _walk_swings(state, x[t], c[t], oldest, youngest, n, least, most, side)
        if swing_age[t] == k:
            new = 7 + 5 * int(state[1])
            state[new], state[new + 1], state[new + 2] = price[t], state[0] - k, 0.0
            state[4] = side * price[t] if state[1] == 0.0 else min(state[4], side * price[t])
            state[1], state[5] = state[1] + 1.0, state[8]
        extreme[t] = state[2] if state[3] > 0.0 else NAN
        age[t] = state[3] - 1.0 if state[3] > 0.0 else NAN


@compiled
def _swept_swing(
    state: Any, h: Any, lo: Any, c: Any, sh: Any, sh_age: Any, sl: Any, sl_age: Any, tick: Any,
    k: float, oldest: float, youngest: float, n: float, least: float, most: float,
    high: Any, low: Any, high_far: Any, low_far: Any, high_age: Any, low_age: Any,
    start: int, stop: int,
) -> None:  # fmt: skip
    half = len(state) // 2
    near, far = (least - 1e-6) * tick[0], (most + 1e-6) * tick[0]
    _swept_side(
        state[:half], sh, sh_age, h, c, k, oldest, youngest, n, near, far, 1.0,
        high, high_far, high_age, start, stop,
    )  # fmt: skip
    _swept_side(
        state[half:], sl, sl_age, lo, c, k, oldest, youngest, n, near, far, -1.0,
        low, low_far, low_age, start, stop,
    )  # fmt: skip


def _both(stem: str, meaning: str, mirror: Mirror, flag: bool = False) -> tuple[Output, Output]:
    high, low = stem.format("high"), stem.format("low")
    return (
        Output(high, mirror, meaning.format("high"), low, flag=flag),
        Output(low, mirror, meaning.format("low"), high, flag=flag),
    )


SWEPT = Kernel(
    "swept_swing",
    _swept_swing,
    (
        *_both(
            "swept_swing_{}",
            "1 on the bar that closes back from beyond an unbroken swing {}",
            Mirror.PAIR_EVEN,
            flag=True,
        ),
        *_both("swept_swing_{}_extreme", "how far the last sweep of a swing {} went", Mirror.PAIR),
        *_both("swept_swing_{}_age", "bars since the last sweep of a swing {}", Mirror.PAIR_EVEN),
    ),
    # two swings of a side lie more than k bars apart; one may be pierced on its last bar
    state=lambda k, oldest, *_: 2 * (7 + 5 * (int(oldest / (k + 1)) + 5)),
    memory=lambda *p: 1.0 + 2.0 * (p[1] + HELD + p[3]) / p[6],
    tables=("tick",),
)


def _level(output: str, level: Column | str, n: int, side: int) -> Column:
    return SWEEP.column(output, (base(level), HIGH, LOW, CLOSE), n, side)


def sweep_high(level: Column | str, n: int = 3) -> Column:
    """1 on the bar that closes back below the level within n bars of a wick above it."""
    return _level("sweep", level, n, 1)


def sweep_low(level: Column | str, n: int = 3) -> Column:
    """1 on the bar that closes back above the level within n bars of a wick below it."""
    return _level("sweep", level, n, -1)


def sweep_high_extreme(level: Column | str, n: int = 3) -> Column:
    """Highest price of the last sweep of the level."""
    return _level("sweep_extreme", level, n, 1)


def sweep_low_extreme(level: Column | str, n: int = 3) -> Column:
    """Lowest price of the last sweep of the level."""
    return _level("sweep_extreme", level, n, -1)


def sweep_high_age(level: Column | str, n: int = 3) -> Column:
    """Bars since the level was last swept from below."""
    return _level("sweep_age", level, n, 1)


def sweep_low_age(level: Column | str, n: int = 3) -> Column:
    """Bars since the level was last swept from above."""
    return _level("sweep_age", level, n, -1)


def _swing(
    output: str, k: int, max_age: int, min_age: int, n: int, min_ticks: int, max_ticks: int
) -> Column:  # fmt: skip
    turns = (swing_high(k), swing_high_age(k), swing_low(k), swing_low_age(k))
    params = (k, max_age, min_age, n, min_ticks, max_ticks)
    return SWEPT.column(output, (HIGH, LOW, CLOSE, *turns), *params)


def swept_swing_high(
    k: int = 5, max_age: int = MAX_AGE, min_age: int = 10, n: int = 3, min_ticks: int = 1,
    max_ticks: int = 12,
) -> Column:  # fmt: skip
    """1 on the bar that closes back below an unbroken, aged swing high that was swept."""
    return _swing("swept_swing_high", k, max_age, min_age, n, min_ticks, max_ticks)


def swept_swing_low(
    k: int = 5, max_age: int = MAX_AGE, min_age: int = 10, n: int = 3, min_ticks: int = 1,
    max_ticks: int = 12,
) -> Column:  # fmt: skip
    """1 on the bar that closes back above an unbroken, aged swing low that was swept."""
    return _swing("swept_swing_low", k, max_age, min_age, n, min_ticks, max_ticks)


def swept_swing_high_extreme(
    k: int = 5, max_age: int = MAX_AGE, min_age: int = 10, n: int = 3, min_ticks: int = 1,
    max_ticks: int = 12,
) -> Column:  # fmt: skip
    """Highest price of the last sweep of a swing high."""
    return _swing("swept_swing_high_extreme", k, max_age, min_age, n, min_ticks, max_ticks)


def swept_swing_low_extreme(
    k: int = 5, max_age: int = MAX_AGE, min_age: int = 10, n: int = 3, min_ticks: int = 1,
    max_ticks: int = 12,
) -> Column:  # fmt: skip
    """Lowest price of the last sweep of a swing low."""
    return _swing("swept_swing_low_extreme", k, max_age, min_age, n, min_ticks, max_ticks)


def swept_swing_high_age(
    k: int = 5, max_age: int = MAX_AGE, min_age: int = 10, n: int = 3, min_ticks: int = 1,
    max_ticks: int = 12,
) -> Column:  # fmt: skip
    """Bars since a swing high was last swept."""
    return _swing("swept_swing_high_age", k, max_age, min_age, n, min_ticks, max_ticks)


def swept_swing_low_age(
    k: int = 5, max_age: int = MAX_AGE, min_age: int = 10, n: int = 3, min_ticks: int = 1,
    max_ticks: int = 12,
) -> Column:  # fmt: skip
    """Bars since a swing low was last swept."""
    return _swing("swept_swing_low_age", k, max_age, min_age, n, min_ticks, max_ticks)
