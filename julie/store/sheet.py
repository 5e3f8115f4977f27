"""One file as rows of bars: parquet, CSV, TXT or JSON, whatever its layout, zone and stamps."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from julie.core.errors import DataError
from julie.store.contracts import delivery, is_spread
from julie.store.form import Form
from julie.store.json_bars import read_json
from julie.store.numbers import FIXED_POINT, fixed_point, floats
from julie.store.parquet import parquet_columns, read_parquet
from julie.store.placing import Placing, place, to_utc
from julie.store.roles import PRICES, Roles, find_roles
from julie.store.rows import Codes, Floats, Rows
from julie.store.spacing import base_of
from julie.store.text import find_layout, read_text
from julie.store.times import read_times

MISSING_VOLUME: Final = -1.0
_TEXT: Final = {".csv", ".txt", ".tsv", ".dat", ".asc"}
_JSON: Final = {".json", ".jsonl", ".ndjson"}
_PARQUET_MAGIC: Final = b"PAR1"


@dataclass(frozen=True, slots=True)
class Reading:
    """How a person wants a file read where it does not say so itself."""

    mapping: Mapping[str, str]
    tz: str | None = None
    stamp: str | None = None  # open | close


@dataclass(frozen=True, slots=True, eq=False)
class _Sheet:
    """A table as it lay in the file, and what was found out on the way."""

    table: Any
    roles: Roles
    columns: tuple[str, ...]
    form: Form
    simulated: bool = False


def column_names(path: Path) -> tuple[str, ...]:
    """The columns of a file, without reading its rows where that can be avoided."""
    kind = _kind(path)
    if kind == "parquet":
        return tuple(parquet_columns(path)[0])
    if kind == "json":
        return tuple(read_json(path).column_names)
    return find_layout(path).names


def read_rows(path: Path, reading: Reading) -> tuple[Rows, Form]:
    """The bars of one file in the order of the file, and the layout that was found."""
    sheet = _open(path, reading.mapping)
    source = str(path)
    time_column = sheet.table.column(sheet.roles.of["ts"])
    if len(time_column) == 0:
        raise DataError(f"{source} holds no rows", "export the file again")
    clock = sheet.roles.get("time")
    times = read_times(time_column, None if clock is None else sheet.table.column(clock), source)
    base_s = base_of(times.ns, source)
    placing = _placing(sheet, times.absolute, times.ns, base_s, reading, source)
    form = replace(
        sheet.form,
        time_form=times.form,
        zone=placing.zone,
        why_zone=placing.why_zone,
        stamp=placing.stamp,
        why_stamp=placing.why_stamp,
        base_s=base_s,
    )
    return _rows(sheet, to_utc(times.ns, placing, base_s), form, source, sha256_of(path))


def sha256_of(path: Path) -> str:
    """The hash of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _kind(path: Path) -> str:
    if not path.exists():
        raise DataError(f"there is no file {path}", "check the name after --data")
    if path.is_dir():
        raise DataError(f"{path} is a folder, not a file of bars", "name a file")
    suffix = path.suffix.lower()
    if suffix in _TEXT:
        return "text"
    if suffix in _JSON:
        return "json"
    with path.open("rb") as file:
        magic = file.read(4)
    return "parquet" if suffix in {".parquet", ".pq"} or magic == _PARQUET_MAGIC else "text"


def _open(path: Path, mapping: Mapping[str, str]) -> _Sheet:
    kind = _kind(path)
    if kind == "parquet":
        table, roles, simulated = read_parquet(path, mapping)
        names = tuple(parquet_columns(path)[0])
        return _Sheet(table, roles, names, Form(kind, roles.of), simulated)
    if kind == "json":
        table = read_json(path)
        names = tuple(table.column_names)
        roles = find_roles(names, mapping, str(path))
        return _Sheet(table, roles, names, Form(kind, roles.of))
    table, layout, decimal = read_text(path)
    roles = find_roles(layout.names, mapping, str(path))
    form = Form(kind, roles.of, delimiter=layout.delimiter, header=layout.header, decimal=decimal)
    return _Sheet(table, roles, layout.names, form)


