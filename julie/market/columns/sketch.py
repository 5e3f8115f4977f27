"""A rule drawn once, so that a row on which it says no is known without asking it.

A rule is arithmetic over its columns and nothing else, so what it does on one window it does on all
of them: asked on columns that only write down what is done with them, it becomes a function of a
row. Conditions are looked at in their order, up to the first that does not hold. A rule that wants
to see values cannot be drawn and is asked on every row. What is drawn is plain arithmetic on floats
without a way to fail, so nobody has to watch it: a rule can only fail where it is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import copysign
from operator import add, ge, gt, le, lt, mul, sub
from typing import Any, Final

import numpy as np

from julie.market.columns.column import MISSING
from julie.market.columns.window import FLAG, Vec, Views, Window

At = Callable[[int], Any]
Two = Callable[[Any, Any], Any]

MOST: Final = 400  # operations: each is done wherever its result is used
NAN: Final = float("nan")
INF: Final = float("inf")


class CannotDraw(Exception):
    """The rule does something that is no arithmetic over columns."""


class Sketch(Vec):
    """What a rule does, to be done on a row."""

    __slots__ = ("at", "flag", "size")

    def __init__(self, at: At, size: int = 1, *, flag: bool = False) -> None:
        self.at, self.size, self.flag = at, size, flag  # flag: it is true or false, not a number
        if size > MOST:
            raise CannotDraw

    def __getattribute__(self, name: str) -> Any:
        if name == "values":
            raise CannotDraw
        return super().__getattribute__(name)

    def __add__(self, other: Vec | float) -> Vec:
        return _number(add, self, other)

    def __radd__(self, other: float) -> Vec:
        return _number(add, other, self)

    def __sub__(self, other: Vec | float) -> Vec:
        return _number(sub, self, other)

    def __rsub__(self, other: float) -> Vec:
        return _number(sub, other, self)

    def __mul__(self, other: Vec | float) -> Vec:
        return _number(mul, self, other)

    def __rmul__(self, other: float) -> Vec:
        return _number(mul, other, self)

    def __truediv__(self, other: Vec | float) -> Vec:
        return _number(_quotient, self, other)

    def __rtruediv__(self, other: float) -> Vec:
        return _number(_quotient, other, self)

    def __neg__(self) -> Vec:
        a = _a_number(self).at
        return Sketch(lambda row: -a(row), self.size + 1)

    def __abs__(self) -> Vec:
        a = _a_number(self).at
        return Sketch(lambda row: abs(a(row)), self.size + 1)

    def __lt__(self, other: Vec | float) -> Vec:
        return _compared(lt, self, other)

    def __le__(self, other: Vec | float) -> Vec:
        return _compared(le, self, other)

    def __gt__(self, other: Vec | float) -> Vec:
        return _compared(gt, self, other)

    def __ge__(self, other: Vec | float) -> Vec:
        return _compared(ge, self, other)

    def __eq__(self, other: object) -> Vec:  # type: ignore[override]  # comparisons are elementwise
        return _compared(_same, self, other)

    def __ne__(self, other: object) -> Vec:  # type: ignore[override]
        return _compared(_other, self, other)

    def __and__(self, other: Vec | bool) -> Vec:
        a, b = _a_flag(self), _a_flag(other)
        one, two = a.at, b.at
        return Sketch(lambda row: one(row) and two(row), a.size + b.size + 1, flag=True)

    def __or__(self, other: Vec | bool) -> Vec:
        a, b = _a_flag(self), _a_flag(other)
        one, two = a.at, b.at
        return Sketch(lambda row: one(row) or two(row), a.size + b.size + 1, flag=True)

    __hash__ = None

    @staticmethod
    def where(condition: Vec, yes: Vec | float, no: Vec | float) -> Vec:
        """One or the other, of which only one is looked at."""
        asked, a, b = _a_flag(condition), _a_number(yes), _a_number(no)
        which, one, two = asked.at, a.at, b.at
        size = asked.size + a.size + b.size + 1
        return Sketch(lambda row: one(row) if which(row) else two(row), size)

    @staticmethod
    def minimum(a: Vec | float, b: Vec | float) -> Vec:
        """The smaller of two."""
        return _number(_smaller, a, b)

    @staticmethod
    def maximum(a: Vec | float, b: Vec | float) -> Vec:
        """The larger of two."""
        return _number(_larger, a, b)


class DrawnColumn(Sketch):
    """A column, able to look back."""

    __slots__ = ("_back", "_buffer", "_factor", "_most", "_offset")

    def __init__(self, buffer: Any, offset: float, factor: float, most: int, back: int = 0) -> None:
        self._buffer, self._offset, self._factor, self._back = buffer, offset, factor, back
        self._most = most  # rows of the past that every row has behind it
        super().__init__(_read(memoryview(buffer), buffer.dtype == FLAG, offset, factor, back))

    def __getitem__(self, back: int) -> DrawnColumn:
        whole = self._back + back if type(back) is int and back >= 0 else self._most + 1
        if whole > self._most:
            raise CannotDraw
        return DrawnColumn(self._buffer, self._offset, self._factor, self._most, whole)


class DrawnWindow(Window):
    """The columns that a rule declared, to be drawn on."""

    __slots__ = ("_pad", "_views")

    def __init__(self, views: Views, tick: float, unit: float, pad: int) -> None:
        super().__init__(views, 0, 0, tick, unit)
        self._views: Mapping[str, Any] = views
        self._pad = pad

    def __getattr__(self, name: str) -> Any:
        buffer, view = self._views[name]
        if buffer.dtype not in (FLAG, np.float64):
            raise CannotDraw
        offset, factor = (0.0, 1.0) if view is None else (view.offset, view.factor)
        return DrawnColumn(buffer, offset, factor, self._pad)

    __getitem__ = __getattr__


def drawn(
    rule: Callable[[Window, Any], Any], window: DrawnWindow, params: Any, said: Callable[[Any], Any]
) -> At | None:
    """Whether the rule's condition, as `said` finds it in the answer, holds on a row; None = the
    rule cannot be drawn.
    """
    try:
        return _a_flag(said(rule(window, params))).at
    except Exception:  # noqa: BLE001  # whatever it is, it is told where the rule is asked
        return None


def _read(values: Any, flag: bool, offset: float, factor: float, back: int) -> At:
    def plain(row: int) -> float:
        found: float = values[row - back]
        return found

    def marked(row: int) -> float:
        found: int = values[row - back]
        return NAN if found == MISSING else float(found)

    straight = marked if flag else plain
    return (lambda row: offset - straight(row)) if factor < 0.0 else straight


def _a_number(given: object) -> Sketch:
    if isinstance(given, Sketch) and not given.flag:
        return given
    if isinstance(given, bool) or not isinstance(given, int | float | np.floating | np.integer):
        raise CannotDraw
    value = float(given)
    return Sketch(lambda row: value, 0)


def _a_flag(given: object) -> Sketch:
    if isinstance(given, Sketch) and given.flag:
        return given
    raise CannotDraw


def _number(what: Two, left: object, right: object, *, flag: bool = False) -> Sketch:
    a, b = _a_number(left), _a_number(right)
    one, two = a.at, b.at
    return Sketch(lambda row: what(one(row), two(row)), a.size + b.size + 1, flag=flag)


def _compared(what: Two, left: object, right: object) -> Sketch:
    return _number(what, left, right, flag=True)


def _quotient(a: float, b: float) -> float:
    if b != 0.0:
        return a / b
    return NAN if a == 0.0 or a != a else copysign(INF, a) * copysign(1.0, b)


def _same(a: float, b: float) -> bool:
    return a == b


def _other(a: float, b: float) -> bool:
    return a < b or a > b


def _smaller(x: float, y: float) -> float:
    return x if x < y or x != x else y


def _larger(x: float, y: float) -> float:
    return x if x > y or x != x else y
