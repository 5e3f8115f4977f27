"""Bars for a run: one file or the dataset of an instrument, checked, rolled, adjusted and cut.

Prices of a run are traded prices; `shift` says how far each row is moved so that the contracts of
the run join (`back`, standing on the last contract), or is zero (`raw`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Literal, TypedDict, Unpack

import numpy as np
import pyarrow as pa

from julie.core.bars import Bars
from julie.core.calendar import Calendar, load_calendar
from julie.core.errors import DataError, UsageError
from julie.core.instruments import Instrument, instrument
from julie.core.ticks import grid
from julie.store.dataset import read_dataset
from julie.store.faults import find_faults, order, refuse
from julie.store.hours import inside_hours
from julie.store.roles import check_mapping
from julie.store.rolls import Method, Series, SymbolMode, back_shift, series_of
from julie.store.rows import Floats, Rows
from julie.store.sheet import Reading, column_names, read_rows
from julie.store.spacing import base_of

Adjust = Literal["back", "raw"]


def load_bars(
    source: Path | str,
    symbol: str | Instrument,
    *,
    mapping: Mapping[str, str] | None = None,
    adjust: Adjust = "back",
    start: date | str | None = None,
    end: date | str | None = None,
    symbol_mode: SymbolMode = "auto_by_day",
    method: Method = "volume",
    contract: str | None = None,
    tz: str | None = None,
) -> Bars:
    """The bars of an instrument from a file or dataset; trading days `start` to `end`, both in."""
    traded = symbol if isinstance(symbol, Instrument) else instrument(symbol)
    rows = _read(Path(source), traded, Reading(dict(mapping or {}), tz))
    base_s = base_of(rows.ts, rows.source)
    series = _series(rows, traded, base_s, symbol_mode, method, contract)
    bars = _bars(_cut(series, load_calendar(), start, end), traded, base_s, adjust)
    pa.default_memory_pool().release_unused()  # the file's table is gone, its pages are not
    return bars


def bars_of(rows: Rows, traded: Instrument, base_s: int, method: Method) -> Bars:
    """Rows of one or several contracts as bars: checked, in order, rolled by day, adjusted back."""
    series = _series(rows, traded, base_s, "auto_by_day", method, None)
    return _bars(series, traded, base_s, "back")


def _series(
    rows: Rows,
    traded: Instrument,
    base_s: int,
    mode: SymbolMode,
    method: Method,
    contract: str | None,
) -> Series:
    refuse(rows, find_faults(rows, traded, base_s))
    by_time, _, _ = order(rows)
    calendar = load_calendar()
    rows, day = inside_hours(rows if by_time is None else rows.take(by_time), calendar)
    return series_of(rows.noted(*calendar.messages), day, mode, method, contract)


class How(TypedDict, total=False):
    """What holds for every file; what is left out is as `load_bars` has it."""

    adjust: Adjust
    start: date | str | None
    end: date | str | None
    symbol_mode: SymbolMode
    method: Method
    contract: str | None
    tz: str | None


def load_several(
    sources: Sequence[Path | str],
    symbols: Sequence[str | Instrument],
    *,
    mapping: Mapping[str, str] | None = None,
    **how: Unpack[How],
) -> tuple[Bars, ...]:
    """Bars of several instruments; a mapping holds for each file that has the column."""
    if len(sources) != len(symbols):
        raise UsageError(
            f"{len(sources)} x --data but {len(symbols)} x --symbol",
            "give them in pairs: --data FILE --symbol ES --data FILE --symbol NQ",
        )
    named = [one.symbol if isinstance(one, Instrument) else one.upper() for one in symbols]
    if len(set(named)) != len(named):
        raise UsageError("an instrument is named twice with --symbol", "give each once")
    wanted = dict(mapping or {})
    own = [mapping_for(Path(source), wanted) for source in sources]
    for role, column in wanted.items():
        if not any(role in one for one in own):
            raise DataError(
                f"--map {role}={column}: no file has a column {column!r}",
                "`julie data info --data FILE` lists the columns",
            )
    return tuple(
        load_bars(source, symbol, mapping=one, **how)
        for source, symbol, one in zip(sources, symbols, own, strict=True)
    )


def mapping_for(source: Path, mapping: Mapping[str, str]) -> dict[str, str]:
    """The part of a mapping whose columns a file has."""
    check_mapping(mapping)
    if not mapping or source.is_dir():
        return {}
    columns = column_names(source)
    return {role: column for role, column in mapping.items() if column in columns}


def _read(source: Path, traded: Instrument, reading: Reading) -> Rows:
    if source.is_dir():
        return read_dataset(source, traded.symbol, reading)
    rows, form = read_rows(source, reading)
    said = []
    if form.zone != "UTC" or form.why_zone not in {"given by the times"}:
        said.append(f"times taken as {form.zone}: {form.why_zone}")
    if form.stamp != "open":
        said.append(f"stamps taken as bar closes and moved to the open: {form.why_stamp}")
    if rows.volume is None:
        near = [name for name in rows.columns if "vol" in name.lower()]
        hint = f"; --map volume={near[0]} would take that column" if near else ""
        said.append(f"the file has no volume{hint}")
    return rows.noted(*said)


def _cut(
    series: Series, calendar: Calendar, start: date | str | None, end: date | str | None
) -> Series:
    """The rows of the trading days asked for, or an error that names the days there are."""
    bearing = calendar.day[series.day]
    if len(bearing) == 0:
        raise DataError(f"{series.rows.source} holds no bars", "give another file")
    first, last = ordinal(start, "--from"), ordinal(end, "--to")
    low = 0 if first is None else int(np.searchsorted(bearing, first))
    high = len(bearing) if last is None else int(np.searchsorted(bearing, last, side="right"))
    if low >= high:
        there = [str(np.datetime64(int(day), "D")) for day in (bearing[0], bearing[-1])]
        raise DataError(
            f"{series.rows.source} has no bars from {start or 'the first'} to {end or 'the last'}",
            f"it holds the trading days {there[0]} to {there[1]}",
        )
    inside = (series.rolls > low) & (series.rolls < high)
    names = series.contract_of[low:high]
    return replace(
        series,
        rows=series.rows.take(slice(low, high)),
        day=series.day[low:high],
        contract=series.contract[int(names[0]) : int(names[-1]) + 1],
        contract_of=(names - names[0]).astype(np.int16),
        rolls=series.rolls[inside] - low,
        estimated=series.estimated[inside],
        gaps=series.gaps[inside],
    )


def ordinal(day: date | str | None, flag: str) -> int | None:
    """A trading day as days since 1970-01-01; `flag` is named where it is none."""
    if day is None:
        return None
    try:
        found = date.fromisoformat(day) if isinstance(day, str) else day
    except ValueError as error:
        raise UsageError(f"{flag} {day}: no date", "write it as 2025-01-31") from error
    return (date(found.year, found.month, found.day) - date(1970, 1, 1)).days


def _bars(series: Series, traded: Instrument, base_s: int, adjust: Adjust) -> Bars:
    rows = series.rows
    return Bars(
        instrument=traded,
        base_s=base_s,
        ts=rows.ts,
        open=_snapped(rows.open, traded.tick),
        high=_snapped(rows.high, traded.tick),
        low=_snapped(rows.low, traded.tick),
        close=_snapped(rows.close, traded.tick),
        volume=np.full(len(rows), np.nan) if rows.volume is None else rows.volume,
        shift=back_shift(series) if adjust == "back" else np.zeros(len(rows)),
        contract=series.contract,
        contract_of=series.contract_of,
        rolls=series.rolls,
        roll_estimated=series.estimated,
        source=rows.source,
        sha256=rows.sha256,
        simulated=rows.simulated,
        notes=(*rows.notes, *_roll_notes(series)),
    )


def _snapped(price: Floats, tick: float) -> Floats:
    """Exactly what a whole number of ticks gives, so that equal prices are equal bits."""
    exact: Floats = grid(price, tick) * np.float64(tick)
    return exact


def _roll_notes(series: Series) -> list[str]:
    count = int(np.count_nonzero(series.estimated))
    if count == 0:
        return []
    return [f"the gap of {count} of {len(series.rolls)} rolls is estimated, old close to new open"]
