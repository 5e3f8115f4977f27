"""A parquet file of named columns over time, written block by block and whole or not at all."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from julie.core.errors import UsageError
from julie.store.atomic import atomic
from julie.store.parquet import SIMULATED

Floats = npt.NDArray[np.float64]
Part = tuple[npt.NDArray[np.int64], Mapping[str, Floats]]


def write_columns(
    path: Path, names: Iterable[str], parts: Iterable[Part], *, simulated: bool = False
) -> int:
    """Write `ts` and the named columns; returns the number of rows."""
    if path.suffix.lower() != ".parquet":
        raise UsageError(f"{path} is no parquet file", "end the name with .parquet")
    fields: list[Any] = [pa.field("ts", pa.timestamp("ns", tz="UTC"))]
    fields += [pa.field(name, pa.float64()) for name in names]
    schema = pa.schema(fields, metadata={SIMULATED: b"true"} if simulated else None)
    rows = 0
    with atomic(path) as part, pq.ParquetWriter(part, schema, compression="zstd") as file:
        for ts, values in parts:
            arrays = [pa.array(ts, schema[0].type), *(pa.array(x) for x in values.values())]
            file.write_table(pa.Table.from_arrays(arrays, schema=schema))
            rows += len(ts)
    return rows
