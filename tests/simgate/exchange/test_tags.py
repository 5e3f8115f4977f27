"""Searches show an order's tag, or they do not; its events always do."""

import pytest

from julie.gateway.wire import (
    OpenOrders,
    OrderById,
    OrderReply,
    OrderSearch,
    OrdersReply,
    OrderType,
    Stamp,
)
from julie.simgate.exchange.setup import Habits
from tests.simgate.exchange.small import ACCOUNT, START_NS, order, placed, started


@pytest.mark.parametrize("shown", [True, False])
def test_whether_searches_show_tags(shown: bool) -> None:
    made = started(habits=Habits(tags_in_search=shown))
    asked = order(1, kind=OrderType.LIMIT, limit=4990.0, tag="mine")
    number = placed(made.exchange, asked).order_id or 0
    wanted = "mine" if shown else None
    since = OrderSearch(account_id=ACCOUNT, start_timestamp=Stamp(START_NS))
    for search in (OpenOrders(account_id=ACCOUNT), since):
        reply = made.exchange.answer(search)
        assert isinstance(reply, OrdersReply)
        assert [row.custom_tag for row in reply.orders or ()] == [wanted]
    one = made.exchange.answer(OrderById(account_id=ACCOUNT, order_id=number))
    assert isinstance(one, OrderReply)
    assert one.order is not None
    assert one.order.custom_tag == wanted
    told = [
        getattr(event.row, "custom_tag", None) for event in made.events if hasattr(event, "row")
    ]
    assert "mine" in told
