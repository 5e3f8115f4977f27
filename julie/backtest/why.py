"""Why a candidate traded or not: every judge's answer at one close, with its numbers.

Deniers and scalers left their numbers in the records. What the others saw is read from the columns
at that row again: columns are causal, so they are the same numbers as then.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from julie.backtest.record_files import DECISIONS_FILE, NUMBERS_FILE, read_columns
from julie.backtest.repeat import request_again
from julie.backtest.result import Coded, Column
from julie.backtest.runner import Request, build, constant_tables, silence
from julie.backtest.runs import read_report
from julie.core.calendar import load_calendar
from julie.core.errors import UsageError
from julie.core.types import Code, Reason
from julie.core.words import sentence
from julie.desk.pipeline import Pipeline
from julie.market.columns.graph import Graph
from julie.market.columns.raw import SHIFT

EASTERN = ZoneInfo("America/New_York")
DAY_NS = 86_400_000_000_000
CALENDAR_PER_TRADING_DAY = 1.7  # weekends and holidays within a memory of trading days


@dataclass(frozen=True, slots=True)
class JudgeSaid:
    """One judge's answer about a candidate."""

    judge: str
    code: str
    words: str
    numbers: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Explained:
    """One candidate of a close."""

    candidate_id: int
    instrument: str
    strategy: str
    side: int
    ref_close: float
    sl_ticks: int
    tp_ticks: int
    note: str
    shift: float  # what columns in prices stand above those traded
    outcome: str
    judges: tuple[JudgeSaid, ...]


def moment(text: str) -> int:
    """A time as ns UTC; without an offset it is Eastern."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"--at {text}: no time", "write --at 2025-06-03T10:15 (Eastern), or with an offset"
        ) from error
    at = at if at.tzinfo else at.replace(tzinfo=EASTERN)
    return int(at.astimezone(UTC).timestamp()) * 1_000_000_000


def _word(column: Column, row: int) -> str:
    if isinstance(column, Coded):
        code = int(column.codes[row])
        return column.names[code] if code >= 0 else ""
    return str(column[row])


def explain(folder: Path, at_ns: int, data_dir: Path) -> list[Explained]:
    """Every candidate decided at that moment: on the bar that closed then, or that began then."""
    report = read_report(folder)
    decisions, numbers = read_columns(folder / DECISIONS_FILE), read_columns(folder / NUMBERS_FILE)
    bar_ns = report.data[0].bar_seconds * 1_000_000_000
    ts = np.asarray(decisions["ts"])
    rows = np.flatnonzero(ts == at_ns - bar_ns)
    if not len(rows):
        rows = np.flatnonzero((ts <= at_ns) & (ts > at_ns - bar_ns))
    if not len(rows):
        raise UsageError(
            f"no candidate was decided at that minute ({_nearest(ts, at_ns)})", "name another time"
        )
    request = request_again(folder, report, data_dir)
    seen = _columns_at(request, int(ts[rows[0]]))
    return [_one(decisions, numbers, int(row), report.judges, seen) for row in rows]


def _nearest(ts: Any, at_ns: int) -> str:
    if not len(ts):
        return "the run has none at all"
    near = int(ts[np.argmin(np.abs(ts - at_ns))])
    when = datetime.fromtimestamp(near // 10**9, EASTERN)
    return f"the nearest is of the bar {when:%Y-%m-%d %H:%M} Eastern"


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the judges read of an instrument: by judge and column, and how prices are adjusted."""

    values: Mapping[str, Mapping[str, float]]
    shift: float


def _columns_at(request: Request, ts: int) -> dict[str, _Seen]:
    """What the judges read at the bar of `ts`, by the instrument traded."""
    speaking, _ = silence(request)
    pipeline = build(request, speaking)
    tables = constant_tables(request, load_calendar())
    graph = Graph(
        pipeline.columns(),
        {s: b.base_s for s, b in zip(pipeline.symbols, request.series, strict=True)},
        tables,
    )
    first = ts - int((graph.memory_days + 2) * CALENDAR_PER_TRADING_DAY * DAY_NS)
    series = []
    for bars in request.series:
        a, b = np.searchsorted(bars.ts, first), np.searchsorted(bars.ts, ts, side="right")
        series.append(bars.rows(int(a), int(b)))
    _run(graph, pipeline, replace(request, series=tuple(series)))
    return {
        one.symbol: _read(graph, pipeline, symbol)
        for one, symbol in zip(request.traded, pipeline.symbols, strict=True)
    }


def _run(graph: Graph, pipeline: Pipeline, request: Request) -> None:
    from julie.market.blocks import block_ends, run_blocks

    ts = np.unique(np.concatenate([bars.ts for bars in request.series]))
    for _ in run_blocks(graph, request.series, pipeline.symbols, ts, block_ends(len(ts))):
        pass


def _read(graph: Graph, pipeline: Pipeline, symbol: str) -> _Seen:
    frame = graph.frame(symbol)
    values = {
        judge: {
            name: float(frame.buffers[pipeline.gathered[name]][frame.fill - 1])
            for name in pipeline.chain.reads(judge)
        }
        for judge in pipeline.chain.names
    }
    return _Seen(values, float(frame.buffers[SHIFT][frame.fill - 1]))


def _one(
    decisions: Mapping[str, Column],
    numbers: Mapping[str, Column],
    row: int,
    judges: list[str],
    seen: Mapping[str, _Seen],
) -> Explained:
    mine = np.flatnonzero(np.asarray(numbers["candidate_id"]) == decisions["candidate_id"][row])  # type: ignore[index]
    said = {_word(numbers["judge"], int(at)): int(at) for at in mine}
    instrument = _word(decisions["instrument"], row)
    here = seen[instrument]
    answers = tuple(
        _answer(name, decisions, numbers, row, said.get(name), here.values.get(name, {}))
        for name in judges
    )
    outcome = _word(decisions["outcome"], row)
    words = f"trade {outcome}" if outcome.isdigit() else sentence(Reason[outcome.upper()])
    whole = {
        name: np.asarray(decisions[name])[row]
        for name in ("candidate_id", "side", "ref_close", "sl_ticks", "tp_ticks")
    }
    return Explained(
        int(whole["candidate_id"]),
        instrument,
        _word(decisions["strategy"], row),
        int(whole["side"]),
        float(whole["ref_close"]),
        int(whole["sl_ticks"]),
        int(whole["tp_ticks"]),
        _word(decisions["note"], row),
        here.shift,
        words,
        answers,
    )


def _answer(
    name: str,
    decisions: Mapping[str, Column],
    numbers: Mapping[str, Column],
    row: int,
    said: int | None,
    seen: Mapping[str, float],
) -> JudgeSaid:
    code = Code(int(np.asarray(decisions[name])[row]))
    if said is None:
        return JudgeSaid(name, code.name.lower(), "", dict(seen))
    found = [float(np.asarray(numbers[f"n{i}"])[said]) for i in range(1, 5)]
    reason = Reason[_word(numbers["reason"], said).upper()]
    kept = {f"n{i + 1}": value for i, value in enumerate(found) if value == value}
    return JudgeSaid(name, code.name.lower(), sentence(reason, found, name), kept)
