"""The circuit breaker: loss of the day, losses running, the trailing budget."""

from typing import Any

import pytest

from julie.core.types import Code
from julie.defense.overrides import Overrides
from tests.desk.judged import (
    BOTH,
    BREAKER,
    LOST,
    STILL,
    WON,
    account,
    asked,
    breaker,
    trade,
)
from tests.desk.standing import DAY, QUIET, Played, bought, new_desk


class TestDayLoss:
    """A long from 1001 with its stop at 993 loses 10.00 and 1.22 of fees, 12.47 with slippage."""

    @pytest.mark.parametrize(("limit", "code"), [(12.47, Code.DENY), (12.48, Code.ALLOW)])
    def test_realised(self, limit: float, code: Code) -> None:
        played = Played(new_desk(judges=breaker(day_loss_usd=limit, day_loss_pct=0.0)))
        trade(played, LOST)
        assert asked(played, BREAKER) == ("day_loss" if code == Code.DENY else "loss_left")
        assert int(played.table.codes[0, 0]) == code

    @pytest.mark.parametrize(("close", "outcome"), [(994, "day_loss"), (995, "position_open")])
    def test_open_at_the_adverse_quote_with_the_cost_of_exit(
        self, close: int, outcome: str
    ) -> None:
        """At 994 the quote is 993: -10.00, two fees: -11.22."""
        played = bought(new_desk(judges=breaker(day_loss_usd=11.22, day_loss_pct=0.0)))
        played.bar((998, 999, close, close), ask=[{}], asked=BREAKER)
        assert played.outcome() == outcome

    def test_the_nearer_of_sum_and_share(self) -> None:
        record = new_desk(judges=breaker(day_loss_usd=750.0, day_loss_pct=1.0))
        played = Played(record)
        played.bar(STILL)
        assert int(played.account["day_limit"]) == 50_000

    def test_it_fires_once_and_holds_for_the_day(self) -> None:
        played = bought(new_desk(judges=breaker(day_loss_usd=11.22, day_loss_pct=0.0)))
        played.bar((998, 999, 994, 994))  # nobody asks at that close
        played.bar((998, 1014, 997, 1010))  # and the trade turns out well
        assert played.exits() == [("target", 1013)]
        assert asked(played, BREAKER) == "day_loss"
        played.day = DAY + 1
        assert asked(played, BREAKER) == "working"

    @pytest.mark.parametrize(("rule", "left"), [("keep", []), ("flatten", [("flatten", 996)])])
    def test_open_positions_keep_their_stop_or_go(
        self, rule: str, left: list[tuple[str, int]]
    ) -> None:
        record = new_desk(
            judges=breaker(day_loss_usd=11.22, day_loss_pct=0.0), management={"on_limit": rule}
        )
        played = bought(record)
        played.bar((998, 999, 994, 994))
        played.bar((997, 998, 996, 997))
        assert played.exits() == left

    def test_a_working_entry_is_taken_back(self) -> None:
        played = Played(new_desk(BOTH, judges=breaker(day_loss_usd=30.0, day_loss_pct=0.0)), BOTH)
        calm = (5000, 5001, 4999, 5000)
        limit = {
            "instrument": 1,
            "ref_tick": 5000,
            "entry_kind": 1,
            "limit_tick": 4990,
            "atr": 20.0,
        }
        played.bar(STILL, calm, ask=[{}, limit], asked=(0, 0, 0))
        played.bar((1000, 1001, 999, 1000), calm)
        played.bar((975, 980, 970, 975), calm)  # a gap through the stop
        assert played.exits() == [("stop", 974)]
        assert played.outcome(1) == "withdrawn"

    def test_observed_it_records_and_stops_nothing(self) -> None:
        watching = Overrides(judges={"circuit_breaker": "observe"})
        played = bought(new_desk(judges=watching, management={"on_limit": "flatten"}))
        played.account["balance"] -= 80_000
        played.bar(STILL, ask=[{}], asked=(2, 0, 0))
        assert played.outcome() == "position_open"
        assert int(played.table.codes[0, 0]) == Code.DENY
        played.bar(STILL)
        assert played.exits() == []


