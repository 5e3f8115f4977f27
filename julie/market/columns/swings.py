"""Swings: the turns of price, and those that no close has broken yet.

A swing high stands strictly above the k bars before it and at or above the k bars after; it exists
from its confirmation, k bars later. It is broken by a close beyond it, and forgotten after
`max_age` bars. Two unbroken swings within two ticks are equal highs: many stops lie beyond them.
"""

from typing import Any

from julie.core.compiled import compiled
from julie.market.columns.column import MISSING, Column, Kernel, Mirror, Output
from julie.market.columns.raw import CLOSE, HIGH, LOW

NAN = float("nan")
MAX_AGE = 240


@compiled
def _turns(x: Any, c: int, k: int, sign: float) -> bool:
    for j in range(1, k + 1):
        if not (sign * x[c] > sign * x[c - j] and sign * x[c] >= sign * x[c + j]):
            return False
    return True


@compiled
def _side(
    state: Any, x: Any, close: Any, k: int, oldest: float, sign: float,
    price: Any, age: Any, broken: Any, before: Any, start: int, stop: int,
) -> None:  # fmt: skip
    # state: 0 price 1 age 2 broken 3 known; 4 price of the one before 5 its age 6 known
    for t in range(start, stop):
        state[1] += 1.0
        state[5] += 1.0
        if _turns(x, t - k, k, sign):
            state[4], state[5], state[6] = state[0], state[1], state[3]
            state[0], state[1], state[2], state[3] = x[t - k], k, 0.0, 1.0
        if state[1] > oldest:
            state[3] = 0.0
        if state[5] > oldest:
            state[6] = 0.0
        if sign * close[t] > sign * state[0]:
            state[2] = 1.0
        known = state[3] == 1.0
        price[t] = state[0] if known else NAN
        age[t] = state[1] if known else NAN
        broken[t] = int(state[2]) if known else MISSING
        before[t] = state[4] if state[6] == 1.0 else NAN


@compiled
def _swing(
    state: Any, h: Any, lo: Any, c: Any, k: float, oldest: float,
    high: Any, low: Any, high_age: Any, low_age: Any, high_broken: Any, low_broken: Any,
    high_before: Any, low_before: Any, start: int, stop: int,
) -> None:  # fmt: skip
    n = int(k)
    _side(state[:7], h, c, n, oldest, 1.0, high, high_age, high_broken, high_before, start, stop)
    _side(state[7:], lo, c, n, oldest, -1.0, low, low_age, low_broken, low_before, start, stop)


SWING = Kernel(
    "swing",
    _swing,
    (
        Output("swing_high", Mirror.PAIR, "price of the last confirmed swing high", "swing_low"),
        Output("swing_low", Mirror.PAIR, "price of the last confirmed swing low", "swing_high"),
        Output("swing_high_age", Mirror.PAIR_EVEN, "bars since the swing high", "swing_low_age"),
        Output("swing_low_age", Mirror.PAIR_EVEN, "bars since the swing low", "swing_high_age"),
        Output(
            "swing_high_broken",
            Mirror.PAIR_EVEN,
            "1 once a close lies beyond the swing high",
            "swing_low_broken",
            flag=True,
        ),
        Output(
            "swing_low_broken",
            Mirror.PAIR_EVEN,
            "1 once a close lies beyond the swing low",
            "swing_high_broken",
            flag=True,
        ),
        Output("swing_high_before", Mirror.PAIR, "the swing high before", "swing_low_before"),
        Output("swing_low_before", Mirror.PAIR, "the swing low before", "swing_high_before"),
    ),
    state=lambda *_: 14,
    lag=lambda k, oldest: 2 * k,
    memory=lambda k, oldest, a_day: 1.0 + 2.0 * (oldest + 2 * k) / a_day,
)


@compiled
def _pool(
    state: Any, price: Any, age: Any, close: Any, span: float, k: float, oldest: float,
    youngest: float, sign: float, nearest: Any, second: Any, equal: Any, start: int, stop: int,
) -> None:  # fmt: skip
    # state: 0 row 1 size; equal swings: 2 price 3 row 4 known; then price and row of each swing
    row, size = state[0], int(state[1])
    for t in range(start, stop):
        row += 1.0
        kept, best, next_best, top = 5, NAN, NAN, sign * price[t]
        far, equals = state[2], row - state[3] <= oldest and state[4] == 1.0
        fresh = age[t] == k
        if fresh:
            state[5 + 2 * size], state[6 + 2 * size] = price[t], row - k
            size += 1
        for i in range(5, 5 + 2 * size, 2):
            p, born = state[i], state[i + 1]
            if row - born > oldest or sign * close[t] > sign * p:
                continue
            state[kept], state[kept + 1] = p, born
            kept += 2
            if fresh and born < row - k and abs(p - price[t]) <= span:
                top = max(top, sign * p)
                far, equals, state[3] = sign * top, True, row - k
            if row - born < youngest:
                continue
            if not sign * p >= sign * best:
                best, next_best = p, best
            elif p != best and not sign * p >= sign * next_best:
                next_best = p
        size = (kept - 5) // 2
        equals = equals and sign * close[t] <= sign * far
        state[2], state[4] = far, 1.0 if equals else 0.0
        nearest[t], second[t] = best, next_best
        equal[t] = far if equals else NAN
    state[0], state[1] = row, size


