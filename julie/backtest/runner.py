"""One backtest from bars and configuration to a `RunResult`: the same desk, judges, risk and
management as live.
"""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from julie.backtest.engine import Progress, Swept, cut_short, market_of, new_graph, sweep, walk_desk
from julie.backtest.harvest import Facts
from julie.backtest.result import FittedRange
from julie.backtest.timeline import Timeline, timeline
from julie.backtest.walk import Market
from julie.core.bars import Bars
from julie.core.calendar import Calendar, load_calendar
from julie.core.candidates import Array, Candidates
from julie.core.errors import DataError, StrategyError, UsageError
from julie.core.instruments import Instrument
from julie.core.news import NewsTimes
from julie.core.record import DeskRecord
from julie.core.sessions import date_of, session_table
from julie.core.unit_watch import Unit, failures
from julie.core.venue_times import NO_VENUE, LastEntry
from julie.defense.catalogue import in_order
from julie.defense.chain import Chain
from julie.defense.overrides import Overrides
from julie.desk.pipeline import Judged, Pipeline
from julie.desk.rules import first_record
from julie.market.columns.column import Column
from julie.market.columns.graph import MEMORY_CAP_DAYS, Graph
from julie.market.tables import market_tables
from julie.settings import Settings
from julie.strategies.base import Strategy
from julie.strategies.evaluate import Speaker
from julie.strategies.silence import silence_of


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """What is to be run."""

    series: tuple[Bars, ...]
    traded: tuple[Instrument, ...]
    strategies: tuple[Strategy, ...]  # asked for; silent ones are found out
    settings: Settings
    news: NewsTimes = field(default_factory=NewsTimes)
    first_day: date | None = None  # rows before it only warm the columns up
    keep_all: bool = False  # also the rows before it that no column remembers
    has_vix: bool = False
    fitted: tuple[FittedRange, ...] = ()  # what the tables and models in use were fitted on
    progress: Progress = lambda *_: None


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """A run's candidates, before anybody judged them."""

    request: Request
    pipeline: Pipeline
    line: Timeline
    swept: Swept
    speaking: tuple[Strategy, ...]
    silent: dict[str, str]
    first_ts: int
    began: float
    asked_steps: int  # closes of all bars asked for
    columns: tuple[Unit, ...]  # each of which may have failed


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A finished walk with everything it was made of."""

    request: Request
    facts: Facts
    judged: Judged
    record: DeskRecord
    line: Timeline
    swept: Swept
    silent: Mapping[str, str]
    first_ts: int
    seconds: float
    pipeline: Pipeline
    market: Market
    asked_steps: int  # closes of all bars asked for; more than the line has when interrupted
    failed: tuple[str, ...]  # rules, judges and columns that raised: what they did is worth nothing


def silence(request: Request) -> tuple[tuple[Strategy, ...], dict[str, str]]:
    """The strategies that speak on some instrument, and the reason of each that speaks on none."""
    speaking, silent = [], {}
    for one in request.strategies:
        reasons = [silent_on(one, k, request) for k in range(len(request.series))]
        if all(reasons):
            silent[one.name] = str(reasons[0])
        else:
            speaking.append(one)
    return tuple(speaking), silent


def silent_on(one: Strategy, k: int, request: Request) -> str | None:
    """Why a strategy does not speak on one of the instruments; None where it does."""
    bars = request.series[k]
    return silence_of(
        one,
        bars.instrument,
        bars.base_s,
        has_volume=bars.has_volume,
        peers=[other.instrument.symbol for other in request.series],
        has_vix=request.has_vix,
        unit_known=bars.instrument.unit_pts is not None,
    )


def overrides(settings: Settings, strategies: Sequence[Strategy]) -> Overrides:
    """The judges' exceptions as the chain takes them."""
    own = {one.name: settings.strategies[one.name].defense.layers() for one in strategies}
    return Overrides(settings.defense.layers(), settings.defense.sessions.layers(), own)


def build(request: Request, speaking: tuple[Strategy, ...]) -> Pipeline:
    """The pipeline of the strategies that speak."""
    settings = request.settings
    times = settings.management.times
    bound = settings.account.rules.venue_times
    last_entry = LastEntry.at(times.last_entry, times.early_last_entry_min) if bound else NO_VENUE
    chain = Chain(
        in_order(settings.defense.order), speaking, overrides(settings, speaking), last_entry
    )
    speakers: dict[str, list[Speaker]] = {}
    for k, bars in enumerate(request.series):
        mine = [
            Speaker(one, settings.strategies[one.name].params, place, bars.instrument, k)
            for place, one in enumerate(speaking)
            if silent_on(one, k, request) is None
        ]
        speakers[bars.instrument.symbol] = mine
    return Pipeline(speakers, chain, settings.risk, request.traded)


def constant_tables(request: Request, calendar: Calendar) -> dict[str, Array]:
    """Calendar, instruments, news and holidays as the graph takes them."""
    session_of = session_table(request.settings.sessions.starts)
    symbols = [bars.instrument for bars in request.series]
    return market_tables(calendar, session_of, symbols, request.news)


def run(request: Request) -> Run:
    """Walk the whole series; nothing may fail on it."""
    return sound(trade(search(request)))


def sound(done: Run) -> Run:
    """A run on which nothing failed; else it is refused."""
    if done.failed:
        raise failed(done.failed)
    return done


def failed(sentences: Sequence[str]) -> StrategyError:
    """Rules, judges or columns that raised in a run."""
    return StrategyError(
        "; ".join(sentences),
        "mend it, or run without it; -vv shows where it raised",
    )


