"""The engine: bars through the pipeline block by block, then the desk's walk over what was found.

Columns are computed once, in blocks, so memory does not grow with years; what is kept of a row is
what the desk asks between closes: ATR, swings, exits and news windows. Everything else is read at
candidates only.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from julie.backtest.timeline import Timeline, roll_flags, traded_ticks
from julie.backtest.walk import Market, Marks, close_out, walk
from julie.core.bars import Bars
from julie.core.candidates import Array, Candidates
from julie.core.instruments import Instrument
from julie.core.interruption import INTERRUPTIONS
from julie.core.record import DeskRecord
from julie.desk.pipeline import Judged, Pipeline
from julie.desk.seen import KEPT
from julie.execution.orders import new_books, new_fills
from julie.market.blocks import adjusted_rows
from julie.market.columns.column import Column
from julie.market.columns.frame import Frame
from julie.market.columns.graph import Graph
from julie.market.columns.raw import SHIFT
from julie.strategies.evaluate import Exits

ROWS: Final = 32_768  # of a block: fewer cost time, more cost memory
Progress = Callable[[int, int], None]


@dataclass(slots=True, eq=False)
class Kept:
    """Per row and instrument: what the desk asks between candidates."""

    columns: dict[str, Array]
    exits: npt.NDArray[np.int8]
    news: npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class Swept:
    """The series walked through the pipeline: candidates still unjudged, and the kept rows."""

    tables: list[Candidates]
    kept: Kept
    steps_done: int  # closes of the time line; fewer than it has when the run was interrupted
    stopped: BaseException | None = None  # what interrupted it


def new_graph(
    pipeline: Pipeline,
    series: Sequence[Bars],
    tables: Mapping[str, Array],
    capacity: int = ROWS,
    extra: Mapping[str, Sequence[Column]] | None = None,
) -> Graph:
    """The graph of everything the pipeline, the desk and the caller ask for."""
    more = extra or {}
    wanted = {
        s: tuple(dict.fromkeys((*c, *more.get(s, ())))) for s, c in pipeline.columns().items()
    }
    bar_s = {symbol: bars.base_s for symbol, bars in zip(pipeline.symbols, series, strict=True)}
    return Graph(wanted, bar_s, tables, capacity)


def sweep(
    pipelines: Sequence[Pipeline],
    graph: Graph,
    series: Sequence[Bars],
    line: Timeline,
    first_ts: int,
    progress: Progress,
) -> list[Swept]:
    """Run all rows through the graph and collect each pipeline's candidates from `first_ts` on.

    Several pipelines differ in the numbers of their rules alone; the rest is kept once.
    """
    total, symbols = len(line.ts), pipelines[0].symbols
    offsets = np.concatenate(([0], np.cumsum([len(bars) for bars in series])))
    kept = _room(pipelines, offsets[-1])
    tables: list[list[Candidates]] = [[] for _ in pipelines]
    done, at = [0] * len(series), 0
    stopped: BaseException | None = None
    try:
        while at < total:
            until = min(at + ROWS, total)
            end_ts = line.ts[until - 1]
            graph.roll()
            ends = [int(np.searchsorted(bars.ts, end_ts, side="right")) for bars in series]
            for symbol, bars, a, b in zip(symbols, series, done, ends, strict=True):
                graph.append(symbol, adjusted_rows(bars, a, b))
            starts = [graph.frame(symbol).start for symbol in symbols]
            graph.advance()
            for k, symbol in enumerate(symbols):
                frame, to = graph.frame(symbol), offsets[k] + done[k]
                _keep(pipelines[0], frame, starts[k], kept[0], to)
                for pipeline, own, found in zip(pipelines, kept, tables, strict=True):
                    spoken, exits = pipeline.heard(graph, symbol, starts[k], frame.fill)
                    _keep_exits(pipeline, exits, own, to)
                    found += [t.take(t.ts >= first_ts) for t in spoken]
            done, at = ends, until
            progress(at, total)
    except INTERRUPTIONS as stop:
        if at == 0:
            raise
        stopped = stop
    return [Swept(found, own, at, stopped) for found, own in zip(tables, kept, strict=True)]


def _room(pipelines: Sequence[Pipeline], rows: int) -> list[Kept]:
    """Room for what the desk asks of every row; only exit rules are each pipeline's own."""
    columns = {name: np.full(rows, np.nan) for name in KEPT}
    news, exits = np.zeros(rows, np.int8), np.zeros((1, 2, rows), np.int8)
    rules = [len(_exit_places(pipeline)) for pipeline in pipelines]
    return [Kept(columns, np.zeros((n, 2, rows), np.int8) if n else exits, news) for n in rules]


