"""Asking a rule: its answer becomes candidates, and a wrong answer becomes words."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from julie.core.errors import StrategyError
from julie.core.types import BracketSource
from julie.market.columns.averages import sma
from julie.market.columns.levels import prior_day_high
from julie.market.columns.oscillators import rsi
from julie.market.columns.window import Vec, Window, where
from julie.strategies.base import Entries, Strategy, Style, strategy
from tests.strategies.asking import Series, candidates, speakers

COLUMNS = (prior_day_high(), rsi(14), sma("close", 20).named("mean"))


def _stated(rule: Callable[[Window, Any], Any], **more: Any) -> Strategy:
    declare = strategy(
        name="tried", group="", style=Style.TREND, bracket=BracketSource.OWN, columns=COLUMNS,
        **more,
    )  # fmt: skip
    return declare(rule)


@pytest.fixture(scope="module")
def days(walk: Series) -> Series:
    """Three days of the random month."""
    return walk.first(3 * 1380)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (lambda w, p: 1 / 0, "raised ZeroDivisionError"),
        (lambda w, p: w.close > w.open, "answered Vec, not Entries"),
        (lambda w, p: Entries(when=w.ema > 0), "'ema', which it did not declare"),
        (lambda w, p: Entries(when=w.close > w.open, note=("ema",)), "notes 'ema'"),
        (lambda w, p: Entries(when=Vec(np.array([True]))), "when has shape"),
        (lambda w, p: Entries(when=w.close[-1] > w.close), "reduce, slice, convert"),
        (lambda w, p: Entries(when=w.close > max(w.close, 1)), "reduce, slice, convert"),
    ],
)
def test_a_wrong_rule_is_named_with_a_cure(
    rule: Callable[[Window, Any], Any], words: str, days: Series
) -> None:
    with pytest.raises(StrategyError, match=words) as raised:
        candidates(speakers([_stated(rule)]), days)
    assert "tried" in raised.value.message
    assert raised.value.cure


def test_distances_lie_in_the_trades_own_direction(days: Series) -> None:
    def rule(w: Window, p: Any) -> Entries:
        stop, target = w.low - w.tick, w.close + 8 * w.tick
        return Entries(
            when=w.close > w.mean, stop=stop, target=target, limit=w.close - 2 * w.tick,
            stop_beyond=stop, first_target=w.close + 2 * w.tick, min_r=1.5, expires_bars=3,
            confidence=where(w["rsi(14)"] > 50, 0.7, 0.3),
        )  # fmt: skip

    found = candidates(speakers([_stated(rule)]), days)
    for side, beyond in ((1, days.low - 0.25), (-1, days.high + 0.25)):
        own = found.take(found.side == side)
        assert len(own) > 100
        limit = days.close[own.row] - side * 0.5
        np.testing.assert_allclose(own.stop_pts, side * (limit - beyond[own.row]))
        np.testing.assert_allclose(own.least_stop_pts, own.stop_pts)
        np.testing.assert_allclose(own.target_pts, 2.5)
        np.testing.assert_allclose(own.first_target_pts, 1.0)
        np.testing.assert_allclose(own.ref_close, days.close[own.row])
        assert set(own.confidence.tolist()) == {0.3, 0.7}
        assert set(own.min_r.tolist()) == {1.5}
        assert set(own.expires_bars.tolist()) == {3}


def test_notes_are_true_numbers_on_either_side(days: Series) -> None:
    def rule(w: Window, p: Any) -> Entries:
        above = w.close > w.prior_day_high
        return Entries(when=above, levels=("prior_day_high",), note=("rsi(14)",))

    found = candidates(speakers([_stated(rule)]), days)
    level = found.notes["tried.prior_day_high"]
    assert set(found.side.tolist()) == {1, -1}
    assert np.all(np.where(found.side > 0, days.close[found.row] > level, False) | (found.side < 0))
    assert np.all(np.where(found.side < 0, days.close[found.row] < level, False) | (found.side > 0))
    strength = found.notes["tried.rsi(14)"]
    assert strength[found.side > 0].mean() > 50 > strength[found.side < 0].mean()


def test_noted_levels_are_traded_prices_whatever_the_anchor(days: Series) -> None:
    def rule(w: Window, p: Any) -> Entries:
        return Entries(when=w.close > w.prior_day_high, levels=("prior_day_high",))

    here = candidates(speakers([_stated(rule)]), days)
    lifted = replace(days.moved(51.75), shift=days.shift + 51.75)
    there = candidates(speakers([_stated(rule)]), lifted)
    name = "tried.prior_day_high"
    assert len(here) > 100
    assert np.array_equal(here.notes[name], there.notes[name], equal_nan=True)


def test_who_only_buys_has_no_shorts(days: Series) -> None:
    def rule(w: Window, p: Any) -> Entries:
        return Entries(when=w.close > w.open)

    found = candidates(speakers([_stated(rule, sides="long")]), days)
    assert set(found.side.tolist()) == {1}


def test_what_is_not_known_never_fires(days: Series) -> None:
    for rule in (
        lambda w, p: Entries(when=w.prior_day_high > 0),
        lambda w, p: Entries(when=w.prior_day_high != 1),
        lambda w, p: Entries(when=w.prior_day_high <= 1e9),
    ):
        found = candidates(speakers([_stated(rule, sides="long")]), days)
        assert days.day[found.row].min() == days.day[0] + 1, "no prior day on the first"
