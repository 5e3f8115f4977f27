"""Higher timeframes: `on("5m", column)` lives on its own rows, aligned to the trading day's 18:00.

A higher bar is complete on the base row that ends it, or on the first row after a hole; one that an
early close cuts short ends there. The base row sees the last completed higher row, never the
running one.
"""

from typing import Any

from julie.core.compiled import compiled
from julie.market.columns.column import Column, Kernel, Mirror, Output
from julie.market.columns.raw import DAY, DAY_MINUTES, MINUTE, RAW, TS

SECONDS = {
    "1m": 60,
    "3m": 180,
    "5m": 300,
    "15m": 900,
    "30m": 1800,
    "1h": 3600,
    "60m": 3600,
    "4h": 14400,
    "240m": 14400,
    "1d": 86400,
}


@compiled
def _nanoseconds(minutes: float) -> int:
    return int(minutes) * 60_000_000_000


@compiled
def fold_rows(
    state: Any,
    ts: Any,
    o: Any,
    h: Any,
    l: Any,
    c: Any,
    v: Any,
    sh: Any,
    day: Any,
    minute: Any,
    length: Any,
    tf_min: float,
    base_min: float,
    ts2: Any,
    o2: Any,
    h2: Any,
    l2: Any,
    c2: Any,
    v2: Any,
    sh2: Any,
    seen: Any,
    start: int,
    stop: int,
    fill: int,
    total: int,
) -> int:
    """Add base rows to the running higher bar; returns the new fill of the higher frame.

    state: 0 open? 1 day 2 bucket 3 open 4 high 5 low 6 close 7 volume 8 shift 9 bucket start as
    minutes since 1970
    """
    for t in range(start, stop):
        bucket = minute[t] // tf_min
        if state[0] == 1.0 and (day[t] != state[1] or bucket != state[2]):
            ts2[fill] = _nanoseconds(state[9])
            o2[fill], h2[fill], l2[fill], c2[fill], v2[fill], sh2[fill] = (
                state[3],
                state[4],
                state[5],
                state[6],
                state[7],
                state[8],
            )
            fill += 1
            total += 1
            state[0] = 0.0
        if state[0] == 0.0:
            state[0] = 1.0
            state[1] = day[t]
            state[2] = bucket
            state[3], state[4], state[5] = o[t], h[t], l[t]
            state[7] = 0.0
            state[9] = ts[t] // 60_000_000_000 - (minute[t] - bucket * tf_min)
        state[4] = max(state[4], h[t])
        state[5] = min(state[5], l[t])
        state[6] = c[t]
        state[7] += v[t]
        state[8] = sh[t]
        end = min((bucket + 1) * tf_min, length[t])
        if minute[t] + base_min >= end:
            ts2[fill] = _nanoseconds(state[9])
            o2[fill], h2[fill], l2[fill], c2[fill], v2[fill], sh2[fill] = (
                state[3],
                state[4],
                state[5],
                state[6],
                state[7],
                state[8],
            )
            fill += 1
            total += 1
            state[0] = 0.0
        seen[t] = total
    return fill


FOLD_STATE = 10
FOLD_INPUTS = (TS, *(Column(RAW, index=i) for i in range(6)), DAY, MINUTE, DAY_MINUTES)

ON = Kernel(
    "on",
    None,
    (Output("on", Mirror.LINEAR, "the value on the last completed bar of that timeframe"),),
)
NEW = Kernel(
    "new_bar",
    None,
    (
        Output(
            "new_bar", Mirror.EVEN, "1 on the row that completes a bar of that timeframe", flag=True
        ),
    ),
)


def on(timeframe: str, column: Column) -> Column:
    """The column on a higher timeframe, as of its last completed bar."""
    if timeframe not in SECONDS:
        raise ValueError(f"no timeframe {timeframe!r}; there are {', '.join(SECONDS)}")
    return Column(ON, (column,), where=timeframe, alias=column.alias)


def new_bar(timeframe: str) -> Column:
    """1 on the base row that completes a bar of the timeframe: where its rules speak."""
    return Column(NEW, where=timeframe)


@compiled
def gather(x: Any, seen: Any, out: Any, empty: float, start: int, stop: int, offset: int) -> None:
    """Row `seen[t] - 1` of the higher frame for each base row; `offset` turns it into a buffer row.
    """
    for t in range(start, stop):
        out[t] = x[seen[t] - 1 - offset] if seen[t] > 0 else empty


@compiled
def completed(seen: Any, out: Any, start: int, stop: int, before: int) -> None:
    """1 where the number of completed higher bars rose."""
    last = before
    for t in range(start, stop):
        out[t] = 1 if seen[t] > last else 0
        last = seen[t]
