"""The holiday rows: the right days, the observed dates, and what the exchange does on them."""

from datetime import date

import numpy as np
import pytest

from julie.core.calendar import load_calendar
from julie.core.holidays import Effect, HolidayRow, easter, holiday_tables, holidays_of
from julie.core.sessions import minute_since_open

CALENDAR = load_calendar()
YEARS = range(2008, 2036)


def rows_on(day):
    wanted = date.fromisoformat(day)
    return {h.row: h for h in holidays_of(wanted.year, CALENDAR) if h.day == wanted}


@pytest.mark.parametrize(
    ("day", "row", "effect"),
    [
        ("2024-11-27", HolidayRow.THANKSGIVING_EVE, Effect.DENY),
        ("2024-11-28", HolidayRow.THANKSGIVING, Effect.CLOSED),
        ("2024-11-29", HolidayRow.THANKSGIVING_FRIDAY, Effect.DENY),
        ("2025-07-03", HolidayRow.INDEPENDENCE_EVE, Effect.DENY),
        ("2025-07-04", HolidayRow.INDEPENDENCE_DAY, Effect.CLOSED),
        ("2020-07-03", HolidayRow.INDEPENDENCE_DAY, Effect.CLOSED),  # the 4th is a Saturday
        ("2021-07-05", HolidayRow.INDEPENDENCE_DAY, Effect.CLOSED),  # the 4th is a Sunday
        ("2025-09-02", HolidayRow.AFTER_LABOR_DAY, Effect.CONTEXT),
        ("2025-05-26", HolidayRow.MEMORIAL_DAY, Effect.CONTEXT),
        ("2025-04-21", HolidayRow.EASTER_MONDAY, Effect.CONTEXT),
        ("2024-12-20", HolidayRow.BEFORE_CHRISTMAS, Effect.CONTEXT),
        ("2024-12-31", HolidayRow.CHRISTMAS_WEEK, Effect.CONTEXT),
        ("2025-01-02", HolidayRow.NEW_YEAR, Effect.CONTEXT),
        ("2023-01-03", HolidayRow.NEW_YEAR, Effect.CONTEXT),  # the 1st is kept on Monday the 2nd
        ("2025-01-21", HolidayRow.AFTER_HOLIDAY, Effect.CONTEXT),
        ("2025-02-18", HolidayRow.AFTER_HOLIDAY, Effect.CONTEXT),
        ("2025-06-20", HolidayRow.AFTER_HOLIDAY, Effect.CONTEXT),
        ("2022-06-21", HolidayRow.AFTER_HOLIDAY, Effect.CONTEXT),  # kept on Monday the 20th
    ],
)
def test_rows(day, row, effect):
    assert rows_on(day)[row].effect == effect


def test_hours_of_the_eves():
    assert rows_on("2024-11-27")[HolidayRow.THANKSGIVING_EVE].start == minute_since_open("12:00")
    assert rows_on("2025-07-03")[HolidayRow.INDEPENDENCE_EVE].start == minute_since_open("13:00")


def test_there_are_twelve_rows_a_year():
    for year in YEARS:
        assert {h.row for h in holidays_of(year, CALENDAR)} == set(HolidayRow)


def test_juneteenth_was_no_holiday_of_the_exchange_before_2022():
    after = [h.day for h in holidays_of(2021, CALENDAR) if h.row == HolidayRow.AFTER_HOLIDAY]
    assert after == [date(2021, 1, 19), date(2021, 2, 16)]


def test_closed_rows_are_days_on_which_the_exchange_closes_early_or_stays_shut():
    for year in YEARS:
        for one in holidays_of(year, CALENDAR):
            if one.effect == Effect.CLOSED:
                place = CALENDAR.place_of(one.day)
                assert place < 0 or CALENDAR.early[place], one


def test_good_friday_of_the_exchange_is_two_days_before_easter():
    days = CALENDAR.day
    for year in YEARS:
        friday = (easter(year) - date(1970, 1, 1)).days - 2
        place = int(np.searchsorted(days, friday))
        assert days[place] != friday or CALENDAR.early[place], year


def test_the_tables_hold_trading_days_in_order():
    tables = holiday_tables(CALENDAR)
    days = tables["holiday_day"]
    assert (np.diff(days) >= 0).all()
    assert np.isin(days, CALENDAR.day).all()
    assert {len(values) for values in tables.values()} == {len(days)}


def test_every_row_has_words():
    assert len({row.words for row in HolidayRow}) == len(HolidayRow)
