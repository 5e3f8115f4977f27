"""The dataset: bars of an instrument by bar length and contract month, one parquet file each.

`data/bars/ES/1m/Z24.parquet`; bars of an unknown contract lie in `continuous.parquet`. The finest
bar length is read unless the folder of another is named.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from julie.core.errors import DataError
from julie.store.contracts import delivery, month_code
from julie.store.faults import moment, order
from julie.store.parquet import write_parquet
from julie.store.rows import Rows, join
from julie.store.sheet import Reading, read_rows
from julie.store.spacing import base_name

CONTINUOUS: Final = "continuous"
_BASE: Final = re.compile(r"^(\d+)([smh])$")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600}


def bars_folder(data_dir: Path, symbol: str, base_s: int) -> Path:
    """Where the bars of an instrument lie."""
    return data_dir / "bars" / symbol.upper() / base_name(base_s)


def find_files(place: Path, symbol: str) -> list[Path]:
    """The files of an instrument: in `place` itself, or in its folder below it."""
    single = place / f"{symbol.upper()}.parquet"
    if single.is_file():
        return [single]
    for folder in (place, place / symbol.upper(), place / "bars" / symbol.upper()):
        bases = sorted((path for path in folder.glob("*") if _seconds(path)), key=_seconds)
        for held in (folder, *bases):
            files = sorted(held.glob("*.parquet"))
            if files and all(_is_contract(file) for file in files):
                return files
    raise DataError(
        f"{place} holds no bars of {symbol.upper()}",
        f"`julie data import FILE --symbol {symbol.upper()}` brings them in",
    )


def _is_contract(file: Path) -> bool:
    return file.stem == CONTINUOUS or delivery(file.stem, 2000) is not None


def _seconds(path: Path) -> int:
    found = _BASE.match(path.name)
    return int(found[1]) * _SECONDS[found[2]] if found else 0


def read_dataset(place: Path, symbol: str, reading: Reading | None = None) -> Rows:
    """All contracts of an instrument under one another."""
    files = find_files(place, symbol)
    parts = [read_rows(file, reading or Reading({}))[0] for file in files]
    if len(parts) == 1:
        return parts[0]
    digest = hashlib.sha256("".join(part.sha256 for part in parts).encode()).hexdigest()
    return join(parts, str(files[0].parent), digest)


def split_by_contract(rows: Rows) -> list[tuple[str, Rows]]:
    """The rows of each contract month, by the name of their file."""
    if not rows.named:
        return [(CONTINUOUS, rows)]
    year = int(rows.ts[0].astype("datetime64[ns]").astype("datetime64[Y]").astype(np.int64)) + 1970
    parts = []
    for code, name in enumerate(rows.contracts):
        own = rows.take(rows.contract_of == code)
        if len(own):
            filed = re.sub(r"[^A-Za-z0-9_-]+", "_", month_code(name, year)) or CONTINUOUS
            parts.append((filed, own))
    return parts


def with_present(folder: Path, filed: str, new: Rows) -> tuple[Rows, int, int]:
    """New rows laid over those already filed: the result, rows replaced, rows that were there."""
    file = folder / f"{filed}.parquet"
    if not file.exists():
        return new, 0, 0
    present, _ = read_rows(file, Reading({}))
    kept = ~np.isin(present.ts, new.ts)
    replaced = int(np.count_nonzero(~kept))
    merged = join([_one_name(present.take(kept), new), new], new.source, new.sha256)
    by_time, _, _ = order(merged)
    return (merged if by_time is None else merged.take(by_time)), replaced, len(present)


def _one_name(old: Rows, new: Rows) -> Rows:
    """Rows of one file are of one contract, under whatever name each vendor gave it."""
    if not new.named or not old.named:
        return replace(old, contracts=(), contract_of=np.empty(0, dtype=np.int32))
    name = new.contracts[int(new.contract_of[0])]
    return replace(old, contracts=(name,), contract_of=np.zeros(len(old), dtype=np.int32))


def columns_of(rows: Rows) -> dict[str, object]:
    """Bars as the columns of a file, with the constants of the file they came from."""
    columns: dict[str, object] = {
        "ts": pa.array(rows.ts, type=pa.timestamp("ns", tz="UTC")),
        "open": rows.open,
        "high": rows.high,
        "low": rows.low,
        "close": rows.close,
        "volume": np.full(len(rows), np.nan) if rows.volume is None else rows.volume,
        "contract": pa.array(_labels(rows), type=pa.string()),
    }
    own = {"adj": rows.adj, "adj_factor": rows.adj_factor}
    columns |= {name: constant for name, constant in own.items() if constant is not None}
    return columns


def write_contracts(folder: Path, parts: Mapping[str, Rows]) -> None:
    """Write the bars of several contracts, all or none."""
    files = {folder / f"{filed}.parquet": columns_of(rows) for filed, rows in parts.items()}
    write_parquet(files, simulated=any(rows.simulated for rows in parts.values()))


def _labels(rows: Rows) -> Sequence[str]:
    if not rows.named:
        return [""] * len(rows)
    return [rows.contracts[code] for code in rows.contract_of.tolist()]


def listed(data_dir: Path) -> list[dict[str, object]]:
    """Every file of the dataset: instrument, bar length, contract, rows, first and last bar."""
    found: list[dict[str, object]] = []
    for file in sorted((data_dir / "bars").glob("*/*/*.parquet")):
        if not _seconds(file.parent):  # bars of live days, filed by their date
            continue
        rows, _ = read_rows(file, Reading({}))
        found.append(
            {
                "symbol": file.parent.parent.name,
                "base": file.parent.name,
                "contract": file.stem,
                "rows": len(rows),
                "first": moment(int(rows.ts[0])),
                "last": moment(int(rows.ts[-1])),
            }
        )
    return found
