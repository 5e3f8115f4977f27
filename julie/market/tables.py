"""The constant arrays every graph is handed: the calendar, the sessions and the instrument's own
facts.

Kernels name what they need: `day_of`, `day_open_ns`, `day_close_ns`, `session_of_minute`
(calendar); `tick`, `unit`, `bank_grid` (instrument, one number each); `bar_min` (minutes of a bar
of the kernel's own frame); `news_*` and `holiday_*` (what is published ahead of the day).
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from julie.core.calendar import Calendar
from julie.core.holidays import holiday_tables
from julie.core.instruments import Instrument
from julie.core.news import NewsTimes
from julie.market.columns.frame import Buffer


def market_tables(
    calendar: Calendar,
    session_of_minute: npt.NDArray[np.int8],
    instruments: Iterable[Instrument],
    news: NewsTimes | None = None,
) -> dict[str, Buffer]:
    """Tables shared by all kernels; those of one instrument are named `SYMBOL:name`. No news = none
    known.
    """
    tables: dict[str, Buffer] = {
        "day_of": calendar.day.astype(np.float64),
        "day_open_ns": calendar.open_ns.copy(),
        "day_close_ns": calendar.close_ns.copy(),
        "session_of_minute": session_of_minute.copy(),
        **holiday_tables(calendar),
        **(news or NewsTimes()).tables(),
    }
    for one in instruments:
        tables[f"{one.symbol}:tick"] = np.array([one.tick])
        tables[f"{one.symbol}:unit"] = np.array([one.unit_pts if one.unit_pts else np.nan])
        tables[f"{one.symbol}:bank_grid"] = np.array([one.bank_grid])
    return tables
