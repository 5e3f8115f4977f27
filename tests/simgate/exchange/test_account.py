"""Limits of the account, what others do to it, and fills that do not come as they should."""

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
from tests.simgate.exchange.small import (
    ACCOUNT,
    MES,
    START_NS,
    Candle,
    order,
    placed,
    small,
    started,
)


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
    eight_past = START_NS + 398 * MINUTE_NS  # in Chicago
    made = started(rules=AccountRules(), start_ns=eight_past)
    placed(made.exchange, order(1, sl=-20, tp=40))
    placed(made.exchange, order(1, kind=OrderType.LIMIT, limit=4990.0))
    made.play_all()
    truth = made.exchange.truth()
    assert truth.positions == []
    assert not [one for one in truth.orders if one.status in (1, 6, 8)]
    assert placed(made.exchange, order(1)).error_code == 5


def test_parts_holds_and_races() -> None:
    made = started()
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
    made = started()
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
