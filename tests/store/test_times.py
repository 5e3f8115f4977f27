"""Times in every common form are read as what they say."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from julie.core.errors import DataError
from julie.store.numbers import decimal_mark, floats
from julie.store.times import read_times

MOMENT = datetime(2024, 12, 3, 14, 5, 0, tzinfo=UTC)
NS = int(MOMENT.timestamp()) * 10**9


@pytest.mark.parametrize(
    ("text", "absolute"),
    [
        ("2024-12-03 14:05", False),
        ("2024-12-03T14:05:00", False),
        ("2024/12/3 14:05:00", False),
        ("2024.12.03 14:05:00.000000", False),
        ("12/03/2024 14:05", False),
        ("12/3/2024 2:05:00 PM", False),
        ("12/3/24 2:05 pm", False),
        ("20241203 140500", False),
        ("20241203 1405", False),
        ("20241203140500", False),
        ("20241203 14:05:00", False),
        ("3 Dec 2024 14:05", False),
        ("Dec 3, 2024 2:05 PM", False),
        ("2024-12-03T14:05:00Z", True),
        ("2024-12-03 09:05:00-05:00", True),
        ("2024-12-03T15:05:00+0100", True),
        ("2024-12-03T14:05:00.000000000Z", True),
        ("1733234700", True),
        ("1733234700.0", True),
        ("1733234700000", True),
        ("1733234700000000", True),
        ("1733234700000000000", True),
    ],
)
def test_one_column(text: str, absolute: bool) -> None:
    times = read_times(pa.array([text, text]), None, "file")
    assert times.absolute is absolute
    assert times.ns.tolist() == [NS, NS]


@pytest.mark.parametrize(
    ("date", "clock"),
    [
        ("2024-12-03", "14:05:00"),
        ("20241203", "140500"),
        ("12/03/2024", "1405"),
        ("2024/12/3", " 14:05:00.000000"),
        ("12/3/2024", "2:05 PM"),
    ],
)
def test_two_columns(date: str, clock: str) -> None:
    times = read_times(pa.array([date]), pa.array([clock]), "file")
    assert (times.absolute, times.ns.tolist()) == (False, [NS])


def test_clocks_without_leading_zeros() -> None:
    clocks = pa.array(["1", "930", "1405"])
    times = read_times(pa.array(["20241203"] * 3), clocks, "file")
    minutes = [(ns - NS) // (60 * 10**9) for ns in times.ns.tolist()]
    assert minutes == [1 - 845, 570 - 845, 0]


def test_noon_and_midnight() -> None:
    text = pa.array(["12/03/2024 12:05 AM", "12/03/2024 12:05 PM", "12/03/2024 11:59 PM"])
    hours = [datetime.fromtimestamp(ns / 1e9, UTC).hour for ns in read_times(text, None, "f").ns]
    assert hours == [0, 12, 23]


def test_day_and_month_are_told_by_the_whole_column() -> None:
    american = pa.array(["03/04/2025 10:00", "03/14/2025 10:00"])
    european = pa.array(["03/04/2025 10:00", "14/04/2025 10:00"])
    open_ = pa.array(["03/04/2025 10:00", "04/04/2025 10:00", "07/04/2025 10:00"])
    months = [
        datetime.fromtimestamp(int(read_times(column, None, "f").ns[0]) / 1e9, UTC).month
        for column in (american, european, open_)
    ]
    assert months == [3, 4, 4]


def test_columns_with_types_of_their_own() -> None:
    aware = pa.array([NS // 1000], type=pa.timestamp("us", tz="America/Chicago"))
    naive = pa.array([NS // 10**6], type=pa.timestamp("ms"))
    count = pa.array([NS // 10**9], type=pa.int64())
    share = pa.array([NS / 1e9], type=pa.float64())
    for column, absolute in ((aware, True), (naive, False), (count, True), (share, True)):
        times = read_times(column, None, "file")
        assert (times.absolute, times.ns.tolist()) == (absolute, [NS])


@pytest.mark.parametrize(
    "text", ["yesterday", "2024-13-03 10:00", "2024-12-03 25:00", "17332347", "44:00"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(DataError):
        read_times(pa.array([text, text]), None, "file")


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["6063.5", " 6063.25 "], [6063.5, 6063.25]),
        (["6063,5", "6063,25"], [6063.5, 6063.25]),
        (["6,063.50", "606.25"], [6063.5, 606.25]),
        (["6.063,50", "606,25"], [6063.5, 606.25]),
        (["1,234,567", "12"], [1234567.0, 12.0]),
    ],
)
def test_decimal_point_and_comma(texts: list[str], values: list[float]) -> None:
    assert floats(pa.array(texts), "close", "file").tolist() == values


def test_missing_numbers_and_what_is_no_number() -> None:
    assert str(floats(pa.array(["", "NaN", "null", "1"]), "volume", "f").tolist()) == (
        "[nan, nan, nan, 1.0]"
    )
    assert decimal_mark(pa.array(["", "1.5"])) == "."
    with pytest.raises(DataError, match="no number"):
        floats(pa.array(["1", "many"]), "volume", "file")
