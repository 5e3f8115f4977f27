"""The report of live runs, made from the journal by the backtest's own writer.

The same tables, curve and limits as of a backtest, over what the venue filled; beside them stand
what a backtest cannot have: orders sent and refused, fees as booked, slippage against the plan,
differences that a comparison with the venue found, alarms.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from statistics import fmean
from types import MappingProxyType
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from julie.backtest.finish import holes, versions
from julie.backtest.output import REPORT_PAGE, write_run
from julie.backtest.records import NO_TRADE, NUMBERS
from julie.backtest.report.model import Report
from julie.backtest.report.when import eastern_time
from julie.backtest.result import AccountFacts, Coded, Columns, RunResult
from julie.core.bars import Bars
from julie.core.bookings import TradeClosed
from julie.core.calendar import load_calendar
from julie.core.events import OrderState
from julie.core.instruments import DEFAULT_TRADED, Instrument, instrument
from julie.core.taken import MinuteTaken
from julie.core.types import Code, Reason
from julie.live.day_report import day_figures, days_of
from julie.live.figures import Figures
from julie.live.gathered import (
    Followed,
    Gathered,
    days_back,
    gather,
    runs_asked,
    symbols_of,
)
from julie.settings import Settings
from julie.store.journal import JournalReader
from julie.strategies.catalogue import catalogue

REPORTS: Final = "reports"
FILL_RULES: Final = (
    "Fills, fees and times are the venue's own.",
    "Slippage counts from the price that a fill could fairly have had: the minute's open or the "
    "last print before a market order, a stop's own price, or an open beyond it.",
)
NOT_SHOWN: Final = (
    "What would have been without an outage, a refusal or a person's hand: this is what was.",
    "The future: a few days say little about other days.",
)


@dataclass(frozen=True, slots=True)
class LiveFigures:
    """What only a live run has."""

    runs: tuple[str, ...]
    mode: str
    orders: Mapping[str, int]  # sent, by role
    refused: int
    unknown: int
    fees_booked: float
    slippage_ticks: float | None  # a contract and leg, mean
    worst_ticks: float | None
    slippage_usd: float
    late_ticks: float | None  # from the deciding close to the fill, against us, mean
    balance: float | None
    differences: tuple[str, ...]
    alarms: Mapping[str, int]
    days: tuple[Figures, ...] = ()  # each trading day, whichever runs traded on it


def write_live_report(
    data_dir: Path,
    settings: Settings,
    run: str | None = None,
    last_days: int | None = None,
    out: Path | None = None,
    *,
    plots: bool = True,
) -> tuple[Report, LiveFigures]:
    """Write the folder of a report; its page is `report.summary.report`."""
    with JournalReader.of(data_dir) as reader:
        since_ns = None if last_days is None else days_back(reader, last_days)
        found = gather(reader, runs_asked(reader, run, since_ns), since_ns)
        calendar = load_calendar()
        days = [day_figures(reader, calendar, day) for day in days_of(found.minutes, calendar)]
    facts = replace(figures_of(found), days=tuple(days))
    made = result_of(found, settings, notes(facts))
    folder = out or data_dir / REPORTS / made.run_id
    return write_run(made, folder, plots=plots), facts


def page_of(data_dir: Path, run: str) -> Path:
    """Where the page of a run's report stands."""
    return data_dir / REPORTS / run / REPORT_PAGE


def figures_of(found: Gathered) -> LiveFigures:
    """Orders, costs and differences."""
    trades, slips = found.trades, [one.slippage_ticks for one in found.trades]
    late = [
        (trade.entry_price - asked.said.ref_close) * trade.side / _tick(trade)
        for trade, asked in zip(trades, found.owners, strict=True)
        if asked is not None and trade.entry_kind == "market"
    ]
    return LiveFigures(
        found.runs,
        found.mode,
        dict(found.sent),
        found.ended[OrderState.REJECTED],
        found.ended[OrderState.UNKNOWN],
        found.fees_cents / 100,
        fmean(slips) if slips else None,
        max(slips) if slips else None,
        round(sum(one.slippage for one in trades), 2),
        fmean(late) if late else None,
        None if found.balance_cents is None else found.balance_cents / 100,
        tuple(found.differences),
        dict(found.alarms.most_common()),
    )


