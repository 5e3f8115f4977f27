"""What a rule cannot remember itself: was it so within n rows, since when, for how long.

`within(swept_low(3), 10)` is 1 while the last such row is less than 10 rows back. A flag that has
a side is asked for one of them: `within(bos(), 10, -1)`. Counts end at `most`, so that nothing
older than that is remembered; before as many rows are known, what was not seen is not ready.
"""

import math
from dataclasses import replace
from typing import Any

from julie.core.compiled import compiled
from julie.market.columns.column import MISSING, Column, Kernel, Mirror, Mirrored, Output, mirrored

NAN = float("nan")
MOST = 1380


@compiled
def _within(state: Any, flag: Any, n: float, value: float, out: Any, start: int, stop: int) -> None:
    # state: 0 rows since the value was seen, 1 rows without a gap; both end at n
    since, known = state[0], state[1]
    for t in range(start, stop):
        v = float(flag[t])
        if v == MISSING or math.isnan(v):
            known, out[t] = 0.0, MISSING
            continue
        since = 0.0 if v == value else (min(since + 1.0, n) if known > 0.0 else n)
        known = min(known + 1.0, n)
        out[t] = 1 if since < n else (0 if known == n else MISSING)
    state[0], state[1] = since, known


@compiled
def _since(
    state: Any, flag: Any, value: float, most: float, out: Any, start: int, stop: int
) -> None:
    since, known = state[0], state[1]
    for t in range(start, stop):
        v = float(flag[t])
        if v == MISSING or math.isnan(v):
            known, out[t] = 0.0, NAN
            continue
        since = 0.0 if v == value else (min(since + 1.0, most) if known > 0.0 else most)
        known = min(known + 1.0, most)
        out[t] = since if since < most or known == most else NAN
    state[0], state[1] = since, known


@compiled
def _count_run(
    state: Any, flag: Any, value: float, most: float, out: Any, start: int, stop: int
) -> None:
    # state: 0 length of the run, 1 was its beginning seen?
    run, seen = state[0], state[1]
    for t in range(start, stop):
        v = float(flag[t])
        if v == MISSING or math.isnan(v):
            run, seen, out[t] = 0.0, 0.0, NAN
            continue
        if v == value:
            run = min(run + 1.0, most)
        else:
            run, seen = 0.0, 1.0
        out[t] = run if seen == 1.0 or run == most else NAN
    state[0], state[1] = run, seen


def _value_at(place: int) -> Any:
    """The mirror of a kernel that asks for a value: the value as the turned flag shows it."""

    def turn(column: Column) -> Mirrored:
        inner = mirrored(column.inputs[0])
        params = list(column.params)
        params[place] = inner.factor * (params[place] - inner.offset)
        return Mirrored(0.0, 1.0, replace(column, inputs=(inner.column,), params=tuple(params)))

    return turn


WITHIN = Kernel(
    "within",
    _within,
    (Output("within", Mirror.OWN, "1 where the flag had the value in the last n rows", flag=True),),
    state=lambda n, value: 2,
    memory=lambda n, value, a_day: n / a_day,
    mirror=_value_at(1),
)
SINCE = Kernel(
    "since",
    _since,
    (Output("since", Mirror.OWN, "rows since the flag had the value, at most `most`"),),
    state=lambda value, most: 2,
    memory=lambda value, most, a_day: most / a_day,
    mirror=_value_at(0),
)
COUNT_RUN = Kernel(
    "count_run",
    _count_run,
    (Output("count_run", Mirror.OWN, "rows in a row with the value, at most `most`"),),
    state=lambda value, most: 2,
    memory=lambda value, most, a_day: most / a_day,
    mirror=_value_at(0),
)


def within(flag: Column, n: int, value: float = 1) -> Column:
    """1 where the flag had the value in the last n rows, this one included."""
    return WITHIN.column("within", (flag,), n, value)


def since(flag: Column, value: float = 1, most: int = MOST) -> Column:
    """Rows since the flag had the value; 0 on the row itself, `most` where it is longer ago."""
    return SINCE.column("since", (flag,), value, most)


def count_run(flag: Column, value: float = 1, most: int = MOST) -> Column:
    """How many rows in a row, this one included, the flag has had the value."""
    return COUNT_RUN.column("count_run", (flag,), value, most)
