"""From a finished walk to the `RunResult` that is written: records, attribution, fill variants, the
facts of the run.
"""

import hashlib
import platform
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.metadata import version

import numpy as np
import numpy.typing as npt

import julie
from julie.backtest.alone import attribute
from julie.backtest.engine import walk_desk
from julie.backtest.harvest import decision_columns, number_columns, trade_columns
from julie.backtest.request import Asked
from julie.backtest.result import (
    AccountFacts,
    Breach,
    Coded,
    Columns,
    FillVariant,
    FittedRange,
    RunResult,
)
from julie.backtest.runner import Run, fresh_record, silent_on
from julie.backtest.walk import Market
from julie.core.bars import Bars
from julie.core.calendar import Calendar, load_calendar
from julie.core.config import Loaded
from julie.core.types import Reason
from julie.core.words import sentence
from julie.desk.verdicts import code_columns, number_names
from julie.execution.matching import FILLS, HOUSE
from julie.settings import Settings

HOLE_NS = 15 * 60_000_000_000
LIBRARIES = ("numpy", "numba", "pyarrow")
NO_TABLE = "dynamic brackets: table none, root values (multiples of the session's median ATR)"
FILL_RULES = (
    "A market entry fills at the open of the bar after the decision, worse by the slippage.",
    "Its stop and target are laid from that fill and alive on the same bar.",
    "Inside a bar the price walks open, the extreme against the position, the other extreme, close:"
    " a stop comes before a target when both lie in the bar.",
    "A stop fills at the worse of stop and open, less slippage; a limit needs a trade one tick"
    " through it.",
    "All fills of a bar bear the bar's opening time.",
)


def finish(
    run: Run,
    loaded: Loaded[Settings],
    run_id: str,
    started: str,
    *,
    variants: bool = False,
    jobs: int = 1,
    oos_only: bool = False,
) -> RunResult:
    """Everything that the report and the records say of a run."""
    request, settings = run.request, run.request.settings
    trades = trade_columns(run.record, run.judged, run.facts, run.line.day)
    fitted = request.fitted
    days = np.unique(run.line.day[run.line.ts >= run.first_ts])
    calendar = load_calendar()
    return RunResult(
        run_id=run_id,
        started=started,
        trades=unseen(trades, fitted) if oos_only else trades,
        decisions=decision_columns(run.judged, run.facts),
        codes=code_columns(run.judged, run.pipeline.chain),
        numbers=number_columns(run.judged, run.pipeline.chain),
        number_names=number_names(run.pipeline.chain),
        bars={one.symbol: bars for one, bars in zip(request.traded, request.series, strict=True)},
        days=days,
        day_open=calendar.open_ns[np.searchsorted(calendar.day, days)],
        account=_account(run),
        config=settings.model_dump(mode="json"),
        config_hash=loaded.hash,
        strategies=tuple(s.name for s in run.facts.strategies),
        versions=versions(),
        fill_rules=FILL_RULES,
        engine_seconds=run.seconds,
        silent=run.silent,
        overrides=tuple(f"{'.'.join(key)} = {value}" for key, _, value in loaded.changed()),
        fill_variants=fill_variants(run, run.market) if variants else (),
        attribution=attribute(run, run.market, jobs),
        fitted=fitted,
        breaches=_breaches(run),
        limit_days=_limit_days(run),
        gaps={b.instrument.symbol: holes(b, calendar) for b in request.series},
        traded={o.symbol: o for o in request.traded},
        seed=settings.backtest.seed,
        notes=_notes(run, days),
        interrupted=_interrupted(run),
        failed=run.failed,
    )


def unseen(trades: Columns, fitted: Sequence[FittedRange]) -> Columns:
    """The trades decided outside everything that tables and models were fitted on."""
    decided = np.asarray(trades["decided_ts"])
    seen = np.zeros(len(decided), np.bool_)
    for span in fitted:
        seen |= (decided >= span.first_ns) & (decided <= span.last_ns)
    return {
        name: column.take(~seen) if isinstance(column, Coded) else column[~seen]
        for name, column in trades.items()
    }


