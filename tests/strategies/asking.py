"""Asks strategies over a series, in any blocks: a graph, the speakers, one candidate table."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from julie.core.calendar import load_calendar
from julie.core.candidates import Array, Candidates, concatenate
from julie.core.instruments import instrument
from julie.core.sessions import minute_since_open, session_of_minute
from julie.market.columns.column import Column
from julie.market.columns.graph import Graph
from julie.market.tables import market_tables
from julie.strategies.base import Strategy
from julie.strategies.evaluate import Speaker

BLOCK = 65_536
TICK = 0.25


@dataclass(frozen=True, eq=False)
class Series:
    """Bars as a graph takes them: adjusted prices, volume and shift by time."""

    ts: Array
    open: Array
    high: Array
    low: Array
    close: Array
    volume: Array
    shift: Array
    symbol: str = "ES"
    base_s: int = 60

    def __len__(self) -> int:
        return len(self.ts)

    def rows(self, start: int, stop: int) -> dict[str, Any]:
        """The rows as the graph's `append` wants them."""
        names = ("ts", "open", "high", "low", "close", "volume", "shift")
        return {name: getattr(self, name)[start:stop] for name in names}

    def take(self, kept: Array) -> "Series":
        """Some of its rows."""
        return replace(self, **{n: v[kept] for n, v in self.rows(0, len(self)).items()})

    def first(self, rows: int) -> "Series":
        """The series as it was after so many rows."""
        return replace(self, **self.rows(0, rows))

    def moved(self, points: float) -> "Series":
        """Every price so many points higher."""
        prices = {name: getattr(self, name) + points for name in ("open", "high", "low", "close")}
        return replace(self, **prices)

    def upside_down(self, twice_k: float) -> "Series":
        """p becomes 2K - p."""
        return replace(
            self,
            open=twice_k - self.open,
            high=twice_k - self.low,
            low=twice_k - self.high,
            close=twice_k - self.close,
            shift=-self.shift,
        )

    @property
    def day(self) -> Array:
        """Place of each row's trading day in the calendar."""
        return load_calendar().index_of(self.ts)

    @property
    def minute(self) -> Array:
        """Minutes of each row since 18:00 Eastern."""
        return (self.ts - load_calendar().open_ns[self.day]) // 60_000_000_000


def speakers(strategies: Iterable[Strategy], symbol: str = "ES", **params: Any) -> list[Speaker]:
    """The strategies with their numbers, on one instrument."""
    traded = instrument(symbol)
    return [
        Speaker(one, one.params(**params), place, traded, 0) for place, one in enumerate(strategies)
    ]


class Asking:
    """A graph with the columns of some speakers, walked block by block."""

    def __init__(self, asked: Sequence[Speaker], series: Series, *also: Column) -> None:
        symbol = series.symbol
        columns = tuple(dict.fromkeys((*also, *(c for one in asked for c in one.columns()))))
        tables = market_tables(load_calendar(), session_of_minute, [instrument(symbol)])
        self.graph = Graph({symbol: columns}, {symbol: series.base_s}, tables)
        self.frame = self.graph.frame(symbol)

    def blocks(self, series: Series, stops: Iterable[int]) -> Iterable[tuple[int, int]]:
        """Advance to each stop; yields the buffer rows that are new."""
        at = 0
        for stop in stops:
            if self.frame.free() < stop - at:
                self.graph.roll()
            self.graph.append(series.symbol, series.rows(at, stop))
            start = self.frame.start
            self.graph.advance()
            yield start, self.frame.fill
            at = stop


def every(block: int, rows: int, begin: int = 0) -> list[int]:
    """Ends of equal blocks after a first one of `begin` rows, cut to what a graph can hold."""
    ends = {*range(begin + block, rows, block), *range(BLOCK, begin, BLOCK), begin, rows}
    return sorted(ends - {0})


def candidates(
    asked: Sequence[Speaker],
    series: Series,
    stops: Iterable[int] | None = None,
    given: Mapping[Column, Array] | None = None,
) -> Candidates:
    """All candidates over the series, in time order; `given` columns are not computed but taken."""
    at, tables = 0, []
    asking = Asking(asked, series)
    for start, fill in asking.blocks(series, stops or every(BLOCK, len(series))):
        for column, values in (given or {}).items():
            asking.frame.buffers[column][start:fill] = values[at : at + fill - start]
        for one in asked:
            tables += one.entries(asking.frame, start, fill)
        at += fill - start
    return concatenate(tables).sorted_by_time()


def values(column: Column, series: Series) -> Array:
    """One column over the whole series."""
    asking = Asking((), series, column)
    parts = [
        asking.frame.buffers[column][start:fill].copy()
        for start, fill in asking.blocks(series, every(BLOCK, len(series)))
    ]
    return np.concatenate(parts)


def exits(one: Speaker, series: Series, side: int) -> Array:
    """Rows on which the strategy would close a position of that side."""
    asking = Asking((one,), series)
    parts = [
        np.flatnonzero(one.exits(asking.frame, side, start, fill))
        + asking.frame.first
        + start
        - asking.frame.pad
        for start, fill in asking.blocks(series, every(BLOCK, len(series)))
    ]
    return np.concatenate(parts)


def in_its_time(one: Strategy, found: Candidates, series: Series) -> Array:
    """Which candidates lie inside the strategy's sessions and window."""
    inside = np.isin(found.session, [int(session) for session in one.sessions])
    if one.window:
        first, last = (minute_since_open(clock) for clock in one.window)
        minute = series.minute[found.row]
        inside &= (minute >= first) & (minute <= last)
    return inside
