"""Reading and writing parquet: only the columns that are needed, contracts as codes, no pandas."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from julie.core.errors import DataError
from julie.store.atomic import atomic
from julie.store.roles import Roles, find_roles

SIMULATED: Final = b"julie.simulated"  # key of the schema that marks generated bars


def parquet_columns(path: Path) -> tuple[list[str], dict[bytes, bytes]]:
    """Names of the columns and the notes that the file carries."""
    try:
        schema = pq.read_schema(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise _broken(path, error) from error
    return list(schema.names), dict(schema.metadata or {})


def read_parquet(path: Path, mapping: Mapping[str, str]) -> tuple[Any, Roles, bool]:
    """The columns that play a role, what each is, and whether the bars are simulated."""
    names, notes = parquet_columns(path)
    roles = find_roles(names, mapping, str(path))
    contract = roles.get("contract")
    try:
        table = pq.read_table(
            path,
            columns=roles.columns(),
            read_dictionary=[contract] if contract else None,
            use_pandas_metadata=False,
        )
    except (pa.ArrowInvalid, OSError) as error:
        raise _broken(path, error) from error
    return table, roles, notes.get(SIMULATED) == b"true"


def write_parquet(files: Mapping[Path, Mapping[str, Any]], *, simulated: bool = False) -> None:
    """Write columns as files; none takes its name before all are written."""
    with ExitStack() as parts:
        for path, columns in files.items():
            table = pa.table(dict(columns))
            if simulated:
                table = table.replace_schema_metadata({SIMULATED: b"true"})
            pq.write_table(table, parts.enter_context(atomic(path)), compression="zstd")


def _broken(path: Path, error: Exception) -> DataError:
    size = path.stat().st_size if path.is_file() else 0
    found = str(error).splitlines()[0] if str(error) else type(error).__name__
    state = "is empty" if size == 0 else f"is no whole parquet file ({found})"
    return DataError(f"{path} {state}", "copy or download the file again")
