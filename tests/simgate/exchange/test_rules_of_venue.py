"""Orders of the simulated exchange, as the venue's rules have them."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from julie.core.zones import MINUTE_NS
from julie.gateway.wire import (
    CancelOrder,
    CloseContract,
    ModifyOrder,
    OpenOrders,
    OrderFilter,
    OrderQuery,
    OrderStatus,
    OrderType,
    PartialClose,
    Stamp,
    TradeSearch,
)
from julie.simgate.exchange.positions import apply
from julie.simgate.exchange.setup import AccountRules, Habits
from julie.simgate.exchange.state import Holding
from tests.simgate.exchange.small import ACCOUNT, CALM, MES, START_NS, order, placed, small, started


def test_ids_states_and_events_of_a_bracket() -> None:
    made = started()
    reply = placed(made.exchange, order(1, sl=-20, tp=40, tag="t"))
    n = reply.order_id or 0
    assert made.statuses(n) == [6, 2]
    assert made.statuses(n + 1) == [8, 1]
    assert made.statuses(n + 2) == [8, 1]
    user = made.user()
    assert user[:1] + user[3:7] == ["GatewayUserOrder"] * 2 + [
        "GatewayUserTrade",
        "GatewayUserPosition",
        "GatewayUserAccount",
    ]
    stop, target = made.exchange.answer(OpenOrders(account_id=ACCOUNT)).orders  # type: ignore[attr-defined]
    filled = 20_001 * 0.25
    assert (float(stop.stop_price), float(target.limit_price)) == (filled - 5, filled + 10)
    assert (stop.custom_tag, target.custom_tag, target.linked_order_id) == ("t-SL", "t-TP", n + 1)
    assert stop.parent_order_id == target.parent_order_id == n


REFUSED = {
    "account": (order(1, account=1), 1, None),
    "contract": (order(1, contract="CON.F.US.XX.Z26"), 8, None),
    "next month": (order(1, contract="CON.F.US.MES.U25"), 9, None),
    "stop limit": (order(1, kind=OrderType.STOP_LIMIT), 2, "Invalid order type."),
    "no size": (order(1, size=0), 2, "Invalid order size."),
    "unsigned stop": (
        order(1, sl=40),
        2,
        "Invalid stop loss ticks (40). Ticks should be less than zero when longing.",
    ),
    "unsigned target": (
        order(-1, tp=30),
        2,
        "Invalid take profit ticks (30). Ticks should be less than zero when going short.",
    ),
    "too near": (
        order(1, sl=-1),
        2,
        "Invalid stop loss ticks (-1). Price should be at least 4 ticks away.",
    ),
    "buy stop below": (
        order(1, kind=OrderType.STOP, stop=4999.0),
        2,
        "Invalid price. Price is outside allowed range.",
    ),
    "off grid": (
        order(1, kind=OrderType.LIMIT, limit=5000.1),
        2,
        "Invalid price. Price is not aligned to tick size.",
    ),
    "no trail": (order(1, kind=OrderType.TRAILING_STOP), 2, "Trail Distance not set."),
    "too many": (order(1, size=51), 2, "Maximum position size exceeded."),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(name: str) -> None:
    request, code, text = REFUSED[name]
    made = started(rules=AccountRules())
    reply = placed(made.exchange, request)
    assert (reply.success, reply.error_code, reply.error_message) == (False, code, text)
    assert made.exchange.truth().fills == []
    assert [one.status for one in made.exchange.truth().orders] == [5] * (code == 2)


BEFORE = {
    "buy stop below": (order(1, kind=OrderType.STOP, stop=4999.0), 2),
    "buy stop at the close": (order(1, kind=OrderType.STOP, stop=5000.0), 2),
    "buy stop above": (order(1, kind=OrderType.STOP, stop=5000.25), 0),
    "sell stop above": (order(-1, kind=OrderType.STOP, stop=5001.0), 2),
    "sell stop below": (order(-1, kind=OrderType.STOP, stop=4999.75), 0),
    "limit far away": (order(1, kind=OrderType.LIMIT, limit=100.0), 2),
    "limit near": (order(1, kind=OrderType.LIMIT, limit=4990.0), 0),
    "join bid, there is none": (order(1, kind=OrderType.JOIN_BID), 2),
}


@pytest.mark.parametrize("name", BEFORE)
def test_before_the_first_print_the_market_is_where_it_closed_last(name: str) -> None:
    request, code = BEFORE[name]
    made = small(CALM, start_ns=START_NS, begins_ns=START_NS + 2 * MINUTE_NS)
    reply = placed(made.exchange, request)
    assert (reply.success, reply.error_code) == (code == 0, code)
    if code:
        assert reply.error_message == "Invalid price. Price is outside allowed range."


def test_where_nothing_ever_closed_a_stop_is_taken() -> None:
    made = small(CALM)
    assert placed(made.exchange, order(1, kind=OrderType.STOP, stop=4999.0)).success


def test_position_brackets_refuse_ours_and_leave_a_dead_order() -> None:
    made = started(auto_oco=False)
    reply = placed(made.exchange, order(1, sl=-20, tp=40))
    assert not reply.success
    assert "You must enable Auto OCO Brackets" in (reply.error_message or "")
    assert reply.order_id is not None


@pytest.mark.parametrize("stay", [True, False])
def test_a_tag_is_used_once_that_of_a_rejected_order_by_habit(stay: bool) -> None:
    made = started(habits=Habits(rejected_tags_stay=stay))
    assert not placed(made.exchange, order(1, sl=1, tag="a")).success
    assert placed(made.exchange, order(1, tag="a")).success is not stay
    assert placed(made.exchange, order(1, tag="b")).success
    again = placed(made.exchange, order(1, tag="b"))
    assert (again.error_code, again.error_message) == (2, "custom tag already in use")
    assert again.order_id is None


def test_cancelling_a_parent_takes_its_legs_and_only_the_query_shows_them() -> None:
    made = started()
    reply = placed(made.exchange, order(1, kind=OrderType.LIMIT, limit=4990.0, sl=-8, tp=8))
    n = reply.order_id or 0
    assert len(made.exchange.answer(OpenOrders(account_id=ACCOUNT)).orders) == 1  # type: ignore[attr-defined]
    by = OrderFilter(account_id=ACCOUNT, statuses=(OrderStatus.OPEN, OrderStatus.SUSPENDED))
    assert len(made.exchange.answer(OrderQuery(filter=by)).orders) == 3  # type: ignore[attr-defined]
    assert made.exchange.answer(CancelOrder(account_id=ACCOUNT, order_id=n)).success
    assert [one.status for one in made.exchange.truth().orders] == [3, 3, 3]
    assert not made.exchange.answer(CancelOrder(account_id=ACCOUNT, order_id=n)).success


@pytest.mark.parametrize("habit", [False, True])
def test_close_contract_leaves_the_legs_by_default(habit: bool) -> None:
    made = started(habits=Habits(close_cancels_legs=habit))
    placed(made.exchange, order(1, sl=-20, tp=40))
    assert made.exchange.answer(CloseContract(account_id=ACCOUNT, contract_id=MES)).success
    truth = made.exchange.truth()
    assert truth.positions == []
    assert sum(one.status == 1 for one in truth.orders) == (0 if habit else 2)
    again = made.exchange.answer(CloseContract(account_id=ACCOUNT, contract_id=MES))
    assert again.error_code == 2
    made.play(10)
    found = {one.detail for one in made.exchange.violations()}
    assert found == (set() if habit else {"0 held, stops for 1", "0 held, targets for 1"})


def test_a_part_is_closed_and_never_more_than_is_held() -> None:
    made = started()
    placed(made.exchange, order(-1, size=3))
    ask = PartialClose(account_id=ACCOUNT, contract_id=MES, size=4)
    assert made.exchange.answer(ask).error_code == 5
    assert made.exchange.answer(msgspec.structs.replace(ask, size=2)).success
    assert [one.net for one in made.exchange.truth().positions] == [-1]


def test_a_flip_is_two_trades() -> None:
    made = started()
    placed(made.exchange, order(1, size=1))
    placed(made.exchange, order(-1, size=3))
    asked = TradeSearch(account_id=ACCOUNT, start_timestamp=Stamp(0))
    rows = made.exchange.answer(asked).trades  # type: ignore[attr-defined]
    assert [(one.size, one.profit_and_loss is None) for one in rows] == [
        (2, True),
        (1, False),
        (1, True),
    ]
    assert made.exchange.truth().positions[0].net == -2


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from((1, -1)), st.integers(1, 5), st.integers(19_900, 20_100)),
        min_size=1,
        max_size=30,
    )
)
def test_netting_keeps_every_cent(fills: list[tuple[int, int, int]]) -> None:
    held, paid, cash = Holding(id=1, account=1, contract="x"), 0, 0
    net = sum(side * size for side, size, _ in fills)
    closing = [*fills, (-1 if net > 0 else 1, abs(net), 20_000)] if net else fills
    for side, size, tick in closing:
        before = held.net
        parts = list(apply(held, side, size, tick, 125))
        assert held.net == before + side * size
        assert len(parts) == 1 + (before * held.net < 0)
        paid += sum(part.pnl or 0 for part in parts)
        cash -= side * size * tick * 125
    assert held.net == 0
    assert paid == cash


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(-15, 15), min_size=2, max_size=6), st.sampled_from((1, -1)), st.booleans()
)
def test_one_leg_fills_and_the_other_goes(moves: list[int], side: int, lockstep: bool) -> None:
    bars, last = [], 20_000
    for move in moves:
        bars.append((last, max(last, last + move), min(last, last + move), last + move))
        last += move
    made = small(bars, lockstep=lockstep)
    made.play(1)
    placed(made.exchange, order(side, sl=-6 * side, tp=6 * side))
    made.play_all()
    truth = made.exchange.truth()
    exits = [one for one in truth.orders if one.parent is not None]
    ends = sorted(one.status for one in exits)
    assert ends == ([1, 1] if truth.positions else [2, 3])
    assert made.exchange.violations() == []


def test_a_moved_stop_keeps_its_twin_and_a_bad_one_is_refused() -> None:
    made = started()
    n = placed(made.exchange, order(1, sl=-20, tp=40)).order_id or 0
    ask = ModifyOrder(account_id=ACCOUNT, order_id=n + 1)
    good = made.exchange.answer(msgspec.structs.replace(ask, stop_price=Decimal("4998")))
    assert good.success
    for price, text in (("5010", "outside allowed range"), ("4998.1", "not aligned")):
        bad = made.exchange.answer(msgspec.structs.replace(ask, stop_price=Decimal(price)))
        assert bad.error_code == 3
        assert text in (bad.error_message or "")
    prices = {one.id: one.price for one in made.exchange.truth().orders}
    assert (prices[n + 1], prices[n + 2]) == (4998.0, 5010.25)
