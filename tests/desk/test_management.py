"""What the desk does with an open position at a close: stops that follow, exits, their labels."""

import pytest

from julie.core.permits import Close, NearerStop
from julie.core.types import EntryKind
from tests.desk.standing import LONG, QUIET, SHORT, Played, bought, new_desk

# bought() holds a long from 1001: stop 993, target 1013, one R is 8 ticks
FAR = {"sl": 8, "tp": 60}
BY_SWING = {"trail": {"by": "swing", "swing_ticks": 1}}
BY_ATR = {"trail": {"by": "atr", "atr": 1.0}}
AT_ONE_R = {"break_even": {"after": "r", "r": 1.0}}


def at_close(close: int) -> tuple[int, int, int, int]:
    """A bar that goes nowhere on its way to its close."""
    return close, close, close, close


def stop_of(played: Played) -> int:
    return int(played.plan["stop"])


def test_without_management_the_stop_stays() -> None:
    played = bought(**FAR)
    assert played.bar(at_close(1030), seen=QUIET._replace(atr=1.0, swing=255.0)) == []
    assert stop_of(played) == 993


class TestBreakEven:
    def test_at_one_r_the_stop_goes_to_the_entry(self) -> None:
        played = bought(new_desk(management=AT_ONE_R), **FAR)
        (moved,) = played.bar(at_close(1009))
        assert isinstance(moved, NearerStop)
        assert (moved.from_tick, moved.to_tick) == (993, 1001)
        played.bar((1005, 1006, 1000, 1002))
        assert played.exits() == [("breakeven", 1000)]

    def test_a_tick_before_one_r_it_stays(self) -> None:
        played = bought(new_desk(management=AT_ONE_R), **FAR)
        assert played.bar(at_close(1008)) == []

    def test_a_short_is_the_mirror(self) -> None:
        played = bought(new_desk(management=AT_ONE_R), side=SHORT, **FAR)
        assert int(played.plan["entry_tick"]) == 999
        played.bar(at_close(991))
        assert stop_of(played) == 999

    def test_after_the_first_target(self) -> None:
        record = new_desk(
            management={"break_even": {"after": "first_target"}}, section={"contracts": 2}
        )
        played = bought(record, tp1=6, tp=40)
        played.bar((1004, 1008, 1003, 1007))
        played.bar((1004, 1005, 1001, 1002))
        assert played.exits() == [("target1", 1007), ("breakeven", 1000)]

    def test_one_contract_has_only_the_last_leg(self) -> None:
        record = new_desk(management={"break_even": {"after": "first_target"}})
        played = bought(record, tp1=6, tp=40)
        played.bar((1004, 1012, 1003, 1011))
        assert (played.exits(), stop_of(played)) == ([], 993)


class TestAtrTrail:
    def held(self) -> Played:
        return bought(new_desk(management=BY_ATR), **FAR)

    def test_it_follows_the_close(self) -> None:
        played = self.held()
        played.bar(at_close(1009), seen=QUIET._replace(atr=1.25))  # 5 ticks
        assert stop_of(played) == 1004
        played.bar((1009, 1010, 1004, 1008))
        assert played.exits() == [("trail", 1003)]

    def test_a_part_of_a_tick_leaves_more_room(self) -> None:
        played = self.held()
        played.bar(at_close(1009), seen=QUIET._replace(atr=1.30))
        assert stop_of(played) == 1003

    def test_it_never_goes_back(self) -> None:
        played = self.held()
        played.bar(at_close(1012), seen=QUIET._replace(atr=1.0))
        assert played.bar(at_close(1010), seen=QUIET._replace(atr=1.0)) == []
        assert stop_of(played) == 1008

    def test_it_keeps_four_ticks_from_the_market(self) -> None:
        played = self.held()
        played.bar(at_close(1009), seen=QUIET._replace(atr=0.25))  # asks for one tick
        assert stop_of(played) == 1005

    def test_an_unknown_atr_moves_nothing(self) -> None:
        played = self.held()
        assert played.bar(at_close(1009), seen=QUIET._replace(atr=float("nan"))) == []


class TestSwingTrail:
    def held(self, side: int = LONG) -> Played:
        return bought(new_desk(management=BY_SWING), side=side, **FAR)

    def test_it_stands_a_tick_behind_the_swing(self) -> None:
        played = self.held()
        played.bar(at_close(1009), seen=QUIET._replace(swing=250.0))  # tick 1000
        assert stop_of(played) == 999

    def test_behind_a_short_it_stands_above(self) -> None:
        played = self.held(SHORT)
        played.bar(at_close(991), seen=QUIET._replace(swing=250.0))
        assert stop_of(played) == 1001

    def test_a_swing_on_the_wrong_side_of_the_market_is_an_exit(self) -> None:
        played = self.held()
        (order,) = played.bar(at_close(1003), seen=QUIET._replace(swing=252.5))
        assert isinstance(order, Close)
        played.bar((1004, 1005, 1003, 1004))
        assert played.exits() == [("trail", 1003)]

    def test_no_swing_moves_nothing(self) -> None:
        assert self.held().bar(at_close(1009)) == []


