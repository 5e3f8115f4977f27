"""Where a bracket comes from, which floors bind, which brackets are refused."""

from typing import Any

import numpy as np
import pytest

from julie.core.types import BracketSource, Reason, Session, VolRegime
from julie.risk.brackets import Laid, columns, lay
from julie.risk.config import Floors, RiskSection
from tests.risk.laying import FIXED, NAN, OWN, PLUS, laid, rows


def ticks(one: Laid) -> tuple[int, int]:
    """Stop and target of a single row that was not refused."""
    assert one.reason[0] == 0, Reason(int(one.reason[0])).word
    return int(one.sl_ticks[0]), int(one.tp_ticks[0])


def refusal(one: Laid) -> str:
    return Reason(int(one.reason[0])).word


class TestFixedFramework:
    """Points x unit: ASIA 1.75 / 2.00, normal 2.25 / 2.75, impulse 3.00 / 4.50."""

    @pytest.mark.parametrize(
        ("session", "regime", "displaced", "wanted"),
        [
            (Session.ASIA, VolRegime.NORMAL, 0.0, (7, 8)),
            (Session.ASIA, VolRegime.LOW, 1.0, (7, 8)),
            (Session.ASIA, VolRegime.HIGH, 0.0, (12, 18)),
            (Session.NY_AM, VolRegime.NORMAL, 0.0, (9, 11)),
            (Session.LONDON, VolRegime.LOW, 0.0, (9, 11)),
            (Session.NY_AM, VolRegime.HIGH, 0.0, (12, 18)),
            (Session.NY_PM, VolRegime.NORMAL, 1.0, (12, 18)),
            (Session.NY_PM, VolRegime.NORMAL, -1.0, (12, 18)),
        ],
    )
    def test_selector(
        self, session: Session, regime: VolRegime, displaced: float, wanted: tuple[int, int]
    ) -> None:
        case = {"session": session, "bracket_vol_regime": float(regime), "displaced": displaced}
        assert ticks(laid(**FIXED, **case)) == wanted

    def test_it_is_scaled_by_the_unit(self) -> None:
        """NQ: 2.25 x 4.7 = 10.575 points up to 43 ticks, 2.75 x 4.7 = 12.925 down to 51."""
        assert ticks(laid(**FIXED, unit=4.7)) == (43, 51)

    def test_it_stays_fixed_whatever_the_market(self) -> None:
        assert ticks(laid(**FIXED, session_atr=9.0)) == (9, 11)

    def test_the_config_turns_dynamic_brackets_into_fixed_ones(self) -> None:
        risk = RiskSection(brackets="fixed")
        assert ticks(laid(risk)) == (9, 11)
        assert ticks(laid(risk, **OWN, stop_pts=3.0, target_pts=5.0)) == (12, 20)


class TestDynamicRoot:
    def test_multiples_of_the_session_s_median_atr(self) -> None:
        assert ticks(laid(session_atr=2.0)) == (12, 16)  # 1.5 and 2.0 x 2 points

    def test_stops_round_away_targets_towards(self) -> None:
        """1.5 x 2.05 = 3.075 is 12.3 ticks, 2.0 x 2.05 = 4.10 is 16.4."""
        assert ticks(laid(session_atr=2.05)) == (13, 16)

    def test_an_exact_tick_is_not_rounded_on(self) -> None:
        assert ticks(laid(session_atr=0.1 * 20)) == (12, 16)

    def test_the_floor_lifts_a_quiet_session(self) -> None:
        assert ticks(laid(session_atr=0.3)) == (6, 6)

    def test_without_a_median_it_is_not_ready(self) -> None:
        assert refusal(laid(session_atr=NAN)) == "not_ready"

    def test_structure_does_not_stand_in_for_a_missing_median(self) -> None:
        assert refusal(laid(session_atr=NAN, least_stop_pts=5.0)) == "not_ready"


class TestStructure:
    """No table pulls a stop inside the structure."""

    def test_a_table_stop_is_widened_to_clear_it(self) -> None:
        assert ticks(laid(session_atr=2.0, least_stop_pts=4.10)) == (17, 16)

    def test_a_table_stop_that_clears_it_stays(self) -> None:
        assert ticks(laid(session_atr=2.0, least_stop_pts=2.0)) == (12, 16)

    def test_a_fixed_stop_is_widened_too(self) -> None:
        assert ticks(laid(**FIXED, least_stop_pts=3.0)) == (12, 11)

    def test_an_own_stop_is_the_strategy_s(self) -> None:
        assert ticks(laid(**OWN, stop_pts=2.0, target_pts=4.0, least_stop_pts=3.0)) == (8, 16)


