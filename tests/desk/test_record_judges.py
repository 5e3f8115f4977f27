"""A side that loses rests; modes and order of the judges of our own record."""

import pytest

from julie.core.types import Code, Session
from tests.desk.judged import BOTH, LOST, SIDE, STILL, WON, asked, trade
from tests.desk.standing import LONG, SHORT, Played, new_desk


class TestDirectionalLoss:
    """A side that keeps losing on an instrument rests, whoever asks."""

    def after(self, *bars: tuple[int, int, int, int], side: int = LONG) -> Played:
        played = Played(new_desk(strategies=2))
        for place, bar in enumerate(bars):
            trade(played, bar, side=side, strategy=place % 2)
        return played

    def test_one_loss_is_nothing(self) -> None:
        assert asked(self.after(LOST), SIDE) == "working"

    def test_after_two_the_side_rests(self) -> None:
        played = self.after(LOST, LOST)
        assert asked(played, SIDE) == "direction_paused"

    def test_the_other_side_does_not(self) -> None:
        assert asked(self.after(LOST, LOST), SIDE, side=SHORT) == "working"

    @pytest.mark.parametrize(("minutes", "outcome"), [(29, "direction_paused"), (30, "working")])
    def test_for_half_an_hour_from_the_exit(self, minutes: int, outcome: str) -> None:
        played = self.after(LOST, LOST)
        played.minute += minutes - 1  # the next bar closes so long after the exit's bar
        assert asked(played, SIDE) == outcome

    def test_a_win_clears(self) -> None:
        assert asked(self.after(LOST, WON, LOST), SIDE) == "working"

    def test_the_third_ends_the_session(self) -> None:
        played = self.after(LOST, LOST, LOST)
        played.minute += 60
        assert asked(played, SIDE) == "direction_off"

    def test_the_next_session_is_free(self) -> None:
        played = self.after(LOST, LOST, LOST)
        played.minute += 60
        played.bar(STILL, ask=[{}], asked=SIDE, session=Session.NY_PM)
        assert played.outcome() == "working"

    def test_other_instruments_do_not_rest(self) -> None:
        played = Played(new_desk(BOTH), BOTH)
        calm = (5000, 5001, 4999, 5000)
        for _ in range(2):
            played.bar(STILL, calm, ask=[{}], asked=(0, 0, 0))
            played.bar(LOST, calm)
        row = {"instrument": 1, "ref_tick": 5000, "atr": 20.0}
        played.bar(STILL, calm, ask=[row], asked=SIDE)
        assert played.outcome() == "working"


class TestObservers:
    """`observe` is judged and recorded, and does not count; `off` is not asked."""

    @pytest.mark.parametrize(
        ("mode", "outcome", "code"),
        [(0, "working", 0), (1, "strategy_loss_streak", 3), (2, "working", 3)],
    )
    def test_modes(self, mode: int, outcome: str, code: int) -> None:
        played = Played(new_desk())
        for _ in range(3):
            trade(played, LOST)
        assert asked(played, (mode, 0, 0)) == outcome
        assert int(played.table.codes[0, 0]) == code

    def test_the_first_denier_in_order_is_the_reason(self) -> None:
        played = Played(new_desk())
        for _ in range(3):
            trade(played, LOST)
        later = {"chain_place": 6, "chain_reason": 31}  # chop stands behind the breaker
        sooner = {"chain_place": 1, "chain_reason": 14}  # news before it
        assert asked(played, (1, 1, 1), **later) == "strategy_loss_streak"
        assert asked(played, (1, 1, 1), **sooner) == "news_blackout"
        assert int(played.table.codes[0, 2]) == Code.DENY  # and all of them were asked
