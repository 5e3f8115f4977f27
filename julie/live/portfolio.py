"""The portfolio as a live desk runs it: strategies, judges, columns and the desk's first record.

Everything is made by the same functions as a backtest's, from bars of history instead of a file, so
what was tested is what trades.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from julie.backtest.engine import new_graph
from julie.backtest.request import chosen, news_of, traded_on
from julie.backtest.runner import Request, build, constant_tables, silence
from julie.core.bars import Bars
from julie.core.calendar import Calendar
from julie.core.instruments import Instrument
from julie.core.record import DeskRecord
from julie.core.sessions import session_table
from julie.core.zones import MINUTE_NS
from julie.desk.minutes import DeskMinutes
from julie.desk.moments import Moments
from julie.desk.pipeline import Pipeline
from julie.desk.rules import first_record
from julie.live.warm import BASE_S
from julie.market.blocks import adjusted_rows
from julie.market.columns.graph import MEMORY_CAP_DAYS, Graph
from julie.settings import Settings
from julie.strategies.base import Strategy

CAPACITY: Final = 4096  # rows of a block; a day has 1,380
LEGS_ROOM: Final = 8192  # closed legs of a session of the program


@dataclass(frozen=True, slots=True, eq=False)
class Portfolio:
    """What a desk is made of."""

    pipeline: Pipeline
    graph: Graph
    record: DeskRecord
    traded: tuple[Instrument, ...]
    strategies: tuple[Strategy, ...]
    silent: dict[str, str]


def asked_for(
    settings: Settings,
    instruments: Sequence[Instrument],
    words: Sequence[str],
    strategies: Sequence[Strategy] = (),
) -> Request:
    """The run that the configuration asks for, still without bars; strategies named instead of
    those that it enables.
    """
    series = tuple(_blank(one) for one in instruments)
    traded = traded_on(words, series, settings.instrument_table())
    return Request(
        series, traded, tuple(strategies) or chosen((), settings), settings, news_of(settings)
    )


def days_remembered(request: Request) -> int:
    """How many trading days of history the columns of this run stand on."""
    speaking, _ = silence(request)
    columns = build(request, speaking).columns()
    memory = max(
        (
            Graph.memory_of(column, BASE_S)
            for bars in request.series
            for column in columns[bars.instrument.symbol]
        ),
        default=1.0,
    )
    return min(math.ceil(memory) + 1, MEMORY_CAP_DAYS)


def unwarmed(request: Request, calendar: Calendar) -> Portfolio:
    """The desk's parts for a request whose series is the history, which they have not seen yet."""
    settings = request.settings
    speaking, silent = silence(request)
    pipeline = build(request, speaking)
    graph = new_graph(pipeline, request.series, constant_tables(request, calendar), CAPACITY)
    record = first_record(
        request.traded,
        speaking,
        [settings.strategies[one.name] for one in speaking],
        pipeline.chain,
        settings.account,
        settings.risk,
        settings.management,
        settings.execution,
        False,  # a real account that is spent stays spent
        LEGS_ROOM,
    )
    return Portfolio(pipeline, graph, record, request.traded, speaking, silent)


def unwarmed_desk(
    asked: Request, series: Sequence[Bars], calendar: Calendar, contracts: Sequence[str]
) -> tuple[DeskMinutes, Portfolio]:
    """A desk that has seen nothing yet, neither the history `series` nor a minute; and its parts.

    `contracts` are what its orders name, one an instrument.
    """
    made = unwarmed(replace(asked, series=tuple(series)), calendar)
    sessions = session_table(asked.settings.sessions.starts)
    desk = DeskMinutes(
        made.pipeline,
        made.graph,
        made.record,
        made.traded,
        made.strategies,
        Moments(calendar, sessions, MINUTE_NS),
        contracts=contracts,
    )
    return desk, made


def warm(graph: Graph, symbols: Sequence[str], series: Sequence[Bars]) -> None:
    """Lead the graph through the history, a block at a time."""
    done = [0] * len(series)
    while any(a < len(bars) for a, bars in zip(done, series, strict=True)):
        last = [
            bars.ts[min(a + CAPACITY, len(bars)) - 1]
            for a, bars in zip(done, series, strict=True)
            if a < len(bars)
        ]
        end = min(last)
        graph.roll()
        for k, (symbol, bars) in enumerate(zip(symbols, series, strict=True)):
            stop = int(np.searchsorted(bars.ts, end, side="right"))
            graph.append(symbol, adjusted_rows(bars, done[k], stop))
            done[k] = stop
        graph.advance()
    graph.roll()


def _blank(instrument: Instrument) -> Bars:
    """A series without rows that could have everything: what a run needs is asked of it."""
    row = np.ones(1)
    return Bars(
        instrument=instrument,
        base_s=BASE_S,
        ts=np.zeros(1, np.int64),
        open=row,
        high=row,
        low=row,
        close=row,
        volume=row,
        shift=np.zeros(1),
        contract=("",),
        contract_of=np.zeros(1, np.int16),
        rolls=np.zeros(0, np.int64),
        roll_estimated=np.zeros(0, np.bool_),
        source="",
        sha256="",
    )
