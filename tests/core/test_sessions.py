"""Sessions and the 320 buckets."""

from datetime import date

import numpy as np
import pytest

from julie.core.errors import ConfigError
from julie.core.sessions import (
    BUCKETS,
    STARTS,
    bucket_index,
    bucket_key,
    bucket_keys,
    minute_since_open,
    session_of_minute,
    session_table,
)
from julie.core.types import Session


def ordinal(text: str) -> int:
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


@pytest.mark.parametrize(
    ("clock", "session"),
    [
        ("18:00", Session.ASIA),
        ("00:00", Session.ASIA),
        ("02:59", Session.ASIA),
        ("03:00", Session.LONDON),
        ("07:59", Session.LONDON),
        ("08:00", Session.NY_AM),
        ("11:59", Session.NY_AM),
        ("12:00", Session.NY_PM),
        ("16:59", Session.NY_PM),
        ("17:00", Session.CLOSED),
        ("17:59", Session.CLOSED),
    ],
)
def test_session_of_clock(clock: str, session: Session) -> None:
    assert session_of_minute[minute_since_open(clock)] == session


def test_session_table_is_whole_and_cannot_be_written() -> None:
    assert session_of_minute.dtype == np.int8
    assert session_of_minute.shape == (1440,)
    with pytest.raises(ValueError, match="read-only"):
        session_of_minute[0] = 3


def test_sessions_out_of_order_are_refused() -> None:
    with pytest.raises(ConfigError):
        session_table({**STARTS, Session.LONDON: "09:00"})


@pytest.mark.parametrize(
    ("day", "session", "key"),
    [
        ("2025-01-07", Session.NY_AM, "Q1_W1_TUE_NY_AM"),
        ("2025-01-14", Session.NY_AM, "Q1_W2_TUE_NY_AM"),
        ("2025-06-15", Session.ASIA, None),  # a Sunday bears no trading day
        ("2025-06-16", Session.ASIA, "Q2_W3_MON_ASIA"),
        ("2025-08-29", Session.NY_PM, "Q3_W4_FRI_NY_PM"),
        ("2025-12-31", Session.LONDON, "Q4_W4_WED_LONDON"),
        ("2025-12-31", Session.CLOSED, None),
        ("2025-03-21", Session.NY_PM, "Q1_W3_FRI_NY_PM"),
        ("2025-03-24", Session.NY_PM, "Q1_W4_MON_NY_PM"),
    ],
)
def test_bucket_of_day(day: str, session: Session, key: str | None) -> None:
    index = int(bucket_index(np.array([ordinal(day)]), np.array([session], dtype=np.int8))[0])
    assert (bucket_key(index) if index >= 0 else None) == key


def test_every_bucket_occurs_and_has_a_key_of_its_own() -> None:
    days = np.arange(ordinal("2024-01-01"), ordinal("2027-01-01"))
    indices = {
        int(i)
        for session in range(4)
        for i in bucket_index(days, np.full(len(days), session, dtype=np.int8))
        if i >= 0
    }
    assert indices == set(range(BUCKETS))
    assert len(set(bucket_keys())) == BUCKETS