class TestOwn:
    def test_as_asked(self) -> None:
        assert ticks(laid(**OWN, stop_pts=2.5, target_pts=4.0)) == (10, 16)

    def test_rounding(self) -> None:
        assert ticks(laid(**OWN, stop_pts=2.51, target_pts=4.24)) == (11, 16)

    def test_a_target_in_r_counts_the_final_stop(self) -> None:
        """2.51 points are 11 ticks; twice that is 22."""
        assert ticks(laid(**OWN, stop_pts=2.51, target_r=2.0)) == (11, 22)

    @pytest.mark.parametrize(
        ("case", "reason"),
        [
            ({"stop_pts": 1.25, "target_pts": 4.0}, "stop_below_floor"),
            ({"stop_pts": 1.50, "target_pts": 1.49}, "target_below_floor"),
            ({"stop_pts": NAN, "target_pts": 4.0}, "no_bracket"),
            ({"stop_pts": 2.0, "target_pts": NAN}, "no_bracket"),
            ({"stop_pts": -1.0, "target_pts": 4.0}, "no_bracket"),
            ({"stop_pts": 2.0, "target_pts": -4.0}, "no_bracket"),
        ],
    )
    def test_a_bracket_that_breaks_a_rule_is_refused(
        self, case: dict[str, float], reason: str
    ) -> None:
        assert refusal(laid(**OWN, **case)) == reason

    def test_on_the_floor_it_stands(self) -> None:
        assert ticks(laid(**OWN, stop_pts=1.5, target_pts=1.5)) == (6, 6)


class TestFloors:
    @pytest.mark.parametrize(("unit", "floor"), [(1.0, 6), (4.7, 29), (0.1, 4)])
    def test_points_times_unit_or_four_ticks(self, unit: float, floor: int) -> None:
        below = {"stop_pts": (floor - 1) * 0.25, "target_pts": 100.0, "unit": unit}
        above = {"stop_pts": floor * 0.25, "target_pts": 100.0, "unit": unit}
        assert refusal(laid(**OWN, **below)) == "stop_below_floor"
        assert ticks(laid(**OWN, **above))[0] == floor

    def test_they_are_settings(self) -> None:
        risk = RiskSection(sltp_min=Floors(points=3.0))
        assert refusal(laid(risk, **OWN, stop_pts=2.0, target_pts=4.0)) == "stop_below_floor"

    def test_the_first_target_has_a_floor_too(self) -> None:
        case = {"stop_pts": 2.0, "target_pts": 4.0}
        near = laid(**OWN, **case, first_target_pts=1.25)
        assert refusal(near) == "target_below_floor"
        far = laid(**OWN, **case, first_target_pts=1.50)
        assert (ticks(far), int(far.tp1_ticks[0])) == ((8, 16), 6)


class TestOwnPlus:
    """Refused when the stop is wider than three times the dynamic one (here 3 x 12 ticks)."""

    @pytest.mark.parametrize(("stop", "wanted"), [(9.0, "none"), (9.25, "stop_too_wide")])
    def test_three_times(self, stop: float, wanted: str) -> None:
        assert refusal(laid(**PLUS, stop_pts=stop, target_pts=20.0)) == wanted

    def test_a_plain_own_stop_may_be_wide(self) -> None:
        assert refusal(laid(**OWN, stop_pts=30.0, target_pts=60.0)) == "none"

    def test_the_dynamic_stop_counts_on_its_floor(self) -> None:
        case = {"session_atr": 0.1, "target_pts": 20.0}
        assert refusal(laid(**PLUS, **case, stop_pts=4.5)) == "none"
        assert refusal(laid(**PLUS, **case, stop_pts=4.75)) == "stop_too_wide"

    def test_what_cannot_be_compared_is_not_ready(self) -> None:
        assert refusal(laid(**PLUS, stop_pts=2.0, target_pts=4.0, session_atr=NAN)) == "not_ready"


class TestLeastReward:
    @pytest.mark.parametrize(("target", "wanted"), [(3.0, "none"), (2.75, "below_min_r")])
    def test_in_r_of_final_ticks(self, target: float, wanted: str) -> None:
        assert refusal(laid(**OWN, stop_pts=2.0, target_pts=target, min_r=1.5)) == wanted


def test_the_numbers_behind_a_refusal() -> None:
    one = laid(**OWN, stop_pts=1.25, target_pts=4.0)
    assert one.numbers[0].tolist() == [5.0, 6.0]


def test_rows_do_not_touch_each_other() -> None:
    cases: list[dict[str, Any]] = [
        OWN | {"stop_pts": 2.0, "target_pts": 4.0}, {}, FIXED, {"session_atr": NAN},
    ]  # fmt: skip
    whole = lay(rows(*cases), RiskSection())
    for place, case in enumerate(cases):
        alone = lay(rows(case), RiskSection())
        for name in ("sl_ticks", "tp_ticks", "tp1_ticks", "reason"):
            assert getattr(whole, name)[place] == getattr(alone, name)[0]
        assert np.array_equal(whole.numbers[place], alone.numbers[0], equal_nan=True)


def test_columns_are_asked_for_only_where_a_source_reads_them() -> None:
    plain = {c.name for c in columns({BracketSource.OWN}, RiskSection())}
    plus = {c.name for c in columns({BracketSource.OWN_PLUS}, RiskSection())}
    framed = {c.name for c in columns({BracketSource.FIXED}, RiskSection())}
    assert "session_atr" not in plain
    assert "session_atr" in plus
    assert "displaced" not in plus
    assert framed >= {"displaced", "bracket_vol_regime"}
