"""Ranks among the same session of the last days: is this range, this ATR small or large?

The reference is every bar of the same session in the last 20 completed trading days, fixed and put
in order once, at the day's open. New York's afternoon counts to 16:05 ET, since the last hour is
another market. Nothing is known before as many days are complete, nor on bars under a minute.

A bar's rank is the share of the reference below it plus half the share equal to it, 0 to 100.
"""

from typing import Any

import numpy as np

from julie.core.compiled import compiled
from julie.market.columns.column import Column, Kernel, Mirror, Mirrored, Output, mirrored
from julie.market.columns.raw import DAY_OPEN, MINUTE, SESSION, base

NAN = float("nan")
DAYS = 20
ROWS = 1380  # one-minute bars of a trading day
SESSIONS = 5
HEAD = 16
FINE = 2.0**40  # ranks lie on this grid, so that 100 - rank is exact

# state: 0 completed days, 1 slot of the running day, 2 begun?, 3-7 reference length a session;
# then days + 1 slots of (rows a session, values by session), then the reference, by session.


@compiled
def _sort(a: Any, low: int, high: int) -> None:
    gap = 1
    while gap < (high - low) // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for i in range(low + gap, high):
            v, j = a[i], i
            while j >= low + gap and a[j - gap] > v:
                a[j] = a[j - gap]
                j -= gap
            a[j] = v
        gap //= 3


@compiled
def _turn(state: Any, days: int) -> None:
    """The running day joins the reference, the oldest leaves it; its slot takes the new day."""
    size, sessions = ROWS + SESSIONS, SESSIONS
    now = int(state[1])
    oldest = (now + 1) % (days + 1)
    kept = HEAD + (days + 1) * size
    came, gone = HEAD + now * size, HEAD + oldest * size
    fresh = np.empty(days * ROWS)
    i, p, q, k = kept, came + sessions, gone + sessions, 0
    for s in range(sessions):
        i_end, p_end = i + int(state[3 + s]), p + int(state[came + s])
        q_end, begin = q + int(state[gone + s]), k
        _sort(state, p, p_end)
        while i < i_end or p < p_end:
            if i < i_end and q < q_end and state[i] == state[q]:
                i += 1
                q += 1
            elif p >= p_end or (i < i_end and state[i] <= state[p]):
                fresh[k] = state[i]
                i += 1
                k += 1
            else:
                fresh[k] = state[p]
                p += 1
                k += 1
        state[3 + s] = k - begin
    for n in range(k):
        state[kept + n] = fresh[n]
    for s in range(sessions):
        state[gone + s] = 0.0
    state[0], state[1] = state[0] + 1.0, oldest


@compiled
def _kept(state: Any, s: int) -> int:
    """How many values the running day holds up to and with a session."""
    at = HEAD + int(state[1]) * (ROWS + SESSIONS)
    rows = 0
    for k in range(s + 1):
        rows += int(state[at + k])
    return rows


@compiled
def _enter(state: Any, v: float, s: int, minute: float, rows: int) -> int:
    """Keep a value of the running day behind the `rows` there are; returns how many there are."""
    late = s == 3 and minute >= 1325.0
    if v == v and rows < ROWS and not late:
        at = HEAD + int(state[1]) * (ROWS + SESSIONS)
        state[at + SESSIONS + rows] = v
        state[at + s] += 1.0
        rows += 1
    return rows


@compiled
def _from(state: Any, s: int, days: int) -> int:
    """Where the reference of a session begins."""
    at = HEAD + (days + 1) * (ROWS + SESSIONS)
    for k in range(s):
        at += int(state[3 + k])
    return at


