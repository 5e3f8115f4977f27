"""Value area breakout, drawn: yesterday's value ends at 10 ticks, and the trading goes above."""

from dataclasses import replace

import numpy as np
import pytest

from julie.core.types import BracketSource, EntryKind, OnExpiry
from julie.strategies.catalogue import named
from tests.strategies.drawing import Bar, Drawn, bar, draw, price

RULE = named("value_area_breakout")
VAH = 10  # twelve equal bins 0 to 11: 6, nearest the last close, and four on either side


def _at(ticks: float, bars: int) -> list[Bar]:
    return [bar(ticks, ticks) for _ in range(bars)]


def _closes(*ticks: float, every: int) -> list[Bar]:
    """Bars at so many ticks, each level for one bar of a higher timeframe."""
    return [one for level in ticks for one in _at(level, every)]


@pytest.mark.parametrize("side", [1, -1])
def test_two_closes_of_30_minutes_above_work_a_limit(side: int) -> None:
    drawn = draw("03:00", _closes(11, 11, 11, 11, every=30))
    found = drawn.ask(RULE, side)
    assert drawn.place(found) == [(59, side)]
    assert found.source[0] == BracketSource.OWN
    assert found.entry_kind[0] == EntryKind.LIMIT
    assert found.limit_pts[0] == 0.0  # the close is the tick above the area's high
    assert found.expires_bars[0] == 30
    assert found.on_expiry[0] == OnExpiry.CANCEL
    assert found.target_r[0] == 2.0
    atr = found.notes["value_area_breakout.atr"][0]
    assert found.stop_pts[0] == pytest.approx(0.25 + 0.75 * atr)
    assert found.notes["value_area_breakout.vah"][0] == price(VAH * side)
    assert RULE.once_a_day


@pytest.mark.parametrize(
    ("at", "bars", "fires", "why"),
    [
        ("03:00", _closes(11, 10, 11, every=30), [], "the second closes at the area's high"),
        ("03:00", _closes(11, every=30) + _at(11, 29), [], "a bar before the second is complete"),
        ("02:30", _closes(11, 11, every=30), [], "the first closed before London opened"),
        ("03:00", _closes(11, 11, 8, 11, 11, every=30), [59], "the first acceptance counts"),
        ("08:30", _closes(11, 11, 11, every=30), [59, 74], "London's, then New York's own"),
        ("09:30", _closes(12, 12, 12, every=5), [14], "three of 5 minutes, most volume there"),
        ("09:30", _closes(12, 12, 10, every=5), [], "the third closes inside"),
        ("09:30", (_at(4, 4) + _at(12, 1)) * 3 + _at(12, 12), [24], "most volume lies there now"),
        ("03:00", _closes(12, 12, 12, every=5), [], "5 minutes count in regular hours only"),
    ],
)
def test_acceptance_and_near_misses(at: str, bars: list[Bar], fires: list[int], why: str) -> None:
    drawn = draw(at, bars)
    assert [place for place, _ in drawn.place(drawn.ask(RULE))] == fires, why


def test_the_limit_waits_a_tick_above_the_area() -> None:
    found = draw("03:00", _closes(20, 20, every=30)).ask(RULE)
    assert found.limit_pts[0] == 9 * 0.25


@pytest.mark.parametrize("side", [1, -1])
def test_a_close_of_5_minutes_back_inside_closes_the_trade(side: int) -> None:
    drawn = draw("09:30", [*_at(12, 4), *_at(11, 1), *_at(8, 4), *_at(10, 1), *_at(8, 4)])
    assert drawn.exits(RULE, side) == [9]


def test_without_volume_nothing_is_accepted() -> None:
    drawn = draw("03:00", _closes(11, 11, every=30))
    mute = replace(drawn.series, volume=np.full(len(drawn.series), np.nan))
    assert len(Drawn(mute, drawn.begin).ask(RULE)) == 0
