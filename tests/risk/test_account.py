"""Account arithmetic: the trailing floor, and what is left of every limit."""

import pytest

from julie.defense.overrides import Overrides
from julie.risk.account import at_stops, loss_left, reserved_loss
from julie.risk.config import AccountSection
from tests.desk.standing import DAY, Played, bought, new_desk

STILL = (1000, 1001, 999, 1000)


def floor_after(account: str | AccountSection, *closes: float) -> float:
    """The floor, in USD, after days that ended at these balances."""
    played = Played(new_desk(account=account, judges=Overrides(judges={"circuit_breaker": "off"})))
    played.bar(STILL)
    for later, close in enumerate(closes, 1):
        played.account["balance"] = round(close * 100)
        played.at("18:00", day=DAY + later).bar(STILL)
    return int(played.account["floor"]) / 100


class TestTrailingFloor:
    """min(lock, start - D + max(0, highest end-of-day balance - start))"""

    @pytest.mark.parametrize(
        ("closes", "floor"),
        [
            ((), 48_000),
            ((50_700,), 48_700),
            ((50_700, 50_100), 48_700),  # it never falls
            ((49_000,), 48_000),
            ((51_999,), 49_999),
            ((52_000,), 50_000),
            ((55_000,), 50_000),  # and stops at the start
            ((55_000, 51_000), 50_000),
        ],
    )
    def test_combine(self, closes: tuple[float, ...], floor: float) -> None:
        assert floor_after("topstepx_50k", *closes) == floor

    @pytest.mark.parametrize(
        ("closes", "floor"), [((), -2_000), ((800,), -1_200), ((2_000,), 0), ((5_000, 100), 0)]
    )
    def test_express_locks_at_zero(self, closes: tuple[float, ...], floor: float) -> None:
        assert floor_after("express_50k", *closes) == floor

    def test_after_a_payout_the_floor_of_an_express_account_is_zero(self) -> None:
        paid = AccountSection(profile="express_50k", balance=1_500.0, payout_taken=True)
        assert floor_after(paid) == 0

    def test_a_balance_below_the_start_does_not_move_the_floor(self) -> None:
        """An account taken over at 48,500 stands 500 above its floor, not 2,000."""
        assert floor_after(AccountSection(balance=48_500.0)) == 48_000

    def test_today_s_profit_does_not_count_before_the_close(self) -> None:
        played = Played(new_desk())
        played.bar(STILL)
        played.account["balance"] += 100_000
        played.bar(STILL)
        assert int(played.account["floor"]) == 4_800_000

    def test_a_plain_account_has_none(self) -> None:
        assert floor_after("plain") < -1e12


class TestLossLeft:
    """The nearest of our day limit (750), the venue's (1,000) and the floor (2,000 away)."""

    def test_on_a_fresh_day(self) -> None:
        played = Played(new_desk())
        played.bar(STILL)
        assert loss_left(played.record) == 75_000

    @pytest.mark.parametrize(
        ("lost_before", "lost_today", "left"),
        [
            (0, 10_000, 65_000),
            (150_000, 0, 50_000),  # the floor is nearer
            (0, -10_000, 85_000),  # what was won today may be lost
        ],
    )
    def test_it_shrinks(self, lost_before: int, lost_today: int, left: int) -> None:
        played = Played(new_desk())
        played.bar(STILL)
        played.account["balance"] -= lost_before + lost_today
        played.account["day_start"] -= lost_before
        played.bar(STILL)
        assert loss_left(played.record) == left

    def test_without_a_breaker_the_venue_s_limit_is_next(self) -> None:
        played = Played(new_desk(judges=Overrides(judges={"circuit_breaker": "off"})))
        played.bar(STILL)
        assert loss_left(played.record) == 100_000

    def test_a_working_entry_is_reserved(self) -> None:
        played = Played(new_desk(section={"contracts": 3}))
        played.bar(STILL, ask=[{}])
        assert reserved_loss(played.record) == 3 * (8 * 125 + 2 * 61)
        assert loss_left(played.record) == 75_000 - reserved_loss(played.record)

    def test_filled_or_working_it_is_the_same(self) -> None:
        played = Played(new_desk(section={"contracts": 3}))
        played.bar(STILL, ask=[{}])
        before = loss_left(played.record)
        played.bar((1000, 1002, 999, 1001))
        assert reserved_loss(played.record) == 0
        assert loss_left(played.record) == before

    def test_a_stop_brought_nearer_frees_it(self) -> None:
        played = bought(new_desk(management={"break_even": {"after": "r", "r": 1.0}}), tp=60)
        before = loss_left(played.record)
        played.bar((1010, 1010, 1010, 1010))
        assert at_stops(played.record) == -61
        assert loss_left(played.record) == before + 8 * 125


class TestDayLimit:
    def test_the_share_of_an_express_account_is_of_its_nominal_value(self) -> None:
        """3 % of 50,000 is 1,500, so 750 USD is nearer; 3 % of nothing would stop every day."""
        played = Played(new_desk(account="express_50k"))
        played.bar(STILL, ask=[{}])
        assert int(played.account["day_limit"]) == 75_000
        assert played.outcome() == "working"
