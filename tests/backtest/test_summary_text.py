"""The terminal summary: every line asked for, narrow enough, silent and fitted parts named."""

import pytest

from julie.backtest.report.build import build_report
from julie.backtest.result import Breach, FittedRange, RunResult
from julie.backtest.summary_text import money, summary_text
from tests.backtest.made_run import made_run

LINES = (
    # period, results and regimes
    "=== BACKTEST RESULTS ===", "Period:", "Total PnL (net):", "Max Drawdown:", "Win Rate:",
    "Avg Win:", "Avg Loss:", "Win/Loss Ratio:", "Total Trades:", "Trades/Day:", "Days Simulated:",
    "Days hitting $750 limit:", "P&L BY REGIME",
    # trade statistics, returns, performance
    "Contracts:", "Winning Trades:", "Losing Trades:", "Largest Win:", "Largest Loss:",
    "Profit Factor:", "Gross PnL", "Commission:", "Slippage", "Return (ROI):", "Sharpe Ratio:",
    "Sortino Ratio:",
    "Drawdown Duration:", "Avg Trade Duration:", "Best Day:", "Worst Day:", "Consecutive Wins:",
    "Consecutive Losses:", "Starting:", "Ending:",
)  # fmt: skip


@pytest.fixture(scope="module")
def text(finished: RunResult) -> str:
    return summary_text(build_report(finished, "runs/x/report.html"))


@pytest.mark.parametrize("line", LINES)
def test_line_is_there_once_at_least(text: str, line: str) -> None:
    assert line in text


def test_figures_are_those_of_the_summary(text: str, finished: RunResult) -> None:
    summary = build_report(finished).summary
    assert f"Total PnL (net):          {money(summary.net)}" in text
    assert f"Commission:               {money(-summary.fees)}" in text
    assert f"Total Trades:             {summary.trades} ({summary.legs} legs)" in text
    assert f"Ending:                   {money(50_000 + summary.net)}" in text


def test_no_line_is_wider_than_a_terminal(text: str) -> None:
    assert max(len(line) for line in text.splitlines()) <= 100


def test_silent_denied_and_traded_are_told_by_strategy(text: str) -> None:
    assert "silent: needs ticks; the data has none" in text
    assert "denied by " in text
    assert "Silent strategies: flow_imbalance" in text
    for strategy in ("orb", "liquidity_sweep", "value_area_breakout", "sma_cross"):
        assert f"  {strategy} " in text


def test_the_first_line_under_the_name_says_in_sample() -> None:
    whole = FittedRange("models/brackets.json", 0, 2**62)
    lines = summary_text(build_report(made_run(trades=50, fitted=(whole,)))).splitlines()
    assert lines[1].startswith("IN SAMPLE ONLY")


def test_out_of_sample_is_the_headline_and_both_stand_apart() -> None:
    result = made_run(trades=200)
    cut = FittedRange("models/brackets.json", 0, int(result.day_open[10]) - 1)
    report = build_report(made_run(trades=200, fitted=(cut,)))
    text = summary_text(report)
    outside, inside = report.parts["out_of_sample"], report.parts["in_sample"]
    assert f"Total PnL (net):          {money(outside.net)}" in text
    assert f"{money(outside.net):>18}{money(inside.net):>18}" in text
    assert "fitted: models/brackets.json" in text
    assert max(len(line) for line in text.splitlines()) <= 100


def test_breaches_and_a_stopped_run_are_told_first() -> None:
    day = int(made_run(trades=2).days[3])
    result = made_run(
        trades=60,
        breaches=(Breach(day, "maximum_loss", "equity touched the floor"),),
        interrupted="stopped after 10 of 90 bars",
    )
    text = summary_text(build_report(result))
    assert "! PARTIAL: stopped after 10 of 90 bars" in text
    assert "! the account was breached on 1 day" in text
    assert "maximum_loss: equity touched the floor" in text


def test_trials_point_to_the_deflated_ratio() -> None:
    text = summary_text(build_report(made_run(trades=60, trials=40)))
    assert "CHOSEN AMONG 40 TRIALS" in text
    assert "deflated for 40 trials" in text


def test_money_is_written_like_a_statement() -> None:
    assert money(-1234.5) == "-$1,234.50"
    assert money(0.0) == "$0.00"
    assert money(-0.001) == "$0.00"
    assert money(None) == "n/a"
