"""The figures of a run, or of a part of it, from the books; net of fees and slippage everywhere."""

import numpy as np
import numpy.typing as npt

from julie.backtest.curve import (
    Drawdown,
    deepest,
    longest_under_water,
    profit_factor,
    sharpe,
    sortino,
    streaks,
)
from julie.backtest.ledger import Ints, Ledger
from julie.backtest.report.model import DayResult, Figures
from julie.core.instruments import Instrument
from julie.core.money import dollars
from julie.core.sessions import date_of
from julie.core.zones import MINUTE_NS


def figures(book: Ledger, start_cents: int, instruments: dict[str, Instrument]) -> Figures:
    """Every figure of the trades and days in `book`, for an account that starts so."""
    net, daily = book.net, book.daily()
    won, lost = net[net > 0], net[net < 0]
    fall = deepest(book.leg_net, start_cents)
    average_win, average_loss = _mean(won), _mean(lost)
    minutes = (book.exit_ts - book.entry_ts) / MINUTE_NS
    win_streak, loss_streak = streaks(net)
    whole = int(net.sum())
    fall_days, fall_from, fall_to = _drawdown_days(fall, book)
    return Figures(
        trades=len(net),
        legs=len(book.leg_net),
        wins=len(won),
        losses=len(lost),
        scratches=len(net) - len(won) - len(lost),
        win_rate=len(won) / len(net) if len(net) else None,
        gross=dollars(int(book.gross.sum())),
        fees=dollars(int(book.fees.sum())),
        slippage=dollars(int(book.slippage.sum())),
        net=dollars(whole),
        roi=whole / start_cents if start_cents > 0 else 0.0,
        expectancy=_dollars(_mean(net)),
        expectancy_r=_expectancy_r(book, instruments),
        average_win=_dollars(average_win),
        average_loss=_dollars(average_loss),
        win_loss_ratio=-average_win / average_loss if average_win and average_loss else None,
        profit_factor=profit_factor(net),
        largest_win=dollars(int(won.max())) if len(won) else 0.0,
        largest_loss=dollars(int(lost.min())) if len(lost) else 0.0,
        win_streak=win_streak,
        loss_streak=loss_streak,
        max_drawdown=dollars(fall.cents) if fall else 0.0,
        max_drawdown_share=fall.share if fall else 0.0,
        drawdown_from=fall_from,
        drawdown_to=fall_to,
        drawdown_days=fall_days,
        longest_drawdown_days=longest_under_water(daily),
        under_water=_under_water(daily),
        sharpe=sharpe(daily),
        sortino=sortino(daily),
        avg_minutes=float(minutes.mean()) if len(net) else None,
        median_minutes=float(np.median(minutes)) if len(net) else None,
        days=len(book.days),
        days_traded=len(np.unique(book.day)),
        days_up=int((daily > 0).sum()),
        days_down=int((daily < 0).sum()),
        trades_a_day=len(net) / len(book.days) if len(book.days) else 0.0,
        best_day=_day_result(book, daily, int(np.argmax(daily))) if len(daily) else None,
        worst_day=_day_result(book, daily, int(np.argmin(daily))) if len(daily) else None,
    )


def risk_cents(book: Ledger, instruments: dict[str, Instrument]) -> npt.NDArray[np.float64]:
    """What each trade stood to lose at its first stop, all legs; NaN where it had none."""
    columns = book.columns
    symbols = book.words("instrument")
    value = np.array([instruments[name].point_value * 100 for name in symbols.names] or [0.0])
    entry = np.asarray(columns["entry_price"], dtype=np.float64)[book.leg_row]
    stop = np.asarray(columns["stop_price"], dtype=np.float64)[book.leg_row]
    size = np.asarray(columns["qty"], dtype=np.float64)[book.leg_row]
    risked = np.abs(entry - stop) * size
    sums = np.bincount(book.leg_trade, weights=risked, minlength=len(book))
    cents: npt.NDArray[np.float64] = sums * value[symbols.codes]
    return cents


def date_words(book: Ledger, place: int) -> str:
    """The date of a trading day of the run."""
    return date_of(int(book.days[place])).isoformat()


def _expectancy_r(book: Ledger, instruments: dict[str, Instrument]) -> float | None:
    risk = risk_cents(book, instruments)
    known = risk > 0
    return float(np.mean(book.net[known] / risk[known])) if known.any() else None


def _drawdown_days(fall: Drawdown | None, book: Ledger) -> tuple[int, str, str]:
    """From the day of the peak to the day it is reached again, or to the end of the run."""
    if fall is None:
        return 0, "", ""
    first = int(book.leg_day[fall.peak]) if fall.peak >= 0 else 0
    last = int(book.leg_day[fall.recovered]) if fall.recovered is not None else len(book.days) - 1
    until = date_words(book, last) if fall.recovered is not None else ""
    return last - first, date_words(book, first), until


def _under_water(daily: Ints) -> float:
    if not len(daily):
        return 0.0
    level = np.cumsum(daily)
    return float(np.mean(np.maximum(np.maximum.accumulate(level), 0) > level))


def _day_result(book: Ledger, daily: Ints, place: int) -> DayResult:
    return DayResult(day=date_words(book, place), net=dollars(int(daily[place])))


def _mean(cents: Ints) -> float | None:
    return float(cents.mean()) if len(cents) else None


def _dollars(cents: float | None) -> float | None:
    return None if cents is None else cents / 100
