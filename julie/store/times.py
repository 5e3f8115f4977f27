"""Times of a file as nanoseconds: any common way of writing them, one column or two.

What carries an offset or counts from 1970 is a moment. The rest is a wall clock, whose zone is
found elsewhere. Some rows with an offset and some without, or offsets of several zones, are
refused.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from julie.core.errors import DataError
from julie.core.zones import MINUTE_NS, SECOND_NS
from julie.store.rows import Ints

_CLOCK: Final = (
    r"(?:[ T,;]+(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2}))?(?:[.,](?P<f>\d{1,9}))?"
    r"\s*(?P<p>[AaPp]\.?[Mm]\.?)?)?\s*(?P<o>Z|UTC|GMT|[+-]\d{2}:?\d{2})?$"
)
_FORMS: Final = (
    ("2024-12-31", r"^(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})" + _CLOCK),
    ("12/31/2024", r"^(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<y>\d{2,4})" + _CLOCK),
    (
        "20241231 235900",
        r"^(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})[ T,;]*(?:(?P<H>\d{2})(?P<M>\d{2})(?P<S>\d{2})?"
        r"(?:[.,]?(?P<f>\d{1,9}))?)?\s*(?P<o>Z|UTC|[+-]\d{2}:?\d{2})?$",
    ),
    ("20241231 23:59", r"^(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})" + _CLOCK),
    ("31 Dec 2024", r"^(?P<d>\d{1,2})[- ](?P<n>[A-Za-z]{3})[a-z]*[-, ]+(?P<y>\d{4})" + _CLOCK),
    ("Dec 31, 2024", r"^(?P<n>[A-Za-z]{3})[a-z]* (?P<d>\d{1,2}),? (?P<y>\d{4})" + _CLOCK),
)
_MONTHS: Final = (
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
)
_EPOCH_UNITS: Final = {10: ("s", SECOND_NS), 13: ("ms", 10**6), 16: ("us", 10**3), 19: ("ns", 1)}
_HOUR_MINUTES: Final = 60


@dataclass(frozen=True, slots=True, eq=False)
class Times:
    """Times in the order of the file: ns UTC, or ns on a wall clock of unknown zone."""

    ns: Ints
    absolute: bool
    form: str


def read_times(column: Any, clock: Any | None, source: str) -> Times:
    """The times in one column, or in a column of dates beside one of clocks."""
    kind = column.type
    if pa.types.is_timestamp(kind) and clock is None:
        ns = _numbers(pc.cast(column, pa.timestamp("ns", tz=kind.tz), safe=False).cast(pa.int64()))
        return Times(ns, kind.tz is not None, "timestamp" + (f" ({kind.tz})" if kind.tz else ""))
    if (pa.types.is_integer(kind) or pa.types.is_floating(kind)) and clock is None:
        return _epoch(column, source)
    text = _text(column)
    if clock is not None:
        text = pc.binary_join_element_wise(text, _clock_text(clock), " ")
    if text.null_count or len(text) == 0:
        raise _unreadable(text, text.is_null(), source)
    if clock is None and _is_epoch(text):
        whole = pc.cast(pc.replace_substring_regex(text, r"\.\d*$", ""), pa.int64())
        return _epoch(whole if _digits(text) > 10 else pc.cast(text, pa.float64()), source)
    return _written(text, source)


def _numbers(column: Any) -> Ints:
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if column.null_count:
        raise DataError(
            "a row has no time", "delete it, or bring the file in with `julie data import`"
        )
    values: Ints = np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.int64)
    return values


def _text(column: Any) -> Any:
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    return pc.utf8_trim_whitespace(column.cast(pa.string()))


def _clock_text(clock: Any) -> Any:
    """Clocks written as 930 or 93000 are 09:30 and 09:30:00."""
    text = _text(clock)
    if pc.all(pc.match_substring_regex(text, r"^\d+$")).as_py():
        longest = pc.max(pc.utf8_length(text)).as_py()
        if longest <= 4:
            padded = pc.utf8_lpad(text, width=4, padding="0")
            return pc.replace_substring_regex(padded, r"(\d\d)(\d\d)", r"\1:\2")
        padded = pc.utf8_lpad(text, width=6, padding="0")
        return pc.replace_substring_regex(padded, r"(\d\d)(\d\d)(\d\d)", r"\1:\2:\3")
    return text


def _digits(text: Any) -> int:
    return int(
        pc.utf8_length(pc.replace_substring_regex(text.slice(0, 1), r"\.\d*$", ""))[0].as_py()
    )


def _is_epoch(text: Any) -> bool:
    first = text[0].as_py()
    return first.replace(".", "", 1).isdigit() and _digits(text) in _EPOCH_UNITS


def _epoch(column: Any, source: str) -> Times:
    values = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    first = int(values[0].as_py()) if len(values) and values[0].is_valid else 0
    unit = _EPOCH_UNITS.get(len(str(abs(first))))
    if unit is None or values.null_count:
        raise DataError(
            f"{source}: the time {first} is no count of s, ms, us or ns since 1970",
            "--map ts to the column with the time",
        )
    numbers = np.asarray(values.to_numpy(zero_copy_only=False))
    if numbers.dtype.kind == "f":
        fine = min(unit[1], 1000)  # a share of the unit that a float still tells apart
        ns = np.rint(numbers * fine).astype(np.int64) * (unit[1] // fine)
        return Times(ns, True, f"epoch {unit[0]}")
    return Times(numbers.astype(np.int64) * unit[1], True, f"epoch {unit[0]}")


def _written(text: Any, source: str) -> Times:
    for form, pattern in _FORMS:
        if pc.match_substring_regex(text.slice(0, 1), pattern)[0].as_py():
            parts = pc.extract_regex(text, pattern=pattern)
            if parts.null_count:
                raise _unreadable(text, parts.is_null(), source)
            return _assembled(parts, form, source)
    raise _unreadable(text, None, source)


def _unreadable(text: Any, where: Any | None, source: str) -> DataError:
    row = 0 if where is None else int(pc.index(where, value=True).as_py())
    shown = text[row].as_py() if len(text) > row >= 0 else None
    return DataError(
        f"{source}: the time {shown!r} in data row {row + 1} cannot be read like the others",
        "write times as 2024-12-31 23:59 with or without an offset, or as a count since 1970",
    )


def _assembled(parts: Any, form: str, source: str) -> Times:
    field = {name.name: parts.field(name.name) for name in parts.type}
    year, month, day, named = _date(field, form)
    hour = _part(field, "H")
    if "p" in field:
        half = pc.utf8_lower(pc.utf8_slice_codeunits(field["p"], 0, 1)).to_numpy(
            zero_copy_only=False
        )
        hour = np.where(half == "p", hour % 12 + 12, np.where(half == "a", hour % 12, hour))
    minute, second = _part(field, "M"), _part(field, "S")
    bad = (
        (month < 1)
        | (month > 12)
        | (day < 1)
        | (day > 31)
        | (hour > 24)
        | (minute > 59)
        | (second > 60)
    )
    if np.any(bad):
        row = int(np.argmax(bad)) + 1
        raise DataError(
            f"{source}: the time in data row {row} has a month, day or hour that does not exist",
            "a file must keep one order of day and month throughout",
        )
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]").astype(np.int64) + day - 1
    seconds = ((days * 24 + hour) * 60 + minute) * 60 + second
    ns = seconds * SECOND_NS
    if "f" in field:
        ns = ns + pc.cast(pc.utf8_rpad(field["f"], width=9, padding="0"), pa.int64()).to_numpy()
    offset = _offsets(field["o"], source)
    if offset is None:
        return Times(ns, False, named)
    return Times(ns - offset, True, f"{named} with offset")


def _part(field: dict[str, Any], name: str) -> Ints:
    text = field[name]
    filled = pc.if_else(pc.equal(text, ""), "0", text)
    values: Ints = pc.cast(filled, pa.int64()).to_numpy()
    return values


def _date(field: dict[str, Any], form: str) -> tuple[Ints, Ints, Ints, str]:
    year = _part(field, "y")
    year = np.where(year < 100, 2000 + year, year)
    if "n" in field:
        names = pc.utf8_lower(field["n"])
        month = pc.index_in(names, value_set=pa.array(_MONTHS))
        return (
            year,
            pc.fill_null(month, -1).to_numpy().astype(np.int64) + 1,
            _part(field, "d"),
            form,
        )
    if "a" in field:
        first, second = _part(field, "a"), _part(field, "b")
        if bool(np.any(first > 12)) or (not np.any(second > 12) and _days_first(first, second)):
            return year, second, first, "31/12/2024"
        return year, first, second, form
    return year, _part(field, "m"), _part(field, "d"), form


def _days_first(first: Ints, second: Ints) -> bool:
    """Days change from row to row more often than months do."""
    return int(np.count_nonzero(np.diff(first))) > int(np.count_nonzero(np.diff(second)))


def _offsets(column: Any, source: str) -> Ints | None:
    coded = pc.dictionary_encode(column)
    written = coded.dictionary.to_pylist()
    if written == [""]:
        return None
    minutes = np.array([_offset_minutes(text) for text in written], dtype=np.int64)
    spread = int(minutes.max() - minutes.min())
    if "" in written or len(set(minutes.tolist())) > 2 or spread > _HOUR_MINUTES:
        shown = ", ".join(repr(text or "none") for text in written[:4])
        raise DataError(
            f"{source}: mixed time zones: rows carry the offsets {shown}",
            "write all times in one zone, best in UTC",
        )
    by_row: Ints = minutes[coded.indices.to_numpy()] * MINUTE_NS
    return by_row


def _offset_minutes(text: str) -> int:
    if text in {"", "Z", "UTC", "GMT"}:
        return 0
    digits = text[1:].replace(":", "")
    return (1 if text[0] == "+" else -1) * (int(digits[:2]) * 60 + int(digits[2:]))
