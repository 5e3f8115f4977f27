"""A rule that was drawn answers on every row what it answers when it is asked."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from julie.core.errors import StrategyError
from julie.core.types import BracketSource
from julie.market.columns.averages import sma
from julie.market.columns.oscillators import rsi
from julie.market.columns.window import Vec, Window, maximum, minimum, where
from julie.strategies.base import Entries, Strategy, Style, strategy
from julie.strategies.evaluate import LONG, SHORT, Heard, Speaker
from tests.strategies.asking import Asking, Series, every, speakers

ROWS = 3_000


def _stated(entries: Callable[[Window, Any], Any], **more: Any) -> Strategy:
    declare = strategy(
        name="tried", group="", style=Style.TREND, bracket=BracketSource.OWN,
        columns=(rsi(14).named("rsi"), sma("close", 20).named("mean")), **more,
    )  # fmt: skip
    return declare(entries)


def _all_operations(w: Window, p: Any) -> Entries:
    share = (w.close - w.low) / (w.high - w.low)  # 0 / 0 on a bar of one price
    turned = 1.0 / (w.close - w.open)
    least = minimum(w.low[1], w.low[2]) - 2 * w.tick
    most = maximum(maximum(w.high[1], w.high[2]), w.mean)
    edge = where(w.rsi > 50, most - w.unit, least + 0.5)
    middle = (turned != 0.25) & (w.rsi / 100 - 1 <= -share + abs(share - 1.0))
    return Entries(when=((share >= 0.5) | (turned == 0.5)) & (w.close > edge) & middle)


def _turned_down(w: Window, p: Any) -> Vec:
    return (w.close < w.mean) & (w.close[1] >= w.mean[1]) | (-w.rsi < -80)


def _asked(one: Speaker, asking: Asking, row: int) -> Heard:
    """The rule's own answer, both sides and the exits."""
    return one._heard(asking.frame, row, row + 1)


def _marks(heard: Heard) -> list[int]:
    return [int(mark[0]) for mark in heard.exits or ()]


def _walk(one: Speaker, series: Series) -> tuple[int, int]:
    """Candidates and exits on rows one by one; both ways of asking agree on each."""
    asking, entered, left = Asking((one,), series), 0, 0
    for start, stop in asking.blocks(series, every(1, len(series), 600)):
        if stop - start > 1:
            continue
        quick, slow = one.heard(asking.frame, start, stop), _asked(one, asking, start)
        assert [t.side[0] for t in quick.tables] == [t.side[0] for t in slow.tables]
        assert _marks(quick) == _marks(slow)
        entered, left = entered + len(slow.tables), left + sum(_marks(slow))
    assert one.draw(asking.frame) is not None
    return entered, left


def test_every_rule_says_the_same_drawn_and_asked(walk: Series, everybody: list[Speaker]) -> None:
    found = [_walk(one, walk.first(ROWS)) for one in everybody]
    assert sum(entered for entered, _ in found) > 20
    assert sum(left for _, left in found) > 20


def test_all_that_a_rule_may_do_can_be_drawn(walk: Series) -> None:
    flat = walk.first(ROWS)
    still = np.arange(ROWS) % 7 == 0
    opened, high, low = (np.where(still, flat.close, x) for x in (flat.open, flat.high, flat.low))
    (one,) = speakers([_stated(_all_operations, exits=_turned_down)])
    entered, left = _walk(one, replace(flat, open=opened, high=high, low=low))
    assert entered > 100
    assert left > 100


@pytest.mark.parametrize(
    "rule",
    [
        lambda w, p: Entries(when=Vec(np.asarray(w.close.values > 0.0))),
        lambda w, p: Entries(when=(w.close > w.open) + (w.close > w.mean)),
        lambda w, p: Entries(when=w.close),
        lambda w, p: w.close > w.open,
        lambda w, p: Entries(when=w.close > max(w.close, 1)),
        lambda w, p: Entries(when=w.close > w.close[5_000]),  # before the rows that are kept
        lambda w, p: Entries(when=w.close > w.close[-1]),
    ],
)
def test_a_rule_that_wants_to_see_values_is_asked(
    rule: Callable[[Window, Any], Any], walk: Series
) -> None:
    (one,) = speakers([_stated(rule)])
    asking = Asking((one,), walk)
    assert one.draw(asking.frame) is None


def test_a_row_with_a_candidate_hears_of_a_wrong_rule(walk: Series) -> None:
    (one,) = speakers([_stated(lambda w, p: Entries(when=w.close > 0.0, note=("ema",)))])
    asking, start, stop = Asking((one,), walk), 0, 0
    for start, stop in asking.blocks(walk, (600, 601)):
        if stop - start == 1:
            assert not one.heard(asking.frame, start, stop).tables
    assert "notes 'ema'" in one.unit.words
    with pytest.raises(StrategyError):
        one.entries(asking.frame, start, stop)


def test_only_the_side_that_enters_is_asked(walk: Series) -> None:
    (one,) = speakers([_stated(lambda w, p: Entries(when=w.close > w.close[1]))])
    asking, sides = Asking((one,), walk), set[int]()
    for start, stop in asking.blocks(walk, every(1, 700, 600)):
        if stop - start == 1:
            rose = asking.frame.buffers[_close(one)][start - 1 : stop]
            tables = one.heard(asking.frame, start, stop).tables
            sides |= {int(table.side[0]) for table in tables}
            assert [int(t.side[0]) for t in tables] == [int(np.sign(d)) for d in np.diff(rose) if d]
    assert sides == {LONG, SHORT}


def _close(one: Speaker) -> Any:
    return next(column for column in one.columns() if column.name == "close")