def _placing(
    sheet: _Sheet, absolute: bool, ns: Any, base_s: int, reading: Reading, source: str
) -> Placing:
    """Times without a zone are UTC in parquet where the trading hours do not say otherwise."""
    try:
        return place(
            ns,
            absolute=absolute,
            base_s=base_s,
            tz=reading.tz,
            stamp=reading.stamp,
            source=source,
        )
    except DataError:
        if absolute or sheet.form.kind != "parquet":
            raise
    found = place(ns, absolute=False, base_s=base_s, tz="UTC", stamp=reading.stamp, source=source)
    return replace(found, why_zone="assumed for parquet")


def _rows(sheet: _Sheet, ts: Any, form: Form, source: str, sha256: str) -> tuple[Rows, Form]:
    prices = tuple(_floats(sheet, role, source) for role in PRICES)
    if fixed_point(prices):
        prices = tuple(price * FIXED_POINT for price in prices)
        form = replace(form, price_scale=FIXED_POINT)
    names, codes = _contracts(
        sheet, int(ts[0].astype("datetime64[ns]").astype("datetime64[Y]").astype(int)) + 1970
    )
    rows = Rows(
        ts=ts,
        open=prices[0],
        high=prices[1],
        low=prices[2],
        close=prices[3],
        volume=_volume(sheet, source),
        contracts=names,
        contract_of=codes,
        adj=_optional(sheet, "adj", source),
        adj_factor=_optional(sheet, "adj_factor", source),
        columns=sheet.columns,
        source=source,
        sha256=sha256,
        simulated=sheet.simulated,
    )
    return _without_spreads(rows), form


def _floats(sheet: _Sheet, role: str, source: str) -> Floats:
    name = sheet.roles.of[role]
    return floats(sheet.table.column(name), name, source)


def _optional(sheet: _Sheet, role: str, source: str) -> Floats | None:
    return None if sheet.roles.get(role) is None else _floats(sheet, role, source)


def _volume(sheet: _Sheet, source: str) -> Floats | None:
    volume = _optional(sheet, "volume", source)
    if volume is None:
        up, down = _optional(sheet, "up", source), _optional(sheet, "down", source)
        volume = None if up is None or down is None else up + down
    return None if volume is None else np.where(volume == MISSING_VOLUME, np.nan, volume)


def _contracts(sheet: _Sheet, near_year: int) -> tuple[tuple[str, ...], Codes]:
    """The contract of each row; a column that names the product alone names no contract."""
    nothing: tuple[tuple[str, ...], Codes] = ((), np.empty(0, dtype=np.int32))
    name = sheet.roles.get("contract")
    if name is None:
        return nothing
    column = sheet.table.column(name)
    if not pa.types.is_dictionary(column.type):
        column = pc.dictionary_encode(pc.fill_null(column.cast(pa.string()), ""))
    coded = (
        column.unify_dictionaries().combine_chunks()
        if isinstance(column, pa.ChunkedArray)
        else column
    )
    names = tuple(str(value) for value in coded.dictionary.to_pylist())
    by_hand = "contract" in sheet.roles.mapped or name.lower() == "contract"
    if not any(names):
        return nothing
    if not by_hand and not any(delivery(one, near_year) for one in names):
        return nothing
    return names, np.asarray(coded.indices.to_numpy(zero_copy_only=False), dtype=np.int32)


def _without_spreads(rows: Rows) -> Rows:
    spreads = [place for place, name in enumerate(rows.contracts) if is_spread(name)]
    if not spreads:
        return rows
    keep = ~np.isin(rows.contract_of, spreads)
    left_out = int(np.sum(~keep))
    return rows.take(keep).noted(f"{left_out} rows of calendar spreads are left out")
