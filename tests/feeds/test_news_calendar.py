"""Calendars of news: what counts, which days are trusted, and files that are none."""

import json
from datetime import date, datetime

import numpy as np
import pytest

from julie.core.errors import DataError
from julie.core.news import FIXED_TIMES
from julie.feeds.news import news_times

HEAD = "DateTime,Currency,Impact,Event,Actual,Forecast,Previous\n"
HIGH = "High Impact Expected"
PAYROLLS = "2025-06-06T08:30:00-04:00,USD,High Impact Expected,Non-Farm Employment Change,,,\n"
FED = "2025-06-18T14:00:00-04:00,USD,High Impact Expected,FOMC Statement,,,\n"


def calendar(tmp_path, text, name="news.csv"):
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return file


def ns(text):
    return int(datetime.fromisoformat(text).timestamp()) * 1_000_000_000


def day(text):
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


def test_without_a_file_nothing_is_known():
    found = news_times("", ("09:00",))
    assert len(found.times_ns) == len(found.days) == 0
    assert found.fixed == ("09:00",)
    assert found.uncovered(np.array([1, 2, 3], np.int32)) == 3


def test_high_impact_american_news_counts_once_a_minute(tmp_path):
    lines = (
        "2025-06-06T13:30:00+01:00,USD,High Impact Expected,Unemployment Rate,,,\n"
        "2025-06-06T13:30:20+01:00,USD,High Impact Expected,Average Hourly Earnings m/m,,,\n"
        "2025-06-06T15:00:00+01:00,USD,Medium Impact Expected,Wholesale,,,\n"
        "2025-06-06T10:00:00+01:00,EUR,High Impact Expected,GDP,,,\n"
    )
    found = news_times(calendar(tmp_path, HEAD + PAYROLLS + lines + FED))
    assert found.times_ns.tolist() == [
        ns("2025-06-06T12:30:00+00:00"),
        ns("2025-06-18T18:00+00:00"),
    ]
    assert found.source == "news.csv"
    assert found.notes == ()


def test_a_calendar_covers_its_first_to_its_last_day(tmp_path):
    found = news_times(calendar(tmp_path, HEAD + PAYROLLS + FED))
    assert found.days[0] == day("2025-06-06")
    assert found.days[-1] == day("2025-06-18")
    days = np.array([day("2025-06-05"), day("2025-06-06"), day("2025-06-19")], np.int32)
    assert found.uncovered(days) == 2


def test_evening_news_belongs_to_the_next_trading_day(tmp_path):
    evening = "2025-06-18T18:30:00-04:00,USD,High Impact Expected,President Speaks,,,\n"
    found = news_times(calendar(tmp_path, HEAD + FED + evening))
    assert found.days.tolist() == [day("2025-06-18"), day("2025-06-19")]


def test_a_long_silence_is_not_covered(tmp_path):
    later = "2025-07-15T08:30:00-04:00,USD,High Impact Expected,CPI m/m,,,\n"
    found = news_times(calendar(tmp_path, HEAD + FED + later))
    assert found.days.tolist() == [day("2025-06-18"), day("2025-07-15")]


def test_all_day_events_have_no_minute(tmp_path):
    line = "2025-06-10T23:59:59+00:00,USD,High Impact Expected,Presidential Election,,,\n"
    found = news_times(calendar(tmp_path, HEAD + PAYROLLS + line))
    assert len(found.times_ns) == 1
    assert "1 all-day events" in found.notes[0]


def test_a_wrong_time_zone_is_not_believed(tmp_path):
    line = PAYROLLS.replace("-04:00", "+00:00")
    found = news_times(calendar(tmp_path, HEAD + line + FED))
    assert len(found.times_ns) == len(found.days) == 0
    assert found.fixed == FIXED_TIMES
    assert "time zone is wrong" in found.notes[0]


def test_a_single_wrong_day_is_not_believed_alone(tmp_path):
    months = [f"2024-{month:02d}-05T13:30:00+00:00" for month in (1, 2, 12)]
    months += [f"2024-{month:02d}-05T12:30:00+00:00" for month in range(4, 11)]
    months += ["2024-03-05T13:30:00+00:00", "2024-11-07T13:30:00+00:00"]
    lines = [f"{time},USD,{HIGH},CPI m/m,,,\n" for time in months]
    wrong = f"2024-06-06T13:30:00+00:00,USD,{HIGH},CPI m/m,,,\n"
    found = news_times(calendar(tmp_path, HEAD + "".join(lines) + wrong))
    assert day("2024-06-05") in found.days
    assert day("2024-06-06") not in found.days
    assert "2024-06-06" in found.notes[0]


@pytest.mark.parametrize("text", ["", HEAD, HEAD + PAYROLLS.replace("USD", "EUR")])
def test_an_empty_calendar_leaves_the_fixed_times(tmp_path, text):
    found = news_times(calendar(tmp_path, text))
    assert len(found.days) == 0
    assert "every day runs on fixed times" in found.notes[0]


def test_a_weekly_json_reads_alike(tmp_path):
    rows = [
        {
            "title": "CPI m/m",
            "country": "USD",
            "date": "2025-06-11T08:30:00-04:00",
            "impact": "High",
        },
        {"title": "Crude", "country": "USD", "date": "2025-06-11T10:30:00-04:00", "impact": "Low"},
    ]
    found = news_times(calendar(tmp_path, json.dumps(rows), "week.json"))
    assert found.times_ns.tolist() == [ns("2025-06-11T12:30:00+00:00")]


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("a,b\n1,2\n", "x.csv", "no column for time, currency, impact, event"),
        (HEAD + PAYROLLS + "tomorrow,USD,High,CPI,,,\n", "x.csv", "line 3: 'tomorrow' is no date"),
        (HEAD + PAYROLLS.replace("-04:00", ""), "x.csv", "has no UTC offset"),
        (HEAD + PAYROLLS.replace("USD", ""), "x.csv", "currency or impact is missing"),
        ("{]", "x.json", "is no news calendar"),
        ('{"events": 1}', "x.json", "not a list of events"),
    ],
)
def test_what_is_no_calendar_is_refused_with_its_cure(tmp_path, text, name, said):
    with pytest.raises(DataError) as error:
        news_times(calendar(tmp_path, text, name))
    assert said in error.value.message
    assert "export the calendar with DateTime" in error.value.cure


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        news_times(tmp_path / "absent.csv")
    binary = tmp_path / "x.csv"
    binary.write_bytes(b"PAR1\x00\xff\xfe\x80")
    with pytest.raises(DataError, match="is no news calendar"):
        news_times(binary)
