"""Displacement: bars that show who is in command.

One bar, or two or three in a row of one colour, whose bodies add up to `factor` times the ATR(14)
of the bar before them. It is told on every bar that ends such a run, +1 up and -1 down.
"""

from typing import Any

from julie.core.compiled import compiled
from julie.market.columns.averages import atr
from julie.market.columns.column import MISSING, Column, Kernel, Mirror, Output
from julie.market.columns.raw import CLOSE, OPEN

FACTOR = 1.5
MOST_BARS = 3


@compiled
def _displacement(
    state: Any, o: Any, c: Any, atr14: Any, factor: float, out: Any, start: int, stop: int
) -> None:  # fmt: skip
    for t in range(start, stop):
        colour = 1 if c[t] > o[t] else (-1 if c[t] < o[t] else 0)
        out[t] = 0 if atr14[t - 1] >= 0.0 else MISSING
        bodies = 0.0
        for k in range(MOST_BARS):
            body = colour * (c[t - k] - o[t - k])
            if not body > 0.0:
                break
            bodies += body
            if bodies >= factor * atr14[t - k - 1]:
                out[t] = colour


@compiled
def _latest(state: Any, flag: Any, n: float, out: Any, start: int, stop: int) -> None:
    # state: 0 the last sign, 1 bars since it, 2 bars without a gap; both counts end at n
    for t in range(start, stop):
        if flag[t] == MISSING:
            state[2], out[t] = 0.0, MISSING
            continue
        if state[2] == 0.0:
            state[1] = n
        state[1], state[2] = min(state[1] + 1.0, n), min(state[2] + 1.0, n)
        if flag[t] != 0:
            state[0], state[1] = flag[t], 0.0
        out[t] = state[0] if state[1] < n else (0 if state[2] == n else MISSING)


DISPLACEMENT = Kernel(
    "displacement",
    _displacement,
    (
        Output(
            "displacement",
            Mirror.ODD,
            "+1, -1 where up to 3 bodies of one colour are `factor` x ATR(14) or more",
            flag=True,
        ),
    ),
    lag=lambda factor: MOST_BARS + 1,
    memory=lambda factor, a_day: (MOST_BARS + 1) / a_day,
)
LATEST = Kernel(
    "displacement_within",
    _latest,
    (
        Output(
            "displacement_within",
            Mirror.ODD,
            "direction of the last displacement of the last n bars, 0 where there was none",
            flag=True,
        ),
    ),
    state=lambda n: 3,
    memory=lambda n, a_day: n / a_day,
)


def displacement(factor: float = FACTOR) -> Column:
    """+1 or -1 on a bar that ends a run of one to three strong bodies of one colour, else 0."""
    return DISPLACEMENT.column("displacement", (OPEN, CLOSE, atr(14)), factor)


def displacement_within(factor: float = FACTOR, n: int = 5) -> Column:
    """Direction of the last displacement of the last n bars, this one included; 0 for none."""
    name = f"displacement_within({factor:g}, {n})"
    return LATEST.column("displacement_within", (displacement(factor),), n).named(name)
