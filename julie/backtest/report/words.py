"""The sentences of a report: its first line, its warnings, its costs, and what it cannot show."""

from collections.abc import Mapping

import numpy as np

from julie.backtest.ledger import Ledger
from julie.backtest.report.model import Figures, Ties
from julie.backtest.result import RunResult
from julie.core.money import dollars
from julie.core.sessions import date_of


def title(result: RunResult, parts: Mapping[str, Figures], headline: str) -> str:
    """What the figures below are: the first line of every report."""
    if result.mode:
        return f"{result.mode}: what was traded, from the journal"
    if headline == "in_sample":
        return (
            "IN SAMPLE ONLY: every day lies inside the data that its tables or models were fitted "
            "on, so these figures say nothing about other days"
        )
    if headline == "out_of_sample":
        inside = parts["in_sample"].trades
        whole = parts["all"].trades
        return (
            f"Out of sample: the headline leaves out {inside:,} of {whole:,} trades "
            "inside the data that tables or models were fitted on"
        )
    return "Nothing in this run was fitted on its data: no trade is in sample"


def warnings(result: RunResult, parts: Mapping[str, Figures], tied: Ties) -> list[str]:
    """What a reader must know before the figures."""
    said = []
    if result.interrupted:
        said.append(f"PARTIAL: {result.interrupted}; nothing later is in these figures")
    said += [
        f"NOT A WHOLE RESULT: {one}. Nothing it said then is in these figures; the others decided"
        " as without it"
        for one in result.failed
    ]
    if result.simulated:
        made = [symbol for symbol, series in result.bars.items() if series.simulated]
        said.append(f"SIMULATED DATA: {', '.join(made)} was generated, it never traded")
    if result.trials > 1:
        said.append(
            f"CHOSEN AMONG {result.trials:,} TRIALS: read the deflated Sharpe, not the plain one"
        )
    if tied.warning:
        said.append(tied.warning)
    breached = len({breach.day for breach in result.breaches})
    if breached:
        said.append(
            f"the account was breached on {breached} day{'s' if breached > 1 else ''}; "
            "a real one would have been closed at the first, here the equity runs on"
        )
    if parts["all"].trades < 30:
        said.append(f"{parts['all'].trades} trades are too few to judge a rule by")
    return said


def costs_words(result: RunResult, book: Ledger) -> list[str]:
    """Fees a side and the slippage that the fills show, for each traded instrument."""
    said = []
    traded = book.words("instrument")
    for symbol, table in result.instruments.items():
        day = date_of(int(result.days[-1])) if len(result.days) else table.fees[0].valid_from
        fee = f"{symbol}: {dollars(table.fee_cents(day)):.2f} USD a side and contract"
        if symbol in traded.names:
            mine = traded.codes == traded.names.index(symbol)
            ticks = np.asarray(result.trades["slippage_ticks"], dtype=np.float64)[book.first_row]
            if mine.any():
                fee += f"; {float(np.nanmean(ticks[mine])):.2f} ticks slipped a trade on average"
        said.append(fee)
    return said


def not_shown(result: RunResult, book: Ledger, tied: Ties) -> list[str]:
    """What a backtest on these data cannot know."""
    if result.not_shown:
        return list(result.not_shown)
    said = [
        "Queue position: a limit counts as filled once price trades a tick through it; "
        "in the market it may fill sooner, later, or not at all.",
        "Market impact: fills assume that our size moves nobody, "
        "which is true for a few micros and not for many minis.",
        "Outages, rejections, a person's doubts: each order was accepted and each rule obeyed.",
        "The future: regimes change; intervals only know days of the kind they were drawn from.",
    ]
    if tied.legs:
        said.append(
            f"Order inside a bar: {tied.legs:,} legs ({tied.share:.1%}) held both stop and target "
            "in one bar; stop first was assumed."
        )
    if result.simulated:
        said.append("A real market: the data was generated, so profit or loss here means nothing.")
    estimated = sum(int(np.count_nonzero(s.roll_estimated)) for s in result.bars.values())
    if estimated:
        said.append(f"Exact roll prices: {estimated} roll jumps were estimated from the bars.")
    if len(result.days) < 120:
        said.append(f"Other seasons: {len(result.days)} trading days are less than half a year.")
    if book.fitted.any():
        said.append("Fitted days as if unseen: trades in sample are kept out of the headline.")
    if any(not series.has_volume for series in result.bars.values()):
        said.append("Volume: the data has none, so what needs volume was silent.")
    return said
