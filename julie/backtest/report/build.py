"""Everything a reader gets of a run, computed once: the fields of report.json."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
import numpy as np

from julie.backtest.brackets import break_even, slippage_scenarios, ties
from julie.backtest.denials import denial_table, refusals, verdicts
from julie.backtest.ledger import Ledger, ledger_of
from julie.backtest.limits import limit_days, limits
from julie.backtest.report.model import SCHEMA, Data, Figures, Report, Summary
from julie.backtest.report.when import eastern_time
from julie.backtest.report.words import costs_words, not_shown, title, warnings
from julie.backtest.resample import intervals, monte_carlo, sharpe_odds
from julie.backtest.result import RunResult
from julie.backtest.statistics import figures
from julie.backtest.tables import buckets, curve, day_table, hours_by_weekday, month_table, tables
from julie.core.bars import Bars
from julie.core.sessions import date_of

ALL: Final = "all"
INSIDE: Final = "in_sample"
OUTSIDE: Final = "out_of_sample"


def build_report(result: RunResult, report_file: str = "") -> Report:
    """The report of a run; `report_file` is where its page will stand."""
    book = ledger_of(result)
    start = result.account.start_cents
    headline = _headline(book)
    parts = _parts(result, book, headline)
    shown = book.part(fitted=headline == INSIDE) if len(parts) > 1 else book
    spread, drawn = intervals(shown, result.seed)
    days = day_table(book, start)
    tied = ties(book)
    return Report(
        schema=SCHEMA,
        kind=result.mode or "Backtest",
        title=title(result, parts, headline),
        warnings=warnings(result, parts, tied),
        started=result.started,
        interrupted=result.interrupted,
        simulated=result.simulated,
        summary=_summary(result, book, parts[ALL], report_file),
        parts=parts,
        headline=headline,
        fitted=_fitted(result),
        data=[_data(s, series, result.gaps) for s, series in result.bars.items()],
        config={
            "hash": result.config_hash,
            "overrides": list(result.overrides),
            "seed": result.seed,
            "snapshot": _plain(result.config),
        },
        versions=dict(result.versions),
        costs=list(result.costs) or costs_words(result, book),
        fill_rules=list(result.fill_rules),
        fill_variants=[msgspec.to_builtins(variant) for variant in result.fill_variants],
        tables=tables(shown),
        buckets=buckets(shown),
        hours=hours_by_weekday(shown),
        attribution=[msgspec.to_builtins(row) for row in result.attribution],
        judges=list(result.codes),
        denials=denial_table(result, book),
        refusals=refusals(result),
        intervals=spread,
        sharpe_odds=sharpe_odds(shown.daily(), result.trials, result.trial_sharpe_sd),
        montecarlo=monte_carlo(shown, start, result.seed, drawn),
        costs_times=slippage_scenarios(shown),
        brackets=break_even(shown, result.instruments),
        ties=tied,
        limits=limits(book, result.account, result.breaches),
        months=month_table(days),
        days=days,
        notes=list(dict.fromkeys(result.notes)),
        not_shown=not_shown(result, book, tied),
        curve=curve(book, start),
    )


def _headline(book: Ledger) -> str:
    """What may be believed: the part outside every fit, where there is one."""
    if not book.fitted_day.any():
        return ALL
    return INSIDE if book.fitted_day.all() else OUTSIDE


def _parts(result: RunResult, book: Ledger, headline: str) -> dict[str, Figures]:
    start, table = result.account.start_cents, result.instruments
    parts = {ALL: figures(book, start, table)}
    if headline == ALL:
        return parts
    parts[INSIDE] = figures(book.part(fitted=True), start, table)
    parts[OUTSIDE] = figures(book.part(fitted=False), start, table)
    return parts


def _summary(result: RunResult, book: Ledger, all_: Figures, report_file: str) -> Summary:
    shared = {
        name: getattr(all_, name)
        for name in Summary.__struct_fields__
        if name in Figures.__struct_fields__
    }
    named = None if result.limit_days is None else result.limit_days.astype(np.int64)
    return Summary(
        run_id=result.run_id,
        start=date_of(int(result.days[0])).isoformat() if len(result.days) else "",
        end=date_of(int(result.days[-1])).isoformat() if len(result.days) else "",
        bars=sum(len(series) for series in result.bars.values()),
        candidates=len(np.asarray(result.decisions["trade_id"])),
        verdicts=verdicts(result),
        days_at_limit=limit_days(book, result.account, named),
        fitted_share=float(book.fitted.mean()) if len(book) else 0.0,
        silent=dict(result.silent),
        engine_seconds=result.engine_seconds,
        report=report_file,
        interrupted=result.interrupted,
        **shared,
    )


def _fitted(result: RunResult) -> list[dict[str, str]]:
    edges = [(fit.source, fit.first_ns, fit.last_ns) for fit in result.fitted]
    return [
        {"source": source, "first": eastern_time(first), "last": eastern_time(last)}
        for source, first, last in edges
    ]


def _data(symbol: str, series: Bars, gaps: Mapping[str, int]) -> Data:
    rows, own = len(series), series.instrument.symbol
    return Data(
        symbol=own,
        traded=symbol,
        file=series.source,
        hash=series.sha256,
        rows=rows,
        first=eastern_time(int(series.ts[0])) if rows else "",
        last=eastern_time(int(series.ts[-1])) if rows else "",
        gaps=gaps.get(own),
        bar_seconds=series.base_s,
        volume=series.has_volume,
        rolls=len(series.rolls),
        rolls_estimated=int(np.count_nonzero(series.roll_estimated)),
        simulated=series.simulated,
        notes=list(series.notes),
    )


def _plain(value: Any) -> Any:
    """A config value as JSON has it."""
    return msgspec.to_builtins(value, str_keys=True, enc_hook=str)
