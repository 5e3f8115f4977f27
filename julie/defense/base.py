"""What a judge states about itself, and what it answers.

A judge is asked about every candidate and says allow, deny, or scale (take it smaller), with a
reason and the numbers that decided. A column judge reads declared columns of the candidate table
and is one array function; a record judge reads the desk's own record and is asked by the desk in
time order. No judge changes a bracket, places an order, reads a clock or a file.
"""

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import AfterValidator

from julie.core.candidates import Candidates
from julie.core.params import Params
from julie.core.types import Code, Reason, Session, Style
from julie.market.columns.column import Column

Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]
MOST_NUMBERS: Final = 4
_DENY, _SCALE = Code.DENY, Code.SCALE  # looked up once: judges speak on every close

__all__ = [
    "Candidates",
    "Clause",
    "Clock",
    "Column",
    "Judge",
    "Params",
    "Reason",
    "RecordJudge",
    "Session",
    "Style",
    "Verdicts",
    "View",
    "allow",
    "deny",
    "judge",
    "record_judge",
    "scale",
]


def _clock(text: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        raise ValueError(f"{text!r} is no time of day; write 09:30 (Eastern)")
    return text


# An Eastern time of day in Params; the rule reads it as minutes since 18:00.
CLOCK: Final = AfterValidator(_clock)
Clock = Annotated[str, CLOCK]


class Clause(NamedTuple):
    """One sentence of an answer: which rows, what about them, why, and by which numbers."""

    when: Mask
    code: Code
    reason: Reason
    factor: Any  # one number, or one a row
    numbers: tuple[Any, ...]

    def numbers_of(self, rows: Rows) -> Numbers:
        """n1 to n4 of some rows, NaN where the judge names fewer."""
        found = np.full((MOST_NUMBERS, len(rows)), np.nan)
        for place, number in enumerate(self.numbers):
            found[place] = _at(number, rows)
        return found

    def factor_of(self, rows: Rows) -> Any:
        """What the size of some rows is multiplied by."""
        return _at(self.factor, rows)


def _at(value: Any, rows: Rows) -> Any:
    return value[rows] if isinstance(value, np.ndarray) and value.ndim else value


class Verdicts(NamedTuple):
    """Clauses in order: the first that speaks of a row wins, a row without one is allowed."""

    rows: int
    clauses: tuple[Clause, ...] = ()

    def then(self, other: "Verdicts") -> "Verdicts":
        """This answer, and where it is silent the other."""
        return Verdicts(self.rows, self.clauses + other.clauses)

    def spoken(self, asked: Mask) -> Iterator[tuple[Clause, Rows]]:
        """Each clause with the rows, of those asked about, on which it is the first to speak."""
        silent = asked.copy()
        for clause in self.clauses:
            rows = (clause.when & silent).nonzero()[0]
            if len(rows):
                silent[rows] = False
                yield clause, rows


def allow(rows: int) -> Verdicts:
    """Nothing against any of the rows."""
    return Verdicts(rows)


def deny(when: Mask, reason: Reason, *numbers: Any) -> Verdicts:
    """No trade where it holds."""
    return Verdicts(len(when), (Clause(when, _DENY, reason, 1.0, numbers),))


def scale(when: Mask, factor: Any, reason: Reason, *numbers: Any) -> Verdicts:
    """A smaller trade where it holds; a factor of 1 only leaves its mark in the record."""
    return Verdicts(len(when), (Clause(when, _SCALE, reason, factor, numbers),))


class View:
    """A judge's numbers, one value or one a candidate; rules are elementwise, so both work."""

    __slots__ = ("_numbers", "_place")

    def __init__(self, numbers: Mapping[str, Any], place: npt.NDArray[np.int64]) -> None:
        self._numbers, self._place = numbers, place

    def __getattr__(self, name: str) -> Any:
        found = self._numbers.get(name)
        if found is None:
            raise AttributeError(
                f"the judge has no number {name!r}; it has {', '.join(self._numbers)}"
            )
        return found[self._place] if isinstance(found, np.ndarray) else found


Rule = Callable[[Candidates, View], Verdicts]
BySession = Mapping[Session, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Judge:
    """A judge that depends on columns alone."""

    name: str
    rule: Rule
    columns: tuple[Column, ...]
    params: type[Params]
    numbers: tuple[str, ...]  # what n1 to n4 of its verdicts are
    doc: str
    exempt: tuple[Style, ...] = ()
    exempt_names: tuple[str, ...] = ()  # strategies
    by_session: BySession = field(default_factory=dict)  # shipped numbers of single sessions


@dataclass(frozen=True, slots=True, eq=False)
class RecordJudge:
    """A judge of our own record; `ask` is the compiled function that the desk calls."""

    name: str
    ask: Callable[..., Any]
    params: type[Params]
    numbers: tuple[str, ...]
    doc: str
    exempt: tuple[Style, ...] = ()
    exempt_names: tuple[str, ...] = ()
    by_session: BySession = field(default_factory=dict)


AnyJudge = Judge | RecordJudge


def _doc(rule: Callable[..., Any]) -> str:
    return (sys.modules[rule.__module__].__doc__ or rule.__doc__ or "").strip()


def _check(numbers: tuple[str, ...]) -> None:
    if len(numbers) > MOST_NUMBERS:
        raise ValueError(f"a verdict has at most {MOST_NUMBERS} numbers, got {numbers}")


def judge(
    *,
    name: str,
    columns: tuple[Column, ...],
    numbers: tuple[str, ...],
    params: type[Params] = Params,
    exempt: tuple[Style, ...] = (),
    exempt_names: tuple[str, ...] = (),
    by_session: BySession | None = None,
) -> Callable[[Rule], Judge]:
    """Declare the rule below as a judge; the module's docstring is its description."""

    _check(numbers)

    def declare(rule: Rule) -> Judge:
        return Judge(
            name,
            rule,
            columns,
            params,
            numbers,
            _doc(rule),
            exempt,
            exempt_names,
            dict(by_session or {}),
        )

    return declare


def record_judge(
    *,
    name: str,
    numbers: tuple[str, ...],
    params: type[Params] = Params,
    exempt: tuple[Style, ...] = (),
    exempt_names: tuple[str, ...] = (),
) -> Callable[[Callable[..., Any]], RecordJudge]:
    """Declare the compiled function below as a judge of our own record; `.ask` calls it."""

    _check(numbers)

    def declare(ask: Callable[..., Any]) -> RecordJudge:
        return RecordJudge(name, ask, params, numbers, _doc(ask), exempt, exempt_names)

    return declare
