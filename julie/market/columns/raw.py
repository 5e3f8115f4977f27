"""The bars themselves as columns, and the clock: the trading day, minute and session of a row.

`minute` counts from 18:00 Eastern; a trading day bears the date on which it ends. `day_open` and
`session_open` are 1 on the first row of a day or session, whichever minute that is.
"""

from typing import Any, Final

import numpy as np

from julie.core.compiled import compiled
from julie.market.columns.column import Column, Kernel, Mirror, Output

PRICES = ("open", "high", "low", "close")
RAW = Kernel(
    "raw",
    None,
    (
        Output("open", Mirror.ODD, "first price of the bar, adjusted for rolls"),
        Output("high", Mirror.PAIR, "highest price of the bar", partner="low"),
        Output("low", Mirror.PAIR, "lowest price of the bar", partner="high"),
        Output("close", Mirror.ODD, "last price of the bar"),
        Output("volume", Mirror.EVEN, "contracts traded; NaN where the data has none"),
        Output("shift", Mirror.ODD, "adjusted price minus traded price"),
        Output("ts", Mirror.EVEN, "open time of the bar, ns UTC"),
    ),
)

OPEN = Column(RAW, index=0)
HIGH = Column(RAW, index=1)
LOW = Column(RAW, index=2)
CLOSE = Column(RAW, index=3)
VOLUME = Column(RAW, index=4)
SHIFT = Column(RAW, index=5)
TS = Column(RAW, index=6)
BY_NAME: Final = {c.output.name: c for c in (OPEN, HIGH, LOW, CLOSE, VOLUME, SHIFT)}


@compiled
def _clock(
    state: Any,
    ts: Any,
    day_of: Any,
    open_ns: Any,
    close_ns: Any,
    session_of: Any,
    day: Any,
    minute: Any,
    length: Any,
    session: Any,
    day_open: Any,
    session_open: Any,
    start: int,
    stop: int,
) -> None:
    minute_ns = 60_000_000_000
    k = int(state[0])  # 1 + index of the running day; 0 before the first row
    for t in range(start, stop):
        first = k == 0 or ts[t] >= close_ns[k - 1] or ts[t] < open_ns[k - 1]
        if first:
            k = np.searchsorted(open_ns, ts[t], side="right")
        m = (ts[t] - open_ns[k - 1]) // minute_ns
        s = session_of[m] if 0 <= m < 1440 else 4
        day[t] = day_of[k - 1]
        minute[t] = m
        length[t] = (close_ns[k - 1] - open_ns[k - 1]) // minute_ns
        session[t] = s
        day_open[t] = 1 if first else 0
        session_open[t] = 1 if first or s != int(state[1]) else 0
        state[1] = s
    state[0] = k


CLOCK = Kernel(
    "clock",
    _clock,
    (
        Output("day", Mirror.EVEN, "trading date, days since 1970"),
        Output("minute", Mirror.EVEN, "minutes since 18:00 Eastern"),
        Output(
            "day_minutes",
            Mirror.EVEN,
            "minutes from 18:00 to the day's close (1380, less on early closes)",
        ),
        Output("session", Mirror.EVEN, "0 ASIA, 1 LONDON, 2 NY_AM, 3 NY_PM, 4 CLOSED", flag=True),
        Output("day_open", Mirror.EVEN, "1 on the first row of a trading day", flag=True),
        Output("session_open", Mirror.EVEN, "1 on the first row of a session", flag=True),
    ),
    state=lambda: 2,
    memory=lambda bars_a_day: 1.0,
    tables=("day_of", "day_open_ns", "day_close_ns", "session_of_minute"),
)

DAY = CLOCK.column("day", (TS,))
MINUTE = CLOCK.column("minute", (TS,))
DAY_MINUTES = CLOCK.column("day_minutes", (TS,))
SESSION = CLOCK.column("session", (TS,))
DAY_OPEN = CLOCK.column("day_open", (TS,))
SESSION_OPEN = CLOCK.column("session_open", (TS,))


@compiled
def _number(state: Any, flag: Any, out: Any, start: int, stop: int) -> None:
    for t in range(start, stop):
        out[t] = flag[t] if flag[t] != -128 else np.nan


NUMBER = Kernel(
    "number",
    _number,
    (Output("number", Mirror.LINEAR, "a flag as a number, NaN where it is missing"),),
)


def base(column: Column | str) -> Column:
    """A column, or a bar price by its name; a flag becomes a number: kernels see one type."""
    if isinstance(column, Column):
        return NUMBER.column("number", (column,)) if column.flag else column
    found = BY_NAME.get(column)
    if found is None:
        raise ValueError(f"no bar column {column!r}; there are {', '.join(BY_NAME)}")
    return found
