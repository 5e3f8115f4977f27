"""Higher timeframes: `on("5m", column)` lives on its own rows, aligned to the trading day's 18:00.

A higher bar is complete on the base row that ends it, or on the first row after a hole; one that an
early close cuts short ends there. The base row sees the last completed higher row, never the
running one.
"""

from typing import Any, Final, NamedTuple

from julie.core.compiled import compiled
from julie.market.columns.column import Column, Kernel, Mirror, Output
from julie.market.columns.raw import DAY, DAY_MINUTES, MINUTE, RAW, TS

SECONDS: Final = {
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


class BarRows(NamedTuple):
    """The buffers of a frame's bars."""

    ts: Any
    open: Any
    high: Any
    low: Any
    close: Any
    volume: Any
    shift: Any


class DayRows(NamedTuple):
    """The buffers of a frame's place in the trading day."""

    day: Any
    minute: Any
    length: Any


# state of the running bar: begun?, day, bucket, open, high, low, close, volume, shift, and its
# start in minutes since 1970
@compiled
def _end_bar(state: Any, out: Any, fill: int) -> int:
    out.ts[fill] = int(state[9]) * 60_000_000_000
    out.open[fill], out.high[fill], out.low[fill] = state[3], state[4], state[5]
    out.close[fill], out.volume[fill], out.shift[fill] = state[6], state[7], state[8]
    state[0] = 0.0
    return fill + 1


@compiled
def fold_rows(
    state: Any,
    rows: Any,
    place: Any,
    tf_min: float,
    base_min: float,
    out: Any,
    seen: Any,
    start: int,
    stop: int,
    fill: int,
    total: int,
) -> int:
    """Add base rows to the running higher bar; returns the new fill of the higher frame."""
    ahead = total - fill
    for t in range(start, stop):
        bucket = place.minute[t] // tf_min
        if state[0] == 1.0 and (place.day[t] != state[1] or bucket != state[2]):
            fill = _end_bar(state, out, fill)
        if state[0] == 0.0:
            state[0], state[1], state[2] = 1.0, place.day[t], bucket
            state[3], state[4], state[5] = rows.open[t], rows.high[t], rows.low[t]
            state[7] = 0.0
            state[9] = rows.ts[t] // 60_000_000_000 - (place.minute[t] - bucket * tf_min)
        state[4] = max(state[4], rows.high[t])
        state[5] = min(state[5], rows.low[t])
        state[6] = rows.close[t]
        state[7] += rows.volume[t]
        state[8] = rows.shift[t]
        if place.minute[t] + base_min >= min((bucket + 1) * tf_min, place.length[t]):
            fill = _end_bar(state, out, fill)
        seen[t] = fill + ahead
    return fill


FOLD_STATE = 10
BAR_COLUMNS = (TS, *(Column(RAW, index=i) for i in range(6)))
DAY_COLUMNS = (DAY, MINUTE, DAY_MINUTES)
FOLD_INPUTS = (*BAR_COLUMNS, *DAY_COLUMNS)

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
    """Row `seen[t] - 1` of the higher frame; `offset` turns it into a row of the buffer."""
    for t in range(start, stop):
        out[t] = x[seen[t] - 1 - offset] if seen[t] > 0 else empty


@compiled
def completed(seen: Any, out: Any, start: int, stop: int, before: int) -> None:
    """1 where the number of completed higher bars rose."""
    last = before
    for t in range(start, stop):
        out[t] = 1 if seen[t] > last else 0
        last = seen[t]
