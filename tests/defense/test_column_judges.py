"""Holiday, volatility, penalty box and chop: what is denied, and what just is not."""

import numpy as np
import pytest

from julie.core.holidays import Effect, HolidayRow
from julie.core.types import Code, Reason, Session, Style
from julie.defense.chop import fades
from julie.defense.overrides import Overrides
from julie.regime.chop import Chop
from tests.defense.asking import Asker, codes, one_judge, quiet

ALLOW, SCALE, DENY = Code.ALLOW, Code.SCALE, Code.DENY
ROW = float(HolidayRow.THANKSGIVING)


@pytest.mark.parametrize(
    ("effect", "code", "reason"),
    [
        (Effect.NONE, ALLOW, None),
        (Effect.CONTEXT, SCALE, Reason.HOLIDAY_CONTEXT),
        (Effect.DENY, DENY, Reason.HOLIDAY_DENY),
        (Effect.CLOSED, DENY, Reason.HOLIDAY_CLOSED),
    ],
)
def test_holiday_effects(effect, code, reason):
    result = one_judge("holiday")(quiet(2, holiday_effect=float(effect), holiday_row=ROW))
    assert codes(result) == [code, code]
    assert result.factor.tolist() == [0.5, 0.5] if code == SCALE else [1.0, 1.0]
    assert result.spoken.reason.tolist() == ([reason] * 2 if reason else [])
    if reason:
        assert result.spoken.numbers[0].tolist() == [ROW, ROW]


def test_a_day_of_context_may_be_cut_further():
    layers = Overrides(judges={"holiday": {"context_scale": 0.25}})
    result = one_judge("holiday", overrides=layers)(quiet(2, holiday_effect=1.0))
    assert result.factor.tolist() == [0.25, 0.25]


@pytest.mark.parametrize(("regime", "code"), [(0, DENY), (1, ALLOW), (2, ALLOW), (3, ALLOW)])
def test_only_a_sleeping_market_is_denied(regime, code):
    result = one_judge("volatility")(quiet(2, vol_regime=float(regime), vol_percentile=4.0))
    assert codes(result) == [code, code]
    if code == DENY:
        assert result.reason.tolist() == [Reason.ULTRA_LOW_VOLATILITY] * 2
        assert result.spoken.numbers[0].tolist() == [4.0, 4.0]


@pytest.mark.parametrize(
    ("session", "needed"), [(Session.NY_AM, 1.0), (Session.LONDON, 0.75), (Session.ASIA, 0.5)]
)
def test_the_penalty_box_is_smaller_where_the_market_is(session, needed):
    judge = one_judge("penalty_box")
    at_top = judge(quiet(2, session, close=5010.0 - needed))
    below = judge(quiet(2, session, close=5010.0 - needed - 0.25))
    at_bottom = judge(quiet(2, session, close=4990.0 + needed))
    assert codes(at_top) == [DENY, ALLOW]
    assert codes(below) == [ALLOW, ALLOW]
    assert codes(at_bottom) == [ALLOW, DENY]
    assert at_top.spoken.numbers[:2, 0].tolist() == [needed, needed]


def test_the_penalty_box_scales_with_the_instrument():
    nq = one_judge("penalty_box")(quiet(2, unit=4.7, close=5010.0 - 4.5))
    assert codes(nq) == [DENY, ALLOW]


def test_breakouts_live_at_the_extreme():
    judge = one_judge("penalty_box", Asker(style=Style.BREAKOUT))
    result = judge(quiet(2, close=5010.0, style=Style.BREAKOUT))
    assert codes(result) == [Code.NOT_ASKED] * 2
    assert result.first_denier.tolist() == [-1, -1]


CHOP = [  # state, bars since the box, code of the long, of the short
    (Chop.NORMAL, 0, ALLOW, ALLOW),
    (Chop.IN_CHOP, 5, DENY, DENY),
    (Chop.BREAKOUT_LONG, 9, SCALE, DENY),
    (Chop.BREAKOUT_SHORT, 9, DENY, SCALE),
    (Chop.CONFIRMED_LONG, 9, ALLOW, DENY),
    (Chop.CONFIRMED_SHORT, 9, DENY, ALLOW),
    (Chop.FAILED_LONG, 45, DENY, ALLOW),
    (Chop.FAILED_LONG, 46, DENY, SCALE),
    (Chop.FAILED_LONG, 90, DENY, SCALE),
    (Chop.FAILED_LONG, 91, DENY, DENY),
    (Chop.FAILED_SHORT, 45, ALLOW, DENY),
    (Chop.FAILED_SHORT, 46, SCALE, DENY),
    (Chop.FAILED_SHORT, 91, DENY, DENY),
]


@pytest.mark.parametrize(("state", "bars", "long", "short"), CHOP)
def test_chop_by_state_and_side(state, bars, long, short):
    result = one_judge("chop")(quiet(2, chop_state=float(state), chop_bars=float(bars)))
    assert codes(result) == [long, short]
    assert result.factor.tolist() == [0.5 if code == SCALE else 1.0 for code in (long, short)]


def test_chop_tells_why():
    failed = one_judge("chop")(quiet(2, chop_state=float(Chop.FAILED_LONG), chop_bars=91.0))
    assert failed.reason.tolist() == [Reason.CHOP_FAILED, Reason.CHOP_FADE_STALE]
    broken = one_judge("chop")(quiet(2, chop_state=float(Chop.BREAKOUT_LONG)))
    assert broken.spoken.reason.tolist() == [Reason.CHOP_WRONG_SIDE, Reason.CHOP_UNPROVEN]
    assert broken.spoken.numbers[:3, 0].tolist() == [9.0, 8.0, 0.0]


def test_fades_are_the_other_side_of_a_failed_breakout():
    states = np.repeat([float(state) for state in Chop], 2)
    found = fades(quiet(16, chop_state=states))
    long, short = found[::2], found[1::2]
    assert np.flatnonzero(long).tolist() == [Chop.FAILED_SHORT]
    assert np.flatnonzero(short).tolist() == [Chop.FAILED_LONG]
