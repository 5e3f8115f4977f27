"""The figures of a run against the same figures worked out plainly, trade by trade."""

import math
import statistics
from dataclasses import replace
from datetime import date, timedelta

import msgspec
import numpy as np
import pytest

from julie.backtest.curve import deepest, longest_run, streaks
from julie.backtest.ledger import ledger_of
from julie.backtest.report.build import build_report
from julie.backtest.report.model import Report
from julie.backtest.result import Coded, RunResult
from julie.backtest.statistics import figures
from julie.core.calendar import load_calendar
from tests.backtest.drawn import START, TABLE, book
from tests.backtest.made_run import made_run

SUMMARY_FIELDS = [
    "run_id",
    "start",
    "end",
    "bars",
    "candidates",
    "verdicts",
    "trades",
    "legs",
    "wins",
    "losses",
    "win_rate",
    "gross",
    "fees",
    "slippage",
    "net",
    "roi",
    "profit_factor",
    "max_drawdown",
    "drawdown_days",
    "sharpe",
    "sortino",
    "largest_win",
    "largest_loss",
    "avg_minutes",
    "trades_a_day",
    "days_at_limit",
    "fitted_share",
    "silent",
    "engine_seconds",
    "report",
]


class Plain:
    """The same run, one trade after another, in plain Python and Decimal-free cents."""

    def __init__(self, result: RunResult) -> None:
        columns = {
            name: column.words() if isinstance(column, Coded) else column.tolist()
            for name, column in result.trades.items()
        }
        self.legs = [
            dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)
        ]
        self.legs.sort(key=lambda leg: (leg["exit_ts"], leg["trade_id"], leg["leg"]))
        self.net: dict[int, int] = {}
        for leg in self.legs:
            cents = round(leg["net"] * 100)
            self.net[leg["trade_id"]] = self.net.get(leg["trade_id"], 0) + cents
        calendar = load_calendar()
        self.daily = dict.fromkeys(result.days.tolist(), 0)
        for leg in self.legs:
            place = int(calendar.index_of(np.array([leg["exit_ts"]]))[0])
            self.daily[int(calendar.day[place])] += round(leg["net"] * 100)


@pytest.fixture(scope="module")
def run() -> RunResult:
    return made_run(trades=400, days=35)


@pytest.fixture(scope="module")
def report(run: RunResult) -> Report:
    return build_report(run, "there/report.html")


def test_summary_has_the_fields_of_the_record(report: Report) -> None:
    assert list(msgspec.to_builtins(report.summary)) == SUMMARY_FIELDS


def test_money_is_the_sum_of_the_legs_to_the_cent(run: RunResult, report: Report) -> None:
    plain, summary = Plain(run), report.summary
    for name in ("gross", "fees", "net", "slippage"):
        cents = sum(round(leg[name] * 100) for leg in plain.legs)
        assert round(getattr(summary, name) * 100) == cents
    assert summary.roi == pytest.approx(summary.net / 50_000)
    assert round(summary.net * 100) == sum(plain.net.values())


def test_trades_are_won_and_lost_with_all_their_legs(run: RunResult, report: Report) -> None:
    plain, summary = Plain(run), report.summary
    results = list(plain.net.values())
    wins = [net for net in results if net > 0]
    losses = [net for net in results if net < 0]
    assert (summary.trades, summary.legs) == (400, len(plain.legs))
    assert (summary.wins, summary.losses) == (len(wins), len(losses))
    assert summary.win_rate == pytest.approx(len(wins) / len(results))
    assert summary.profit_factor == pytest.approx(sum(wins) / -sum(losses))
    assert summary.largest_win == max(wins) / 100
    assert summary.largest_loss == min(losses) / 100


def test_daily_ratios_count_days_without_a_trade(run: RunResult, report: Report) -> None:
    daily = list(Plain(run).daily.values())
    mean = statistics.fmean(daily)
    assert len(daily) == 35
    assert report.summary.sharpe == pytest.approx(
        mean / statistics.stdev(daily) * math.sqrt(252), rel=1e-9
    )
    downside = math.sqrt(statistics.fmean([min(net, 0) ** 2 for net in daily]))
    assert report.summary.sortino == pytest.approx(mean / downside * math.sqrt(252), rel=1e-9)


def test_drawdown_is_the_deepest_fall_of_the_realised_curve(run: RunResult, report: Report) -> None:
    equity, peak, worst = START, START, 0
    for leg in Plain(run).legs:
        equity += round(leg["net"] * 100)
        peak = max(peak, equity)
        worst = max(worst, peak - equity)
    assert report.summary.max_drawdown == worst / 100
    assert report.curve.cents[-1] == equity


