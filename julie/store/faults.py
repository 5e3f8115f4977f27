"""Faults of bars that no run may stand on, found once and told in one message with a cure.

Times must rise within a contract and lie on the raster of the bar length; prices must be there,
above zero, on the instrument's grid, and agree with one another (low <= open, close <= high);
volume is not negative, but -1 and nothing mean that there is none.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from julie.core.errors import DataError
from julie.core.instruments import Instrument
from julie.core.ticks import GRID_TOLERANCE
from julie.core.zones import SECOND_NS
from julie.store.rows import Bools, Floats, Ints, Rows

_TOLERANCE: Final = 100 * GRID_TOLERANCE  # of a tick: what decimal files leave behind
_ORDER_CURE: Final = "`julie data import {source}` sorts, removes what stands twice, and says so"
_ROWS_CURE: Final = "`julie data check --data {source}` lists them; correct or delete those rows"


@dataclass(frozen=True, slots=True, eq=False)
class Fault:
    """One kind of fault: its rows, the sentence about them, and what helps."""

    kind: str
    rows: Ints
    sentence: str
    cure: str

    @property
    def count(self) -> int:
        """How many rows have it."""
        return len(self.rows)


def moment(ns: int) -> str:
    """A time as people read it: 2024-12-03 18:00:00 UTC."""
    return str(np.datetime64(int(ns) // SECOND_NS, "s")).replace("T", " ") + " UTC"


def order(rows: Rows) -> tuple[Ints | None, Ints, Ints]:
    """The order by time and contract (None: kept), rows that go back, rows that stand twice."""
    steps = np.diff(rows.ts)
    nothing = np.empty(0, dtype=np.int64)
    if bool(np.all(steps > 0)):
        return None, nothing, nothing
    contract = rows.instance_of()
    by_contract = np.argsort(contract, kind="stable")
    ts, of = rows.ts[by_contract], contract[by_contract]
    back = by_contract[1:][(of[1:] == of[:-1]) & (ts[1:] < ts[:-1])]
    by_time = np.lexsort((np.arange(len(rows)), contract, rows.ts))
    ts, of = rows.ts[by_time], contract[by_time]
    twice = by_time[1:][(of[1:] == of[:-1]) & (ts[1:] == ts[:-1])]
    return by_time, np.sort(back), np.sort(twice)


def off_grid(price: Floats, tick: float) -> Bools:
    """Prices that are no whole number of ticks."""
    ticks = price / tick
    return np.abs(ticks - np.rint(ticks)) > _TOLERANCE


def find_faults(rows: Rows, instrument: Instrument, base_s: int) -> list[Fault]:
    """Every kind of fault that the rows have, the worst first."""
    _, back, twice = order(rows)
    prices = (rows.open, rows.high, rows.low, rows.close)
    absent = ~np.logical_and.reduce([price > 0 for price in prices])
    grid = ~absent & np.logical_or.reduce([off_grid(price, instrument.tick) for price in prices])
    top, bottom = np.maximum(rows.open, rows.close), np.minimum(rows.open, rows.close)
    crossed = ~absent & ((rows.high < top) | (rows.low > bottom))
    negative = np.zeros(len(rows), bool) if rows.volume is None else rows.volume < 0
    raster = rows.ts % (min(base_s, 3600) * SECOND_NS) != 0
    tick = f"{instrument.symbol} trades in steps of {instrument.tick:g}"
    grid_cure = "check --symbol; adjusted prices must be given as traded (with a column adj)"
    found = (
        Fault("unsorted", back, "go back in time", _ORDER_CURE),
        Fault("duplicates", twice, "stand there twice", _ORDER_CURE),
        _fault("no_price", absent, "have no price", _ROWS_CURE),
        _fault("off_grid", grid, f"have a price off the grid ({tick})", grid_cure),
        _fault("ohlc", crossed, "contradict themselves (low <= open, close <= high)", _ROWS_CURE),
        _fault("negative_volume", negative, "have a negative volume", _ROWS_CURE),
        _fault("off_raster", raster, f"do not begin on a whole {base_s} s", _ROWS_CURE),
    )
    return [fault for fault in found if fault.count]


def _fault(kind: str, mask: Bools, sentence: str, cure: str) -> Fault:
    return Fault(kind, np.flatnonzero(mask), sentence, cure)


def describe(fault: Fault, rows: Rows) -> str:
    """`3 of 1,000 rows have no price, the first at 2024-12-03 18:00:00 UTC (row 17)`."""
    row = int(fault.rows[0])
    return (
        f"{fault.count:,} of {len(rows):,} rows {fault.sentence},"
        f" the first at {moment(int(rows.ts[row]))} (row {row + 1})"
    )


def refuse(rows: Rows, faults: list[Fault]) -> None:
    """Raise one error that tells every fault."""
    if faults:
        said = "; ".join(describe(fault, rows) for fault in faults)
        raise DataError(f"{rows.source}: {said}", faults[0].cure.format(source=rows.source))
