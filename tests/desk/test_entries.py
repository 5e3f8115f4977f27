"""What the desk itself holds against a candidate, and the life of a limit entry."""

import pytest

from julie.core.permits import Approved, CancelEntry
from julie.core.types import EntryKind, OnExpiry, Session
from tests.desk.standing import DAY, LONG, SHORT, Played, bought, new_desk

STILL = (1000, 1001, 999, 1000)
FAR = {"sl": 8, "tp": 60}
LIMIT = {"entry_kind": EntryKind.LIMIT, "limit_tick": 990, **FAR}


class TestOnePosition:
    def test_no_pyramiding(self) -> None:
        played = bought(**FAR)
        played.bar(STILL, ask=[FAR])
        assert played.outcome() == "position_open"
        assert int(played.plan["held"].sum()) == 1

    def test_no_second_working_entry(self) -> None:
        played = Played(new_desk())
        played.bar(STILL, ask=[LIMIT])
        played.bar(STILL, ask=[FAR])
        assert [played.outcome(0), played.outcome(1)] == ["working", "working_entry"]

    def test_the_bar_of_an_exit_may_decide_again(self) -> None:
        played = bought()
        played.bar((1000, 1001, 990, 995), ask=[FAR], asked=(1, 1, 0))
        assert played.outcome() == "working"
        played.bar((996, 997, 995, 996))
        assert played.outcome() == "trade 1"


class TestCooldown:
    """Counted in base bars from the bar of the last entry, of this strategy on this instrument."""

    @pytest.mark.parametrize(("wait", "outcome"), [(4, "cooldown"), (5, "working")])
    def test_so_many_bars(self, wait: int, outcome: str) -> None:
        played = bought(new_desk(section={"cooldown": 5}))  # entered on row 1
        played.bar((1002, 1014, 1001, 1010))
        while played.row + 1 < 1 + wait:
            played.bar(STILL)
        played.bar(STILL, ask=[FAR])
        assert played.outcome() == outcome

    def test_a_refused_candidate_starts_none(self) -> None:
        played = Played(new_desk(section={"cooldown": 5}))
        played.bar(STILL, ask=[{"viability_reason": 60}])
        played.bar(STILL, ask=[FAR])
        assert [played.outcome(0), played.outcome(1)] == ["atr_floor", "working"]

    def test_an_entry_that_never_filled_starts_none(self) -> None:
        played = Played(new_desk(section={"cooldown": 5}))
        played.bar(STILL, ask=[LIMIT | {"expires_bars": 1}])
        played.bar(STILL)
        played.bar(STILL, ask=[FAR])
        assert [played.outcome(0), played.outcome(1)] == ["limit_unfilled", "working"]

    def test_another_strategy_does_not_wait(self) -> None:
        played = Played(new_desk(strategies=2, section={"cooldown": 50}))
        played.bar(STILL, ask=[{}])
        played.bar((1000, 1014, 999, 1010))
        played.bar(STILL, ask=[FAR | {"strategy": 1}])
        assert played.outcome() == "working"


class TestOnceADay:
    def again(self, side: int, day: int = DAY) -> str:
        played = bought(new_desk(section={"once_a_day": True}))
        played.bar((1002, 1014, 1001, 1010))
        played.day = day
        played.bar(STILL, ask=[FAR | {"side": side}])
        return played.outcome()

    def test_one_entry_a_side_and_day(self) -> None:
        assert self.again(LONG) == "once_a_day"

    def test_the_other_side_is_free(self) -> None:
        assert self.again(SHORT) == "working"

    def test_so_is_the_next_day(self) -> None:
        assert self.again(LONG, DAY + 1) == "working"


class TestTradesOfASession:
    def again(self, session: Session) -> str:
        played = bought(new_desk(section={"max_trades_per_session": 1}))
        played.bar((1002, 1014, 1001, 1010))
        played.bar(STILL, ask=[FAR], session=session)
        return played.outcome()

    def test_so_many_a_session(self) -> None:
        assert self.again(Session.NY_AM) == "session_trades"

    def test_the_next_session_counts_anew(self) -> None:
        assert self.again(Session.NY_PM) == "working"


class TestLimitLife:
    def placed(self, on_expiry: OnExpiry) -> Played:
        played = Played(new_desk())
        played.bar(STILL, ask=[LIMIT | {"expires_bars": 2, "on_expiry": on_expiry}])
        played.bar(STILL)
        assert played.outcome() == "working"
        return played

    def test_its_time_is_up(self) -> None:
        played = self.placed(OnExpiry.CANCEL)
        orders = played.bar(STILL)
        assert orders == [CancelEntry("MES:1:0", "MES")]
        assert played.outcome() == "limit_unfilled"
        played.bar((985, 990, 980, 985))
        assert int(played.plan["state"]) == 0

    def test_on_its_last_bar_it_still_fills(self) -> None:
        played = self.placed(OnExpiry.CANCEL)
        played.bar((995, 996, 989, 994))
        assert played.outcome() == "trade 0"

    def test_or_it_is_bought_at_market(self) -> None:
        played = self.placed(OnExpiry.MARKET)
        cancel, order = played.bar(STILL)
        assert cancel == CancelEntry("MES:1:0", "MES")
        assert isinstance(order, Approved)
        assert order.value.kind is EntryKind.MARKET
        played.bar((1004, 1005, 1003, 1004))
        assert played.outcome() == "trade 0"
        assert (int(played.plan["entry_tick"]), int(played.plan["stop"])) == (1005, 997)

    def test_the_bracket_is_laid_from_the_fill(self) -> None:
        played = self.placed(OnExpiry.CANCEL)
        played.bar((985, 990, 980, 985))  # a better open
        assert (int(played.plan["entry_tick"]), int(played.plan["stop"])) == (985, 977)


class TestTwoLegs:
    @pytest.mark.parametrize(
        ("contracts", "legs"), [(1, [1]), (2, [1, 1]), (3, [1, 2]), (7, [3, 4])]
    )
    def test_the_first_target_takes_the_smaller_half(self, contracts: int, legs: list[int]) -> None:
        played = Played(new_desk(section={"contracts": contracts}))
        (order,) = played.bar(STILL, ask=[{"tp1": 6, "tp": 20}])
        assert isinstance(order, Approved)
        assert [leg.qty for leg in order.value.legs] == legs
        assert [leg.target_ticks for leg in order.value.legs] == (
            [6, 20] if len(legs) > 1 else [20]
        )
        assert order.value.qty == contracts

    def test_labels_and_one_trade_id(self) -> None:
        played = bought(new_desk(section={"contracts": 3}), tp1=6, tp=12)
        played.bar((1002, 1014, 1001, 1010))
        assert played.exits() == [("target1", 1007), ("target2", 1013)]
        assert [int(t["trade_id"]) for t in played.trades] == [0, 0]
        assert [int(t["leg"]) for t in played.trades] == [0, 1]
        assert int(played.account["plans"]) == 1
