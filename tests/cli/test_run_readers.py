"""julie report, trades and export: what they print for a written run, and their exit codes."""

import json
from pathlib import Path

import pytest

from julie.backtest.output import write_run
from julie.cli import main
from julie.core.errors import Exit
from tests.backtest.made_run import made_run

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _two_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    runs = tmp_path / "backtest_reports"
    write_run(made_run(trades=40, run_id="one"), runs / "one", plots=False)
    config = {"risk": {"per_trade": 0.005}}
    write_run(made_run(trades=30, run_id="two", config=config), runs / "two", plots=False)


def test_show_prints_the_summary_of_the_newest(capsys: Capture) -> None:
    assert main.run(["report", "show"]) == Exit.DONE
    shown = capsys.readouterr().out
    assert shown.startswith("=== BACKTEST RESULTS === two")
    assert main.run(["report", "show", "one", "--json"]) == Exit.DONE
    summary = json.loads(capsys.readouterr().out)
    assert summary["run_id"] == "one"
    assert summary["trades"] == 40


def test_compare_prints_text_or_one_object(capsys: Capture, tmp_path: Path) -> None:
    assert main.run(["report", "compare", "one", "two", "--html", "both.html"]) == Exit.DONE
    told = capsys.readouterr()
    assert "risk.per_trade: 0.0025 -> 0.005" in told.out
    assert "both.html" in told.err
    assert (tmp_path / "both.html").read_text().startswith("<!doctype html>")
    assert main.run(["report", "compare", "one", "two", "--json"]) == Exit.DONE
    found = json.loads(capsys.readouterr().out)
    assert (found["a"], found["b"]) == ("one", "two")


def test_trades_are_listed(capsys: Capture) -> None:
    assert main.run(["trades", "--run", "one", "--last", "3"]) == Exit.DONE
    told = capsys.readouterr()
    assert "    40   1 " in told.out
    assert "earlier legs are not shown" in told.err
    assert main.run(["trades", "--run", "one", "--json"]) == Exit.DONE
    listed = json.loads(capsys.readouterr().out)["trades"]
    assert len({leg["trade_id"] for leg in listed}) == 40


def test_plot_without_the_data_says_where_to_name_it(capsys: Capture) -> None:
    assert main.run(["trades", "--run", "one", "--plot"]) == Exit.USAGE
    told = capsys.readouterr()
    assert told.out == ""
    assert "--data FILE --symbol MES" in told.err


def test_export_writes_where_it_is_told(capsys: Capture, tmp_path: Path) -> None:
    assert main.run(["export", "trades", "--run", "one", "--out", "t.csv"]) == Exit.DONE
    assert "t.csv" in capsys.readouterr().out
    header = (tmp_path / "t.csv").read_text().splitlines()[0]
    assert header.startswith("trade_id,leg,strategy")
    assert main.run(["export", "verdicts", "--run", "two", "--json"]) == Exit.DONE
    assert json.loads(capsys.readouterr().out)["rows"] == 4 * 4 * 30


def test_an_unknown_run_is_a_usage_error(capsys: Capture) -> None:
    assert main.run(["report", "show", "three"]) == Exit.USAGE
    assert "no folder of a run" in capsys.readouterr().err
