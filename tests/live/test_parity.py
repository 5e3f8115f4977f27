"""Live = backtest on real days: the bot on a simulated gateway decides and trades what the backtest
does, field by field.

The five trading days from Friday 2025-06-13 are taken as they come, with the portfolio, the judges
and the risk that ship: an ordinary Friday in the old contract, the first day of the new one after
the roll of the weekend, two ordinary days of which one is that of the Federal Reserve, and the
early close of Juneteenth. Nothing is loosened for them; together they hold 44 entries.
"""

import os
from dataclasses import replace as with_other
from datetime import date
from pathlib import Path

import pytest

from julie.live.parity import compare, said
from julie.live.recorded import Table, Tables
from julie.live.replay import newest_run, replay
from julie.settings import default_tree, load_settings
from tests.live.real_days import ABSENT, FILE, backtest, told, traded

REAL = pytest.mark.skipif(not FILE.is_file(), reason=ABSENT)
ENTRIES = {
    date(2025, 6, 13): 5,
    date(2025, 6, 16): 10,
    date(2025, 6, 17): 12,
    date(2025, 6, 18): 10,
    date(2025, 6, 19): 7,
}
EACH_TIME = (date(2025, 6, 16), date(2025, 6, 19))  # behind the roll, and the early close


def weekly(day: date) -> tuple[pytest.MarkDecorator, ...]:
    """The other days are played with the long tests: `pytest -m tier4 tests/live`."""
    return () if day in EACH_TIME else (pytest.mark.tier4,)


def test_the_days_hold_enough_to_compare() -> None:
    assert sum(ENTRIES.values()) >= 25


@REAL
@pytest.mark.tier3
@pytest.mark.timeout(600)
@pytest.mark.parametrize("day", [pytest.param(day, marks=weekly(day)) for day in ENTRIES], ids=str)
def test_a_real_day_live_is_the_backtests(day: date, tmp_path: Path) -> None:
    traded(day, 1, tmp_path)
    live = told(tmp_path)
    run, wanted = backtest(day, day)
    assert len(wanted.trades) == ENTRIES[day]
    assert len(wanted.candidates) == len(run.judged.candidates)
    found = compare(live, wanted)
    assert not found.differences, "\n".join(said(found))
    assert len(live.trades) == ENTRIES[day]
    again = replay(tmp_path, newest_run(tmp_path), load_settings(default_tree()).tree)
    assert again.differences == []
    assert (again.minutes, again.trades) == (len(wanted.bars), ENTRIES[day])


@REAL
@pytest.mark.tier3
@pytest.mark.timeout(3000)
@pytest.mark.skipif(not os.environ.get("JULIE_LONG"), reason="minutes long: JULIE_LONG=1 plays it")
def test_five_days_in_one_run_and_over_the_roll(tmp_path: Path) -> None:
    first, last = min(ENTRIES), max(ENTRIES)
    traded(first, len(ENTRIES), tmp_path)
    _, wanted = backtest(first, last)
    assert len(wanted.trades) == 43  # one account over the week, whose streaks go on
    found = compare(told(tmp_path), wanted)
    assert not found.differences, "\n".join(said(found))
    again = replay(tmp_path, newest_run(tmp_path), load_settings(default_tree()).tree)
    assert again.differences == []
    assert again.days == len(ENTRIES)


def _row(**fields: object) -> Tables:
    bars: Table = {(60, "ES"): {"open": 1.0, "volume": float("nan")}}
    return Tables(bars=bars, candidates={(60, "ES", "orb", 1, 1): fields})


@pytest.mark.parametrize(
    ("live", "tested", "words"),
    [
        ({"sl_ticks": 8}, {"sl_ticks": 9}, "sl_ticks: live 8, backtest 9"),
        ({"numbers of chop": ("a", 1.0)}, {}, "numbers of chop: live ('a', 1.0), backtest absent"),
        ({"reason": "session"}, {"reason": ""}, "reason: live session, backtest "),
    ],
)
def test_what_differs_is_named(
    live: dict[str, object], tested: dict[str, object], words: str
) -> None:
    (one,) = compare(_row(**live), _row(**tested)).differences
    assert str(one) == f"candidates 1969-12-31 19:00 ES orb 1 1 {words}"


def test_a_row_that_one_side_lacks_is_a_difference() -> None:
    both = _row(sl_ticks=8)
    (one,) = compare(with_other(both, candidates={}), both).differences
    assert (one.live, one.tested) == ("absent", "has it")


def test_an_entry_that_was_taken_off_again_was_live_one_that_was_allowed() -> None:
    assert not compare(_row(reason=""), _row(reason="withdrawn")).differences
    assert compare(_row(reason="session"), _row(reason="withdrawn")).differences
