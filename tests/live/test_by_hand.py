"""Money that no trade of the desk explains stands in a line of its own, in every report."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from julie.core.bookings import EquityMarked
from julie.core.calendar import load_calendar
from julie.core.errors import Exit
from julie.core.events import AuditRecord, Payload
from julie.core.taken import MinuteTaken
from julie.core.zones import MINUTE_NS
from julie.live.closing_down import Left
from julie.live.day_report import day_figures, days_of
from julie.live.figures import Figures, add_up, words_of
from julie.live.report import _day
from julie.live.session_report import make_report
from julie.store.journal import JournalReader
from tests.live.left_journal import BEGAN_NS, empty_minute, leave

OURS = 5_000_000


def minute(k: int, governing: int | None = None) -> MinuteTaken:
    return replace(empty_minute(BEGAN_NS + k * MINUTE_NS), balance_cents=governing)


def mark(cents: int) -> EquityMarked:
    return EquityMarked(cents, 0, 0)


def counted(*facts: Payload, before: int | None = None) -> Figures:
    made = Figures("sim-1", "sim", simulated=True)
    rows = [AuditRecord("sim-1", k, 0, 0, one) for k, one in enumerate(facts)]
    add_up(made, rows, before)
    return made


def test_a_balance_that_governs_is_what_came_beside_the_trades() -> None:
    made = counted(
        minute(0), mark(OURS), minute(1, OURS + 128), mark(OURS + 128),
        minute(2), mark(OURS + 128 - 1_372),  # a trade of the desk moved it
        minute(3, OURS - 1_372), mark(OURS - 1_372),  # and a hand took 1.28 again
        minute(4, OURS - 2_372), mark(OURS - 2_372),
    )  # fmt: skip
    assert made.by_hand == -10.0
    assert "by hand     -10.00 USD, beside the desk's own trades" in words_of(made)


@pytest.mark.parametrize("before", [None, OURS])
def test_where_nothing_governs_no_line_speaks_of_it(before: int | None) -> None:
    made = counted(minute(0), mark(OURS), minute(1), mark(OURS - 5_000), before=before)
    assert made.by_hand == 0.0
    assert not [one for one in words_of(made) if "by hand" in one]


def test_what_came_while_no_bot_ran_is_told_by_the_next_session(tmp_path: Path) -> None:
    leave(tmp_path, "sim-1", (minute(0), mark(OURS)))
    later = BEGAN_NS + 2 * MINUTE_NS
    leave(tmp_path, "sim-2", (minute(1, OURS + 128), mark(OURS + 128)), later)
    wanted: Any = SimpleNamespace(folder=tmp_path, run="sim-2", mode="sim")
    left = Left("it was asked to", Exit.DONE, flat=True, words="")
    made = make_report(wanted, left, 0, OURS + 128, simulated=True)
    assert (made.net, made.by_hand, made.balance) == (0.0, 1.28, 50_001.28)
    wanted.run = "sim-1"
    assert make_report(wanted, left, 0, OURS, simulated=True).by_hand == 0.0


def test_the_day_has_it_too_and_so_has_its_line_in_the_report(tmp_path: Path) -> None:
    leave(tmp_path, "sim-1", (minute(0), mark(OURS)))
    leave(tmp_path, "sim-2", (minute(1, OURS + 128), mark(OURS + 128)), BEGAN_NS + 2 * MINUTE_NS)
    calendar = load_calendar()
    (day,) = days_of([minute(0)], calendar)
    with JournalReader.of(tmp_path) as reader:
        made = day_figures(reader, calendar, day)
    assert made.by_hand == 1.28
    assert "by hand     +1.28 USD, beside the desk's own trades" in words_of(made)
    assert "+1.28 USD by hand" in _day(made)
    assert "by hand" not in _day(replace(made, by_hand=0.0))