@compiled
def _unbroken(
    state: Any, c: Any, sh: Any, sh_age: Any, sl: Any, sl_age: Any, tick: Any,
    k: float, oldest: float, youngest: float,
    high: Any, low: Any, high2: Any, low2: Any, equal_high: Any, equal_low: Any,
    start: int, stop: int,
) -> None:  # fmt: skip
    half = len(state) // 2
    up, down, span = state[:half], state[half:], 2.000001 * tick[0]
    _pool(up, sh, sh_age, c, span, k, oldest, youngest, 1.0, high, high2, equal_high, start, stop)
    _pool(down, sl, sl_age, c, span, k, oldest, youngest, -1.0, low, low2, equal_low, start, stop)


UNBROKEN = Kernel(
    "unbroken",
    _unbroken,
    (
        Output("nearest_swing_high", Mirror.PAIR, "nearest unbroken high", "nearest_swing_low"),
        Output("nearest_swing_low", Mirror.PAIR, "nearest unbroken low", "nearest_swing_high"),
        Output("second_swing_high", Mirror.PAIR, "the next one above it", "second_swing_low"),
        Output("second_swing_low", Mirror.PAIR, "the next one below it", "second_swing_high"),
        Output("equal_high", Mirror.PAIR, "unbroken swing highs within 2 ticks", "equal_low"),
        Output("equal_low", Mirror.PAIR, "unbroken swing lows within 2 ticks", "equal_high"),
    ),
    # two swings of a side lie more than k bars apart
    state=lambda k, oldest, youngest: 2 * (5 + 2 * (int(oldest / (k + 1)) + 3)),
    memory=lambda k, oldest, youngest, a_day: 1.0 + 2.0 * oldest / a_day,
    tables=("tick",),
)


def _last(output: str, k: int, max_age: int) -> Column:
    return SWING.column(output, (HIGH, LOW, CLOSE), k, max_age)


def swing_high(k: int, max_age: int = MAX_AGE) -> Column:
    """Price of the last confirmed swing high."""
    return _last("swing_high", k, max_age)


def swing_low(k: int, max_age: int = MAX_AGE) -> Column:
    """Price of the last confirmed swing low."""
    return _last("swing_low", k, max_age)


def swing_high_age(k: int, max_age: int = MAX_AGE) -> Column:
    """Bars since the last confirmed swing high."""
    return _last("swing_high_age", k, max_age)


def swing_low_age(k: int, max_age: int = MAX_AGE) -> Column:
    """Bars since the last confirmed swing low."""
    return _last("swing_low_age", k, max_age)


def swing_high_broken(k: int, max_age: int = MAX_AGE) -> Column:
    """1 once a close lies above the last confirmed swing high."""
    return _last("swing_high_broken", k, max_age)


def swing_low_broken(k: int, max_age: int = MAX_AGE) -> Column:
    """1 once a close lies below the last confirmed swing low."""
    return _last("swing_low_broken", k, max_age)


def swing_high_before(k: int, max_age: int = MAX_AGE) -> Column:
    """Price of the swing high before the last."""
    return _last("swing_high_before", k, max_age)


def swing_low_before(k: int, max_age: int = MAX_AGE) -> Column:
    """Price of the swing low before the last."""
    return _last("swing_low_before", k, max_age)


def _held(output: str, k: int, max_age: int, min_age: int = 0) -> Column:
    names = ("swing_high", "swing_high_age", "swing_low", "swing_low_age")
    turns = tuple(_last(name, k, MAX_AGE) for name in names)
    return UNBROKEN.column(output, (CLOSE, *turns), k, max_age, min_age)


def nearest_swing_high(k: int, max_age: int = MAX_AGE, min_age: int = 0) -> Column:
    """Nearest unbroken swing high, at or above the close."""
    return _held("nearest_swing_high", k, max_age, min_age)


def nearest_swing_low(k: int, max_age: int = MAX_AGE, min_age: int = 0) -> Column:
    """Nearest unbroken swing low, at or below the close."""
    return _held("nearest_swing_low", k, max_age, min_age)


def second_swing_high(k: int, max_age: int = MAX_AGE, min_age: int = 0) -> Column:
    """The unbroken swing high next above the nearest."""
    return _held("second_swing_high", k, max_age, min_age)


def second_swing_low(k: int, max_age: int = MAX_AGE, min_age: int = 0) -> Column:
    """The unbroken swing low next below the nearest."""
    return _held("second_swing_low", k, max_age, min_age)


def equal_high(k: int, max_age: int = MAX_AGE) -> Column:
    """Level of the newest equal highs, until a close lies above it."""
    return _held("equal_high", k, max_age)


def equal_low(k: int, max_age: int = MAX_AGE) -> Column:
    """Level of the newest equal lows, until a close lies below it."""
    return _held("equal_low", k, max_age)