def notes(facts: LiveFigures) -> tuple[str, ...]:
    """The figures in sentences."""
    sent = ", ".join(f"{count} {role}" for role, count in facts.orders.items()) or "none"
    told = [
        f"orders sent: {sent}; {facts.refused} refused, {facts.unknown} without an answer",
        f"fees booked by the venue: {facts.fees_booked:,.2f} USD",
    ]
    if facts.slippage_ticks is not None:
        told.append(
            f"slippage against the plan: {facts.slippage_ticks:+.2f} ticks a contract on average, "
            f"{facts.worst_ticks:+.2f} at worst, {facts.slippage_usd:,.2f} USD in all"
        )
    if facts.late_ticks is not None:
        told.append(
            f"from the deciding close to a market fill: {facts.late_ticks:+.2f} ticks against us"
        )
    told += [f"difference found: {one}" for one in facts.differences]
    if not facts.differences:
        told.append("differences between our books and the venue's: none")
    told += [_day(one) for one in facts.days]
    if facts.alarms:
        told.append("alarms: " + ", ".join(f"{n} x {kind}" for kind, n in facts.alarms.items()))
    return tuple(told)


def _day(made: Figures) -> str:
    """A trading day in a line; `reports/days` has the whole of it."""
    return (
        f"day {made.day}: {made.minutes} minutes, {made.candidates} candidates, "
        f"{made.trades} trades, {made.net:+,.2f} USD net, "
        f"{f'{made.by_hand:+,.2f} USD by hand, ' if made.by_hand else ''}"
        f"{'flat' if made.flat else made.left} at its end"
    )


def result_of(found: Gathered, settings: Settings, said: tuple[str, ...] = ()) -> RunResult:
    """The runs in the form that the backtest's report is made of."""
    lines = _lines(found, settings)
    series = {one.symbol: _bars(found, k, data) for k, (data, one) in lines.items()}
    calendar = load_calendar()
    places = np.searchsorted(calendar.day, days_of(found.minutes, calendar))
    judges = found.asked[-1].judges if found.asked else ()
    traded = {data.symbol: one.symbol for data, one in lines.values()}
    return RunResult(
        run_id=found.runs[-1] if len(found.runs) == 1 else f"{found.runs[0]}+{len(found.runs) - 1}",
        started=eastern_time(found.began_ns) if found.began_ns else "",
        trades=_trades(found.trades),
        decisions=_decisions(found.asked, traded),
        codes=_codes(found.asked, judges),
        numbers=_numbers(found.asked),
        number_names=dict.fromkeys(judges, NUMBERS),
        bars=series,
        days=calendar.day[places],
        day_open=calendar.open_ns[places],
        account=_account(found, settings),
        config=_config(found, settings),
        config_hash=found.config.hash if found.config is not None else "",
        strategies=tuple(sorted(settings.strategies.enabled())),
        versions=versions(),
        fill_rules=FILL_RULES,
        engine_seconds=0.0,
        gaps={bars.instrument.symbol: holes(bars, calendar) for bars in series.values()},
        traded={one.symbol: one for _, one in lines.values()},
        costs=(),
        notes=said,
        seed=settings.backtest.seed,
        mode=found.mode.upper(),
        not_shown=NOT_SHOWN,
    )


def _lines(found: Gathered, settings: Settings) -> dict[int, tuple[Instrument, Instrument]]:
    """What was listened to and what was traded on it, by place in the minutes."""
    table, closed = settings.instrument_table(), {one.instrument for one in found.trades}
    lines = {}
    for k, symbol in sorted(symbols_of(found).items()):
        if symbol not in table:
            continue
        micro = DEFAULT_TRADED.get(symbol, symbol)
        named = settings.live.trade[k] if k < len(settings.live.trade) else ""
        traded = next((one for one in (named, symbol, micro) if one in closed), named or micro)
        lines[k] = table[symbol], table[traded]
    return lines


def _tick(trade: TradeClosed) -> float:
    return instrument(trade.instrument).tick


def _bars(found: Gathered, k: int, data: Instrument) -> Bars:
    """The minutes as the desk took them."""
    taken = {bar.ts: bar for minute in found.minutes if (bar := _at(minute, k)) is not None}
    rows = [taken[ts] for ts in sorted(taken)]  # what two runs heard counts once
    names = tuple(dict.fromkeys(bar.contract for bar in rows)) or ("",)
    which = np.array([names.index(bar.contract) for bar in rows], np.int16)
    rolls = np.flatnonzero(np.diff(which)) + 1

    def column(name: str) -> npt.NDArray[np.float64]:
        return np.array([getattr(bar, name) for bar in rows], np.float64)

    return Bars(
        instrument=data,
        base_s=60,
        ts=np.array([bar.ts for bar in rows], np.int64),
        open=column("open"),
        high=column("high"),
        low=column("low"),
        close=column("close"),
        volume=column("volume"),
        shift=column("shift"),
        contract=names,
        contract_of=which,
        rolls=rolls.astype(np.int64),
        roll_estimated=np.zeros(len(rolls), np.bool_),
        source=f"journal of {', '.join(found.runs)}",
        sha256="",
        simulated=found.mode == "sim",
    )


