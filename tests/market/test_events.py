"""Columns of what is known ahead: minutes to news, holiday rows, the minute of decision."""

import math
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from julie.core.holidays import Effect, HolidayRow
from julie.core.news import NewsTimes
from julie.market.columns import events
from julie.market.columns.graph import Graph

ET = ZoneInfo("America/New_York")
COLUMNS = {
    name: getattr(events, name)()
    for name in (
        "decision_minute", "min_to_event", "min_since_event", "min_to_fixed", "min_since_fixed",
        "news_known", "holiday_effect", "holiday_row",
    )
}  # fmt: skip


def ns(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=ET).timestamp()) * 1_000_000_000


def at(tables, *opens, news=None, bar_s=60):
    """The columns on bars that open at these Eastern times."""
    series = {name: np.full(len(opens), 5000.0) for name in ("open", "high", "low", "close")}
    series |= {"ts": np.array([ns(text) for text in opens]), "shift": np.zeros(len(opens))}
    series["volume"] = np.ones(len(opens))
    graph = Graph(
        {"ES": tuple(COLUMNS.values())}, {"ES": bar_s}, tables | (news or NewsTimes()).tables()
    )
    graph.append("ES", series)
    frame = graph.frame("ES")
    start = frame.start
    graph.advance()
    return {name: graph.buffer("ES", c)[start : frame.fill] for name, c in COLUMNS.items()}


def calendar(*times, days=()):
    stamps = np.array(sorted(ns(text) for text in times), np.int64)
    days = [np.datetime64(day, "D").astype(int) for day in days]
    return NewsTimes(times_ns=stamps, days=np.array(sorted(days), np.int32))


def test_minutes_count_from_the_bar_s_close(tables):
    news = calendar("2025-06-11 08:30", "2025-06-11 10:00")
    found = at(
        tables,
        "2025-06-11 08:19",
        "2025-06-11 08:29",
        "2025-06-11 08:30",
        "2025-06-11 10:30",
        news=news,
    )
    assert found["min_to_event"].tolist() == [10.0, 0.0, 89.0, math.inf]
    assert found["min_since_event"].tolist() == [math.inf, 0.0, 1.0, 31.0]


def test_longer_bars_are_decided_on_later(tables):
    found = at(tables, "2025-06-11 08:15", bar_s=900, news=calendar("2025-06-11 08:30"))
    assert found["min_to_event"].tolist() == [0.0]
    assert found["decision_minute"].tolist() == [14 * 60 + 30]


def test_fixed_times_are_the_day_s_own(tables):
    found = at(
        tables, "2025-06-11 02:59", "2025-06-11 08:24", "2025-06-11 10:04", "2025-06-11 15:59"
    )
    assert found["min_to_fixed"].tolist() == [330.0, 5.0, 235.0, math.inf]
    assert found["min_since_fixed"].tolist() == [math.inf, math.inf, 5.0, 90.0]


def test_a_calendar_is_known_on_the_days_it_covers(tables):
    news = calendar("2025-06-11 08:30", days=("2025-06-11",))
    found = at(
        tables,
        "2025-06-10 16:30",
        "2025-06-10 18:00",
        "2025-06-11 16:30",
        "2025-06-11 18:00",
        news=news,
    )
    assert found["news_known"].tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize(
    ("opens", "effect", "row"),
    [
        ("2024-11-27 11:58", Effect.NONE, 0),
        ("2024-11-27 11:59", Effect.DENY, HolidayRow.THANKSGIVING_EVE),  # decided on at 12:00
        ("2024-11-27 18:00", Effect.CLOSED, HolidayRow.THANKSGIVING),
        ("2024-11-28 09:30", Effect.CLOSED, HolidayRow.THANKSGIVING),
        ("2024-11-28 18:00", Effect.DENY, HolidayRow.THANKSGIVING_FRIDAY),
        ("2024-12-01 18:00", Effect.NONE, 0),
        ("2024-12-24 09:30", Effect.CONTEXT, HolidayRow.CHRISTMAS_WEEK),
        ("2025-07-03 12:58", Effect.NONE, 0),
        ("2025-07-03 12:59", Effect.DENY, HolidayRow.INDEPENDENCE_EVE),
        ("2020-07-03 12:59", Effect.CLOSED, HolidayRow.INDEPENDENCE_DAY),  # where rows meet
    ],
)
def test_holiday_rows_by_the_minute(tables, opens, effect, row):
    found = at(tables, opens)
    assert (found["holiday_effect"][0], found["holiday_row"][0]) == (effect, row)
