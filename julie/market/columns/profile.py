"""Volume profile: where the trading was done. Point of control, value area, low-volume nodes.

Bins are one tick wide; a bar's volume is spread evenly over its range. The point of control is the
bin with most volume, among equals the one nearest the middle of the range (then nearest the close).
The value area grows from it by the larger neighbour, both when equal, until it holds 70 %. A
low-volume node is a bin, or the middle of a flat run of bins, that lies lower than both its
neighbours and below 30 % of the point of control.

Regular hours (09:30-16:00) develop through the day and are *prior* on the days after, for a week.
The rolling profile covers the last n bars. A bar without volume adds nothing; a profile that misses
more than a tenth of its bars is not known. Shares are whole 2^-20 of a contract, so that sums are
exact and do not depend on where they began.
"""

from typing import Any

import numpy as np

from julie.core.compiled import compiled
from julie.market.columns.column import Column, Kernel, Mirror, Output
from julie.market.columns.raw import CLOSE, DAY, HIGH, LOW, MINUTE, VOLUME

NAN = float("nan")
BINS = 16_384  # a ring of price bins: 4,096 points of an index future
MASK = BINS - 1
NODES = 512
HEAD = 20
GRAIN = 1_048_576.0
WEEK = 7.0
RTH_OPEN, RTH_CLOSE = 930.0, 1320.0

# The head of a profile: 0 lowest bin, 1 highest bin, 2 total, 3 bars, 4 bars without volume,
# 5 point of control, 6 upper and 7 lower edge of the value area, in ticks.
# Regular hours besides: 8 day, 9 prior day, 10-12 its three, 13 number of nodes, 14 most volume of
# a bin, 15 how many bins hold it, 16 the last of them, 17 last close; after the bins the nodes in
# half ticks. The value area is grown anew on each bar, so it has a kernel of its own.


@compiled
def _spread(state: Any, low: float, high: float, volume: float, tick: float, sign: float) -> None:
    """Spread a bar over its bins, or take it away again."""
    state[3] += sign
    if np.isnan(volume):
        state[4] += sign
        return
    first, last = int(np.rint(low / tick)), int(np.rint(high / tick))
    share = np.floor(volume / (last - first + 1) * GRAIN) / GRAIN
    if share <= 0.0:
        return
    if sign > 0.0:
        state[0] = first if state[2] == 0.0 else min(state[0], first)
        state[1] = last if state[2] == 0.0 else max(state[1], last)
    for i in range(first, last + 1):
        state[HEAD + (i & MASK)] += sign * share
    state[2] += sign * share * (last - first + 1)


@compiled
def _shrink(state: Any) -> None:
    """Leave out the ends that hold nothing any more."""
    lo, hi = int(state[0]), int(state[1])
    while lo < hi and state[HEAD + (lo & MASK)] == 0.0:
        lo += 1
    while hi > lo and state[HEAD + (hi & MASK)] == 0.0:
        hi -= 1
    state[0], state[1] = lo, hi


@compiled
def _known(state: Any) -> bool:
    return bool(state[2] > 0.0 and 10.0 * state[4] <= state[3] and state[1] - state[0] < BINS)


@compiled
def _control(state: Any, close: float, tick: float) -> int:
    lo, hi = int(state[0]), int(state[1])
    now = int(np.rint(close / tick))
    best, most = lo, -1.0
    for i in range(lo, hi + 1):
        v = state[HEAD + (i & MASK)]
        if v < most:
            continue
        off, off_best = abs(2 * i - lo - hi), abs(2 * best - lo - hi)
        if v > most or off < off_best or (off == off_best and abs(i - now) < abs(best - now)):
            best, most = i, v
    return best


@compiled
def _value(state: Any, close: float, tick: float) -> None:
    """Point of control and value area of the profile as it stands."""
    lo, hi = int(state[0]), int(state[1])
    poc = _control(state, close, tick)
    top = bottom = poc
    inside = state[HEAD + (poc & MASK)]
    while inside < 0.7 * state[2] and (top < hi or bottom > lo):
        up = state[HEAD + ((top + 1) & MASK)] if top < hi else -1.0
        down = state[HEAD + ((bottom - 1) & MASK)] if bottom > lo else -1.0
        if up >= down:
            top += 1
            inside += up
        if down >= up:
            bottom -= 1
            inside += down
    state[5], state[6], state[7] = poc, top, bottom


