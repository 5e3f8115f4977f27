"""Bars out of the house: CSV for people and spreadsheets, parquet or JSON for programs.

Prices are traded prices. Under `back` a column `adj` tells what to add to join the contracts
(price + adj); a file written so is read back as it was. Times are ISO with their offset, numbers
plain.
"""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from julie.core.bars import Bars
from julie.core.errors import UsageError
from julie.core.zones import SECOND_NS
from julie.store.atomic import atomic, write_text
from julie.store.parquet import write_parquet

FORMATS: Final = (".csv", ".parquet", ".json")


def export_bars(bars: Bars, out: Path, *, with_adj: bool) -> None:
    """Write bars in the format that the ending of `out` names, whole or not at all."""
    suffix = out.suffix.lower()
    if suffix not in FORMATS:
        raise UsageError(
            f"cannot tell the format of {out}", f"end the name with {', '.join(FORMATS)}"
        )
    columns = _columns(bars, with_adj)
    if suffix == ".parquet":
        columns["ts"] = pa.array(bars.ts, type=pa.timestamp("ns", tz="UTC"))
        write_parquet({out: columns}, simulated=bars.simulated)
    elif suffix == ".csv":
        with atomic(out) as part:
            _write_csv(pa.table(columns), part)
    else:
        write_text(out, json.dumps(_records(columns), allow_nan=False, separators=(",", ":")))


def _write_csv(table: Any, part: Path) -> None:
    with part.open("wb") as file:
        file.write((",".join(table.column_names) + "\n").encode())
        plain = pacsv.WriteOptions(include_header=False, quoting_style="none")
        pacsv.write_csv(table, file, plain)


def _columns(bars: Bars, with_adj: bool) -> dict[str, Any]:
    stamps = np.datetime_as_string((bars.ts // SECOND_NS).astype("datetime64[s]"))
    columns: dict[str, Any] = {
        "ts": pa.array(np.char.add(stamps, "+00:00").tolist(), type=pa.string()),
        "open": _plain(bars.open),
        "high": _plain(bars.high),
        "low": _plain(bars.low),
        "close": _plain(bars.close),
        "volume": pa.array(bars.volume, mask=np.isnan(bars.volume)),
    }
    if any(bars.contract):
        columns["contract"] = pa.array([bars.contract[of] for of in bars.contract_of.tolist()])
    if with_adj:
        columns["adj"] = _plain(bars.shift)
    return columns


def _plain(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Any:
    """Without what binary fractions leave behind a tick of 0.1 or 0.00005."""
    return pa.array(np.round(values, 9))


def _records(columns: dict[str, Any]) -> list[dict[str, Any]]:
    return list(pa.table(columns).to_pylist())
