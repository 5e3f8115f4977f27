"""Limits of the account, and the oracle that sees what a bot does wrong."""

from julie.core.zones import MINUTE_NS
from julie.gateway.wire import (
    CancelOrder,
    OrderType,
)
from julie.simgate.exchange.bodies import (
    CanTrade,
    Foreign,
    ForeignCancel,
    ForeignClose,
    Liquidate,
    OrderRule,
)
from julie.simgate.exchange.setup import AccountRules
from tests.simgate.exchange.small import ACCOUNT, MES, START_NS, Candle, order, placed, small

CALM: list[Candle] = [(20_000, 20_002, 19_998, 20_000)] * 5
FLAT_NS = START_NS + 400 * MINUTE_NS  # 15:10 Chicago
VENUE = AccountRules()


def test_the_floor_ends_the_account_and_the_day_limit_locks_it() -> None:
    fall: list[Candle] = [(20_000, 20_000, 20_000, 20_000), (19_000, 19_000, 18_000, 18_000)]
    for rules, code in ((AccountRules(mll=20_000), 4), (AccountRules(mll=0, dll=20_000), 10)):
        made = small(fall, rules=rules)
        made.play(1)
        placed(made.exchange, order(1, size=5))
        made.play_all()
        assert made.exchange.truth().positions == []
        assert placed(made.exchange, order(1)).error_code == code


def test_everybody_is_flat_at_ten_past_three() -> None:
    made = small(CALM, rules=VENUE, start_ns=FLAT_NS - 2 * MINUTE_NS)
    made.play(1)
    placed(made.exchange, order(1, sl=-20, tp=40))
    placed(made.exchange, order(1, kind=OrderType.LIMIT, limit=4990.0))
    made.play_all()
    truth = made.exchange.truth()
    assert truth.positions == []
    assert not [one for one in truth.orders if one.status in (1, 6, 8)]
    assert placed(made.exchange, order(1)).error_code == 5


def test_a_rejected_stop_is_seen_naked_until_it_is_covered() -> None:
    made = small(CALM)
    made.exchange.rule(OrderRule(action="reject", role="stop"))
    made.play(1)
    placed(made.exchange, order(1, sl=-20, tp=40))
    made.play(4)
    assert made.exchange.violations() == []
    made.play(3)
    [naked] = made.exchange.violations()
    assert (naked.invariant, naked.to_ns, naked.contract) == ("I1", 0, MES)
    placed(made.exchange, order(-1, kind=OrderType.STOP, stop=4990.0))
    assert made.exchange.violations()[0].to_ns > 0


def test_who_is_away_is_not_counted_until_the_login() -> None:
    made = small(CALM)
    made.exchange.rule(OrderRule(action="reject", role="stop"))
    made.play(1)
    placed(made.exchange, order(1, sl=-20, tp=40))
    made.exchange.presence(False)
    made.play(60)
    made.exchange.presence(True)
    made.play(4)
    assert made.exchange.violations() == []
    made.play(4)
    assert [one.invariant for one in made.exchange.violations()] == ["I1"]


def test_a_leg_is_accepted_once() -> None:
    made = small(CALM)
    made.play(1)
    for attempt in (1, 2):
        placed(made.exchange, order(1, tag=f"julie-0123abcd-MES.7-{attempt}-L1"))
    placed(made.exchange, order(1, tag="julie-0123abcd-MES.7-3-L2"))
    found = [one for one in made.exchange.violations() if "one leg" in one.detail]
    assert [one.invariant for one in found] == ["I2"]


def test_entries_into_the_dark_are_seen() -> None:
    made = small(CALM)
    made.play(1)
    made.exchange.muted(None, True)
    made.play(3)
    placed(made.exchange, order(1, sl=-20))
    assert [one.invariant for one in made.exchange.violations()] == []
    made.play(4)
    placed(made.exchange, order(1, contract=MES))
    assert [one.invariant for one in made.exchange.violations()] == ["I6"]


def test_parts_holds_and_races() -> None:
    made = small(CALM)
    made.play(1)
    made.exchange.rule(OrderRule(action="partial", role="entry", size=1, seconds=5))
    placed(made.exchange, order(1, size=3, sl=-20, tp=40))
    [held] = made.exchange.truth().positions
    assert (held.net, held.covered) == (1, 1)
    made.play(6)
    [held] = made.exchange.truth().positions
    assert (held.net, held.covered) == (3, 3)
    made.exchange.rule(OrderRule(action="hold", seconds=10))
    late = placed(made.exchange, order(1, kind=OrderType.LIMIT, limit=4995.0)).order_id or 0
    assert made.statuses(late) == [6]
    made.play(11)
    assert made.statuses(late) == [6, 1]
    made.exchange.rule(OrderRule(action="race"))
    reply = made.exchange.answer(CancelOrder(account_id=ACCOUNT, order_id=late))
    assert not reply.success
    assert made.statuses(late)[-1] == 2


def test_what_others_do_to_the_account() -> None:
    made = small(CALM)
    made.play(1)
    made.exchange.account(Foreign(contract=MES, side="buy", size=2))
    assert [(f.foreign, f.size) for f in made.exchange.truth().fills] == [(True, 2)]
    made.exchange.account(ForeignClose(contract=MES))
    assert made.exchange.truth().positions == []
    reply = placed(made.exchange, order(1, sl=-20, tp=40))
    made.exchange.account(ForeignCancel(order=(reply.order_id or 0) + 1))
    assert made.exchange.truth().positions[0].covered == 0
    made.exchange.account(CanTrade(value=False))
    assert placed(made.exchange, order(1)).error_code == 10
    made.exchange.account(Liquidate())
    assert made.exchange.truth().positions == []
    assert placed(made.exchange, order(1)).error_code == 4
