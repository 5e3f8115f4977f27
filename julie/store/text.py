"""CSV and TXT as columns of text: delimiter, header and lines before the data are found by looking.

A line is data when most of its cells are numbers. The header is the line above the data whose
cells are known names, or words at least; without one the columns are time (or date and time), open,
high, low, close and volume.
"""

import csv
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.csv as pacsv

from julie.core.errors import DataError
from julie.store.numbers import decimal_mark
from julie.store.roles import plain

_DELIMITERS: Final = (";", "\t", ",", "|")
_HEAD_BYTES: Final = 64 * 1024
_HEAD_LINES: Final = 60
_NUMBER: Final = re.compile(r"^[+-]?[\d.,]*\d[\d.,]*(e[+-]?\d+)?$", re.IGNORECASE)
_DATE: Final = re.compile(r"^(\d{4}([-/.]?)\d{1,2}\2\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})$")
_TIME: Final = re.compile(r"^(\d{1,2}:\d{2}(:\d{2}.*)?|\d{1,6})$")
_KNOWN: Final = frozenset(
    {"open", "high", "low", "close", "last", "latest", "o", "h", "l", "c", "close last"}
)
_UNNAMED: Final = ("open", "high", "low", "close", "volume")
_BLANK: Final = "#;!"  # a line that begins so and holds no data is a remark


@dataclass(frozen=True, slots=True)
class Layout:
    """How a text file is laid out."""

    encoding: str
    delimiter: str
    skip_lines: int
    names: tuple[str, ...]
    header: bool


def read_text(path: Path) -> tuple[Any, Layout, str]:
    """The whole file as columns of text, its layout, and its decimal mark."""
    layout = find_layout(path)
    try:
        table = pacsv.read_csv(
            path,
            read_options=pacsv.ReadOptions(
                use_threads=False,  # so that an error can name its row
                column_names=list(layout.names),
                skip_rows=layout.skip_lines,
                encoding=layout.encoding,
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=layout.delimiter, invalid_row_handler=_footer_or_error
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(layout.names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        found = str(error).splitlines()[0]
        raise DataError(
            f"{path}: {found}",
            "the file seems cut off or mixed; export it again",
        ) from error
    marked = [decimal_mark(table.column(name)) for name in layout.names if name in _UNNAMED]
    return table, layout, "," if "," in marked and layout.delimiter != "," else "."


def _footer_or_error(row: Any) -> str:
    """A closing remark such as `Downloaded from ...` is passed over, a cut row is not."""
    remark = row.actual_columns == 1 and not (row.text or "0")[0].isdigit()
    return "skip" if remark else "error"


def find_layout(path: Path) -> Layout:
    """Delimiter, header and first data line of a text file."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    encoding = "utf16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf8"
    lines = head.decode(encoding, errors="replace").lstrip("\ufeff").splitlines()[:_HEAD_LINES]
    if not any(line.strip() for line in lines):
        raise DataError(f"{path} is empty", "copy or export the file again")
    delimiter = _delimiter(lines)
    cells = [next(csv.reader([line], delimiter=delimiter), []) for line in lines]
    first = next((k for k, row in enumerate(cells) if _is_data(row)), None)
    if first is None:
        raise DataError(
            f"{path}: no line holds a time and four prices",
            "give bars as CSV, TXT, JSON or parquet with time, open, high, low, close",
        )
    width = len(cells[first])
    wide = [row for row in cells[:first] if len(row) == width]
    above = [row for row in wide if _names_known(row) >= 3] or wide[-1:] * _all_words(wide[-1:])
    names = _unique(above[-1]) if above else _by_position(cells[first], path)
    return Layout(encoding, delimiter, first, names, bool(above))


def _delimiter(lines: list[str]) -> str:
    body = [line for line in lines if line.strip() and line.lstrip()[0] not in _BLANK][-20:]
    counts = {one: [line.count(one) for line in body] for one in _DELIMITERS}
    best = max(_DELIMITERS, key=lambda one: (min(counts[one], default=0) >= 3, sum(counts[one])))
    semicolons = min(counts[";"], default=0)
    return ";" if semicolons >= 3 else best  # with `;` the comma may be the decimal mark


def _is_data(row: list[str]) -> bool:
    cells = [cell.strip() for cell in row]
    numbers = sum(bool(_NUMBER.match(cell)) for cell in cells)
    return numbers >= 4 and any(character.isdigit() for character in cells[0])


def _names_known(row: list[str]) -> int:
    return sum(plain(cell) in _KNOWN for cell in row)


def _all_words(rows: list[list[str]]) -> bool:
    """A line of words above the data is a header too, though its names mean nothing to us."""
    return all(cell.strip() and not cell.strip()[0].isdigit() for row in rows for cell in row)


def _unique(row: list[str]) -> tuple[str, ...]:
    names: list[str] = []
    for place, cell in enumerate(row):
        name = cell.strip().lstrip("\ufeff") or f"column {place + 1}"
        names.append(name if name not in names else f"{name} ({place + 1})")
    return tuple(names)


def _by_position(row: list[str], path: Path) -> tuple[str, ...]:
    cells = [cell.strip() for cell in row]
    two = len(cells) >= 6 and bool(_DATE.match(cells[0])) and bool(_TIME.match(cells[1]))
    names = (("date", "time") if two else ("ts",)) + _UNNAMED
    if len(cells) < len(names) - 1:
        raise DataError(
            f"{path}: {len(cells)} columns without a header are too few for time and four prices",
            "add a header line that names the columns",
        )
    extra = tuple(f"column {place + 1}" for place in range(len(names), len(cells)))
    return (*names[: len(cells)], *extra)