def _account(run: Run) -> AccountFacts:
    """The account with its own limits and the venue's."""
    chain, rules = run.pipeline.chain, run.record.rules[0]
    breaker = "circuit_breaker" in chain.names
    limits = chain.params("circuit_breaker").model_dump() if breaker else {}
    return AccountFacts(
        run.request.settings.account.profile,
        int(run.record.account[0]["start"]),
        int(rules["mll"]) or None,
        int(rules["dll"]) or None,
        round(limits["day_loss_usd"] * 100) if limits else None,
        limits["day_loss_pct"] / 100 if limits else None,
    )


def versions() -> dict[str, str]:
    """Of the program and of what computes in it."""
    own = {"julie": julie.__version__, "python": platform.python_version()}
    return own | {name: version(name) for name in LIBRARIES}


def _limit_days(run: Run) -> npt.NDArray[np.int32]:
    """Trading days on which a day limit denied somebody."""
    t = run.judged.table
    stopped = np.isin(t.reasons, (Reason.DAY_LOSS, Reason.DAILY_LOSS_LIMIT)).any(axis=1)
    return np.unique(run.line.day[t.step[stopped]])


def holes(bars: Bars, calendar: Calendar) -> int:
    """Stretches of over a quarter of an hour, or whole trading days, without a bar."""
    place = calendar.index_of(bars.ts)
    same_day = np.diff(place) == 0
    long = np.diff(bars.ts) > max(HOLE_NS, bars.base_ns)
    return int((same_day & long).sum() + np.maximum(np.diff(place) - 1, 0).sum())


def _notes(run: Run, days: npt.NDArray[np.int32]) -> tuple[str, ...]:
    """What a reader must know of the data, the tables and the news."""
    request = run.request
    several = len(request.series) > 1
    data = (
        f"{bars.instrument.symbol}: {note}" if several else note
        for bars in request.series
        for note in bars.notes
    )
    return (*data, *_partly_silent(run), NO_TABLE, *request.news.notes, *_news_note(run, days))


def _partly_silent(run: Run) -> Iterator[str]:
    """Strategies that speak on some of the instruments only."""
    for one in run.facts.strategies:
        for k, bars in enumerate(run.request.series):
            reason = silent_on(one, k, run.request)
            if reason is not None:
                yield f"{one.name} is silent on {bars.instrument.symbol}: {reason}"


def _news_note(run: Run, days: npt.NDArray[np.int32]) -> tuple[str, ...]:
    uncovered = run.request.news.uncovered(days)
    return (
        (f"{uncovered} of {len(days)} days have no news calendar and run on the fixed times",)
        if uncovered
        else ()
    )


def _interrupted(run: Run) -> str:
    done, total = len(run.line.ts), run.asked_steps
    return "" if done >= total else f"stopped after {done:,} of {total:,} bars"


def _breaches(run: Run) -> tuple[Breach, ...]:
    account = run.record.account[0]
    restarts = bool(run.record.rules[0]["restart"])
    ring = len(account["breach_day"])
    known = range(min(int(account["breaches"]), ring))
    return tuple(
        Breach(
            int(account["breach_day"][i]),
            Reason(int(account["breach_why"][i])).word,
            sentence(Reason(int(account["breach_why"][i])), ()),
            restarts,
        )
        for i in known
    )


def fill_variants(run: Run, market: Market) -> tuple[FillVariant, ...]:
    """The same run under other engines' fill rules: how much of the result is the rule, how much
    the market.
    """
    found = []
    for number, (name, words) in enumerate(FILLS):
        record, table = run.record, run.judged.table
        if number != HOUSE:
            record = fresh_record(run)
            record.rules["fills"] = number
            blank = {
                n: np.zeros_like(getattr(table, n))
                for n in ("outcome", "codes", "reasons", "denied_by")
            }
            again = replace(
                run.judged,
                table=table._replace(**blank, numbers=np.full_like(table.numbers, np.nan)),
            )
            walk_desk(record, again, market, run.line)
        legs = record.trades[: int(record.account[0]["legs"])]
        found.append(
            FillVariant(
                name,
                words,
                len(np.unique(legs["trade_id"])),
                float((legs["gross"] - legs["fees"]).sum()) / 100,
            )
        )
    return tuple(found)


def run_id_of(loaded: Loaded[Settings], run: Run, asked: Asked, started: str) -> str:
    """A name that sorts by time and tells runs apart."""
    what = "".join(bars.sha256 for bars in run.request.series) + loaded.hash + repr(asked)
    stamp = started.replace("-", "").replace(":", "")[:15]
    return f"{stamp}-{hashlib.sha256(what.encode()).hexdigest()[:6]}"
