"""A simulated market as files: a parquet a symbol and one for the VIX, labelled inside.

Columns are those of a file of the trade (ts = bar open in UTC, traded prices, `adj` = shift to the
last contract), so any of them can be given to `--data`. A file appears whole or not at all.
"""

import os
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from julie.core.bars import Bars
from julie.core.instruments import instrument
from julie.synth.vix import Vix

VIX_NAME: Final = "VIX"
_SIMULATED: Final = b"julie.simulated"  # the mark that `store` knows simulated bars by
_SOURCE: Final = b"julie.source"
_SHA256: Final = b"julie.sha256"
_MAKE: Final = b"julie.make"
_NOTES: Final = b"julie.notes"


def _write(table: pa.Table, labels: dict[bytes, str], file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    labelled = table.replace_schema_metadata({_SIMULATED: "true", **labels})
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        pq.write_table(labelled, draft, compression="zstd")
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
    return file


def write_bars(bars: Bars, make: int, folder: Path) -> Path:
    """The bars as `folder/SYMBOL.parquet`."""
    names = np.array(bars.contract)
    table = pa.table(
        {
            "ts": pa.array(bars.ts).cast(pa.timestamp("ns", "UTC")),
            "open": bars.open,
            "high": bars.high,
            "low": bars.low,
            "close": bars.close,
            "volume": bars.volume,
            "adj": bars.shift,
            "contract": pa.array(names[bars.contract_of]).dictionary_encode(),
        }
    )
    labels = {
        _SOURCE: bars.source,
        _SHA256: bars.sha256,
        _MAKE: str(make),
        _NOTES: "\n".join(bars.notes),
    }
    return _write(table, labels, folder / f"{bars.instrument.symbol}.parquet")


def write_vix(vix: Vix, make: int, folder: Path) -> Path:
    """The VIX as `folder/VIX.parquet`."""
    table = pa.table(
        {
            "date": pa.array(vix.day).cast(pa.date32()),
            "open": vix.open,
            "high": vix.high,
            "low": vix.low,
            "close": vix.close,
        }
    )
    return _write(table, {_MAKE: str(make)}, folder / f"{VIX_NAME}.parquet")


def _labels(table: pa.Table, make: int) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = table.schema.metadata or {}
    if found.get(_MAKE) != str(make).encode():
        raise ValueError("made by another version of the generator")
    return found


def read_bars(symbol: str, make: int, folder: Path) -> Bars:
    """The bars as written; ValueError where the file is another version's."""
    table = pq.read_table(folder / f"{symbol}.parquet")
    labels = _labels(table, make)
    contract = table["contract"].combine_chunks().cast(pa.string()).dictionary_encode()
    contract_of = contract.indices.to_numpy().astype(np.int16)
    rolls = np.flatnonzero(np.diff(contract_of)) + 1
    return Bars(
        instrument=instrument(symbol),
        base_s=60,
        ts=table["ts"].cast(pa.int64()).to_numpy(),
        open=table["open"].to_numpy(),
        high=table["high"].to_numpy(),
        low=table["low"].to_numpy(),
        close=table["close"].to_numpy(),
        volume=table["volume"].to_numpy(),
        shift=table["adj"].to_numpy(),
        contract=tuple(contract.dictionary.to_pylist()),
        contract_of=contract_of,
        rolls=rolls.astype(np.int64),
        roll_estimated=np.zeros(len(rolls), dtype=np.bool_),
        source=labels[_SOURCE].decode(),
        sha256=labels[_SHA256].decode(),
        simulated=True,
        notes=tuple(labels[_NOTES].decode().splitlines()),
    )


def read_vix(make: int, folder: Path) -> Vix:
    """The VIX as written; ValueError where the file is another version's."""
    table = pq.read_table(folder / f"{VIX_NAME}.parquet")
    _labels(table, make)
    prices = (table[c].to_numpy() for c in ("open", "high", "low", "close"))
    return Vix(table["date"].cast(pa.int32()).to_numpy(), *prices)


def folder_name(days: int, seed: int, start: date) -> str:
    """The folder of a kept sample, named after what made it."""
    return f"{days}-days-from-{start}-seed-{seed}"
