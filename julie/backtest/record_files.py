"""The folder of a run: files are written whole or not at all, and read back as plain columns."""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from julie.backtest.records import SCHEMA_VERSION, decisions_table, numbers_table, trades_table
from julie.backtest.result import Coded, Column, RunResult
from julie.core.errors import DataError
from julie.store.atomic import atomic

TRADES_FILE: Final = "trades.parquet"
DECISIONS_FILE: Final = "decisions.parquet"
NUMBERS_FILE: Final = "verdict_numbers.parquet"


def write_records(result: RunResult, folder: Path) -> None:
    """The three parquet files of a run."""
    run_id = result.run_id
    tables = {
        TRADES_FILE: trades_table(result.trades, run_id),
        DECISIONS_FILE: decisions_table(result.decisions, result.codes, run_id),
        NUMBERS_FILE: numbers_table(result.numbers, result.number_names, run_id),
    }
    for name, table in tables.items():
        write_table(folder / name, table)


def write_table(file: Path, table: pa.Table) -> None:
    """One parquet file, whole or not at all."""
    with atomic(file) as part:
        pq.write_table(table, part, compression="zstd", compression_level=1)


def read_table(file: Path) -> pa.Table:
    """A record file of a run; refuses one of a newer schema."""
    try:
        table = pq.read_table(file, memory_map=True)
    except (OSError, pa.ArrowInvalid) as error:
        raise DataError(
            f"{file}: cannot be read as a record of a run ({error})",
            "name the folder of a finished run; `julie backtest` makes one",
        ) from error
    version = int((table.schema.metadata or {}).get(b"julie.schema", b"0"))
    if version > SCHEMA_VERSION:
        raise DataError(
            f"{file}: schema version {version} is newer than this program's {SCHEMA_VERSION}",
            "update julie, or run the backtest again with this version",
        )
    return table


def read_columns(file: Path) -> dict[str, Column]:
    """A record file as numpy columns; words as codes, missing whole numbers as NaN."""
    table = read_table(file)
    return {name: _column(table.column(name)) for name in table.column_names}


def metadata(table: pa.Table, key: str) -> Any:
    """A stated fact of a record file, such as the judges or what n1..n4 are."""
    return json.loads((table.schema.metadata or {}).get(f"julie.{key}".encode(), b"null"))


def _column(chunks: pa.ChunkedArray) -> Column:
    array = chunks.combine_chunks()
    if isinstance(array, pa.ChunkedArray):  # no rows: nothing to combine
        array = pa.array([], array.type)
    if pa.types.is_string(array.type):
        array = array.dictionary_encode()
    if pa.types.is_dictionary(array.type):
        codes = array.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        return Coded(codes.astype(np.int32), tuple(array.dictionary.to_pylist()))
    values: Column = array.to_numpy(zero_copy_only=False)
    return values
