"""The rules of the account: maximum and daily loss, caps of contracts and entries, news."""

import pytest

from julie.defense.overrides import Overrides
from tests.desk.judged import BOTH, RULES, STILL, WON, account, asked, asked_two, trade
from tests.desk.standing import DAY, Played, bought, new_desk


class TestMaximumLoss:
    """The venue's floor, tested on balance and open P&L at the bar's adverse extreme."""

    def two(self, low: int) -> Played:
        """Long MES (a gap takes it out) and long MNQ; the floor lies 40 USD below."""
        mine = account(maximum_loss=40.0, floor_stops_at=50_000.0, one_direction=False)
        off = Overrides(judges={"circuit_breaker": "off"})
        played = Played(new_desk(BOTH, account=mine, judges=off), BOTH)
        calm = (5000, 5001, 4999, 5000)
        other = {"instrument": 1, "ref_tick": 5000, "sl": 20, "tp": 400, "atr": 20.0}
        played.bar(STILL, calm, ask=[{}, other], asked=(0, 0, 0))
        played.bar(STILL, calm)
        played.bar((low, low, low, low), calm)
        return played

    def test_touched_means_out(self) -> None:
        played = self.two(970)
        assert int(played.account["halted"]) == 1
        played.bar(STILL, (5000, 5001, 4999, 5000))
        assert played.exits() == [("stop", 969), ("liquidated", 4999)]
        assert asked_two(played) == "maximum_loss"

    def test_not_touched_means_nothing(self) -> None:
        assert int(self.two(980).account["halted"]) == 0

    def test_a_new_account_the_next_day(self) -> None:
        played = self.two(970)
        played.bar(STILL, (5000, 5001, 4999, 5000))
        played.day = DAY + 1
        assert asked_two(played) == "working"
        assert int(played.account["breaches"]) == 1
        assert int(played.account["day_start"]) == 5_000_000


class TestDailyLossLimit:
    """The venue's: hit means flat and no entry until the next trading day."""

    def hit(self) -> Played:
        mine = account(daily_loss=11.22)
        off = Overrides(judges={"circuit_breaker": "off"})
        played = bought(new_desk(account=mine, judges=off))
        played.bar((998, 999, 994, 994))
        return played

    def test_flat(self) -> None:
        played = self.hit()
        played.bar((1005, 1006, 1004, 1005))
        assert played.exits() == [("liquidated", 1004)]

    def test_no_entry_though_the_loss_came_back(self) -> None:
        played = self.hit()
        played.bar((1005, 1006, 1004, 1005))
        assert int(played.account["day_net"]) > -1122
        assert asked(played, RULES) == "daily_loss_limit"
        played.day = DAY + 1
        assert asked(played, RULES) == "working"

    def test_a_dollar_before_it_nothing_happens(self) -> None:
        off = Overrides(judges={"circuit_breaker": "off"})
        played = bought(new_desk(account=account(daily_loss=11.23), judges=off))
        played.bar((998, 999, 994, 994))
        assert int(played.account["stopped"]) == 0


class TestPositionCap:
    @pytest.mark.parametrize(("held", "outcome"), [(49, "working"), (50, "position_cap")])
    def test_five_minis_are_fifty_micros(self, held: int, outcome: str) -> None:
        record = new_desk(BOTH, risk={"caps": {"loss_per_trade": 0.0}})
        record.strategies[0]["contracts"] = held
        played = Played(record, BOTH)
        calm = (5000, 5001, 4999, 5000)
        played.bar(STILL, calm, ask=[{"sl": 4, "tp": 60}])
        record.strategies[0]["contracts"] = 1
        row = {"instrument": 1, "ref_tick": 5000, "atr": 20.0}
        played.bar(STILL, calm, ask=[row], asked=RULES)
        assert played.outcome() == outcome


class TestEntriesADay:
    @pytest.mark.parametrize(("most", "outcome"), [(2, "entries_a_day"), (3, "working")])
    def test_so_many(self, most: int, outcome: str) -> None:
        played = Played(new_desk(risk={"gate": {"entries_a_day": most}}))
        for bar in (WON, WON):
            trade(played, bar)
        assert asked(played, RULES) == outcome


class TestHourBeforeNews:
    """Half the cap, 25 micros, in the hour before the window that opens 20 minutes ahead."""

    def entered(self, minutes: float, contracts: int = 40) -> list[int]:
        record = new_desk(section={"contracts": contracts}, risk={"caps": {"loss_per_trade": 0.0}})
        played = Played(record)
        played.bar(STILL, ask=[{"min_to_event": minutes}], asked=RULES)
        return [order.value.qty for order in played.orders]  # type: ignore[union-attr]

    def test_no_position_above_half(self) -> None:
        assert self.entered(80.0) == [25]

    def test_before_that_hour_all_of_it(self) -> None:
        assert self.entered(81.0) == [40]

    def test_without_news_in_sight_all_of_it(self) -> None:
        assert self.entered(float("nan")) == [40]

    def test_half_is_used_already(self) -> None:
        record = new_desk(BOTH, section={"contracts": 25}, risk={"caps": {"loss_per_trade": 0.0}})
        played = Played(record, BOTH)
        calm = (5000, 5001, 4999, 5000)
        played.bar(STILL, calm, ask=[{}], asked=RULES)
        row = {"instrument": 1, "ref_tick": 5000, "atr": 20.0, "min_to_event": 70.0}
        played.bar(STILL, calm, ask=[row], asked=RULES)
        assert played.outcome() == "news_half_cap"
