"""How straight the way is: ADX with its directions, Kaufman's efficiency, persistence, quotients.

A market that did not move has efficiency 0 and no direction. Running sums are built afresh from
their window every n rows and at each trading day's open.
"""

import math
from dataclasses import replace
from typing import Any

from julie.core.compiled import compiled
from julie.core.errors import UsageError
from julie.market.columns.column import Column, Kernel, Mirror, Mirrored, Output, mirrored
from julie.market.columns.raw import CLOSE, DAY_OPEN, HIGH, LOW, base

NAN = float("nan")


@compiled
def _directional(
    state: Any, high: Any, low: Any, close: Any, n: float, plus: Any, minus: Any, adx: Any,
    start: int, stop: int,
) -> None:  # fmt: skip
    # state: Wilder's averages of 0 upward, 1 downward movement, 2 range, 3 their lead, 4 rows
    for t in range(start, stop):
        plus[t] = minus[t] = adx[t] = NAN
        if math.isnan(high[t] - low[t] + close[t - 1]):
            state[4] = 0.0
            continue
        state[4] += 1.0
        share = 1.0 if state[4] == 1.0 else 1.0 / n
        up, down = high[t] - high[t - 1], low[t - 1] - low[t]
        span = max(high[t], close[t - 1]) - min(low[t], close[t - 1])
        state[0] += ((up if up > down and up > 0.0 else 0.0) - state[0]) * share
        state[1] += ((down if down > up and down > 0.0 else 0.0) - state[1]) * share
        state[2] += (span - state[2]) * share
        if state[4] < n:
            continue
        if state[2] > 0.0:
            plus[t], minus[t] = 100.0 * state[0] / state[2], 100.0 * state[1] / state[2]
        else:
            plus[t] = minus[t] = 0.0
        both = state[0] + state[1]
        lead = 100.0 * abs(state[0] - state[1]) / both if both > 0.0 else 0.0
        state[3] += (lead - state[3]) * (1.0 if state[4] == n else 1.0 / n)
        if state[4] >= 2.0 * n - 1.0:
            adx[t] = state[3]


@compiled
def _er(state: Any, close: Any, day_open: Any, n: float, out: Any, start: int, stop: int) -> None:
    # state: 0 path, 1 changes without a gap, 2 rows since the path was built
    w = int(n)
    path, count, age = state[0], int(state[1]), int(state[2])
    for t in range(start, stop):
        if math.isnan(close[t] - close[t - 1]):
            count, out[t] = 0, NAN
            continue
        count, age = min(count + 1, w), age + 1
        if count < w:
            age, out[t] = w, NAN
            continue
        if age >= w or day_open[t] == 1:
            path, age = 0.0, 0
            for k in range(t - w + 1, t + 1):
                path += abs(close[k] - close[k - 1])
        else:
            path += abs(close[t] - close[t - 1]) - abs(close[t - w] - close[t - w - 1])
        out[t] = min(abs(close[t] - close[t - w]) / path, 1.0) if path > 0.0 else 0.0
    state[0], state[1], state[2] = path, count, age


@compiled
def _persistence(
    state: Any, close: Any, n: float, up: Any, down: Any, start: int, stop: int
) -> None:
    w = int(n)
    rises, falls, count = state[0], state[1], int(state[2])
    for t in range(start, stop):
        up[t] = down[t] = NAN
        change = close[t] - close[t - 1]
        if math.isnan(change):
            rises, falls, count = 0.0, 0.0, 0
            continue
        rises += 1.0 if change >= 0.0 else 0.0
        falls += 1.0 if change <= 0.0 else 0.0
        count += 1
        if count > w:
            left, count = close[t - w] - close[t - w - 1], w
            rises -= 1.0 if left >= 0.0 else 0.0
            falls -= 1.0 if left <= 0.0 else 0.0
        if count == w:
            up[t], down[t] = rises / w, falls / w
    state[0], state[1], state[2] = rises, falls, count


@compiled
def _ratio(state: Any, a: Any, b: Any, out: Any, start: int, stop: int) -> None:
    for t in range(start, stop):
        out[t] = a[t] / b[t] if b[t] != 0.0 else NAN


def _ratio_upside_down(column: Column) -> Mirrored:
    above, below = (mirrored(i) for i in column.inputs)
    turned = replace(column, inputs=(above.column, below.column))
    return Mirrored(0.0, above.factor * below.factor, turned)


DIRECTIONAL = Kernel(
    "directional",
    _directional,
    (
        Output(
            "plus_di", Mirror.PAIR_EVEN, "100 x Wilder's upward movement / true range", "minus_di"
        ),
        Output(
            "minus_di", Mirror.PAIR_EVEN, "100 x Wilder's downward movement / true range", "plus_di"
        ),
        Output("adx", Mirror.EVEN, "Wilder's average of 100 x |+DI - -DI| / (+DI + -DI)"),
    ),
    state=lambda n: 5,
    lag=lambda n: 1,
    memory=lambda n, a_day: 80.0 * n / a_day,
)
ER = Kernel(
    "er",
    _er,
    (Output("er", Mirror.EVEN, "|close - close n bars ago| / sum of |change|"),),
    state=lambda n: 3,
    lag=lambda n: n + 1,
    memory=lambda n, a_day: 1.0 + n / a_day,
)
PERSISTENCE = Kernel(
    "persistence",
    _persistence,
    (
        Output(
            "persistence_up", Mirror.PAIR_EVEN, "share of c >= c[1] in n bars", "persistence_down"
        ),
        Output(
            "persistence_down", Mirror.PAIR_EVEN, "share of c <= c[1] in n bars", "persistence_up"
        ),
    ),
    state=lambda n: 3,
    lag=lambda n: n + 1,
    memory=lambda n, a_day: (n + 1.0) / a_day,
)
RATIO = Kernel("ratio", _ratio, (Output("ratio", Mirror.OWN, "a / b"),), mirror=_ratio_upside_down)


def adx(n: int) -> Column:
    """Wilder's average directional index."""
    return DIRECTIONAL.column("adx", (HIGH, LOW, CLOSE), n)


def plus_di(n: int) -> Column:
    """Wilder's upward direction, +DI."""
    return DIRECTIONAL.column("plus_di", (HIGH, LOW, CLOSE), n)


def minus_di(n: int) -> Column:
    """Wilder's downward direction, -DI."""
    return DIRECTIONAL.column("minus_di", (HIGH, LOW, CLOSE), n)


def er(n: int) -> Column:
    """Kaufman's efficiency ratio: net move over path, 0 to 1."""
    return ER.column("er", (CLOSE, DAY_OPEN), n)


def persistence(n: int) -> Column:
    """Share of the last n closes at or above the close before; for shorts, at or below."""
    return persistence_up(n)


def persistence_up(n: int) -> Column:
    """Share of the last n closes at or above the close before."""
    return PERSISTENCE.column("persistence_up", (CLOSE,), n)


def persistence_down(n: int) -> Column:
    """Share of the last n closes at or below the close before."""
    return PERSISTENCE.column("persistence_down", (CLOSE,), n)


def ratio(a: Column | str, b: Column | str) -> Column:
    """One column over another."""
    for one in (base(a), base(b)):
        if mirrored(one).offset != 0.0:
            raise UsageError(
                f"ratio: {one.expression} is counted from one end of a scale",
                "a quotient stands on prices, distances or volumes",
            )
    return RATIO.column("ratio", (base(a), base(b)))