def test_minutes_run_from_entry_to_the_last_exit(run: RunResult, report: Report) -> None:
    legs = Plain(run).legs
    ids = {leg["trade_id"] for leg in legs}
    minutes = []
    for trade in ids:
        mine = [leg for leg in legs if leg["trade_id"] == trade]
        held = max(leg["exit_ts"] for leg in mine) - min(leg["entry_ts"] for leg in mine)
        minutes.append(held / 60e9)
    assert report.summary.avg_minutes == pytest.approx(statistics.fmean(minutes))
    assert report.summary.trades_a_day == pytest.approx(400 / 35)


def test_days_are_trading_days(run: RunResult, report: Report) -> None:
    plain = Plain(run)
    for day, ordinal in zip(report.days, plain.daily, strict=True):
        assert day.day == (date(1970, 1, 1) + timedelta(days=ordinal)).isoformat()
        assert round(day.net * 100) == plain.daily[ordinal]
    best = max(report.days, key=lambda day: day.net)
    found = report.parts["all"].best_day
    assert found is not None
    assert (found.day, found.net) == (best.day, best.net)
    assert sum(month.net for month in report.months) == pytest.approx(report.summary.net)


def test_hand_made_drawdown_lasts_until_the_peak_is_reached_again() -> None:
    nets = [100.0, -30.0, -50.0, 20.0, 60.0, -10.0]
    legs = [{"day": k, "net": net} for k, net in enumerate(nets)]
    made = figures(book(legs, count=7), START, TABLE)
    assert made.max_drawdown == 80.0
    assert made.drawdown_days == 4  # the peak of day 0 is passed on day 4
    assert (made.drawdown_from, made.drawdown_to) == ("2025-01-02", "2025-01-08")
    assert made.longest_drawdown_days == 3
    assert made.max_drawdown_share == pytest.approx(80 / 50_100)


def test_a_drawdown_that_never_recovers_lasts_to_the_end_of_the_run() -> None:
    made = figures(book([{"day": 1, "net": -30.0}], count=6), START, TABLE)
    assert made.drawdown_days == 5
    assert (made.drawdown_from, made.drawdown_to) == ("2025-01-02", "")


def test_curve_that_only_rises_has_no_drawdown() -> None:
    assert deepest(np.array([5, 5, 5]), 0) is None
    fall = deepest(np.array([-5, 9, -3]), 100)
    assert fall is not None
    assert (fall.cents, fall.peak, fall.trough, fall.recovered) == (5, -1, 0, 1)


def test_streaks_pass_over_scratches() -> None:
    assert streaks(np.array([5, 0, 5, -1, -1, 0, -1, 4])) == (2, 3)
    assert longest_run(np.array([], dtype=bool)) == 0


def test_a_trade_of_two_legs_counts_once_and_closes_with_its_last_leg() -> None:
    made = figures(
        book(
            [
                {"day": 0, "net": 30.0, "trade_id": 1, "leg": 1, "held": 5},
                {"day": 0, "net": -10.0, "trade_id": 1, "leg": 2, "held": 25},
                {"day": 0, "net": -8.0, "trade_id": 2, "minute": 70, "held": 2},
            ]
        ),
        START,
        TABLE,
    )
    assert (made.trades, made.legs, made.wins, made.losses) == (2, 3, 1, 1)
    assert made.average_win == 20.0
    assert made.win_loss_ratio == pytest.approx(20 / 8)
    assert made.avg_minutes == pytest.approx((25 + 2) / 2)
    # 2 points of MES at the first stop: 10 dollars a leg
    assert made.expectancy_r == pytest.approx((20 / 20 - 8 / 10) / 2)


def test_nothing_traded_says_nothing() -> None:
    made = build_report(made_run(trades=0)).summary
    assert made.trades == 0
    assert made.win_rate is None
    assert made.sharpe is None
    assert made.profit_factor is None
    assert made.net == 0.0


def test_order_of_the_legs_in_the_file_does_not_matter(run: RunResult) -> None:
    columns = {}
    back = np.arange(len(run.trades["side"]))[::-1]
    for name, column in run.trades.items():
        columns[name] = column.take(back) if isinstance(column, Coded) else column[back]
    turned = replace(run, trades=columns)
    assert build_report(turned).parts == build_report(run).parts
    assert ledger_of(turned).net.tolist() == ledger_of(run).net.tolist()
