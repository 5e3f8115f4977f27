"""A sweep equals single runs, field by field, and computes what the sets share once."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from julie.backtest.harvest import decision_columns, number_columns, trade_columns
from julie.backtest.result import Coded
from julie.backtest.runner import Request, Run, run
from julie.backtest.sweep import sweep, with_params
from julie.core.errors import ConfigError
from julie.desk.verdicts import code_columns
from julie.settings import default_tree, load_settings
from julie.strategies.catalogue import catalogue
from julie.synth import generate

SETS: list[dict[str, dict[str, Any]]] = [
    {"sma_cross": {"fast": fast, "slow": slow, "stop_atr": stop, "target_atr": 2 * stop}}
    for fast, slow in ((9, 21), (5, 21), (9, 34), (12, 26), (20, 50))
    for stop in (1.5, 2.5)
]


@pytest.fixture(scope="module")
def request_() -> Request:
    """The cross and another rule on two instruments, five weeks."""
    settings = load_settings(default_tree(), (), ("account.profile=plain",), True).tree
    series = tuple(generate(days=30, seed=5).bars.values())
    strategies = tuple(catalogue()[name] for name in ("orb", "sma_cross"))
    traded = tuple(bars.instrument for bars in series)
    return Request(series, traded, strategies, settings, has_vix=True)


def records(one: Run) -> dict[str, Any]:
    """Every column of the records."""
    parts = {
        "trades": trade_columns(one.record, one.judged, one.facts, one.line.day),
        "decisions": decision_columns(one.judged, one.facts),
        "codes": code_columns(one.judged, one.pipeline.chain),
        "numbers": number_columns(one.judged, one.pipeline.chain),
    }
    return {
        f"{part}.{name}": column
        for part, columns in parts.items()
        for name, column in columns.items()
    }


def plain(column: Any) -> Any:
    return column.words() if isinstance(column, Coded) else column


def test_ten_sets_equal_ten_runs(request_: Request) -> None:
    """Trades, decisions, codes and numbers of every set are those of its own run."""
    swept = sweep(request_, SETS)
    trades = set()
    for one, numbers in zip(swept, SETS, strict=True):
        alone = run(replace(request_, settings=with_params(request_.settings, numbers)))
        found, expected = records(one), records(alone)
        assert found.keys() == expected.keys()
        for name, column in expected.items():
            np.testing.assert_array_equal(plain(found[name]), plain(column), err_msg=name)
        assert one.record.account.tobytes() == alone.record.account.tobytes()
        trades.add(int(one.record.account[0]["legs"]))
    assert len(trades) > 5, "the sets must differ for the comparison to mean anything"


def test_sets_share_the_series_and_its_rows(request_: Request) -> None:
    """What no parameter touches is one array in all runs."""
    first, second = sweep(request_, SETS[:2])
    assert first.line is second.line
    assert first.swept.kept.columns["atr"] is second.swept.kept.columns["atr"]
    assert first.swept.kept.exits is not second.swept.kept.exits


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ({"sma_kross": {"fast": 5}}, "did you mean sma_cross"),
        ({"sma_cross": {"quick": 5}}, "sma_cross.quick"),
        ({"sma_cross": {"fast": "many"}}, "sma_cross.fast"),
    ],
)
def test_a_wrong_set_is_named(request_: Request, numbers: Any, words: str) -> None:
    """A strategy or number that does not exist is told before anything runs."""
    with pytest.raises(ConfigError, match=words):
        sweep(request_, [numbers])


def test_no_sets_no_runs(request_: Request) -> None:
    assert sweep(request_, []) == []
