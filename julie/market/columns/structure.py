"""Structure: which way the swings are being broken.

A close beyond the last confirmed swing high turns the running structure up, one beyond the last
swing low turns it down. A break with the running structure is a break of structure (BOS), one
against it a change of character (CHOCH); the first break of all only sets the direction. Each swing
breaks once. A structure without a break for a trading day's bars is none.
"""

from typing import Any

from julie.core.compiled import compiled
from julie.market.columns.column import MISSING, Column, Kernel, Mirror, Output
from julie.market.columns.swings import swing_high_broken, swing_low_broken

K = 3
DAY_MINUTES = 1380.0


@compiled
def _structure(
    state: Any, high_broken: Any, low_broken: Any, bar_min: Any,
    structure: Any, bos: Any, choch: Any, start: int, stop: int,
) -> None:  # fmt: skip
    # state: 0 direction, 1 bars since the last break, or since the first bar
    for t in range(start, stop):
        state[1] += 1.0
        up = high_broken[t] == 1 and high_broken[t - 1] == 0
        down = low_broken[t] == 1 and low_broken[t - 1] == 0
        broken = 0.0 if up == down else (1.0 if up else -1.0)
        old = state[1] * bar_min[0] > DAY_MINUTES
        if old:
            state[0] = 0.0
        known = old or state[0] != 0.0 or broken != 0.0
        bos[t] = (broken if broken == state[0] else 0.0) if known else MISSING
        choch[t] = (broken if broken == -state[0] else 0.0) if known else MISSING
        if broken != 0.0:
            state[0], state[1] = broken, 0.0
        structure[t] = state[0] if known else MISSING


STRUCTURE = Kernel(
    "structure",
    _structure,
    (
        Output("structure", Mirror.ODD, "direction of the last broken swing", flag=True),
        Output("bos", Mirror.ODD, "close beyond the last swing with the structure", flag=True),
        Output("choch", Mirror.ODD, "close beyond the last swing against it", flag=True),
    ),
    state=lambda: 2,
    lag=lambda: 1,
    memory=lambda a_day: 4.0 + 2.0 / a_day,
    tables=("bar_min",),
)


def _of(output: str, k: int) -> Column:
    column = STRUCTURE.column(output, (swing_high_broken(k), swing_low_broken(k)))
    return column.named(f"{output}({k})")


def structure(k: int = K) -> Column:
    """Direction of the running structure: +1, -1, 0 where there is none."""
    return _of("structure", k)


def bos(k: int = K) -> Column:
    """Break of structure: +1, -1 on the bar whose close breaks a swing with the structure."""
    return _of("bos", k)


def choch(k: int = K) -> Column:
    """Change of character: +1, -1 on the bar whose close breaks a swing against the structure."""
    return _of("choch", k)
