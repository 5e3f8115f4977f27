"""The audit: live against batch field by field, cuts, changed futures, other starts, and what all
that covered.

The audited window is the last days of the data; the days before it warm the columns up, as live
does at its start. A difference is a defect of the program, never of the market.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from julie.backtest.audit import series as checks
from julie.backtest.audit.coverage import Coverage, coverage
from julie.backtest.audit.findings import Findings, compare_columns, plain
from julie.backtest.audit.reference import Reference, reference
from julie.backtest.audit.stepping import CAPACITY, Stepper
from julie.backtest.engine import Progress
from julie.backtest.harvest import decision_columns, number_columns, trade_columns
from julie.backtest.runner import Request, Run, constant_tables, fresh_record, run
from julie.core.bars import Bars
from julie.core.calendar import Calendar, load_calendar
from julie.core.errors import DataError
from julie.desk.verdicts import code_columns
from julie.market.columns.column import Column
from julie.market.columns.graph import BLOCK, Graph

SPARE_DAYS = 3  # between the two start days


@dataclass(frozen=True, slots=True, eq=False)
class Audited:
    """The verdict of an audit."""

    findings: Findings
    coverage: Coverage
    first: date
    last: date

    @property
    def clean(self) -> bool:
        """No difference, and nothing that could speak stayed untested."""
        return self.findings.total == 0 and not self.coverage.untested_strategies


def cut_days(bars: Bars, calendar: Calendar, first_place: int) -> Bars:
    """The rows from a trading day on."""
    return bars.rows(int(np.searchsorted(bars.ts, calendar.open_ns[first_place])), len(bars))


def audit(
    request: Request,
    days: int,
    extra: Mapping[str, Sequence[Column]],
    seed: int,
    progress: Progress,
) -> Audited:
    """Audit the last `days` trading days of the request's series."""
    calendar = load_calendar()
    places = np.unique(calendar.index_of(request.series[0].ts))
    window = places[-days:] if days else places
    probe = run(
        replace(
            request,
            series=tuple(b.rows(0, min(len(b), 500)) for b in request.series),
            first_day=None,
        )
    )
    memory = (
        int(
            np.ceil(
                checks.graph_of(probe, constant_tables(request, calendar), extra, BLOCK).memory_days
            )
        )
        + 1
    )
    before = places[places < window[0]]
    warm = before[-(memory + SPARE_DAYS) :]
    start = warm[0] if len(warm) else window[0]
    first, last = calendar.date_of(window[0]), calendar.date_of(window[-1])
    cut = replace(
        request,
        series=tuple(cut_days(b, calendar, start) for b in request.series),
        first_day=first,
        keep_all=True,  # the other start lies among them
    )
    if not all(len(b) for b in cut.series):
        raise DataError(
            "an instrument has no bars in the audited days",
            "give files that overlap, or fewer --days",
        )
    batch = run(cut)
    found = Findings()
    _check_all(batch, calendar, extra, seed, found, progress)
    if len(warm) > SPARE_DAYS + memory - 1:
        _other_start(batch, calendar, extra, int(warm[SPARE_DAYS]), found)
    return Audited(found, coverage(batch), first, last)


def _check_all(
    batch: Run,
    calendar: Calendar,
    extra: Mapping[str, Sequence[Column]],
    seed: int,
    found: Findings,
    progress: Progress,
) -> None:
    tables = constant_tables(batch.request, calendar)

    def fresh(capacity: int) -> Graph:
        return checks.graph_of(batch, tables, extra, capacity)

    graph = fresh(BLOCK)
    values = _reference(batch, graph)
    live_graph = fresh(CAPACITY)
    stepper = Stepper(batch, live_graph, fresh_record(batch))
    first_step = int(np.searchsorted(batch.line.ts, batch.first_ts))
    live = stepper.walk(first_step, values, found, progress)
    compare_runs(batch, replace(batch, judged=live.judged, record=live.record), found)
    found.count("orders", live.orders)
    checks.cut(batch, fresh(BLOCK), values, batch.first_ts, seed, found)
    checks.futures(batch, fresh(BLOCK), values, batch.first_ts, seed, found)


def _reference(batch: Run, graph: Graph) -> Reference:
    symbols = batch.pipeline.symbols
    return reference(
        graph, batch.request.series, symbols, batch.line.ts, batch.first_ts, graph.wanted
    )


def _other_start(
    batch: Run,
    calendar: Calendar,
    extra: Mapping[str, Sequence[Column]],
    later: int,
    found: Findings,
) -> None:
    tables = constant_tables(batch.request, calendar)
    values = _reference(batch, checks.graph_of(batch, tables, extra, BLOCK))
    parts = [cut_days(b, calendar, later) for b in batch.request.series]
    checks.starts(batch, checks.graph_of(batch, tables, extra, BLOCK), values, parts, found)


def compare_runs(batch: Run, live: Run, found: Findings) -> None:
    """Every record of two runs, field by field."""
    for what, columns in (
        ("decisions", lambda r: decision_columns(r.judged, r.facts)),
        ("codes", lambda r: code_columns(r.judged, r.pipeline.chain)),
        ("numbers", lambda r: number_columns(r.judged, r.pipeline.chain)),
        ("trades", lambda r: trade_columns(r.record, r.judged, r.facts, r.line.day)),
    ):
        compare_columns(what, dict(columns(batch)), dict(columns(live)), found)
    found.count("candidates", len(batch.judged.candidates))
    found.count(
        "verdicts",
        len(batch.judged.candidates) * len(code_columns(batch.judged, batch.pipeline.chain)),
    )
    found.count(
        "verdict numbers",
        len(plain(number_columns(batch.judged, batch.pipeline.chain)["candidate_id"])),
    )
    found.count("trades", int(batch.record.account[0]["legs"]))