def _at(minute: MinuteTaken, k: int) -> Any:
    return minute.bars[k] if k < len(minute.bars) else None


def _trades(trades: Sequence[TradeClosed]) -> Columns:
    columns: dict[str, Any] = {}
    for one in fields(TradeClosed):
        values = [getattr(trade, one.name) for trade in trades]
        if one.type in (str, "str", str | None, "str | None"):
            columns[one.name] = Coded.of([value or "" for value in values])
        else:
            columns[one.name] = np.array(values, _KINDS.get(one.type, np.float64))
    return columns


_KINDS: Final[Mapping[Any, Any]] = MappingProxyType({int: np.int64, bool: np.bool_})


def _decisions(asked: Sequence[Followed], traded: Mapping[str, str]) -> Columns:
    known, said = catalogue(), [one.said for one in asked]
    styles = [
        known[one.strategy].style.name.lower() if one.strategy in known else "" for one in said
    ]
    reasons = [int(_became(one)) for one in asked]
    return {
        "candidate_id": np.array([one.candidate for one in said], np.int64),
        "ts": np.array([one.ts for one in asked], np.int64),
        "instrument": Coded.of([traded.get(one.symbol, one.symbol) for one in said]),
        "strategy": Coded.of([one.strategy for one in said]),
        "style": Coded.of(styles),
        "side": np.array([int(one.side) for one in said], np.int8),
        "confidence": np.array([one.confidence for one in said], np.float64),
        "ref_close": np.array([one.ref_close for one in said], np.float64),
        "sl_ticks": np.array([one.sl_ticks for one in said], np.int32),
        "tp_ticks": np.array([one.tp_ticks for one in said], np.int32),
        "note": Coded.of([one.note for one in said]),
        "reason": np.array(reasons, np.int64),
        "trade_id": np.array([one.trade for one in asked], np.int64),
    }


def _became(one: Followed) -> Reason:
    """Why it is no trade, or not yet one."""
    if one.trade != NO_TRADE or one.said.outcome is not Reason.NONE:
        return one.said.outcome
    return one.dropped or (Reason.LIMIT_UNFILLED if one.sent == "limit" else Reason.NO_NEXT_BAR)


def _codes(asked: Sequence[Followed], judges: tuple[str, ...]) -> dict[str, npt.NDArray[np.int8]]:
    rows = [dict(zip(one.judges, one.said.codes, strict=True)) for one in asked]
    return {
        judge: np.array([int(row.get(judge, Code.NOT_ASKED)) for row in rows], np.int8)
        for judge in judges
    }


def _numbers(asked: Sequence[Followed]) -> Columns:
    rows = [(one.said.candidate, spoken) for one in asked for spoken in one.said.spoken]
    four = np.full((len(rows), len(NUMBERS)), np.nan)
    for row, (_, spoken) in zip(four, rows, strict=True):
        row[: len(spoken.numbers)] = spoken.numbers[: len(NUMBERS)]
    return {
        "candidate_id": np.array([candidate for candidate, _ in rows], np.int64),
        "judge": Coded.of([spoken.judge for _, spoken in rows]),
        "reason": np.array([int(spoken.reason) for _, spoken in rows], np.int64),
        **{name: four[:, place] for place, name in enumerate(NUMBERS)},
    }


def _account(found: Gathered, settings: Settings) -> AccountFacts:
    rules, start = settings.account.rules, 0
    if found.first_equity is not None:
        mark, before = found.first_equity
        start = mark.balance_cents - before
    return AccountFacts(
        settings.account.profile,
        start,
        round(rules.maximum_loss * 100) or None,
        round(rules.daily_loss * 100) or None,
    )


def _config(found: Gathered, settings: Settings) -> Mapping[str, Any]:
    """The settings that the journal holds, else those of now."""
    if found.config is not None:
        try:
            kept: dict[str, Any] = msgspec.json.decode(found.config.text, type=dict[str, Any])
        except msgspec.DecodeError:
            kept = {"text": found.config.text}
        return kept
    return settings.model_dump(mode="json")
