"""Session: own hours, own window, the venue's last entry, early closes."""

import numpy as np
import pytest

from julie.core.sessions import minute_since_open
from julie.core.types import Code, Reason, Session
from julie.core.venue_times import NO_VENUE, LastEntry
from julie.strategies.base import NY
from tests.defense.asking import Asker, codes, one_judge, quiet


def answer(minute, session=Session.NY_AM, asker=None, day_minutes=1380.0, **more):
    chain = one_judge("session", asker or Asker(), **more)
    minutes = np.atleast_1d(minute).astype(float)
    c = quiet(len(minutes), session, decision_minute=minutes, day_minutes=day_minutes)
    return chain(c)


@pytest.mark.parametrize(
    ("clock", "denied"), [("15:59", False), ("16:00", True), ("16:05", True), ("18:00", False)]
)
def test_no_entries_from_15_chicago(clock, denied):
    result = answer(minute_since_open(clock), Session.NY_PM)
    assert codes(result) == [Code.DENY if denied else Code.ALLOW]
    assert list(result.reason) == [Reason.LAST_ENTRY_TIME if denied else Reason.NONE]


def test_no_entries_in_the_20_minutes_before_an_early_close():
    close = minute_since_open("13:00")
    result = answer([close - 21, close - 20, close], Session.NY_PM, day_minutes=float(close))
    assert codes(result) == [Code.ALLOW, Code.DENY, Code.DENY]
    assert result.spoken.numbers[:2, 0].tolist() == [close - 20, close - 20]


def test_a_bar_outside_trading_hours_is_closed():
    close = minute_since_open("13:00")
    late = answer(close + 1, Session.NY_PM, day_minutes=float(close))
    closed = answer(minute_since_open("17:30"), Session.CLOSED)
    assert [int(late.reason[0]), int(closed.reason[0])] == [Reason.SESSION_CLOSED] * 2


def test_a_strategy_trades_its_own_sessions():
    asker = Asker(sessions=NY)
    minute = minute_since_open("04:00")
    assert codes(answer(minute, Session.NY_AM, asker)) == [Code.ALLOW]
    result = answer(minute, Session.LONDON, asker)
    assert codes(result) == [Code.DENY]
    assert result.reason[0] == Reason.SESSION_NOT_MINE


def test_the_window_names_the_first_and_the_last_minute_of_entries():
    asker = Asker(window=("09:30", "15:30"))
    clocks = ("09:29", "09:30", "15:30", "15:31")
    result = answer([minute_since_open(clock) for clock in clocks], asker=asker)
    assert codes(result) == [Code.DENY, Code.ALLOW, Code.ALLOW, Code.DENY]
    assert result.reason[0] == Reason.OUTSIDE_WINDOW


def test_a_window_may_span_the_evening():
    asker = Asker(window=("18:10", "02:50"))
    clocks = ("18:09", "18:10", "00:00", "02:50", "02:51")
    result = answer([minute_since_open(c) for c in clocks], Session.ASIA, asker)
    assert codes(result) == [Code.DENY, Code.ALLOW, Code.ALLOW, Code.ALLOW, Code.DENY]


def test_an_account_without_venue_times_trades_to_the_close():
    minutes = [minute_since_open("16:59"), 1380]
    result = answer(minutes, Session.NY_PM, last_entry=NO_VENUE)
    assert codes(result) == [Code.ALLOW, Code.DENY]
    earlier = answer(minutes[:1], Session.NY_PM, last_entry=LastEntry.at("14:00", 20))
    assert codes(earlier) == [Code.DENY]
