"""Which contract is the one of each day, where a series rolls, and how far prices are shifted.

The contract of a day is chosen from the day before, by volume or by number of bars, and never
goes back to an earlier one; a contract that has ended gives way to the next. At a roll old rows
are shifted by new minus old price at the last bar that both have. A file's own table of constants
is taken as it is; without an overlap the gap is old close to new open, marked estimated.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from julie.core.errors import DataError
from julie.core.zones import DAY_NS
from julie.store.contracts import in_order, month_code
from julie.store.hours import Days
from julie.store.rows import Bools, Floats, Ints, Rows

Method = Literal["volume", "rows"]
SymbolMode = Literal["auto_by_day", "fixed", "continuous"]

_OVERLAP_NS: Final = 5 * DAY_NS  # an older common bar says nothing about the gap of today


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One row a time: the chosen rows, where each contract begins, and the shift of each row."""

    rows: Rows
    day: Days
    contract: tuple[str, ...]
    contract_of: np.ndarray[tuple[int], np.dtype[np.int16]]
    rolls: Ints
    estimated: Bools
    gaps: Floats  # new minus old price at each roll


def overlapping(rows: Rows) -> bool:
    """Whether several contracts have rows of the same time."""
    return rows.named and bool(np.any(np.diff(rows.ts) == 0))


def series_of(rows: Rows, day: Days, mode: SymbolMode, method: Method, fixed: str | None) -> Series:
    """The series of one instrument, from rows sorted by time and contract."""
    keep: Bools | None = None
    if mode == "fixed":
        keep = _of_contract(rows, fixed)
    elif overlapping(rows):
        if mode == "continuous":
            raise DataError(
                f"{rows.source} holds contracts side by side ({', '.join(rows.contracts[:4])})",
                "set data.symbol_mode: auto_by_day, then the contract of each day is chosen",
            )
        keep = _chosen(rows, day, method)
    picked, picked_day = (rows, day) if keep is None else (rows.take(keep), day[keep])
    starts = _segments(picked)
    overlap = None if keep is None else rows
    gaps, estimated = _gaps(picked, starts, overlap)
    of = np.zeros(len(picked), dtype=np.int16)
    of[starts] = 1
    names = _names(picked, starts)
    return Series(
        picked, picked_day, names, np.cumsum(of).astype(np.int16), starts, estimated, gaps
    )


def back_shift(series: Series) -> Floats:
    """What to add to traded prices so that the last contract stands as it is and no roll jumps."""
    n = len(series.rows)
    adj = series.rows.adj
    if adj is not None and not overlapping(series.rows):
        return adj - adj[-1] if n else adj
    later = np.append(np.cumsum(series.gaps[::-1])[::-1], 0.0)
    shift: Floats = later[series.contract_of]
    return shift


def _of_contract(rows: Rows, fixed: str | None) -> Bools:
    near = _year(rows)
    wanted = None if fixed is None else month_code(fixed, near)
    places = [k for k, name in enumerate(rows.contracts) if month_code(name, near) == wanted]
    if not places:
        there = ", ".join(in_order(rows.contracts, near)) or "none is named"
        raise DataError(
            f"{rows.source} has no contract {fixed!r}" if fixed else "no contract was named",
            f"set data.contract to one of those there are: {there}",
        )
    return np.isin(rows.contract_of, places)


def _year(rows: Rows) -> int:
    return int(rows.ts[0].astype("datetime64[ns]").astype("datetime64[Y]").astype(np.int64)) + 1970


def _chosen(rows: Rows, day: Days, method: Method) -> Bools:
    """The rows of the contract that leads on the day before."""
    near = _year(rows)
    ordered = in_order(rows.contracts, near)
    rank = np.array([ordered.index(name) for name in rows.contracts], dtype=np.int64)
    of = rank[rows.contract_of]
    days, row_day = np.unique(day, return_inverse=True)
    weight = np.ones(len(rows)) if method == "rows" else _volumes(rows)
    cell = row_day * len(ordered) + of
    size = len(days) * len(ordered)
    total = np.bincount(cell, weights=weight, minlength=size).reshape(len(days), len(ordered))
    there = np.bincount(cell, minlength=size).reshape(len(days), len(ordered)) > 0
    leader = np.zeros(len(days), dtype=np.int64)
    current = int(np.argmax(total[0]))
    for k in range(len(days)):
        current = _next(current, total[max(k - 1, 0)], there[k])
        leader[k] = current
    chosen: Bools = of == leader[row_day]
    return chosen


def _volumes(rows: Rows) -> Floats:
    if rows.volume is None:
        return np.ones(len(rows))
    return np.nan_to_num(rows.volume)


def _next(current: int, before: Floats, there: Bools) -> int:
    """The contract of a day: who led the day before, never an earlier one, and one that trades."""
    leader = current + int(np.argmax(before[current:]))
    if there[leader]:
        return leader
    if there[current]:
        return current
    later = np.flatnonzero(there[current:])
    return current + int(later[0]) if len(later) else current


def _segments(rows: Rows) -> Ints:
    """The first row of every contract but the first; a change of the file's own constant is one."""
    change = np.zeros(len(rows), dtype=bool)
    if rows.named:
        change[1:] |= rows.contract_of[1:] != rows.contract_of[:-1]
    for constant in (rows.adj, rows.adj_factor):
        if constant is not None:
            change[1:] |= constant[1:] != constant[:-1]
    return np.flatnonzero(change)


def _names(rows: Rows, starts: Ints) -> tuple[str, ...]:
    firsts = [0, *starts.tolist()]
    if not rows.named or len(rows) == 0:
        return ("",) * len(firsts)
    return tuple(rows.contracts[int(rows.contract_of[first])] for first in firsts)


def _gaps(rows: Rows, starts: Ints, overlap: Rows | None) -> tuple[Floats, Bools]:
    gaps = np.zeros(len(starts))
    estimated = np.zeros(len(starts), dtype=bool)
    for k, start in enumerate(starts.tolist()):
        if rows.adj is not None:
            gaps[k] = rows.adj[start - 1] - rows.adj[start]
            continue
        shared = None if overlap is None else _gap_at_shared_bar(rows, start, overlap)
        estimated[k] = shared is None
        gaps[k] = rows.open[start] - rows.close[start - 1] if shared is None else shared
    return gaps, estimated


def _gap_at_shared_bar(rows: Rows, start: int, overlap: Rows) -> float | None:
    """New minus old close at the last bar before the roll that both contracts have."""
    end = int(rows.ts[start])
    low, high = np.searchsorted(overlap.ts, (end - _OVERLAP_NS, end))
    near = overlap.take(slice(int(low), int(high)))
    old = np.flatnonzero(near.contract_of == rows.contract_of[start - 1])
    new = np.flatnonzero(near.contract_of == rows.contract_of[start])
    _, in_old, in_new = np.intersect1d(near.ts[old], near.ts[new], return_indices=True)
    if len(in_old) == 0:
        return None
    return float(near.close[new[in_new[-1]]] - near.close[old[in_old[-1]]])
