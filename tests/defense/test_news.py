"""News: 20 minutes round an event, the fixed times of days nobody knows, the exchange's break."""

import math

import pytest

from julie.core.sessions import minute_since_open
from julie.core.types import Code, Reason, Session
from julie.defense.overrides import Overrides
from tests.defense.asking import codes, one_judge, quiet

FAR = math.inf


def answer(layer=None, **changed):
    chain = one_judge("news", overrides=Overrides(judges={"news": layer or {}}))
    return chain(quiet(1, **({"min_to_fixed": FAR, "min_since_fixed": FAR} | changed)))


@pytest.mark.parametrize(
    ("to", "since", "denied"),
    [
        (21.0, FAR, False),
        (20.0, FAR, True),
        (0.0, 0.0, True),
        (FAR, 19.0, True),
        (FAR, 20.0, False),
    ],
)
def test_twenty_minutes_before_and_after_an_event(to, since, denied):
    result = answer(min_to_event=to, min_since_event=since)
    assert codes(result) == [Code.DENY if denied else Code.ALLOW]
    if denied:
        assert result.reason[0] == Reason.NEWS_BLACKOUT
        assert result.spoken.numbers[:, 0].tolist() == [to, since, 20.0, 20.0]


@pytest.mark.parametrize(
    ("to", "since", "denied"),
    [(6.0, 60.0, False), (5.0, 60.0, True), (90.0, 9.0, True), (90.0, 10.0, False)],
)
def test_an_unknown_day_fears_the_fixed_times(to, since, denied):
    unknown = answer(news_known=0.0, min_to_fixed=to, min_since_fixed=since)
    known = answer(news_known=1.0, min_to_fixed=to, min_since_fixed=since)
    assert codes(unknown) == [Code.DENY if denied else Code.ALLOW]
    assert codes(known) == [Code.ALLOW]
    if denied:
        assert unknown.reason[0] == Reason.NEWS_FIXED_TIME


def test_under_warn_an_unknown_day_is_only_marked():
    result = answer({"unknown": "warn"}, news_known=0.0, min_to_fixed=2.0)
    assert codes(result) == [Code.SCALE]
    assert result.factor[0] == 1.0
    assert result.first_denier[0] == -1
    assert result.spoken.reason.tolist() == [Reason.NEWS_FIXED_TIME]


def test_fixed_times_may_be_the_source_of_every_day():
    at_fixed = answer({"source": "fixed", "unknown": "warn"}, min_to_fixed=2.0)
    at_event = answer({"source": "fixed"}, min_to_event=2.0)
    assert codes(at_fixed) == [Code.DENY]
    assert codes(at_event) == [Code.ALLOW]


@pytest.mark.parametrize(("clock", "denied"), [("18:04", True), ("18:05", False), ("16:54", False)])
def test_the_reopening_is_left_alone(clock, denied):
    result = answer(decision_minute=float(minute_since_open(clock)))
    assert codes(result) == [Code.DENY if denied else Code.ALLOW]
    assert result.reason[0] == (Reason.MAINTENANCE if denied else Reason.NONE)


def test_windows_may_differ_by_session():
    layers = Overrides(sessions={"ASIA": {"news": {"before_min": 5}}})
    chain = one_judge("news", overrides=layers)
    asia, am = (
        chain(quiet(1, session, min_to_event=10.0)) for session in (Session.ASIA, Session.NY_AM)
    )
    assert codes(asia) == [Code.ALLOW]
    assert codes(am) == [Code.DENY]