def cut_short(
    swept: Swept, series: Sequence[Bars], line: Timeline
) -> tuple[Swept, tuple[Bars, ...], Timeline]:
    """What was swept before an interruption, as if the data ended there."""
    short = line.until(swept.steps_done)
    last = short.ts[-1]
    ends = [int(np.searchsorted(bars.ts, last, side="right")) for bars in series]
    offsets = np.cumsum([0, *(len(bars) for bars in series[:-1])])
    rows = np.concatenate([np.arange(a, a + n) for a, n in zip(offsets, ends, strict=True)])
    kept = Kept(
        {name: values[rows] for name, values in swept.kept.columns.items()},
        np.ascontiguousarray(swept.kept.exits[:, :, rows]),
        swept.kept.news[rows],
    )
    tables = [table.take(table.ts <= last) for table in swept.tables]
    cut = tuple(bars.rows(0, n) for bars, n in zip(series, ends, strict=True))
    return Swept(tables, kept, swept.steps_done, swept.stopped), cut, short


def _keep(pipeline: Pipeline, frame: Frame, start: int, kept: Kept, to: int) -> None:
    rows = slice(start, frame.fill)
    out = slice(to, to + frame.fill - start)
    shift = frame.buffers[SHIFT][rows]
    for name, column in KEPT.items():
        kept.columns[name][out] = frame.buffers[column][rows] - (0.0 if name == "atr" else shift)
    kept.news[out] = pipeline.blackout(frame, start, frame.fill)


def _exit_places(pipeline: Pipeline) -> list[int]:
    """The strategies that have an exit rule, as the desk numbers them."""
    speakers = (one for speakers in pipeline.speakers.values() for one in speakers)
    return sorted({one.place for one in speakers if one.strategy.exits is not None})


def _keep_exits(pipeline: Pipeline, exits: Mapping[int, Exits], kept: Kept, to: int) -> None:
    places = _exit_places(pipeline) if exits else []
    for place, sides in exits.items():
        for at, says in enumerate(sides):
            kept.exits[places.index(place), at, to : to + len(says)] = says


def market_of(
    series: Sequence[Bars], traded: Sequence[Instrument], line: Timeline, kept: Kept
) -> Market:
    """Everything the walk reads of the market."""
    ticks = traded_ticks(series, traded)
    sizes = [len(bars) for bars in series]
    return Market(
        first=np.concatenate(([0], np.cumsum(sizes))).astype(np.int64),
        row_of=line.row_of,
        day=line.day,
        minute=line.minute,
        length=line.length,
        session=line.session,
        ts=np.concatenate([bars.ts for bars in series]),
        **ticks,
        atr=kept.columns["atr"],
        swing_up=kept.columns["swing_up"],
        swing_down=kept.columns["swing_down"],
        roll=np.concatenate([roll_flags(bars) for bars in series]),
        news=kept.news,
        exits=kept.exits,
        bar_ns=series[0].base_ns,
    )


def walk_desk(record: DeskRecord, judged: Judged, market: Market, line: Timeline) -> None:
    """The desk over the whole run; outcomes land in the table, closed legs in the record."""
    t = judged.table
    t.step[:] = line.step_of(judged.candidates.ts)
    books = new_books(len(record.instruments))
    n = len(books)
    marks = Marks(np.zeros(n, np.int64), np.zeros(n, np.int64), new_fills())
    walk(record, books, t, market, marks)
    close_out(record, books, t, market)
