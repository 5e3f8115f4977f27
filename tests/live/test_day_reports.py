"""Reports of trading days are written on a thread while the day goes on."""

from pathlib import Path
from typing import Any

import pytest

from julie.core.calendar import load_calendar
from julie.core.clock import VirtualClock
from julie.live import day_report
from julie.live.day_report import DayReports
from tests.live.left_journal import BEGAN_NS, empty_minute, leave

pytestmark = pytest.mark.tier1


class Meanwhile(int):
    """The line of a day; while it is looked at, another day ends and one is written elsewhere."""

    reports: Any

    def __le__(self, other: int) -> bool:
        self.reports._owed[99] = 10**9
        return int(self) <= other


def test_a_day_that_ends_while_another_is_written_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave(tmp_path, "sim-1", [empty_minute(BEGAN_NS)])
    made: list[int] = []
    reports: Any = DayReports(
        tmp_path, "sim-1", load_calendar(), VirtualClock(BEGAN_NS), simulated=True
    )

    def figures(reader: object, calendar: object, day: int) -> int:
        reports._owed.pop(7)  # the end of the bot writes it, too
        return day

    monkeypatch.setattr(day_report, "day_figures", figures)
    monkeypatch.setattr(reports, "_write", made.append)
    Meanwhile.reports = reports
    reports._owed = {7: Meanwhile(0)}
    reports.write()
    assert made == [7]
    assert list(reports._owed) == [99]