class TestStreaks:
    def lose(self, *bars: tuple[int, int, int, int], **changes: Any) -> Played:
        played = Played(new_desk(strategies=2, **changes))
        for bar in bars:
            trade(played, bar)
        return played

    @pytest.mark.parametrize(("losses", "outcome"), [(2, "working"), (3, "strategy_loss_streak")])
    def test_three_of_a_strategy_switch_it_off(self, losses: int, outcome: str) -> None:
        assert asked(self.lose(*[LOST] * losses), BREAKER) == outcome

    def test_and_no_other(self) -> None:
        assert asked(self.lose(*[LOST] * 3), BREAKER, strategy=1) == "working"

    def test_until_the_next_day(self) -> None:
        played = self.lose(*[LOST] * 3)
        played.day = DAY + 1
        assert asked(played, BREAKER) == "working"

    def test_a_win_clears(self) -> None:
        assert asked(self.lose(LOST, LOST, WON, LOST), BREAKER) == "working"

    @pytest.mark.parametrize(("losses", "outcome"), [(4, "working"), (5, "account_loss_streak")])
    def test_five_of_the_account_stop_all(self, losses: int, outcome: str) -> None:
        played = self.lose(judges=breaker(strategy_losses=0))
        for place in range(losses):
            trade(played, LOST, strategy=place % 2)
        assert asked(played, BREAKER, strategy=1) == outcome

    def test_a_scratch_neither_adds_nor_clears(self) -> None:
        """Out of two contracts at 1003: 2 x 2 ticks less fees is +2.56 and within a tick x size."""
        played = self.lose(LOST, LOST)
        played.record.strategies[0]["contracts"] = 2
        played.bar(STILL, ask=[{"tp": 60}], asked=(0, 0, 0))
        played.bar((1000, 1003, 999, 1002), seen=QUIET._replace(exits=1))
        played.bar((1003, 1004, 1002, 1003))
        assert int(played.trades[-1]["exit_tick"]) == 1002
        gross, fees = int(played.trades[-1]["gross"]), int(played.trades[-1]["fees"])
        assert abs(gross - fees) < 2 * 125
        assert int(played.account["streak"]) == 2
        assert int(played.record.strategies[0]["streak"]) == 2

    @pytest.mark.parametrize(("exit_open", "streak"), [(1002, 0), (1001, 1)])
    def test_a_loss_is_worse_than_a_tick_times_size(self, exit_open: int, streak: int) -> None:
        """From 1001: out at 1001 costs 1.22, a scratch; out at 1000 costs 2.47, a loss."""
        played = bought(tp=60)
        played.bar(STILL, seen=QUIET._replace(exits=1))
        played.bar((exit_open, exit_open, exit_open, exit_open))
        assert int(played.account["streak"]) == streak

    def test_two_legs_are_one_trade(self) -> None:
        played = Played(new_desk(section={"contracts": 2}))
        trade(played, LOST, tp1=6, tp=20)
        assert len(played.trades) == 2
        assert int(played.account["streak"]) == 1


class TestTrailingBudget:
    def used(self, cents: int) -> str:
        """Of a distance of 2,000 USD, so much is lost before today."""
        played = Played(new_desk())
        played.bar(STILL)
        for name in ("balance", "day_start"):
            played.account[name] -= cents
        return asked(played, BREAKER)

    def test_at_90_percent_it_stops(self) -> None:
        assert self.used(180_000) == "trailing_budget"

    def test_a_cent_before_it_does_not(self) -> None:
        assert self.used(179_900) != "trailing_budget"

    def test_the_account_begins_anew_the_next_day(self) -> None:
        played = Played(new_desk())
        played.bar(STILL)
        played.account["balance"] -= 185_000
        played.bar(STILL)
        played.day = DAY + 1
        assert asked(played, BREAKER) == "working"
        assert (int(played.account["breaches"]), int(played.account["start"])) == (1, 5_000_000)

    def test_or_stands_still(self) -> None:
        played = Played(new_desk(restart=False))
        played.bar(STILL)
        played.account["balance"] -= 185_000
        played.bar(STILL)
        for later in (1, 2):
            played.day = DAY + later
            assert asked(played, (1, 1, 0)) in ("trailing_budget", "maximum_loss")
        assert int(played.account["breaches"]) == 1

    def test_an_open_loss_that_came_back_spends_nothing(self) -> None:
        mine = account(maximum_loss=20.0, floor_stops_at=50_000.0, venue_times=False)
        off = Overrides(judges={"circuit_breaker": {"day_loss_usd": 0.0, "day_loss_pct": 0.0}})
        played = bought(new_desk(account=mine, judges=off), sl=12, tp=20)
        played.bar((995, 996, 990, 990))  # marked at -16.22 of 20.00
        assert int(played.account["breaker"]) == 0
        played.record.rules[0]["trailing_used"] = 0.8
        played.bar((990, 992, 990, 990))
        assert int(played.account["breaker"]) != 0
        played.bar((1000, 1023, 999, 1022))
        assert played.exits() == [("target", 1021)]
        played.day = DAY + 1
        played.bar(STILL)
        assert int(played.account["breaches"]) == 0
