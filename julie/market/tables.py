"""The constant arrays every graph is handed: the calendar, the sessions and the instrument's own facts.

Kernels name what they need: `day_of`, `day_open_ns`, `day_close_ns`, `session_of_minute` (calendar);
`tick`, `unit`, `bank_grid` (instrument, one number each); `bar_min` (minutes of a bar of the kernel's own frame).
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from julie.core.calendar import Calendar
from julie.core.instruments import Instrument
from julie.market.columns.frame import Buffer


def market_tables(
    calendar: Calendar, session_of_minute: npt.NDArray[np.int8], instruments: Iterable[Instrument]
) -> dict[str, Buffer]:
    """Tables shared by all kernels; those of one instrument are named `SYMBOL:name`."""
    tables: dict[str, Buffer] = {
        "day_of": calendar.day.astype(np.float64),
        "day_open_ns": calendar.open_ns.copy(),
        "day_close_ns": calendar.close_ns.copy(),
        "session_of_minute": session_of_minute.copy(),
    }
    for one in instruments:
        tables[f"{one.symbol}:tick"] = np.array([one.tick])
        tables[f"{one.symbol}:unit"] = np.array([one.unit_pts if one.unit_pts else np.nan])
        tables[f"{one.symbol}:bank_grid"] = np.array([one.bank_grid])
    return tables
