"""What the oracle says of a bot that does what no bot may: each violation planted, then found."""

import pytest

from julie.core.zones import SECOND_NS
from julie.gateway.wire import OrderType, PartialClose
from julie.simgate.exchange.bodies import CanTrade, Foreign, OrderRule, Request
from tests.simgate.exchange.small import ACCOUNT, MES, Small, order, placed, started


def found(made: Small) -> list[str]:
    return [f"{one.invariant} {one.detail}" for one in made.exchange.violations()]


def test_a_position_without_a_stop_may_stand_for_five_seconds_and_no_longer() -> None:
    made = started()
    placed(made.exchange, order(1, size=2))
    made.play(5)
    assert found(made) == []
    made.play(1)
    assert found(made) == ["I1 2 held, stops for 0"]
    [naked] = made.exchange.violations()
    assert (naked.to_ns, naked.contract) == (0, MES)
    placed(made.exchange, order(-1, size=2, kind=OrderType.STOP, stop=4990.0))
    assert made.exchange.violations()[0].to_ns > 0  # it is covered


def test_who_is_away_is_not_counted_until_the_login() -> None:
    made = started()
    made.exchange.rule(OrderRule(action="reject", role="stop"))
    placed(made.exchange, order(1, sl=-20, tp=40))
    made.exchange.presence(False)
    made.play(60)
    made.exchange.presence(True)
    made.play(4)
    assert found(made) == []
    made.play(4)
    assert found(made) == ["I1 1 held, stops for 0"]


def test_a_leg_is_accepted_once() -> None:
    made = started()
    for attempt in (1, 2):
        placed(made.exchange, order(1, tag=f"julie-0123abcd-MES.7-{attempt}-L1"))
    placed(made.exchange, order(1, tag="julie-0123abcd-MES.7-3-L2"))
    assert [one[:2] for one in found(made) if "one leg" in one] == ["I2"]


def test_a_stop_for_half_of_the_position_does_not_cover_it() -> None:
    made = started()
    placed(made.exchange, order(1, size=1, sl=-20))
    placed(made.exchange, order(1, size=1))
    made.play(6)
    assert found(made) == ["I1 2 held, stops for 1"]


def test_a_market_order_larger_than_the_position_turns_it_round() -> None:
    made = started()
    placed(made.exchange, order(1, size=1, sl=-20))
    placed(made.exchange, order(-1, size=3))
    assert any(one.startswith("I2 close") and "turned 1 to -2" in one for one in found(made))


@pytest.mark.parametrize(("late_s", "turned"), [(1, 0), (8, 1)])
def test_an_entry_may_meet_what_somebody_has_just_opened(late_s: int, turned: int) -> None:
    made = started()
    made.exchange.account(Foreign(contract=MES, side="sell", size=1))
    made.play(late_s)
    placed(made.exchange, order(1, size=2, tag="julie-0a1b2c3d-MES.1-1-L1"))
    assert sum("turned -1 to 1" in one for one in found(made)) == turned


def test_a_close_call_never_turns_a_position_round() -> None:
    made = started()
    placed(made.exchange, order(1, size=1, sl=-20))
    for _ in range(2):
        made.exchange.answer(PartialClose(account_id=ACCOUNT, contract_id=MES, size=1))
    assert found(made) == []


def test_two_stops_for_one_position_are_one_too_many() -> None:
    made = started()
    placed(made.exchange, order(1, size=1, sl=-20, tp=40))
    placed(made.exchange, order(-1, kind=OrderType.STOP, stop=4990.0))
    made.play(5)
    assert found(made) == []
    made.play(1)
    assert found(made) == ["I2 1 held, stops for 2"]


def test_no_entry_while_a_lost_call_is_open() -> None:
    made = started()
    made.exchange.oracle.lost(MES)
    placed(made.exchange, order(1, sl=-20))
    assert found(made) == ["I6 an entry was asked for: a lost call is open"]


def test_a_reading_settles_a_lost_call() -> None:
    made = started()
    made.exchange.oracle.lost(MES)
    made.exchange.oracle.settled()
    placed(made.exchange, order(1, sl=-20))
    assert found(made) == []


def test_what_lowers_the_position_may_be_asked_for_in_doubt() -> None:
    made = started()
    placed(made.exchange, order(1, sl=-20))
    made.exchange.oracle.lost(MES)
    placed(made.exchange, order(-1))
    assert found(made) == []


def test_no_entry_without_market_data() -> None:
    made = started()
    made.exchange.muted(None, True)
    made.play(3)
    placed(made.exchange, order(1, sl=-20))
    assert found(made) == []
    made.play(4)
    placed(made.exchange, order(1))
    assert [one[:2] for one in found(made)] == ["I6"]


def test_no_entry_without_the_user_hub() -> None:
    made = started()
    made.exchange.oracle.unheard(True)
    made.play(5)
    placed(made.exchange, order(1, sl=-20))
    assert found(made) == []
    made.play(1)
    placed(made.exchange, order(1, sl=-20))
    assert found(made) == ["I6 an entry was asked for: no user hub"]
    made.exchange.oracle.unheard(False)
    placed(made.exchange, order(1, sl=-20))
    assert len(found(made)) == 1


@pytest.mark.parametrize(("silent", "seconds"), [(False, 5), (True, 30)])
def test_no_entry_without_rights_once_they_could_be_known(silent: bool, seconds: int) -> None:
    made = started()
    made.exchange.account(CanTrade(value=False, silent=silent))
    made.play(seconds)
    placed(made.exchange, order(1))
    assert found(made) == []
    made.play(1)
    placed(made.exchange, order(1))
    assert found(made) == ["I6 an entry was asked for: no trading rights"]


@pytest.mark.parametrize(
    ("path", "most", "window"),
    [("/api/Order/searchOpen", 200, 60), ("/api/History/retrieveBars", 50, 30)],
)
def test_the_budgets_hold_over_any_window(path: str, most: int, window: int) -> None:
    made = started()

    def asked(times: int, status: int = 200) -> None:
        for _ in range(times):
            made.exchange.note(Request(ns=0, wall_ns=0, path=path, status=status))

    asked(most)
    asked(50, status=0)  # lost on their way: the venue never counted them
    assert found(made) == []
    made.play(window - 1)
    asked(1)
    [one] = made.exchange.violations()
    assert (one.invariant, one.to_ns - one.from_ns <= window * SECOND_NS) == ("I7", True)
    made.play(window)
    asked(most)
    assert len(made.exchange.violations()) == 1
