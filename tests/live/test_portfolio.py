"""The live portfolio is made as a backtest's, from history, and its graph has walked that."""

from dataclasses import replace

import numpy as np
import pytest

from julie.backtest.runner import Run, run
from julie.core.bars import Bars
from julie.core.calendar import load_calendar
from julie.core.errors import UsageError
from julie.core.instruments import INSTRUMENTS
from julie.desk.seen import KEPT
from julie.live.portfolio import Portfolio, asked_for, days_remembered, unwarmed, warm
from julie.settings import Settings, default_tree, load_settings
from julie.synth import sample

DAYS = 6


@pytest.fixture(scope="module")
def bars(tmp_path_factory: pytest.TempPathFactory) -> Bars:
    """Some generated days."""
    whole = sample(tmp_path_factory.mktemp("data")).bars["MES"]
    days = load_calendar().index_of(whole.ts)
    return whole.rows(0, int(np.searchsorted(days, days[0] + DAYS)))


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings(default_tree()).tree


@pytest.fixture(scope="module")
def batch(bars: Bars, settings: Settings) -> Run:
    return run(replace(asked_for(settings, [INSTRUMENTS["MES"]], []), series=(bars,)))


@pytest.fixture(scope="module")
def live(bars: Bars, settings: Settings) -> Portfolio:
    asked = asked_for(settings, [INSTRUMENTS["MES"]], [])
    made = unwarmed(replace(asked, series=(bars,)), load_calendar())
    warm(made.graph, made.pipeline.symbols, [bars])
    return made


@pytest.mark.timeout(120)
def test_the_columns_of_the_last_row_are_those_of_a_backtest(
    batch: Run, live: Portfolio, bars: Bars
) -> None:
    assert live.graph.frame("MES").rows == len(bars)
    frame = live.graph.frame("MES")
    kept = batch.swept.kept.columns["atr"][-1]
    assert frame.buffers[KEPT["atr"]][frame.fill - 1] == kept


@pytest.mark.timeout(120)
def test_the_same_strategies_speak_under_the_same_rules(batch: Run, live: Portfolio) -> None:
    assert live.strategies == batch.facts.strategies
    assert live.silent.items() <= dict(batch.silent).items()
    assert [one.symbol for one in live.traded] == ["MES"]
    mine, theirs = live.record.rules[0], batch.record.rules[0]
    differ = [name for name in mine.dtype.names if mine[name] != theirs[name]]
    assert differ == ["restart"]  # a real account that is spent stays spent


def test_history_is_as_long_as_the_columns_remember(settings: Settings) -> None:
    asked = asked_for(settings, [INSTRUMENTS["MES"]], [])
    assert 20 <= days_remembered(asked) <= 60


def test_what_is_traded_must_be_of_the_same_market(settings: Settings) -> None:
    with pytest.raises(UsageError, match="another market"):
        asked_for(settings, [INSTRUMENTS["MES"]], ["MNQ"])