@compiled
def _nodes(state: Any) -> None:
    """The low-volume nodes of a finished profile, from below, in half ticks."""
    lo, hi, count = int(state[0]), int(state[1]), 0
    limit = 0.3 * state[HEAD + (int(state[5]) & MASK)]
    first = lo
    for i in range(lo + 1, hi + 1):
        v, before = state[HEAD + (i & MASK)], state[HEAD + ((i - 1) & MASK)]
        if v < before:
            first = i
        elif v > before:
            if first > lo and before < limit and count < NODES:
                state[HEAD + BINS + count] = first + i - 1
                count += 1
            first = lo
    state[13] = count


@compiled
def _price(ticks: float, tick: float) -> float:
    # by the inverse of a tick such as 0.1, so that 20001 ticks are 2000.1 to the last bit
    return ticks / np.rint(1.0 / tick) if tick < 1.0 else ticks * tick


@compiled
def _around(state: Any, close: float, tick: float) -> tuple[float, float]:
    """The nodes next above and below the close."""
    above, below = NAN, NAN
    for i in range(int(state[13])):
        price = _price(state[HEAD + BINS + i] / 2.0, tick)
        if price <= close:
            below = price
        if price >= close:
            above = price
            break
    return above, below


@compiled
def _add(state: Any, low: float, high: float, volume: float, tick: float) -> None:
    """Spread a bar and keep the bin with most volume; equal ones are counted."""
    before = state[2]
    _spread(state, low, high, volume, tick, 1.0)
    if state[2] == before:
        return
    most, count, at = state[14], state[15], state[16]
    for i in range(int(np.rint(low / tick)), int(np.rint(high / tick)) + 1):
        v = state[HEAD + (i & MASK)]
        if v > most:
            most, count, at = v, 1.0, float(i)
        elif v == most:
            count += 1.0
    state[14], state[15], state[16] = most, count, at


@compiled
def _turn(state: Any, tick: float) -> None:
    """The finished day becomes the prior one, and the bins are emptied."""
    state[9] = state[8] if _known(state) else 0.0
    if state[9] > 0.0:
        _value(state, state[17], tick)
        state[10], state[11], state[12] = state[5], state[6], state[7]
        _nodes(state)
    _empty(state)


@compiled
def _empty(state: Any) -> None:
    for i in range(int(state[0]), int(state[1]) + 1):
        state[HEAD + (i & MASK)] = 0.0
    state[:8] = 0.0
    state[14:18] = 0.0


@compiled
def _regular(
    state: Any, h: Any, lo: Any, c: Any, v: Any, day: Any, minute: Any, tick: Any,
    dev_poc: Any, poc: Any, vah: Any, val: Any, lvn_above: Any, lvn_below: Any,
    start: int, stop: int,
) -> None:  # fmt: skip
    step = tick[0]
    for t in range(start, stop):
        if day[t] != state[8]:
            if state[3] > 0.0:
                _turn(state, step)
            state[8] = day[t]
        if RTH_OPEN <= minute[t] < RTH_CLOSE:
            _add(state, lo[t], h[t], v[t], step)
            state[17] = c[t]
            if _known(state):
                state[5] = state[16] if state[15] == 1.0 else _control(state, c[t], step)
        dev_poc[t] = _price(state[5], step) if _known(state) else NAN
        known = state[9] > 0.0 and day[t] - state[9] <= WEEK
        poc[t] = _price(state[10], step) if known else NAN
        vah[t] = _price(state[11], step) if known else NAN
        val[t] = _price(state[12], step) if known else NAN
        lvn_above[t], lvn_below[t] = _around(state, c[t], step) if known else (NAN, NAN)


@compiled
def _developing(
    state: Any, h: Any, lo: Any, c: Any, v: Any, day: Any, minute: Any, tick: Any,
    vah: Any, val: Any, start: int, stop: int,
) -> None:  # fmt: skip
    for t in range(start, stop):
        if day[t] != state[8]:
            _empty(state)
            state[8] = day[t]
        if RTH_OPEN <= minute[t] < RTH_CLOSE:
            _spread(state, lo[t], h[t], v[t], tick[0], 1.0)
            if _known(state):
                _value(state, c[t], tick[0])
        known = _known(state)
        vah[t] = _price(state[6], tick[0]) if known else NAN
        val[t] = _price(state[7], tick[0]) if known else NAN


