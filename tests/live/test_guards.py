"""Guards that go by the clock alone: flat before the venue, a loop that stands, a sleep."""

import asyncio
import threading
from types import SimpleNamespace

import numpy as np
import pytest

from julie.core.alarms import ALARMS
from julie.core.calendar import load_calendar
from julie.core.clock import MachineClock
from julie.core.events import Alarm
from julie.core.zones import MINUTE_NS, SECOND_NS
from julie.live.chores import at_the_flat_time
from julie.live.flat_guard import Due, FlatGuard, FlatTimes
from julie.live.watchdog import LoopWatch, SleepWatch

TIMES = FlatTimes.at("15:05", 15)


def at(text: str) -> int:
    return int(np.datetime64(text, "ns").astype(np.int64))


@pytest.mark.parametrize(
    ("day", "flat"),
    [
        ("2025-06-11", "2025-06-11T20:05"),
        ("2025-06-19", "2025-06-19T16:45"),  # Juneteenth, closed at 13:00 ET
        ("2025-11-28", "2025-11-28T18:00"),  # the day after Thanksgiving, closed at 13:15 ET
        ("2025-12-24", "2025-12-24T18:00"),
        ("2025-07-03", "2025-07-03T17:00"),
        ("2025-01-09", "2025-01-09T14:15"),  # a notice: closed at 9:30 ET
    ],
)
def test_flat_times_of_early_closes(day: str, flat: str) -> None:
    calendar = load_calendar()
    place = calendar.place_of(np.datetime64(day).astype(object))
    assert TIMES.of_day(calendar, place) == at(flat)


def test_flatten_verify_alarm_in_their_minutes() -> None:
    held = [True]
    guard = FlatGuard(load_calendar(), TIMES, lambda: not held[0])
    flat = at("2025-06-11T20:05")
    assert guard.due(flat - 1) is Due.NOTHING
    assert guard.due(flat + 19 * SECOND_NS) is Due.NOTHING  # the desk's own time
    assert guard.due(flat + 20 * SECOND_NS) is Due.FLATTEN
    assert guard.due(flat + 30 * SECOND_NS) is Due.NOTHING
    assert guard.due(flat + MINUTE_NS) is Due.VERIFY
    assert guard.due(flat + 2 * MINUTE_NS) is Due.ALARM
    assert guard.due(flat + 3 * MINUTE_NS) is Due.NOTHING
    next_day = at("2025-06-12T20:05")
    assert guard.due(next_day - MINUTE_NS) is Due.NOTHING
    held[0] = False
    assert [guard.due(next_day + k * MINUTE_NS) for k in range(4)] == [Due.NOTHING] * 4


def test_what_is_left_at_the_flat_time_is_told_whoever_opened_it() -> None:
    told: list[Alarm] = []
    session = SimpleNamespace(
        open_anywhere=False,
        open_at_venue=False,
        not_ours={"CON.F.US.MES.M25": 2},
        scribe=SimpleNamespace(note=told.append),
    )
    for due in (Due.FLATTEN, Due.VERIFY, Due.ALARM):
        asyncio.run(at_the_flat_time(session, due))  # type: ignore[arg-type]
    text = "two minutes after the flat time: +2 CON.F.US.MES.M25, not ours, stays open"
    assert told == [Alarm("not_flat", text)]
    session.not_ours = {}
    asyncio.run(at_the_flat_time(session, Due.ALARM))  # type: ignore[arg-type]
    assert len(told) == 1


def test_the_flat_time_itself_rings_nobody_and_what_is_left_does() -> None:
    assert not ALARMS["flat_time"].critical
    assert ALARMS["not_flat"].critical


def test_nothing_is_due_in_the_break() -> None:
    guard = FlatGuard(load_calendar(), TIMES, lambda: False)
    assert guard.due(at("2025-06-11T21:30")) is Due.NOTHING


class Counting:
    """A clock that a test moves, for wall and counter apart."""

    def __init__(self) -> None:
        self.wall, self.mono = at("2025-06-11T14:00"), 0

    def now_ns(self) -> int:
        return self.wall

    def mono_ns(self) -> int:
        return self.mono


class Machine(MachineClock):
    """A machine that a test puts to sleep, and whose clock it sets."""

    def __init__(self) -> None:
        super().__init__()
        self.wall, self.mono, self.asleep = at("2025-06-11T14:00"), 0, 5 * SECOND_NS

    def wall_ns(self) -> int:
        return self.wall

    def mono_ns(self) -> int:
        return self.mono

    def asleep_ns(self) -> int:
        return self.asleep


def test_a_sleep_is_what_the_machine_counts_as_one() -> None:
    machine = Machine()
    watch = SleepWatch(machine)
    machine.wall += 60 * SECOND_NS
    machine.mono += 60 * SECOND_NS
    assert watch.slept_s() == 0.0
    machine.wall += 1800 * SECOND_NS
    machine.asleep += 1799 * SECOND_NS
    assert watch.slept_s() == pytest.approx(1799.0)
    assert watch.slept_s() == 0.0


@pytest.mark.parametrize("ahead_s", [30, 3600, -3600])
def test_a_clock_that_was_set_is_no_sleep(ahead_s: int) -> None:
    machine = Machine()
    watch = SleepWatch(machine)
    machine.wall += ahead_s * SECOND_NS
    assert watch.slept_s() == 0.0


def test_a_loop_that_stood_still_is_told_with_what_it_did(
    caplog: pytest.LogCaptureFixture,
) -> None:
    away: list[float] = []
    clock = Counting()
    watch = LoopWatch(clock, away.append)
    watch.start()
    clock.mono += 11 * SECOND_NS
    waited = threading.Event()
    for _ in range(100):
        if watch.noticed:
            break
        waited.wait(0.1)
    watch.beat()
    watch.stop()
    assert watch.noticed == 1
    assert "test_a_loop_that_stood_still" in caplog.text
    assert away == [11.0]


def test_this_machine_did_not_sleep_just_now() -> None:
    machine = MachineClock()
    assert SleepWatch(machine).slept_s() == 0.0
    assert machine.asleep_ns() >= -SECOND_NS
