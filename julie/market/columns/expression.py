"""Columns as people write them: `on(5m, ema(close, 20))` becomes the column, or says what is wrong.

A name alone is a bar price (`close`), a clock (`minute`) or a column without parameters (`vwap`).
Timeframes, instruments and tables are written as they are called: `on(15m, ...)`, `peer(NQ, ...)`.
"""

import inspect
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from julie.core.errors import UsageError
from julie.market.columns.column import Column, needs_of
from julie.market.columns.graph import MEMORY_CAP_DAYS, Graph

MOST_ROWS = 20_000  # the longest window a person may ask for
_TOKEN = re.compile(r"\s*(?:([(),])|\"([^\"]*)\"|'([^']*)'|([^\s(),\"']+))")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing a person may write: who makes the column, and an example of its arguments."""

    build: Callable[..., Column]
    example: str = ""


Known = Mapping[str, Entry]


def parse(text: str, known: Known) -> Column:
    """The column that an expression means."""
    return _Reader(text, known).whole()


def parse_list(text: str, known: Known) -> dict[str, Column]:
    """Several expressions with commas between them, each under what was written."""
    return {one: parse(one, known) for one in split(text)}


def split(text: str) -> list[str]:
    """Cut at the commas outside of parentheses."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth <= 0:
            parts.append("")
        else:
            parts[-1] += letter
    found = [part.strip() for part in parts]
    if not all(found):
        raise UsageError(f"{text!r} has an empty place", "write it as 'ema(close,20),rsi(14)'")
    return found


class _Reader:
    """Reads one expression from left to right."""

    def __init__(self, text: str, known: Known) -> None:
        self._text, self._known = text, known
        self._tokens = list(self._cut())
        self._at = 0

    def _cut(self) -> Iterator[str]:
        at, text = 0, self._text.strip()
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None:
                raise self._wrong(f"cannot read {text[at:]!r}")
            at = found.end()
            yield next(part for part in found.groups() if part is not None)

    def _wrong(self, what: str, cure: str = "write it as ema(close, 20)") -> UsageError:
        return UsageError(f"{self._text.strip()!r}: {what}", cure)

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self, wanted: str = "") -> str:
        here = self._peek()
        if not here or (here != wanted if wanted else here in "(),"):
            place = f"before {here!r}" if here else "at the end"
            raise self._wrong(f"{repr(wanted) if wanted else 'something'} is missing {place}")
        self._at += 1
        return here

    def whole(self) -> Column:
        found = self._column()
        if self._peek():
            raise self._wrong(f"{self._peek()!r} stands behind the end")
        return found

    def _column(self) -> Column:
        name = self._take()
        entry = self._known.get(name)
        if entry is None:
            near = get_close_matches(name, self._known, 3)
            hint = f"did you mean {' or '.join(near)}?" if near else ""
            raise self._wrong(f"there is no column {name!r}", hint or "`julie columns` lists them")
        return self._build(name, entry)

    def _build(self, name: str, entry: Entry) -> Column:
        wanted = list(inspect.signature(entry.build, eval_str=True).parameters.values())
        given: list[Column | str | float] = []
        if self._peek() == "(":
            self._take("(")
            while self._peek() != ")":
                if len(given) == len(wanted):
                    raise self._arity(name, entry)
                given.append(self._argument(name, entry, wanted[len(given)]))
                if self._peek() != ")":
                    self._take("," if self._peek() else ")")
            self._take(")")
        if len(given) < sum(p.default is p.empty for p in wanted):
            raise self._arity(name, entry)
        try:
            return entry.build(*given)
        except ValueError as error:
            raise self._wrong(str(error), self._example(name, entry)) from error

    @staticmethod
    def _example(name: str, entry: Entry) -> str:
        return f"for example {name}({entry.example})" if entry.example else f"write {name} alone"

    def _arity(self, name: str, entry: Entry) -> UsageError:
        what = f"{signature(name, entry)} has other arguments"
        return self._wrong(what, self._example(name, entry))

    def _argument(self, name: str, entry: Entry, wanted: inspect.Parameter) -> Column | str | float:
        number = _NUMBER.fullmatch(self._peek()) is not None
        if wanted.annotation is str:
            return self._take()
        if wanted.annotation not in (int, float):
            if number:
                what = f"{wanted.name} of {name} is a column, not {self._peek()}"
                raise self._wrong(what, self._example(name, entry))
            return self._column()
        if not number and self._peek() not in ("", ",", ")"):
            what = f"{wanted.name} of {name} is a number, not {self._peek()!r}"
            raise self._wrong(what, self._example(name, entry))
        return self._number(name, entry, wanted)

    def _number(self, name: str, entry: Entry, wanted: inspect.Parameter) -> float:
        value = float(self._take())
        if wanted.annotation is float:
            return value
        least = 1 if wanted.default is wanted.empty else min(1, wanted.default)
        most = MEMORY_CAP_DAYS - 1 if wanted.name == "days" else MOST_ROWS
        if not value.is_integer() or not least <= value <= most:
            what = f"{wanted.name} of {name} is a whole number from {least} to {most}"
            raise self._wrong(what, self._example(name, entry))
        return int(value)


def signature(name: str, entry: Entry) -> str:
    """How it is written: `ema(x, n)`, `percentile(x, days=20)`."""
    parts = [
        p.name if p.default in (p.empty, None) else f"{p.name}={p.default:g}"
        for p in inspect.signature(entry.build).parameters.values()
    ]
    return f"{name}({', '.join(parts)})" if parts else name


def example_of(name: str, known: Known) -> Column:
    """The column of an entry's example arguments."""
    return parse(f"{name}({known[name].example})", known)


def facts(name: str, known: Known) -> dict[str, object]:
    """What a list of columns tells about one."""
    column = example_of(name, known)
    memory = min(Graph.memory_of(column, 60), float(MEMORY_CAP_DAYS))
    entry = known[name]
    return {
        "name": name,
        "written": signature(name, entry),
        "example": f"{name}({entry.example})" if entry.example else name,
        "meaning": (inspect.getdoc(entry.build) or column.output.formula).splitlines()[0],
        "formula": column.output.formula,
        "memory_days": math.ceil(memory * 100) / 100,
        "needs": "".join(sorted(needs_of(column))),
    }


def text_table(listed: Iterable[Mapping[str, object]]) -> str:
    """Columns in lines: how each is written, its memory in trading days, its needs, its formula."""
    lines = [f"{'column':<34}  {'days':>5}  needs  formula"]
    for one in listed:
        meaning, formula = str(one["meaning"]).rstrip("."), str(one["formula"])
        told = meaning.lower() == formula.lower()
        said = meaning if told else f"{meaning} | {formula}"
        lines.append(f"{one['written']:<34}  {one['memory_days']:>5.2f}  {one['needs']:<5}  {said}")
    return "\n".join(lines)
