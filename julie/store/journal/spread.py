"""The facts of a record as rows of the tables that are there for queries.

The record itself stays the source: whatever stands here can be made again from it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from operator import attrgetter
from typing import Final, NamedTuple

from julie.core.bookings import ConfigTaken, DayClosed, EquityMarked, TradeClosed
from julie.core.events import (
    Asked,
    Decision,
    Fill,
    Health,
    Intent,
    OrderUpdate,
    Payload,
    PositionChanged,
)
from julie.core.types import Code

Row = tuple[object, ...]


class Table(NamedTuple):
    """A table: its name, its columns behind `record`, and the rows of a payload."""

    name: str
    columns: tuple[str, ...]
    rows: Callable[[Payload], Iterator[Row]]

    @property
    def insert(self) -> str:
        """The statement that adds a row."""
        named = ", ".join(f'"{column}"' for column in ("record", *self.columns))
        places = ", ".join("?" * (1 + len(self.columns)))
        return f"INSERT INTO {self.name} ({named}) VALUES ({places})"  # noqa: S608 - our own names


def _plain(name: str, kind: type, columns: Mapping[str, str] | None = None) -> tuple[Table, ...]:
    """One row a record, the fields as they are; `columns` renames a field."""
    names = [field.name for field in fields(kind)]
    read = attrgetter(*names)

    def rows(payload: Payload) -> Iterator[Row]:
        yield read(payload)

    renamed = columns or {}
    return (Table(name, tuple(renamed.get(one, one) for one in names), rows),)


def _candidates(payload: Payload) -> Iterator[Row]:
    if isinstance(payload, Decision):
        for one in payload.candidates:
            yield one.candidate, payload.ts, one.symbol, one.strategy, one.side, one.outcome


def _verdicts(payload: Payload) -> Iterator[Row]:
    if isinstance(payload, Decision):
        for one in payload.candidates:
            for judge, code in zip(payload.judges, one.codes, strict=False):
                if code != Code.NOT_ASKED:
                    yield one.candidate, judge, code


def _health(payload: Payload) -> Iterator[Row]:
    if isinstance(payload, Health):
        yield from payload.values


TABLES: Final[Mapping[type, tuple[Table, ...]]] = {
    Decision: (
        Table(
            "candidates", ("candidate", "ts", "symbol", "strategy", "side", "outcome"), _candidates
        ),
        Table("verdicts", ("candidate", "judge", "code"), _verdicts),
    ),
    Intent: _plain("intents", Intent),
    Asked: _plain("asked", Asked),
    OrderUpdate: _plain("orders", OrderUpdate),
    Fill: _plain("fills", Fill),
    PositionChanged: _plain("positions", PositionChanged),
    TradeClosed: _plain("trades", TradeClosed),
    EquityMarked: _plain("equity", EquityMarked),
    Health: (Table("health", ("name", "value"), _health),),
    ConfigTaken: _plain("configs", ConfigTaken),
    DayClosed: _plain("days", DayClosed, {"record": "desk"}),
}
