"""Does the market move enough for the target, and is there room for it?"""

from typing import Any

import numpy as np
import pytest

from julie.core.types import Code, Reason, Session, Style
from julie.risk.config import RiskSection, Viability
from julie.risk.viability import columns, judge
from tests.risk.laying import NAN, rows


def reason(risk: RiskSection | None = None, /, **case: Any) -> str:
    """Why one candidate with a target of 20 ticks (5 points) is not viable."""
    off = case.pop("off", False)
    c = rows(case)
    c.data["tp_ticks"][:] = 20
    viable = judge(c, risk or RiskSection(), np.array([off]))
    found = int(viable.reason[0])
    wanted = {0: Code.ALLOW, 1: Code.NOT_READY}.get(found, Code.DENY)
    assert viable.codes[0] == (Code.NOT_ASKED if off else wanted)
    return Reason(found).word


class TestMovement:
    """ATR(14) against 0.6 of the same session's median."""

    @pytest.mark.parametrize(("atr", "wanted"), [(1.21, "none"), (1.19, "atr_floor")])
    def test_floor(self, atr: float, wanted: str) -> None:
        assert reason(atr_14=atr, atr_median=2.0) == wanted

    def test_the_floor_is_a_setting(self) -> None:
        risk = RiskSection(viability=Viability(atr_floor=0.5))
        assert reason(risk, atr_14=1.1) == "none"

    @pytest.mark.parametrize("blind", ["atr_14", "atr_median"])
    def test_unknown_means_no(self, blind: str) -> None:
        assert reason(**{blind: NAN}) == "not_ready"


class TestRoom:
    @pytest.mark.parametrize(
        ("style", "short", "enough"),
        [
            (Style.REVERSION, 4.50, 4.75),  # 1.0 x 5.00, a tick spared
            (Style.SWEEP, 4.50, 4.75),
            (Style.TREND, 3.50, 3.75),  # 0.8 x 5.00
            (Style.MODEL, 3.50, 3.75),
            (Style.RESCUE, 3.50, 3.75),
        ],
    )
    def test_need_by_style(self, style: Style, short: float, enough: float) -> None:
        assert reason(style=style, room_up=short) == "no_room"
        assert reason(style=style, room_up=enough) == "none"

    def test_a_breakout_needs_none(self) -> None:
        assert reason(style=Style.BREAKOUT, room_up=0.0) == "none"
        assert reason(style=Style.BREAKOUT, room_up=NAN) == "none"

    @pytest.mark.parametrize(("room", "wanted"), [(2.50, "no_room"), (2.75, "none")])
    def test_seven_tenths_are_enough_in_asia(self, room: float, wanted: str) -> None:
        """0.7 x 0.8 x 5.00 = 2.80, a tick spared."""
        assert reason(session=Session.ASIA, room_up=room) == wanted

    def test_each_side_looks_its_own_way(self) -> None:
        assert reason(side=-1, room_up=0.0) == "none"
        assert reason(side=-1, room_down=0.0) == "no_room"

    def test_unknown_room_means_no(self) -> None:
        assert reason(room_up=NAN) == "not_ready"

    def test_infinite_room_is_enough(self) -> None:
        assert reason(style=Style.SWEEP, room_up=float("inf")) == "none"


def test_observers_are_not_asked() -> None:
    assert reason(off=True, room_up=0.0, atr_14=NAN) == "none"


def test_the_numbers_behind_a_denial() -> None:
    c = rows({"room_up": 1.0}, {"atr_14": 1.0})
    c.data["tp_ticks"][:] = 20
    viable = judge(c, RiskSection(), np.zeros(2, bool))
    assert viable.numbers.tolist() == [[1.0, 4.0], [1.0, 1.2]]


def test_room_is_computed_only_for_styles_that_need_it() -> None:
    rules = Viability()
    assert "room_up" in {c.name for c in columns(rules, {Style.TREND})}
    assert "room_up" not in {c.name for c in columns(rules, {Style.BREAKOUT})}
