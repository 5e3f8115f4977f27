"""A unit that fails is told of: each time with its trace, and once that it is off."""

import logging

import numpy as np
import pytest

from julie.core.events import Alarm
from julie.core.unit_watch import MOST, NEVER_OFF, Unit
from julie.core.zones import MINUTE_NS
from julie.live.failing import watch

OPENS = np.arange(MOST + 2, dtype=np.int64) * MINUTE_NS


def raising(start: int, stop: int) -> None:
    raise LookupError(f"rows {start} to {stop}")


def alarms_of(unit: Unit) -> list[Alarm]:
    """What is told while the unit is asked close by close."""
    said: list[Alarm] = []
    watch([unit], said.append)
    for row in range(len(OPENS)):
        unit.asked(raising, OPENS, row, row + 1)
    return said


def test_each_failure_is_told_and_that_it_is_off_once() -> None:
    said = alarms_of(Unit("judge", "strict"))
    assert [one.kind for one in said] == [*["unit_failed"] * MOST, "judge_off"]
    assert said[0].text == "judge strict raised LookupError: rows 0 to 1 (1 of 3)"
    assert said[-1].text == "strict failed 3 times"


def test_one_that_is_never_off_is_not_counted() -> None:
    said = alarms_of(Unit("judge", "strict", NEVER_OFF))
    assert [one.kind for one in said] == ["unit_failed"] * len(OPENS)
    assert said[0].text == "judge strict raised LookupError: rows 0 to 1"


def test_the_trace_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "julie.live.failing"):
        alarms_of(Unit("column", "sum"))
    told = [one for one in caplog.records if one.exc_info]
    assert len(told) == MOST
    assert told[0].getMessage() == "column sum failed"
