"""Compiles every kernel once, by sending a handful of made-up bars through every column there is.

It is done on installation and costs a minute; afterwards each command loads what was compiled.
"""

from collections.abc import Callable, Mapping

import numpy as np

from julie.core.calendar import load_calendar
from julie.core.instruments import INSTRUMENTS
from julie.core.sessions import BUCKETS, session_of_minute
from julie.market.columns.catalogue import CONSTRUCTORS
from julie.market.columns.expression import Entry, example_of
from julie.market.columns.frame import Buffer
from julie.market.columns.graph import Graph
from julie.market.tables import market_tables

MINUTE_NS = 60_000_000_000
ROWS = 8
Told = Callable[[str, int, int], None]


def _silent(name: str, done: int, total: int) -> None:
    """Nobody listens."""


class AnyTable(dict[str, Buffer]):
    """Tables of the market; one by bucket that nobody handed over is full of zeros."""

    def __missing__(self, name: str) -> Buffer:
        return np.zeros(BUCKETS)


def warm_kernels(told: Told = _silent, known: Mapping[str, Entry] = CONSTRUCTORS) -> int:
    """Compile the kernels of all columns; tells each name, how many are done and of how many."""
    calendar = load_calendar()
    made = market_tables(calendar, session_of_minute, INSTRUMENTS.values())
    columns = {name: example_of(name, known) for name in known}
    for done, (name, column) in enumerate(columns.items()):
        told(name, done, len(columns))
        graph = Graph({"ES": (column,), "NQ": ()}, {"ES": 60, "NQ": 60}, AnyTable(made), ROWS)
        for symbol in ("NQ", "ES"):
            graph.append(symbol, _bars(int(calendar.open_ns[len(calendar) // 2])))
        graph.advance()
    told("", len(columns), len(columns))
    return len(columns)


def _bars(first_ns: int) -> dict[str, Buffer]:
    rows = np.arange(ROWS, dtype=np.float64)
    close = 5000.0 + rows % 3.0
    return {
        "ts": first_ns + rows.astype(np.int64) * MINUTE_NS,
        "open": close - 0.25,
        "high": close + 0.5,
        "low": close - 0.5,
        "close": close,
        "volume": 100.0 + rows,
        "shift": np.zeros(ROWS),
    }
