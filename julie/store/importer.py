"""Bringing a vendor's file into the dataset: put in order, checked, filed by contract month.

Rows are sorted; what stands twice is kept once, the one with more volume where they differ; rows
without a price and rows outside trading hours are left out. All of it is said. What cannot be put
right (off the grid, contradictions, negative volume) is refused, and nothing is written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from julie.core.calendar import load_calendar
from julie.core.errors import DataError
from julie.core.instruments import Instrument, instrument
from julie.core.ticks import grid
from julie.store.contracts import contract_in, guess_symbol
from julie.store.dataset import (
    CONTINUOUS,
    bars_folder,
    split_by_contract,
    with_present,
    write_contracts,
)
from julie.store.faults import find_faults, moment, order, refuse
from julie.store.form import Form
from julie.store.hours import inside_hours
from julie.store.rows import Floats, Rows
from julie.store.sheet import Reading, read_rows


@dataclass(frozen=True, slots=True)
class Filed:
    """One file of the dataset as it is now."""

    contract: str
    rows: int
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What was found in a file, what was done with it, and where it lies now."""

    source: str
    symbol: str
    sha256: str
    form: Form
    rows_read: int
    rows_taken: int
    actions: tuple[str, ...]
    folder: str
    filed: tuple[Filed, ...]


def import_file(
    path: Path,
    symbol: str | None,
    data_dir: Path,
    *,
    mapping: Mapping[str, str] | None = None,
    tz: str | None = None,
    stamp: str | None = None,
    contract: str | None = None,
) -> ImportReport:
    """Bring one file of bars into the dataset below `data_dir`."""
    traded = _instrument(path, symbol)
    raw, form = read_rows(path, Reading(dict(mapping or {}), tz, stamp))
    rows, actions = _put_in_order(raw)
    refuse(rows, find_faults(rows, traded, form.base_s))
    rows, _ = inside_hours(replace(rows, notes=()), load_calendar())
    rows = _named(_snapped(rows, traded), path, contract)
    if len(rows) == 0:
        raise DataError(f"{path} holds no bar that can be used", "look at `julie data check`")
    folder = bars_folder(data_dir, traded.symbol, form.base_s)
    parts, said = _merged(folder, rows)
    write_contracts(folder, parts)
    return ImportReport(
        source=str(path),
        symbol=traded.symbol,
        sha256=raw.sha256,
        form=form,
        rows_read=len(raw),
        rows_taken=len(rows),
        actions=(*raw.notes, *actions, *rows.notes, *said, *_dropped_columns(raw, form)),
        folder=str(folder),
        filed=tuple(_filed(name, part) for name, part in parts.items()),
    )


def _instrument(path: Path, symbol: str | None) -> Instrument:
    named = symbol or guess_symbol(path)
    if named is None:
        raise DataError(
            f"{path}: the file name does not say which instrument it holds",
            "name it with --symbol ES",
        )
    return instrument(named)


def _put_in_order(rows: Rows) -> tuple[Rows, list[str]]:
    """Rows sorted, each once, all with a price, and what had to be done for it."""
    said = []
    priced = np.logical_and.reduce([p > 0 for p in (rows.open, rows.high, rows.low, rows.close)])
    if not bool(np.all(priced)):
        said.append(f"{int(np.sum(~priced)):,} rows without a price are left out")
        rows = rows.take(priced)
    by_time, back, _ = order(rows)
    if by_time is None:
        return rows, said
    if len(back):
        said.append(f"sorted by time ({len(back):,} rows went back)")
    rows = rows.take(by_time)
    return _each_once(rows, said)


def _each_once(rows: Rows, said: list[str]) -> tuple[Rows, list[str]]:
    of = rows.instance_of()
    volume = np.zeros(len(rows)) if rows.volume is None else np.nan_to_num(rows.volume)
    best_last = np.lexsort((np.arange(len(rows)), volume, of, rows.ts))
    rows, of = rows.take(best_last), of[best_last]
    again = (rows.ts[1:] == rows.ts[:-1]) & (of[1:] == of[:-1])
    if not bool(np.any(again)):
        return rows, said
    differ = again & (
        (rows.close[1:] != rows.close[:-1])
        | (rows.high[1:] != rows.high[:-1])
        | (rows.low[1:] != rows.low[:-1])
        | (rows.open[1:] != rows.open[:-1])
    )
    count, unlike = int(np.sum(again)), int(np.sum(differ))
    which = f"; {unlike:,} were not alike, the one with more volume is kept" if unlike else ""
    said.append(f"{count:,} rows stood there twice and are kept once{which}")
    return rows.take(np.append(~again, True)), said


def _snapped(rows: Rows, traded: Instrument) -> Rows:
    def exact(price: Floats) -> Floats:
        on_grid: Floats = np.round(grid(price, traded.tick) * traded.tick, 9)
        return on_grid

    return replace(
        rows,
        open=exact(rows.open),
        high=exact(rows.high),
        low=exact(rows.low),
        close=exact(rows.close),
    )


def _named(rows: Rows, path: Path, contract: str | None) -> Rows:
    """A file of one contract is often named after it."""
    if rows.named or len(rows) == 0:
        return rows
    year = int(rows.ts[-1].astype("datetime64[ns]").astype("datetime64[Y]").astype(np.int64)) + 1970
    name = contract or contract_in(path, year)
    if name is None:
        return rows
    return replace(rows, contracts=(name,), contract_of=np.zeros(len(rows), dtype=np.int32))


def _merged(folder: Path, rows: Rows) -> tuple[dict[str, Rows], list[str]]:
    parts, said = {}, []
    for filed, new in split_by_contract(rows):
        _refuse_mixture(folder, filed)
        parts[filed], replaced, present = with_present(folder, filed, new)
        if present:
            said.append(f"{filed}: {replaced:,} of the {present:,} bars already there are replaced")
    return parts, said


def _refuse_mixture(folder: Path, filed: str) -> None:
    """A joined series and single contracts of the same instrument cannot be told apart later."""
    present = {file.stem for file in folder.glob("*.parquet")}
    if present and (CONTINUOUS in present) != (filed == CONTINUOUS):
        kinds = ("a joined series", "single contracts")
        have, bring = kinds if CONTINUOUS in present else kinds[::-1]
        raise DataError(
            f"{folder} holds {have}, this file holds {bring}",
            "name the contract with --contract H25, or use another --data-dir",
            "nothing was written",
        )


def _dropped_columns(rows: Rows, form: Form) -> list[str]:
    used = set(form.columns.values())
    dropped = [name for name in rows.columns if name not in used]
    return [f"columns not taken: {', '.join(dropped)}"] if dropped else []


def _filed(name: str, rows: Rows) -> Filed:
    return Filed(name, len(rows), moment(int(rows.ts[0])), moment(int(rows.ts[-1])))