@compiled
def _place(a: Any, low: int, high: int, v: float, over: bool) -> int:
    while low < high:
        middle = (low + high) // 2
        if a[middle] < v or (over and a[middle] == v):
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def _near(a: Any, low: int, high: int, v: float, guess: int) -> int:
    """As `_place`, searched outwards from a guess: a bar ranks near the bar before."""
    guess, step = min(max(guess, low), high), 1
    if guess < high and a[guess] < v:
        while guess + step < high and a[guess + step] < v:
            step *= 2
        return _place(a, guess + step // 2 + 1, min(guess + step, high), v, False)
    while guess - step >= low and a[guess - step] >= v:
        step *= 2
    return _place(a, max(guess - step + 1, low), guess - step // 2, v, False)


@compiled
def _open_day(state: Any, days: int) -> None:
    if state[2] == 1.0:
        _turn(state, days)
    state[2] = 1.0


@compiled
def _percentile(
    state: Any, x: Any, session: Any, minute: Any, day_open: Any, bar_min: Any, d: float,
    out: Any, start: int, stop: int,
) -> None:  # fmt: skip
    days, part, kept, low, high, guess = int(d), -1, 0, 0, 0, 0
    for t in range(start, stop):
        if day_open[t] == 1:
            _open_day(state, days)
            part = -1
        s, v = session[t], x[t]
        out[t] = NAN
        if bar_min[0] < 1.0 or not 0 <= s < SESSIONS:
            continue
        if s != part:
            part, kept = s, _kept(state, s)
            low = guess = _from(state, s, days)
            high = low + int(state[3 + s]) if state[0] >= days else low
        if v == v and high > low:
            guess = _near(state, low, high, v, guess)
            tied = guess < high and state[guess] == v
            over = _place(state, guess, high, v, True) if tied else guess
            share = 50.0 * (guess - low - high + over) / (high - low)
            out[t] = 50.0 + np.rint(share * FINE) / FINE
        kept = _enter(state, v, s, minute[t], kept)


@compiled
def _reference(state: Any, s: int, p: float, days: int) -> float:
    """The p-th percentile of a session's reference."""
    rows = int(state[3 + s])
    if rows == 0 or state[0] < days:
        return NAN
    low = _from(state, s, days)
    at = (rows - 1) * p / 100.0
    k = min(int(at), rows - 1)
    share = at - k
    upper = state[low + min(k + 1, rows - 1)]
    return float(state[low + k] * (1.0 - share) + upper * share)


@compiled
def _quantile(
    state: Any, x: Any, session: Any, minute: Any, day_open: Any, bar_min: Any, p: float, d: float,
    out: Any, start: int, stop: int,
) -> None:  # fmt: skip
    days, part, kept, value = int(d), -1, 0, NAN
    for t in range(start, stop):
        if day_open[t] == 1:
            _open_day(state, days)
            part = -1
        s = session[t]
        out[t] = NAN
        if bar_min[0] < 1.0 or not 0 <= s < SESSIONS:
            continue
        if s != part:
            part, kept, value = s, _kept(state, s), _reference(state, s, p, days)
        out[t] = value
        kept = _enter(state, x[t], s, minute[t], kept)


def _state(days: float) -> int:
    return int(HEAD + (days + 1) * (ROWS + SESSIONS) + days * ROWS)


def _rank_upside_down(column: Column) -> Mirrored:
    inner = mirrored(column.inputs[0])
    turned = Column(column.kernel, (inner.column, *column.inputs[1:]), column.params)
    return Mirrored(0.0, 1.0, turned) if inner.factor > 0 else Mirrored(100.0, -1.0, turned)


def _value_upside_down(column: Column) -> Mirrored:
    inner = mirrored(column.inputs[0])
    p, days = column.params
    p = p if inner.factor > 0 else 100.0 - p
    turned = Column(column.kernel, (inner.column, *column.inputs[1:]), (p, days))
    return Mirrored(inner.offset, inner.factor, turned)


PERCENTILE = Kernel(
    "percentile",
    _percentile,
    (
        Output(
            "percentile",
            Mirror.OWN,
            "rank 0-100 among all bars of the same session in the last `days` completed days",
        ),
    ),
    state=_state,
    memory=lambda days, a_day: days + 1.0,
    tables=("bar_min",),
    mirror=_rank_upside_down,
)
QUANTILE = Kernel(
    "quantile",
    _quantile,
    (
        Output(
            "quantile",
            Mirror.OWN,
            "value at the p-th percentile of the same session in the last `days` completed days",
        ),
    ),
    state=lambda p, days: _state(days),
    memory=lambda p, days, a_day: days + 1.0,
    tables=("bar_min",),
    mirror=_value_upside_down,
)


def percentile(x: Column | str, days: int = DAYS) -> Column:
    """Rank of the value among the same session's bars of the last completed days, 0 to 100."""
    return PERCENTILE.column("percentile", (base(x), SESSION, MINUTE, DAY_OPEN), days)


def quantile(x: Column | str, p: float, days: int = DAYS) -> Column:
    """Value at the p-th percentile of the same session's bars of the last completed days."""
    if not 0.0 <= p <= 100.0:
        raise ValueError(f"a percentile lies between 0 and 100, not at {p:g}")
    return QUANTILE.column("quantile", (base(x), SESSION, MINUTE, DAY_OPEN), p, days)


def session_median(x: Column | str, days: int = DAYS) -> Column:
    """Median of the same session's bars of the last completed days: the session's usual value."""
    return quantile(x, 50.0, days)