class TestTightenAfterWins:
    def after(self, wins: int) -> Played:
        rule = {"tighten": {"after_wins": 2, "share": 0.5}}
        played = Played(new_desk(management=rule, section={"cooldown": 0}))
        for _ in range(wins):
            played.bar(at_close(1000), ask=[{}])
            played.bar((1000, 1014, 999, 1010))
        assert int(played.account["wins"]) == wins
        played.bar(at_close(1000), ask=[FAR])
        played.bar((1000, 1002, 999, 1001))
        return played

    def test_after_two_wins_half_the_stop_is_left(self) -> None:
        played = self.after(2)
        assert stop_of(played) == 997
        played.bar((1000, 1001, 997, 999))
        assert played.exits()[-1] == ("trail", 996)

    def test_after_one_win_it_is_whole(self) -> None:
        assert stop_of(self.after(1)) == 993


class TestTimeStop:
    def test_it_closes_after_so_many_bars(self) -> None:
        played = bought(new_desk(management={"time_stop_bars": 2}), **FAR)
        assert played.bar(at_close(1002)) == []
        (order,) = played.bar(at_close(1003))
        assert isinstance(order, Close)
        played.bar((1004, 1005, 1003, 1004))
        assert played.exits() == [("time", 1003)]
        assert int(played.trades[0]["exit_row"] - played.trades[0]["entry_row"]) == 3


class TestExits:
    def test_the_rule_of_the_strategy_closes(self) -> None:
        played = bought(**FAR)
        played.bar(at_close(1003), seen=QUIET._replace(exits=1))
        played.bar((1004, 1005, 1003, 1004))
        assert played.exits() == [("reversal", 1003)]

    def test_a_close_is_asked_once(self) -> None:
        played = bought(**FAR)
        assert len(played.bar(at_close(1003), seen=QUIET._replace(exits=1))) == 1
        played.bar((1004, 1005, 1003, 1004), seen=QUIET._replace(exits=1))
        assert len(played.trades) == 1
        assert played.bar(at_close(1004), seen=QUIET._replace(exits=1)) == []

    @pytest.mark.parametrize(
        ("news", "left"), [(1, []), (2, [("flatten", 1003)])], ids=["open window", "out before it"]
    )
    def test_news_closes_only_where_the_config_asks(
        self, news: int, left: list[tuple[str, int]]
    ) -> None:
        played = bought(**FAR)
        played.bar(at_close(1003), seen=QUIET._replace(news=news))
        played.bar((1004, 1005, 1003, 1004))
        assert played.exits() == left


class TestStrategyOff:
    """Three losses on MES switch the strategy off while it holds MNQ."""

    def played(self, rule: str) -> Played:
        both = ("MES", "MNQ")
        played = Played(new_desk(both, management={"on_strategy_off": rule}), both)
        calm = (5000, 5001, 4999, 5000)
        first = {"instrument": 1, "ref_tick": 5000, "sl": 40, "tp": 400, "atr": 20.0}
        played.bar(None, calm, ask=[first], asked=(1, 0, 0))
        for _ in range(3):
            played.bar(at_close(1000), calm, ask=[{}], asked=(1, 0, 0))
            played.bar((1000, 1001, 990, 995), calm)
        played.bar(at_close(1000), calm, ask=[{}], asked=(1, 0, 0))
        played.bar(at_close(1000), calm)
        return played

    def test_it_may_not_enter_any_more(self) -> None:
        played = self.played("keep")
        assert played.outcome() == "strategy_loss_streak"
        assert played.exits() == [("stop", 992)] * 3
        assert int(played.record.plans[1]["state"]) == 2

    def test_its_other_position_goes_where_the_config_says(self) -> None:
        assert self.played("flatten").exits()[-1] == ("strategy_off", 4999)

    def test_its_working_entries_are_taken_back(self) -> None:
        both = ("MES", "MNQ")
        played = Played(new_desk(both), both)
        calm = (5000, 5001, 4999, 5000)
        limit = {
            "instrument": 1, "ref_tick": 5000, "entry_kind": EntryKind.LIMIT, "limit_tick": 4990,
            "sl": 40, "tp": 80, "atr": 20.0,
        }  # fmt: skip
        played.bar(None, calm, ask=[limit], asked=(1, 0, 0))
        for _ in range(3):
            played.bar(at_close(1000), calm, ask=[{}], asked=(1, 0, 0))
            played.bar((1000, 1001, 990, 995), calm)
        assert played.outcome(0) == "withdrawn"
