"""Rows of the venue: what is missing, retyped, contradictory or unknown is refused by path."""

import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from julie.gateway.wire import (
    OrderRow,
    OrderStatus,
    PlaceOrder,
    PositionRow,
    Stamp,
    TradeRow,
    WireError,
    decoder,
    encode,
    routes,
)
from julie.gateway.wire.enums import OrderSide, OrderType
from tests.gateway.samples import ORDER, POSITION, TRADE, spoilt


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"status": 99}, "$.status"),
        ({"status": 0}, "$"),
        ({"type": 42}, "$.type"),
        ({"type": 0}, "$"),
        ({"side": 7}, "$.side"),
        ({"fillVolume": ...}, "$"),
        ({"size": None}, "$.size"),
        ({"size": -1}, "$.size"),
        ({"size": "2"}, "$.size"),
        ({"fillVolume": 3}, "$"),
        ({"creationTimestamp": "2026-11-20T15:26:02"}, "$.creationTimestamp"),
        ({"creationTimestamp": 1763652362}, "$.creationTimestamp"),
        ({"limitPrice": "NaN"}, "$"),
        ({"limitPrice": "six"}, "$.limitPrice"),
        ({"accountId": True}, "$.accountId"),
    ],
)
def test_an_order_that_does_not_fit_is_refused_by_path(change: dict[str, Any], path: str) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        decoder(OrderRow).decode(json.dumps(spoilt(ORDER, **change)))
    found = str(caught.value).rpartition(" - at `")[2].rstrip("`")
    assert (found if found.startswith("$") else "$") == path


@pytest.mark.parametrize(
    "change", [{"type": 3}, {"type": 0}, {"size": -2}, {"averagePrice": None}, {"contractId": 4}]
)
def test_a_position_of_an_unknown_kind_is_no_position(change: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        decoder(PositionRow).decode(json.dumps(spoilt(POSITION, **change)))


def test_type_nought_with_size_nought_is_flat() -> None:
    row = decoder(PositionRow).decode(json.dumps(spoilt(POSITION, type=0, size=0)))
    assert row.size == 0


def test_prices_are_exact_and_extra_or_absent_fields_do_not_matter() -> None:
    given = spoilt(ORDER, limitPrice="6335.250000000", updateTimestamp=..., newField={"a": 1})
    row = decoder(OrderRow).decode(json.dumps(given))
    assert row.limit_price == Decimal("6335.25")
    assert row.update_timestamp is None
    assert row.status is OrderStatus.OPEN


def test_an_opening_fill_has_no_profit_and_may_leave_it_out() -> None:
    for change in ({}, {"profitAndLoss": ...}):
        assert decoder(TradeRow).decode(json.dumps(spoilt(TRADE, **change))).profit_and_loss is None
    closing = decoder(TradeRow).decode(json.dumps(spoilt(TRADE, profitAndLoss=-49)))
    assert closing.profit_and_loss == Decimal(-49)


def test_one_bad_row_neither_hides_the_others_nor_vanishes() -> None:
    rows = [ORDER, spoilt(ORDER, id=3500000002, status=99), spoilt(ORDER, id=3500000003)]
    body = json.dumps({"orders": rows, "success": True, "errorCode": 0, "errorMessage": None})
    reply, misfits = routes.OPEN_ORDERS.decode(body.encode())
    assert [order.id for order in reply.orders or ()] == [3500000001, 3500000003]
    (misfit,) = misfits
    assert (misfit.path, misfit.row_id) == ("$.orders[1].status", 3500000002)
    assert misfit.contract_id == "CON.F.US.MES.Z26"
    assert "Invalid enum value 99" in misfit.reason


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>Log in</body></html>",
        b'{"orders":[{"id":1',
        b'{"orders":[]}',
        b'{"orders":{},"success":true}',
        b'{"orders":[],"success":"yes"}',
        b'{"orders":[],"success":true,"errorCode":"zero"}',
        b"\xff\xfe\x00",
        b"[" * 20_000,
    ],
)
def test_an_answer_that_is_none_is_refused_whole(body: bytes) -> None:
    with pytest.raises(WireError) as caught:
        routes.OPEN_ORDERS.decode(body)
    assert caught.value.misfit.where == "/api/Order/searchOpen"


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("2026-11-20T00:00:01.268009+00:00", 1_268_009_000),
        ("2026-11-20T00:00:01.3938333+00:00", 1_393_833_300),
        ("2026-11-20T00:00:01+00:00", 1_000_000_000),
        ("2026-11-20T00:00:01.5Z", 1_500_000_000),
        ("2026-11-19T18:00:01-06:00", 1_000_000_000),
    ],
)
def test_every_form_of_a_time_is_the_same_moment(text: str, ns: int) -> None:
    assert Stamp.parse(text) - Stamp.parse("2026-11-20T00:00:00Z") == ns


@given(st.integers(0, 4_000_000_000 * 10**7 - 1))
def test_a_time_survives_the_wire_to_the_hundredth_microsecond(hundreds: int) -> None:
    assert Stamp.parse(Stamp(hundreds * 100).text()) == hundreds * 100


def test_a_request_carries_numbers_not_text() -> None:
    order = PlaceOrder(
        account_id=501,
        contract_id="CON.F.US.MES.Z26",
        type=OrderType.LIMIT,
        side=OrderSide.ASK,
        size=1,
        limit_price=Decimal("6335.250"),
    )
    assert json.loads(encode(order))["limitPrice"] == 6335.25
    assert decoder(PlaceOrder).decode(encode(order)) == order