def search(request: Request) -> Search:
    """Find all candidates; when it is interrupted, those of the bars done so far."""
    return search_each([request])[0]


def search_each(requests: Sequence[Request]) -> list[Search]:
    """Searches that differ in the numbers of their strategies alone, in one pass over the bars."""
    began = time.perf_counter()
    first = requests[0]
    if not all(len(bars) for bars in first.series):
        raise DataError(
            "there are no bars to run on", "`julie data info --data FILE` shows what a file holds"
        )
    calendar = load_calendar()
    speaking, silent = silence(first)
    pipelines = [build(request, speaking) for request in requests]
    columns = _columns_of(pipelines)
    series = with_warm_up(first, columns, calendar).series
    line = timeline(series, calendar, session_table(first.settings.sessions.starts))
    graph = new_graph(pipelines[0], series, constant_tables(first, calendar), extra=columns)
    first_ts = _first_ts(first, calendar, line)
    found = sweep(pipelines, graph, series, line, first_ts, first.progress)
    asked, units = len(line.ts), tuple(graph.units())
    searches = []
    for request, pipeline, swept in zip(requests, pipelines, found, strict=True):
        if swept.stopped is not None and line.ts[swept.steps_done - 1] < first_ts:
            raise swept.stopped  # still warming up: there is nothing to keep
        kept, bars, steps = swept, series, line
        if swept.stopped is not None:
            kept, bars, steps = cut_short(swept, series, line)
        own = replace(request, series=bars)
        searches.append(
            Search(
                own, pipeline, steps, kept, speaking, dict(silent), first_ts, began, asked, units
            )
        )
    return searches


def trade(found: Search, market: Market | None = None) -> Run:
    """Judge the candidates and walk the desk over them."""
    request, pipeline, line = found.request, found.pipeline, found.line
    judged = pipeline.judge(found.swept.tables, request.series[0].base_ns)
    record = _record(request, pipeline, found.speaking, len(judged.candidates))
    if market is None:
        market = market_of(request.series, request.traded, line, found.swept.kept)
    walk_desk(record, judged, market, line)
    facts = Facts(request.series, request.traded, found.speaking, pipeline.chain)
    silent = found.silent | warming(request, found.speaking, judged.candidates, line)
    seconds = time.perf_counter() - found.began
    return Run(
        request, facts, judged, record, line, found.swept, silent, found.first_ts, seconds,
        pipeline, market, found.asked_steps, failures((*pipeline.units(), *found.columns)),
    )  # fmt: skip


def _columns_of(pipelines: Sequence[Pipeline]) -> dict[str, tuple[Column, ...]]:
    """What the graph must compute for all of them."""
    each = [pipeline.columns() for pipeline in pipelines]
    return {
        symbol: tuple(dict.fromkeys(column for one in each for column in one[symbol]))
        for symbol in pipelines[0].symbols
    }


def warming(
    request: Request, speaking: Sequence[Strategy], candidates: Candidates, line: Timeline
) -> dict[str, str]:
    """Strategies that never spoke because the data are shorter than their columns' memory."""
    days = len(np.unique(line.day))
    spoke = set(candidates.strategy.tolist())
    found = {}
    for place, one in enumerate(speaking):
        params = request.settings.strategies[one.name].params
        base_s = request.series[0].base_s
        memory = (Graph.memory_of(column, base_s) for column in one.declared(params))
        needed = max(memory, default=0)
        if place not in spoke and needed > days:
            found[one.name] = f"warm-up: ready after {math.ceil(needed)} trading days, here {days}"
    return found


def with_warm_up(
    request: Request, columns: Mapping[str, Sequence[Column]], calendar: Calendar
) -> Request:
    """The series from as many days before the first traded one as the columns remember."""
    if request.first_day is None or request.keep_all:
        return request
    memory = max(
        Graph.memory_of(column, bars.base_s)
        for bars in request.series
        for column in columns[bars.instrument.symbol]
    )
    first = np.datetime64(request.first_day).astype("datetime64[D]").astype(int)
    cut = []
    for bars in request.series:
        days = np.unique(calendar.index_of(bars.ts))
        earlier = days[calendar.day[days] < first]
        keep = min(math.ceil(memory) + 1, MEMORY_CAP_DAYS)
        start = calendar.open_ns[earlier[-keep:][0]] if len(earlier) else bars.ts[0]
        cut.append(bars.rows(int(np.searchsorted(bars.ts, start)), len(bars)))
    return replace(request, series=tuple(cut))


def _first_ts(request: Request, calendar: Calendar, line: Timeline) -> int:
    if request.first_day is None:
        return int(line.ts[0])
    ordinal = (request.first_day - date(1970, 1, 1)).days
    place = int(np.searchsorted(calendar.day, ordinal))
    if place == len(calendar) or calendar.open_ns[place] > line.ts[-1]:
        raise UsageError(
            f"there are no bars from {request.first_day} on",
            f"the last one is of {date_of(int(line.day[-1]))}: give an earlier --from",
        )
    return int(calendar.open_ns[place])


def _record(
    request: Request, pipeline: Pipeline, speaking: Sequence[Strategy], candidates: int
) -> DeskRecord:
    settings = request.settings
    return first_record(
        request.traded,
        speaking,
        [settings.strategies[s.name] for s in speaking],
        pipeline.chain,
        settings.account,
        settings.risk,
        settings.management,
        settings.execution,
        settings.backtest.on_breach == "restart",
        2 * candidates + 2,
    )


def fresh_record(run_: Run) -> DeskRecord:
    """The record that the run began with."""
    return _record(run_.request, run_.pipeline, run_.facts.strategies, len(run_.judged.candidates))
