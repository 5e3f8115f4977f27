"""The exchange's calendar: holidays, early closes, notices, and the gaps seen in real data."""

import importlib.util
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from julie.core import calendar
from julie.core.calendar import build_calendar, load_calendar, with_notices
from julie.core.errors import ConfigError

ROOT = Path(__file__).resolve().parents[2]
ET = ZoneInfo("America/New_York")


def ns(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ET).timestamp()) * 1_000_000_000


def close_et(day: str) -> str | None:
    days = load_calendar()
    place = days.place_of(date.fromisoformat(day))
    if place < 0:
        return None
    return (
        datetime.fromtimestamp(int(days.close_ns[place]) / 1e9, UTC)
        .astimezone(ET)
        .strftime("%H:%M")
    )


@pytest.mark.parametrize(
    ("day", "close"),
    [
        ("2025-06-18", "17:00"),
        ("2025-06-19", "13:00"),  # Juneteenth
        ("2025-07-03", "13:15"),
        ("2025-07-04", "13:00"),
        ("2024-11-28", "13:00"),  # Thanksgiving
        ("2024-11-29", "13:15"),
        ("2024-12-24", "13:15"),
        ("2024-12-25", None),
        ("2025-01-01", None),
        ("2021-04-02", "09:15"),  # Good Friday with payrolls
        ("2019-04-19", None),  # Good Friday
        ("2025-04-18", None),
        ("2025-01-09", "09:30"),  # mourning for a president
        ("2018-12-05", "09:30"),
        ("2012-10-29", "09:15"),  # Sandy
        ("2025-06-21", None),  # a Saturday
    ],
)
def test_close_of_day(day: str, close: str | None) -> None:
    assert close_et(day) == close


def test_a_day_opens_the_evening_before_and_monday_on_sunday() -> None:
    days = load_calendar()
    monday = days.place_of(date(2025, 6, 16))
    ts = np.array(
        [
            ns("2025-06-15 17:59"),  # before the week opens
            ns("2025-06-15 18:00"),
            ns("2025-06-16 16:59"),
            ns("2025-06-16 17:00"),  # daily break
            ns("2025-06-16 18:00"),  # Tuesday already
            ns("2025-06-21 12:00"),  # Saturday
        ]
    )
    assert days.index_of(ts).tolist() == [-1, monday, monday, -1, monday + 1, -1]
    assert days.index_of(ts).dtype == np.int32


@pytest.mark.parametrize(
    ("time", "day"),
    [
        ("2025-06-16T17:59", "2025-06-16"),  # over for an hour, and nothing has opened since
        ("2025-06-16T18:00", "2025-06-17"),
        ("2025-06-21T12:00", "2025-06-20"),  # a Saturday
        ("1999-01-01T12:00", "2008-01-02"),  # before all of them the first
    ],
)
def test_the_newest_day_that_has_begun(time: str, day: str) -> None:
    days = load_calendar()
    assert days.date_of(days.begun(ns(time))).isoformat() == day


def test_open_follows_summer_time() -> None:
    days = load_calendar()
    winter = int(days.open_ns[days.place_of(date(2025, 3, 7))])
    summer = int(days.open_ns[days.place_of(date(2025, 3, 10))])
    assert winter == ns("2025-03-06 18:00")
    assert summer == ns("2025-03-09 18:00")
    assert (summer - winter) % (24 * 3600 * 10**9) == 23 * 3600 * 10**9


def test_outside_the_covered_years_nothing_trades() -> None:
    days = load_calendar()
    assert days.index_of(np.array([ns("2007-06-05 10:00"), ns("2036-06-05 10:00")])).tolist() == [
        -1,
        -1,
    ]
    assert days.date_of(0) == date(2008, 1, 2)
    assert days.date_of(len(days) - 1) == date(2035, 12, 31)


def test_minutes_since_the_evening() -> None:
    ts = np.array(
        [
            ns("2025-06-15 18:00"),
            ns("2025-06-16 00:00"),
            ns("2025-06-16 17:59"),
            ns("2025-01-08 09:30"),
        ]
    )
    assert load_calendar().minute_of(ts).tolist() == [0, 360, 1439, 930]


def test_notice_wins_only_when_it_closes_earlier() -> None:
    table = {date(2025, 6, 19): "13:00", date(2025, 4, 18): "09:15"}
    notices = {date(2025, 6, 19): "17:00", date(2025, 4, 18): "closed", date(2025, 1, 9): "09:30"}
    settled, messages = with_notices(table, notices)
    assert settled == {
        date(2025, 6, 19): "13:00",
        date(2025, 4, 18): "closed",
        date(2025, 1, 9): "09:30",
    }
    assert len(messages) == 3
    assert messages[0] == "2025-01-09: the table says 17:00, the notice 09:30; 09:30 is taken"
    days = build_calendar(settled, messages)
    assert days.place_of(date(2025, 4, 18)) == -1
    assert days.messages == messages


def test_a_bad_line_of_notices_is_explained(tmp_path: Path) -> None:
    file = tmp_path / "notices.csv"
    file.write_text("date,close_et\n2025-13-09,09:30\n")
    with pytest.raises(ConfigError, match="is not a line of the calendar"):
        calendar.read_exceptions(file)


@pytest.mark.skipif(
    importlib.util.find_spec("pandas_market_calendars") is None,
    reason="calendar library not installed",
)
@pytest.mark.filterwarnings("ignore")
def test_committed_table_equals_library_and_notices() -> None:
    spec = importlib.util.spec_from_file_location(
        "make_calendar", ROOT / "tools" / "make_calendar.py"
    )
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    made, _ = tool.table()
    assert calendar.TABLE_FILE.read_text(encoding="utf-8") == made
    assert load_calendar().messages == ()
