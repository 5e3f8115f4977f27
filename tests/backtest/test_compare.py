"""Two runs side by side: same, shifted, other settings; what only one has is found, leg by leg."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from julie.backtest.compare import Comparison, compare, comparison_text, overlay_page
from julie.backtest.output import write_run
from julie.backtest.result import Coded, RunResult
from tests.backtest.embedded import embedded


def _taken(result: RunResult, rows: Any, **changes: Any) -> RunResult:
    columns = {
        name: column.take(rows) if isinstance(column, Coded) else np.asarray(column)[rows]
        for name, column in result.trades.items()
    }
    return replace(result, trades={**columns, **changes}, run_id="other")


def _compared(a: Path, other: RunResult, b: Path) -> Comparison:
    write_run(other, b, plots=False)
    return compare(a, b)


def test_a_run_is_equal_to_itself(folder: Path, finished: RunResult) -> None:
    found = compare(folder, folder)
    assert found.legs_alike == len(finished.trades["side"])
    assert (found.only_a, found.only_b, found.changed, found.settings) == ([], [], [], [])
    assert {figure.change for figure in found.summary} <= {0, None}


def test_missing_and_changed_legs_are_found(
    folder: Path, finished: RunResult, tmp_path: Path
) -> None:
    legs = len(finished.trades["side"])
    rows = np.arange(5, legs)
    other = _taken(finished, rows)
    exit_price, net = (np.array(other.trades[name]) for name in ("exit_price", "net"))
    exit_price[3] += 0.25
    net[3] += 1.25
    other = _taken(finished, rows, exit_price=exit_price, net=net)
    found = _compared(folder, other, tmp_path / "b")
    assert (len(found.only_a), len(found.only_b)) == (5, 0)
    assert found.legs_alike == legs - 6
    assert found.changed[0].fields == ["exit_price", "net"]
    assert found.changed[0].b["net"] - found.changed[0].a["net"] == pytest.approx(1.25)
    net_of = {figure.name: figure.change for figure in found.summary}
    lost = -sum(leg["net"] for leg in found.only_a) + 1.25
    assert net_of["net"] == pytest.approx(lost)


def test_settings_are_compared_key_by_key(
    folder: Path, finished: RunResult, tmp_path: Path
) -> None:
    config = {
        "risk": {"per_trade": 0.005, "brackets": "dynamic"},
        "names": finished.config["names"],
    }
    found = _compared(folder, replace(finished, config=config), tmp_path / "b")
    assert [(s.key, s.a, s.b) for s in found.settings] == [("risk.per_trade", 0.0025, 0.005)]


def test_text_names_what_differs(folder: Path, finished: RunResult, tmp_path: Path) -> None:
    write_run(_taken(finished, np.arange(2, 40)), tmp_path / "b", plots=False)
    text = comparison_text(compare(folder, tmp_path / "b"))
    assert "ONLY IN made-7" in text
    assert "ONLY IN other: 0 legs" in text
    assert "and " in text
    assert max(len(line) for line in text.splitlines()) <= 100


def test_overlay_holds_both_curves(folder: Path) -> None:
    found, loads = embedded(overlay_page(folder, folder))
    assert loads == []
    assert found["series"][0]["equity"] == found["series"][1]["equity"]
    assert len(found["series"][0]["days"]) == 30