@compiled
def _rolling(
    state: Any, h: Any, lo: Any, c: Any, v: Any, tick: Any, n: float,
    poc: Any, vah: Any, val: Any, start: int, stop: int,
) -> None:  # fmt: skip
    w, step = int(n), tick[0]
    for t in range(start, stop):
        if state[3] == n:
            _spread(state, lo[t - w], h[t - w], v[t - w], step, -1.0)
        _spread(state, lo[t], h[t], v[t], step, 1.0)
        poc[t] = vah[t] = val[t] = NAN
        if state[2] > 0.0:
            _shrink(state)
        if state[3] == n and _known(state):
            _value(state, c[t], step)
            poc[t] = _price(state[5], step)
            vah[t] = _price(state[6], step)
            val[t] = _price(state[7], step)


REGULAR = Kernel(
    "profile",
    _regular,
    (
        Output("dev_poc", Mirror.ODD, "price with most volume since 09:30"),
        Output("poc", Mirror.ODD, "price with most volume in the prior regular hours"),
        Output("vah", Mirror.PAIR, "top of the prior value area (70 %)", "val"),
        Output("val", Mirror.PAIR, "bottom of the prior value area (70 %)", "vah"),
        Output("lvn_above", Mirror.PAIR, "low-volume node next above the close", "lvn_below"),
        Output("lvn_below", Mirror.PAIR, "low-volume node next below the close", "lvn_above"),
    ),
    state=lambda: HEAD + BINS + NODES,
    memory=lambda a_day: 7.0,
    tables=("tick",),
    needs="V",
)
DEVELOPING = Kernel(
    "dev_profile",
    _developing,
    (
        Output("dev_vah", Mirror.PAIR, "top of the value area since 09:30", "dev_val"),
        Output("dev_val", Mirror.PAIR, "bottom of the value area since 09:30", "dev_vah"),
    ),
    state=lambda: HEAD + BINS,
    memory=lambda a_day: 1.0,
    tables=("tick",),
    needs="V",
)
ROLLING = Kernel(
    "roll_profile",
    _rolling,
    (
        Output("roll_poc", Mirror.ODD, "price with most volume in the last n bars"),
        Output("roll_vah", Mirror.PAIR, "top of their value area (70 %)", "roll_val"),
        Output("roll_val", Mirror.PAIR, "bottom of their value area (70 %)", "roll_vah"),
    ),
    state=lambda n: HEAD + BINS,
    lag=lambda n: n,
    memory=lambda n, a_day: 1.0 + 2.0 * n / a_day,
    tables=("tick",),
    needs="V",
)


def _of_day(output: str, kernel: Kernel = REGULAR) -> Column:
    return kernel.column(output, (HIGH, LOW, CLOSE, VOLUME, DAY, MINUTE))


def _of_bars(output: str, n: int) -> Column:
    return ROLLING.column(output, (HIGH, LOW, CLOSE, VOLUME), n)


def dev_poc() -> Column:
    """Point of control since 09:30."""
    return _of_day("dev_poc")


def dev_vah() -> Column:
    """Value area high since 09:30."""
    return _of_day("dev_vah", DEVELOPING)


def dev_val() -> Column:
    """Value area low since 09:30."""
    return _of_day("dev_val", DEVELOPING)


def poc() -> Column:
    """Point of control of the prior regular hours."""
    return _of_day("poc")


def vah() -> Column:
    """Value area high of the prior regular hours."""
    return _of_day("vah")


def val() -> Column:
    """Value area low of the prior regular hours."""
    return _of_day("val")


def lvn_above() -> Column:
    """Low-volume node of the prior regular hours next above the close."""
    return _of_day("lvn_above")


def lvn_below() -> Column:
    """Low-volume node of the prior regular hours next below the close."""
    return _of_day("lvn_below")


def roll_poc(n: int = 240) -> Column:
    """Point of control of the last n bars."""
    return _of_bars("roll_poc", n)


def roll_vah(n: int = 240) -> Column:
    """Value area high of the last n bars."""
    return _of_bars("roll_vah", n)


def roll_val(n: int = 240) -> Column:
    """Value area low of the last n bars."""
    return _of_bars("roll_val", n)
