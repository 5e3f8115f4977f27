"""What a rule sees: elementwise numbers of the rows under decision, and earlier rows by `[k]`.

`w.close` is the bar just closed, `w.close[1]` one base row before it. Only arithmetic, comparisons,
`&`, `|`, `where`, `minimum` and `maximum` exist, so a rule cannot look forward, sum up or slice:
whatever has a memory is a column. NaN compares false, also under `!=`; there is no `~`, since
not-known is not the opposite of true.

The mirrored window shows the market upside down: its `high` is minus the low, its RSI is 100 - RSI.
A rule written for longs is asked a second time on it, and its answer is the short.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from julie.core.errors import StrategyError
from julie.market.columns.column import MISSING, Mirrored

Values = npt.NDArray[Any]
Views = Mapping[str, tuple[Values, Mirrored | None]]
FLAG = np.dtype(np.int8)
NAN = np.float64("nan")


def _refuse(*_: object, **__: object) -> NoReturn:
    raise StrategyError(
        "a rule tried to reduce, slice, convert or negate a column",
        "use elementwise arithmetic, comparisons, &, |, where; what has a memory is a column",
    )


def _plain(x: Vec | float) -> Any:
    return x.values if isinstance(x, Vec) else x


class Vec:
    """One value a row under decision; of a single row a plain number, which is quicker."""

    __slots__ = ("values",)
    __array_ufunc__ = None

    def __init__(self, values: Any) -> None:
        self.values = values  # for the house; rules have no use for them

    def __add__(self, other: Vec | float) -> Vec:
        return Vec(self.values + _plain(other))

    def __radd__(self, other: float) -> Vec:
        return Vec(other + self.values)

    def __sub__(self, other: Vec | float) -> Vec:
        return Vec(self.values - _plain(other))

    def __rsub__(self, other: float) -> Vec:
        return Vec(other - self.values)

    def __mul__(self, other: Vec | float) -> Vec:
        return Vec(self.values * _plain(other))

    def __rmul__(self, other: float) -> Vec:
        return Vec(other * self.values)

    def __truediv__(self, other: Vec | float) -> Vec:
        return Vec(self.values / _plain(other))

    def __rtruediv__(self, other: float) -> Vec:
        return Vec(other / self.values)

    def __neg__(self) -> Vec:
        return Vec(-self.values)

    def __abs__(self) -> Vec:
        return Vec(np.abs(self.values))

    def __lt__(self, other: Vec | float) -> Vec:
        return Vec(self.values < _plain(other))

    def __le__(self, other: Vec | float) -> Vec:
        return Vec(self.values <= _plain(other))

    def __gt__(self, other: Vec | float) -> Vec:
        return Vec(self.values > _plain(other))

    def __ge__(self, other: Vec | float) -> Vec:
        return Vec(self.values >= _plain(other))

    def __eq__(self, other: object) -> Vec:  # type: ignore[override]  # comparisons are elementwise
        return Vec(self.values == _plain(other))  # type: ignore[arg-type]

    def __ne__(self, other: object) -> Vec:  # type: ignore[override]
        a, b = self.values, _plain(other)  # type: ignore[arg-type]
        return Vec((a < b) | (a > b))

    def __and__(self, other: Vec | bool) -> Vec:
        return Vec(self.values & _plain(other))

    def __or__(self, other: Vec | bool) -> Vec:
        return Vec(self.values | _plain(other))

    def __rand__(self, other: bool) -> Vec:
        return Vec(self.values & other)

    def __ror__(self, other: bool) -> Vec:
        return Vec(self.values | other)

    __bool__ = __len__ = __iter__ = __array__ = __float__ = __int__ = __invert__ = _refuse
    __hash__ = None  # type: ignore[assignment]

    def __getitem__(self, back: int) -> Vec:
        raise StrategyError(
            "only a column has earlier rows, not the result of arithmetic",
            "write w.close[1] - w.open[1] instead of (w.close - w.open)[1], or declare a column",
        )

    @staticmethod
    def where(condition: Vec, yes: Vec | float, no: Vec | float) -> Vec:
        """The function of that name."""
        return Vec(np.where(condition.values, _plain(yes), _plain(no))[()])

    @staticmethod
    def minimum(a: Vec | float, b: Vec | float) -> Vec:
        """The function of that name."""
        x, y = _plain(a), _plain(b)
        if isinstance(x, np.ndarray) or isinstance(y, np.ndarray):
            return Vec(np.minimum(x, y))
        return Vec(np.float64(x if x < y or x != x else y))

    @staticmethod
    def maximum(a: Vec | float, b: Vec | float) -> Vec:
        """The function of that name."""
        x, y = _plain(a), _plain(b)
        if isinstance(x, np.ndarray) or isinstance(y, np.ndarray):
            return Vec(np.maximum(x, y))
        return Vec(np.float64(x if x > y or x != x else y))


def _flag(value: Any) -> Any:
    return NAN if value == MISSING else np.float64(value)


def _many(raw: Values) -> Values:
    return np.where(raw == MISSING, np.nan, raw) if raw.dtype == FLAG else raw


class Col(Vec):
    """A column on the rows under decision, able to look back."""

    __slots__ = ("_buffer", "_factor", "_offset", "_start", "_stop")

    def __init__(
        self, buffer: Values, start: int, stop: int, offset: float = 0.0, factor: float = 1.0
    ) -> None:
        self._buffer, self._start, self._stop = buffer, start, stop
        self._offset, self._factor = offset, factor
        if stop - start == 1:  # live, for every bar: no call that can be saved
            values = buffer[start]
            values = _flag(values) if buffer.dtype is FLAG else values
        else:
            values = _many(buffer[start:stop])
        self.values = offset - values if factor < 0.0 else values

    def __getitem__(self, back: int) -> Col:
        if back < 0 or back > self._start:
            _refuse()
        start, stop = self._start - back, self._stop - back
        return Col(self._buffer, start, stop, self._offset, self._factor)


class Window:
    """The rows under decision with the columns a rule declared."""

    __slots__ = ("_columns", "_read", "_start", "_stop", "tick", "unit")

    def __init__(
        self,
        columns: Views,
        start: int,
        stop: int,
        tick: float,
        unit: float,
    ) -> None:
        self._columns, self._start, self._stop = columns, start, stop
        self._read: dict[str, Col] = {}
        self.tick = tick
        self.unit = unit

    def __getattr__(self, name: str) -> Col:
        read = self._read.get(name)
        return self._column(name) if read is None else read

    __getitem__ = __getattr__

    def _column(self, name: str) -> Col:
        found = self._columns.get(name)
        if found is None:
            raise StrategyError(
                f"the rule reads column {name!r}, which it did not declare",
                f"declared: {', '.join(sorted(self._columns))}",
            )
        buffer, view = found
        if view is None:
            read = Col(buffer, self._start, self._stop)
        else:
            read = Col(buffer, self._start, self._stop, view.offset, view.factor)
        self._read[name] = read
        return read


def where(condition: Vec, yes: Vec | float, no: Vec | float) -> Vec:
    """`yes` where the condition holds, else `no`."""
    return condition.where(condition, yes, no)


def minimum(a: Vec | float, b: Vec | float) -> Vec:
    """The smaller of two; NaN where either is."""
    return _kind(a, b).minimum(a, b)


def maximum(a: Vec | float, b: Vec | float) -> Vec:
    """The larger of two; NaN where either is."""
    return _kind(a, b).maximum(a, b)


def _kind(a: object, b: object) -> type[Vec]:
    """Who works on them: what a rule does may only be written down."""
    return type(a) if isinstance(a, Vec) else type(b) if isinstance(b, Vec) else Vec
