"""The audit finds what looks ahead, drifts or depends on blocks, and nothing where all is well."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from julie.backtest.audit.audit import Audited, audit
from julie.backtest.audit.findings import Findings, unequal
from julie.backtest.audit.planted import drifting_column, leaking_column, leaking_strategy
from julie.backtest.runner import Request
from julie.core.instruments import instrument
from julie.market.blocks import block_ends
from julie.market.columns.averages import ema
from julie.market.columns.column import Column
from julie.market.columns.window import Window
from julie.settings import default_tree, load_settings
from julie.strategies.base import Entries, Params, Strategy
from tests.backtest.provoking import JUDGES, RULES, loaded, rule, sessions


def audited(
    *rules: Strategy,
    days: int = 1,
    of: int = 30,
    columns: tuple[Column, ...] = (),
    **tree: Strategy,
) -> Audited:
    """The last days of a few simulated sessions."""
    series = sessions(of, symbols=("MES",))
    settings = load_settings(default_tree(RULES | tree), (), JUDGES, True).tree
    chosen = rules or (RULES["angler"], RULES["pinger"])
    request = Request(series, (instrument("MES"),), chosen, settings)
    return audit(request, days, {"MES": columns}, 3, lambda *_: None)


@pytest.fixture(scope="module")
def clean() -> Audited:
    return audited(columns=(ema("close", 9),))


@pytest.mark.tier1
def test_nothing_is_found_where_nothing_is_wrong(clean: Audited) -> None:
    assert clean.findings.differences == []
    assert clean.clean


@pytest.mark.tier1
def test_it_says_what_it_compared(clean: Audited) -> None:
    counts = clean.findings.counts
    assert counts["bars"] > 1300
    assert counts["candidates"] == sum(clean.coverage.strategies.values()) > 500
    assert counts["verdicts"] == counts["candidates"] * len(clean.coverage.judges)
    assert counts["trades"] > 5
    assert counts["orders"] >= counts["trades"]
    assert counts["cuts"] > 200
    assert counts["changed futures"] >= 6
    assert counts["start days"] == 2
    assert counts["column values"] > 1300 * 8


@pytest.mark.tier1
def test_without_days_before_them_the_whole_file_is_stepped() -> None:
    found = audited(days=0, of=1)
    assert found.findings.differences == []
    assert found.findings.counts["bars"] > 1300


@pytest.mark.tier1
@pytest.mark.parametrize(
    ("column", "name"), [(leaking_column, "tomorrow"), (drifting_column, "drifting")]
)
def test_a_bad_column_is_caught(column: Callable[[], Column], name: str) -> None:
    found = audited(columns=(column(),)).findings
    assert found.total > 100
    assert all(name in words for words in found.differences)


@pytest.mark.tier1
def test_a_strategy_that_knows_tomorrow_is_caught() -> None:
    found = audited(leaking_strategy, leaking_strategy=leaking_strategy).findings
    assert any("decisions" in words or "candidates" in words for words in found.differences)


@rule("peeker")
def peeker(w: Window, p: Params) -> Entries:
    """Buys the low of the block: a rule that looks over its own rows."""
    del p
    low = w.low.values
    return Entries(
        when=np.asarray(low) <= np.min(low) + 1.0, stop=w.close - 5.0, target=w.close + 5.0
    )


@pytest.mark.tier1
def test_a_rule_that_looks_over_its_block_is_caught() -> None:
    found = audited(peeker, peeker=peeker).findings
    assert any("decisions" in words for words in found.differences)


@rule("mute")
def mute(w: Window, p: Params) -> Entries:
    """Could speak and never does."""
    del p
    return Entries(when=w.close > w.high, stop=w.close - 5.0, target=w.close + 5.0)


@pytest.mark.tier1
def test_a_strategy_without_a_candidate_is_untested() -> None:
    found = audited(mute, RULES["pinger"], mute=mute)
    assert found.findings.total == 0
    assert found.coverage.untested_strategies == ("mute",)
    assert not found.clean


class TestComparing:
    @pytest.mark.parametrize(
        ("a", "b", "rows"),
        [
            ([1.0, np.nan], [1.0, np.nan], []),
            ([1.0, np.nan], [1.0, 2.0], [1]),
            ([0.1 + 0.2], [0.3], [0]),  # to the last bit
            ([1, 2, 3], [1, 5, 3], [1]),
            ([1, 2], [1, 2, 3], [2]),
        ],
    )
    def test_unequal(self, a: list[Any], b: list[Any], rows: list[int]) -> None:
        assert unequal(np.array(a), np.array(b)).tolist() == rows

    def test_only_some_differences_are_told_all_are_counted(self) -> None:
        found = Findings()
        for place in range(100):
            found.differ(str(place))
        assert found.total == 100
        assert len(found.differences) == 20

    def test_findings_add_up(self) -> None:
        one, other = Findings(), Findings()
        one.count("bars", 3)
        other.count("bars", 4)
        other.differ("a column")
        one.take(other)
        assert (one.counts["bars"], one.total) == (7, 1)

    @pytest.mark.parametrize(
        ("total", "at", "ends"),
        [(10, (), [4, 8, 10]), (10, (3, 4), [3, 4, 8, 10]), (0, (), []), (4, (), [4])],
    )
    def test_blocks_end_where_they_must(
        self, total: int, at: tuple[int, ...], ends: list[int]
    ) -> None:
        assert block_ends(total, at, 4).tolist() == ends


def test_a_changed_configuration_is_another_run() -> None:
    """The audit runs the tree it is given: other numbers, other trades."""
    series = sessions(2, symbols=("MES",))
    request = Request(series, (instrument("MES"),), (RULES["pinger"],), loaded().tree)
    tight = replace(request, settings=loaded("execution.slippage_ticks=3").tree)
    found = [audit(r, 1, {}, 3, lambda *_: None).findings for r in (request, tight)]
    assert [f.total for f in found] == [0, 0]
