"""The state of a set of bars: faults, holes against the exchange's calendar, spikes and rolls.

A hole is a stretch of a trading day, or a whole one, in which bars are missing. A spike is a return
above 12 times the median for that minute of the day of which the next bar takes at least half back.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from julie.core.calendar import Calendar, load_calendar
from julie.core.instruments import Instrument, instrument
from julie.core.sessions import minute_since_open
from julie.core.zones import MINUTE_NS, SECOND_NS
from julie.store.dataset import read_dataset
from julie.store.faults import describe, find_faults, moment, order
from julie.store.hours import Days, outside_reasons
from julie.store.rolls import series_of
from julie.store.rows import Bools, Floats, Ints, Rows
from julie.store.sheet import Reading, read_rows
from julie.store.spacing import base_of

FAULTS: Final = (
    "unsorted", "duplicates", "no_price", "off_grid", "ohlc", "negative_volume", "off_raster",
)  # fmt: skip
SPIKE: Final = 12.0
HOLE_MINUTES: Final = 15  # shorter ones are counted, longer ones listed

_HALT: Final = (minute_since_open("16:15"), minute_since_open("16:30"))
_HALT_ENDED: Final = "2021-06-28"  # from then on index futures trade through 16:15-16:30 ET
_SHOWN_PLACES: Final = 3


@dataclass(frozen=True, slots=True)
class Hole:
    """Bars that are missing, from the first to the last missing one."""

    day: str
    first: str
    last: str
    bars: int
    whole_day: bool


@dataclass(frozen=True, slots=True)
class Spike:
    """A bar whose return stands out and was taken back."""

    at: str
    move_pts: float
    times_median: float


@dataclass(frozen=True, slots=True)
class Roll:
    """The first bar of a contract and the gap to the one before (new minus old price)."""

    at: str
    contract: str
    gap_pts: float
    estimated: bool


@dataclass(frozen=True, slots=True)
class CheckReport:
    """Everything that was found in one set of bars."""

    source: str
    symbol: str
    sha256: str
    rows: int
    first: str
    last: str
    base_s: int
    trading_days: int
    early_closes: int
    faults: dict[str, int]
    details: tuple[str, ...]
    outside_hours: dict[str, int]
    missing_bars: int
    short_holes: int
    holes: tuple[Hole, ...]
    spikes: tuple[Spike, ...]
    rolls: tuple[Roll, ...]
    volume_missing: int

    @property
    def usable(self) -> bool:
        """Whether a run may stand on these bars."""
        return not any(self.faults.values())


def check_bars(source: Path, symbol: str, reading: Reading | None = None) -> CheckReport:
    """Look at every row of a file or dataset; nothing is refused, everything is counted."""
    traded = instrument(symbol)
    how = reading or Reading({})
    raw = read_dataset(source, traded.symbol, how) if source.is_dir() else read_rows(source, how)[0]
    base_s = base_of(raw.ts, raw.source)
    faults = find_faults(raw, traded, base_s)
    counts = dict.fromkeys(FAULTS, 0) | {fault.kind: fault.count for fault in faults}
    calendar = load_calendar()
    rows = _sound(raw)
    day = calendar.index_of(rows.ts)
    outside = rows.ts[day < 0]
    rows, day = rows.take(day >= 0), day[day >= 0]
    series = series_of(rows, day, "auto_by_day", "volume", None)
    missing, short, holes = _holes(series.rows.ts, series.day, calendar, base_s)
    return CheckReport(
        source=raw.source,
        symbol=traded.symbol,
        sha256=raw.sha256,
        rows=len(raw),
        first=moment(int(raw.ts.min())),
        last=moment(int(raw.ts.max())),
        base_s=base_s,
        trading_days=len(np.unique(day)),
        early_closes=int(np.sum(calendar.early[np.unique(day)])) if len(day) else 0,
        faults=counts,
        details=tuple(describe(fault, raw) for fault in faults),
        outside_hours=dict(outside_reasons(outside, calendar)),
        missing_bars=missing,
        short_holes=short,
        holes=holes,
        spikes=_spikes(series.rows, series.day, calendar, base_s, traded),
        rolls=tuple(
            Roll(moment(int(series.rows.ts[at])), name, round(float(gap), 6), bool(guess))
            for at, name, gap, guess in zip(
                series.rolls, series.contract[1:], series.gaps, series.estimated, strict=True
            )
        ),
        volume_missing=_without_volume(raw),
    )


def _sound(raw: Rows) -> Rows:
    """Sorted rows, each once, with prices: what the other findings can be read from."""
    by_time, _, twice = order(raw)
    keep = np.logical_and.reduce([p > 0 for p in (raw.open, raw.high, raw.low, raw.close)])
    keep[twice] = False
    return raw.take(np.flatnonzero(keep) if by_time is None else by_time[keep[by_time]])


def _without_volume(rows: Rows) -> int:
    return len(rows) if rows.volume is None else int(np.sum(np.isnan(rows.volume)))


def _holes(
    ts: Ints, day: Days, calendar: Calendar, base_s: int
) -> tuple[int, int, tuple[Hole, ...]]:
    """Bars missing in all, holes too short to list, and the others."""
    if len(ts) == 0:
        return 0, 0, ()
    base = base_s * SECOND_NS
    days = np.arange(int(day[0]), int(day[-1]) + 1)
    opens, closes = calendar.open_ns[days], calendar.close_ns[days]
    # Each day is walked from the slot before its open to its close; the first and last day of the
    # set only as far as the set goes.
    marks = np.concatenate([ts, opens - base, closes])
    kind = np.repeat([1, 0, 2], [len(ts), len(days), len(days)])
    by_time = np.lexsort((kind, marks))
    marks, kind = marks[by_time], kind[by_time]
    first, last = int(np.argmax(kind == 1)), len(kind) - int(np.argmax(kind[::-1] == 1))
    marks, kind = marks[first:last], kind[first:last]
    missing = np.where(kind[1:] == 0, 0, (marks[1:] - marks[:-1]) // base - 1)
    missing = np.where(_halted(marks[:-1] + base, marks[1:], calendar), 0, missing)
    at = np.flatnonzero(missing > 0)
    long = at[missing[at] * base_s >= HOLE_MINUTES * 60]
    holes = tuple(_hole(marks[k] + base, int(missing[k]), base, calendar) for k in long)
    return int(missing[at].sum()), len(at) - len(long), holes


def _halted(first: Ints, after: Ints, calendar: Calendar) -> Bools:
    """Stretches inside the daily halt that the exchange had until June 2021."""
    start, stop = calendar.minute_of(first), calendar.minute_of(after - 1)
    then = first < np.datetime64(_HALT_ENDED, "ns").astype(np.int64)
    short = after - first <= (_HALT[1] - _HALT[0]) * MINUTE_NS
    halted: Bools = then & short & (start >= _HALT[0]) & (stop < _HALT[1])
    return halted


def _hole(first: int, bars: int, base: int, calendar: Calendar) -> Hole:
    place = int(calendar.index_of(np.array([first]))[0])
    opens, closes = int(calendar.open_ns[place]), int(calendar.close_ns[place])
    last = int(first) + (bars - 1) * base
    whole = int(first) == opens and last + base >= closes
    return Hole(str(calendar.date_of(place)), moment(int(first)), moment(last), bars, whole)


def _spikes(
    rows: Rows, day: Days, calendar: Calendar, base_s: int, traded: Instrument
) -> tuple[Spike, ...]:
    if len(rows) < 3:
        return ()
    base = base_s * SECOND_NS
    joined = (np.diff(rows.ts) == base) & (np.diff(day) == 0)
    returns = np.where(joined, np.diff(np.log(rows.close)), np.nan)
    minute = (rows.ts[1:] - calendar.open_ns[day[1:]]) // MINUTE_NS
    median = _median_by_minute(np.abs(returns), minute, traded.tick / float(np.median(rows.close)))
    times = np.abs(returns) / median
    taken_back = np.zeros(len(returns), dtype=bool)
    taken_back[:-1] = (returns[1:] * returns[:-1] < 0) & (
        np.abs(returns[1:]) >= 0.5 * np.abs(returns[:-1])
    )
    found = np.flatnonzero((times > SPIKE) & taken_back)
    moves = np.diff(rows.close)
    return tuple(
        Spike(moment(int(rows.ts[k + 1])), round(float(moves[k]), 6), round(float(times[k]), 1))
        for k in found
    )


def _median_by_minute(size: Floats, minute: Ints, least: float) -> Floats:
    """The median size of each row's minute of the day, at least one tick."""
    known = np.isfinite(size)
    by_minute = np.full(1440, least)
    ordered = np.argsort(minute[known], kind="stable")
    minutes, starts = np.unique(minute[known][ordered], return_index=True)
    for place, values in zip(minutes, np.split(size[known][ordered], starts[1:]), strict=True):
        by_minute[place] = max(least, float(np.median(values)))
    return by_minute[minute]
