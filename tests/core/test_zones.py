"""Zones over whole columns agree with zoneinfo, hour by hour, and odd hours are told."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from julie.core.clock import MachineClock, VirtualClock
from julie.core.errors import UsageError
from julie.core.zones import HOUR_NS, MINUTE_NS, zone


@pytest.mark.parametrize(
    "name", ["America/New_York", "America/Chicago", "Europe/London", "Australia/Sydney"]
)
def test_equal_to_zoneinfo(name: str) -> None:
    start = datetime(2006, 1, 1, tzinfo=UTC)
    moments = [start + timedelta(hours=7 * k) for k in range(40_000)]
    utc = np.array([int(m.timestamp()) for m in moments], dtype=np.int64) * 10**9
    source = ZoneInfo(name)
    offsets = np.array([m.astimezone(source).utcoffset() for m in moments], dtype="timedelta64[ns]")
    local = zone(name).local(utc)
    assert np.array_equal(local - utc, offsets.astype(np.int64))
    plain = ~zone(name).odd(local)
    assert np.array_equal(zone(name).utc(local)[plain], utc[plain])
    assert plain.mean() > 0.99


def test_skipped_and_repeated_hours_are_odd() -> None:
    def local(text: str) -> int:
        return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 10**9

    east = zone("America/New_York")
    times = np.array(
        [
            local("2025-03-09 01:59"),
            local("2025-03-09 02:30"),
            local("2025-03-09 03:00"),
            local("2025-11-02 00:59"),
            local("2025-11-02 01:30"),
            local("2025-11-02 02:00"),
        ]
    )
    assert east.odd(times).tolist() == [False, True, False, False, True, False]
    assert (times - east.utc(times))[[0, 2, 3, 4, 5]].tolist() == [
        -5 * HOUR_NS,
        -4 * HOUR_NS,
        -4 * HOUR_NS,
        -4 * HOUR_NS,
        -5 * HOUR_NS,
    ]


def test_offsets_and_names() -> None:
    at = np.array([0, 10**18], dtype=np.int64)
    assert (zone("-05:00").local(at) - at).tolist() == [-5 * HOUR_NS] * 2
    assert (zone("+0530").local(at) - at).tolist() == [5 * HOUR_NS + 30 * MINUTE_NS] * 2
    assert np.array_equal(zone("UTC").utc(at), at)
    with pytest.raises(UsageError, match="unknown time zone"):
        zone("Eastern Standard Clock")


def test_virtual_clock_follows_the_stream_and_never_goes_back() -> None:
    clock = VirtualClock(100)
    clock.advance_to(500)
    clock.advance_to(300)
    assert clock.now_ns() == clock.mono_ns() == 500
    clock.advance(1.5)
    assert clock.now_ns() == 500 + 1_500_000_000


def test_machine_clock_applies_the_measured_skew() -> None:
    clock = MachineClock()
    before = clock.now_ns()
    clock.measured(3600 * 10**9)
    assert clock.now_ns() - before >= 3600 * 10**9
    first = clock.mono_ns()
    assert clock.mono_ns() >= first
