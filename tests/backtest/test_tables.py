"""Tables, brackets and denials: every trade counted once, figures worked by hand."""

from dataclasses import replace

import numpy as np
import pytest

from julie.backtest.brackets import break_even, slippage_scenarios, ties
from julie.backtest.denials import denial_table, refusals, verdicts
from julie.backtest.ledger import ledger_of
from julie.backtest.report.build import build_report
from julie.backtest.result import FittedRange
from julie.backtest.tables import hour, tables, weekday
from tests.backtest.drawn import TABLE, book
from tests.backtest.made_run import STRATEGIES, made_run


def test_each_table_adds_up_to_the_whole() -> None:
    report = build_report(made_run(trades=500, days=40))
    for name, rows in report.tables.items():
        whole = report.summary.legs if name == "exit" else report.summary.trades
        assert sum(row.trades for row in rows) == whole, name
        assert sum(row.net for row in rows) == pytest.approx(report.summary.net, abs=0.005), name
    assert sum(row.net for row in report.buckets.values()) == pytest.approx(report.summary.net)
    assert sum(row.trades for row in report.hours.values()) == report.summary.trades


def test_weekday_is_that_of_the_trading_day_and_hour_that_of_new_york() -> None:
    # 2025-01-02 is a Thursday; its day opens on Wednesday at 18:00 Eastern
    books = book(
        [{"day": 0, "net": 5.0, "minute": 5}, {"day": 1, "net": 5.0, "minute": 15 * 60 + 31}]
    )
    assert weekday(books).tolist() == [3, 4]
    assert hour(books).tolist() == [18, 9]


def test_exit_table_counts_legs() -> None:
    legs = [
        {"day": 0, "net": 30.0, "trade_id": 1, "leg": 1, "exit": "target1"},
        {"day": 0, "net": -5.0, "trade_id": 1, "leg": 2, "exit": "breakeven", "held": 20},
    ]
    made = {row.key: row for row in _tables(legs)["exit"]}
    assert (made["target1"].trades, made["target1"].net) == (1, 30.0)
    assert (made["breakeven"].trades, made["breakeven"].net) == (1, -5.0)


def _tables(legs):
    books = book(legs)
    names = ("group", "style", "vol_regime", "hmm_state", "mode", "bucket")
    words = {name: np.full(len(legs), "x") for name in names}
    return tables(replace(books, columns={**books.columns, **words}))


def test_slippage_scenarios_are_arithmetic_on_the_record() -> None:
    made = slippage_scenarios(
        book([{"day": 0, "net": 10.0, "slippage": 2.5}, {"day": 0, "net": -1.0, "slippage": 1.25}])
    )
    assert [s.net for s in made] == [12.75, 9.0, 5.25]
    assert [s.win_rate for s in made] == [1.0, 0.5, 0.5]


def test_break_even_pays_fees_and_the_slippage_of_stops() -> None:
    # MES, stop 8 ticks, target 12 ticks, 1.22 fees; entries slip a tick, stops one more
    won = [{"day": 0, "net": 13.78, "slippage": 1.25}] * 3
    lost = [{"day": 0, "net": -12.47, "slippage": 2.5}] * 2
    made = break_even(book([*won, *lost]), TABLE)
    assert len(made) == 1
    loss, win = 10 + 1.22 + 1.25, 15 - 1.22
    assert (made[0].stop_ticks, made[0].target_ticks, made[0].varies) == (8, 12, False)
    assert made[0].break_even == pytest.approx(loss / (loss + win))
    assert made[0].hit_rate == pytest.approx(0.6)


def test_many_brackets_are_shown_by_their_medians() -> None:
    legs = [{"day": 0, "net": 1.0, "target": 6001.0 + k / 4} for k in range(9)]
    made = break_even(book(legs), TABLE)
    assert [(b.varies, b.target_ticks) for b in made] == [(True, 8.0)]


def test_too_many_ties_warn() -> None:
    legs = [{"day": 0, "net": -1.0, "tie": k < 2} for k in range(100)]
    assert ties(book(legs)).warning == ""
    legs[5]["tie"] = True
    made = ties(book(legs))
    assert made.share == pytest.approx(0.03)
    assert "finer data" in made.warning


def test_denials_count_at_every_judge_that_spoke() -> None:
    result = made_run(trades=100)
    rows = {row.strategy: row for row in denial_table(result, ledger_of(result))}
    assert list(rows) == [*STRATEGIES, "flow_imbalance"]
    for judge in ("chop", "penalty_box", "session"):
        spoken = int((result.codes[judge] == 3).sum())
        assert sum(row.by_judge.get(judge, 0) for row in rows.values()) == spoken
    assert rows["sma_cross"].candidates == 0
    assert rows["flow_imbalance"].silent == "needs ticks; the data has none"
    assert sum(row.trades for row in rows.values()) == 100
    assert sum(row.candidates for row in rows.values()) == 400
    assert sum(refusals(result).values()) == 300
    assert verdicts(result) == 4 * 400  # news was not asked


def test_nothing_fitted_and_fitted_are_never_added_up() -> None:
    result = made_run(trades=300, days=30)
    cut = FittedRange("models/brackets.json", 0, int(result.day_open[12]) - 1)
    report = build_report(made_run(trades=300, days=30, fitted=(cut,)))
    inside, outside = report.parts["in_sample"], report.parts["out_of_sample"]
    assert report.headline == "out_of_sample"
    assert inside.trades + outside.trades == 300
    assert inside.net + outside.net == pytest.approx(report.summary.net)
    assert report.summary.fitted_share == pytest.approx(inside.trades / 300)
    assert (inside.days, outside.days) == (12, 18)
    assert sum(row.trades for row in report.tables["strategy"]) == outside.trades
    assert report.intervals["expectancy"].point == pytest.approx(outside.expectancy)


def test_all_in_sample_says_so_first() -> None:
    whole = FittedRange("models/brackets.json", 0, 2**62)
    report = build_report(made_run(trades=50, fitted=(whole,)))
    assert report.title.startswith("IN SAMPLE ONLY")
    assert report.headline == "in_sample"
    assert report.summary.fitted_share == 1.0
