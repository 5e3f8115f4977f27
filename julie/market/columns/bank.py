"""Bank levels and session quarters: the round numbers and the turns of the clock.

Bank levels are the multiples of the instrument's grid (12.50 on ES and MES) of the traded price, so
they move with a roll; instruments without a grid have none. A session has four quarters: ASIA 135
minutes each, LONDON 75, NY_AM 60, NY_PM 75.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from julie.core.compiled import compiled
from julie.market.columns.column import MISSING, Column, Kernel, Mirror, Mirrored, Output, mirrored
from julie.market.columns.raw import MINUTE, SESSION, SHIFT, base

NAN = float("nan")


@compiled
def _bank(
    state: Any, x: Any, shift: Any, bank_grid: Any, above: Any, below: Any, distance: Any,
    start: int, stop: int,
) -> None:  # fmt: skip
    grid = bank_grid[0] if bank_grid[0] > 0.0 else NAN
    for t in range(start, stop):
        traded = x[t] - shift[t]
        above[t] = (np.floor(traded / grid) + 1.0) * grid + shift[t]
        below[t] = (np.ceil(traded / grid) - 1.0) * grid + shift[t]
        distance[t] = abs(traded - np.rint(traded / grid) * grid)


def _turned(column: Column) -> Mirrored:
    price = mirrored(column.inputs[0])
    if price.offset != 0.0 or price.factor > 0.0:
        raise ValueError(f"{column.inputs[0].expression} is not a price")
    twin = replace(column, inputs=(price.column, *column.inputs[1:]))
    if column.output.name == "bank_distance":
        return Mirrored(0.0, 1.0, twin)
    return Mirrored(0.0, -1.0, replace(twin, index=1 - column.index))


BANK = Kernel(
    "bank",
    _bank,
    (
        Output("bank_above", Mirror.OWN, "(floor(traded / grid) + 1) x grid"),
        Output("bank_below", Mirror.OWN, "(ceil(traded / grid) - 1) x grid"),
        Output("bank_distance", Mirror.OWN, "points to the nearest multiple of the grid"),
    ),
    tables=("bank_grid",),
    mirror=_turned,
)


@compiled
def _quarter(
    state: Any, minute: Any, session: Any, session_of: Any, out: Any, start: int, stop: int
) -> None:  # fmt: skip
    # state: 0 session + 1, 1 its first minute, 2 its minutes
    for t in range(start, stop):
        s = session[t]
        if s + 1.0 != state[0]:
            state[0], state[1], state[2] = s + 1.0, 0.0, 0.0
            for m in range(len(session_of)):
                if session_of[m] == s:
                    state[1] = m if state[2] == 0.0 else state[1]
                    state[2] += 1.0
        traded = 0 <= s < 4
        out[t] = int(4.0 * (minute[t] - state[1]) / state[2]) if traded else MISSING


QUARTER = Kernel(
    "session_quarter",
    _quarter,
    (Output("session_quarter", Mirror.EVEN, "quarter of the session, 0 to 3", flag=True),),
    state=lambda: 3,
    tables=("session_of_minute",),
)


def bank_above(x: Column | str) -> Column:
    """The bank level next above a price."""
    return BANK.column("bank_above", (base(x), SHIFT))


def bank_below(x: Column | str) -> Column:
    """The bank level next below a price."""
    return BANK.column("bank_below", (base(x), SHIFT))


def bank_distance(x: Column | str) -> Column:
    """Points from a price to the nearest bank level."""
    return BANK.column("bank_distance", (base(x), SHIFT))


def session_quarter() -> Column:
    """Quarter of the running session, 0 to 3."""
    return QUARTER.column("session_quarter", (MINUTE, SESSION))
