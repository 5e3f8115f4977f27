"""JSON bars as columns: a list of records, records a line, columns of lists, or a vendor's answer.

Vendors wrap their bars in an answer; the first list of records or the first set of equally long
lists inside it is taken. A chart answer with `timestamp` beside `quote` is such a set in two
places.
"""

import json
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from julie.core.errors import DataError

_DEPTH: Final = 8  # how far inside an answer bars are looked for


def read_json(path: Path) -> Any:
    """The bars of a JSON file as a table."""
    text = path.read_text(encoding="utf-8-sig")
    if not text.strip():
        raise DataError(f"{path} is empty", "copy or export the file again")
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        content = _lines(text, path, error)
    columns = _columns(content, _DEPTH)
    if columns is None:
        raise DataError(
            f"{path}: no list of bars in it",
            'give records such as {"ts": ..., "open": ..., "high": ..., "low": ..., "close": ...}',
        )
    try:
        return pa.table(columns)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise DataError(
            f"{path}: a column mixes kinds of values ({str(error).splitlines()[0][:120]})",
            "write each column in one form throughout",
        ) from error


def _lines(text: str, path: Path, error: json.JSONDecodeError) -> list[Any]:
    records = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                records.append(json.loads(line))
            except json.JSONDecodeError:
                raise DataError(
                    f"{path}: line {number} is no JSON ({error.msg})",
                    "the file seems cut off; copy or export it again",
                ) from error
    return records


def _columns(content: Any, depth: int) -> dict[str, list[Any]] | None:
    if depth == 0:
        return None
    if isinstance(content, list):
        return _of_list(content, depth)
    if not isinstance(content, dict):
        return None
    lists = {name: value for name, value in content.items() if _is_column(value)}
    if isinstance(content.get("timestamp"), list) and "indicators" in content:
        quotes = _columns(content["indicators"], depth - 1)
        return None if quotes is None else {"ts": content["timestamp"], **quotes}
    if len(lists) >= 4 and len({len(value) for value in lists.values()}) == 1:
        return lists
    inner = (_columns(value, depth - 1) for value in content.values())
    return next((found for found in inner if found is not None), None)


def _is_column(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and not isinstance(value[0], dict | list)


def _of_list(content: list[Any], depth: int) -> dict[str, list[Any]] | None:
    if content and all(isinstance(row, dict) for row in content):
        flat = [_flat(row) for row in content]
        if len(flat[0]) >= 5 and not any(isinstance(v, dict | list) for v in flat[0].values()):
            return {name: [row.get(name) for row in flat] for name in flat[0]}
    if content and all(isinstance(row, list) and len(row) >= 5 for row in content):
        names = ("ts", "open", "high", "low", "close", "volume")
        return {
            name: [row[k] for row in content] for k, name in enumerate(names[: len(content[0])])
        }
    inner = (_columns(value, depth - 1) for value in content)
    return next((found for found in inner if found is not None), None)


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """A record whose header is a record of its own, such as {"hd": {"ts_event": ...}, ...}."""
    flat: dict[str, Any] = {}
    for name, value in row.items():
        flat.update(value if isinstance(value, dict) else {name: value})
    return flat
