"""Numbers of a file as floats: decimal point or comma, thousands marks, fixed point, gaps."""

from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from julie.core.errors import DataError
from julie.store.rows import Floats

FIXED_POINT: Final = 1e-9  # prices of exchange feeds stored as whole numbers
_WHOLE_PRICE: Final = (
    1e8  # no contract here trades near this; whole prices above it are fixed point
)
_MISSING: Final = ("", "nan", "null", "none", "na", "n/a", "-")
_SAMPLE: Final = 500


def floats(column: Any, name: str, source: str) -> Floats:
    """A column as float64; what is missing becomes NaN, what is no number is refused."""
    kind = column.type
    if pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        return _out(column.cast(pa.float64(), safe=False))
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        raise DataError(
            f"{source}: column {name} holds {kind}, not numbers", f"--map another for {name}"
        )
    text = pc.utf8_trim_whitespace(column.cast(pa.string()))
    text = pc.if_else(pc.is_in(pc.utf8_lower(text), value_set=pa.array(_MISSING)), None, text)
    mark = decimal_mark(text)
    if mark == ",":
        text = pc.replace_substring(pc.replace_substring(text, ".", ""), ",", ".")
    else:
        text = pc.replace_substring(text, ",", "")
    try:
        return _out(pc.cast(text, pa.float64()))
    except pa.ArrowInvalid as error:
        raise DataError(
            f"{source}: column {name} holds something that is no number ({_short(error)})",
            "correct the row, or --map the role to another column",
        ) from error


def _out(column: Any) -> Floats:
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if column.null_count:
        column = pc.fill_null(column, float("nan"))
    values: Floats = np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float64)
    return values


def _short(error: Exception) -> str:
    return str(error).splitlines()[0][:120]


def decimal_mark(text: Any) -> str:
    """`,` where commas stand before the last digits, else `.`; a lone comma before three digits is
    a thousands mark only where a point stands too or several commas do."""
    values = [str(v) for v in text.slice(0, _SAMPLE).to_pylist() if v]
    with_comma = [v for v in values if "," in v]
    if not with_comma:
        return "."
    if any("." in v for v in with_comma):
        return "," if all(v.rfind(",") > v.rfind(".") for v in with_comma if "." in v) else "."
    if any(v.count(",") > 1 for v in with_comma):
        return "."
    tails = {len(v) - v.rfind(",") - 1 for v in with_comma}
    return "." if tails == {3} and len(with_comma) == len(values) else ","


def fixed_point(prices: tuple[Floats, ...]) -> bool:
    """Whether prices are whole numbers of a billionth."""
    close = prices[-1]
    known = close[np.isfinite(close)][:_SAMPLE]
    return bool(len(known) and np.median(known) > _WHOLE_PRICE and np.all(known == np.rint(known)))
