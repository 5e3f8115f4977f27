"""The hubs' dialects read alike, and what does not fit stands beside what does."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from julie.gateway.wire import DepthRow, OrderRow, Print, Quote, WireError
from julie.gateway.wire.hub import Event, read_event, read_record
from tests.gateway.samples import ORDER, POSITION, TRADE, spoilt

CONTRACT = "CON.F.US.MNQ.Z26"
PRINT = {"price": 25310.25, "timestamp": "2026-11-20T15:51:30.052+00:00", "type": 1, "volume": 3}


def event(target: str, *arguments: Any) -> Event:
    record = {"type": 1, "target": target, "arguments": list(arguments)}
    return read_event(read_record(json.dumps(record).encode()))


def wrapped(row: Any) -> dict[str, Any]:
    return {"action": 1, "data": row}


@pytest.mark.parametrize(
    "said",
    [
        ORDER,
        wrapped(ORDER),
        [ORDER],
        [wrapped(ORDER)],
        wrapped([ORDER]),
        json.dumps(ORDER),
        json.dumps(wrapped(ORDER)),
        {key: value for key, value in ORDER.items() if value is not None},
        [None, ORDER],
    ],
)
def test_an_order_reads_alike_in_every_wrapping(said: Any) -> None:
    found = event("GatewayUserOrder", said)
    (row,) = found.rows
    assert isinstance(row, OrderRow)
    assert (row.id, row.custom_tag, found.misfits) == (3500000001, "j-0001-TP", ())


@pytest.mark.parametrize(
    ("target", "row"),
    [
        ("GatewayUserOrder", spoilt(ORDER, status=99)),
        ("GatewayUserOrder", spoilt(ORDER, type=42)),
        ("GatewayUserTrade", spoilt(TRADE, side=7)),
        ("GatewayUserPosition", spoilt(POSITION, type=3)),
        ("GatewayUserPosition", spoilt(POSITION, type=0, size=2)),
    ],
)
def test_an_unknown_number_is_told_with_the_row_it_concerns(target: str, row: Any) -> None:
    found = event(target, wrapped(row))
    assert found.rows == ()
    (misfit,) = found.misfits
    assert (misfit.where, misfit.row_id) == (target, row["id"])
    assert json.loads(misfit.raw) == row


def test_an_order_tagged_data_is_still_an_order() -> None:
    found = event("GatewayUserOrder", spoilt(ORDER, customTag="data"))
    assert [row.custom_tag for row in found.rows if isinstance(row, OrderRow)] == ["data"]


def test_all_prints_of_one_message_are_taken() -> None:
    found = event("GatewayTrade", CONTRACT, [PRINT, spoilt(PRINT, volume=4), spoilt(PRINT, type=5)])
    assert [row.volume for row in found.rows if isinstance(row, Print)] == [3, 4]
    assert len(found.misfits) == 1
    assert found.contract == CONTRACT


def test_a_quote_that_changed_little_says_only_that() -> None:
    (row,) = event("GatewayQuote", CONTRACT, {"bestBid": 29547, "symbol": "F.US.MNQ"}).rows
    assert isinstance(row, Quote)
    assert (row.best_bid, row.best_ask, row.volume) == (29547.0, None, None)


def test_null_levels_of_depth_are_passed_over() -> None:
    level = {"price": 25310, "volume": 4, "type": 5, "timestamp": "2026-11-20T15:51:30Z"}
    found = event("GatewayDepth", CONTRACT, [None, level, None])
    assert [row.volume for row in found.rows if isinstance(row, DepthRow)] == [4]
    assert found.misfits == ()


def test_an_event_nobody_knows_and_one_without_rows_are_told() -> None:
    assert event("GatewayNews", {"a": 1}).misfits[0].reason == "unknown event"
    assert event("GatewayUserOrder").misfits[0].reason == "no row"
    assert event("GatewayTrade").misfits[0].reason == "a contract id was expected"
    assert event("GatewayLogout", "bye") == Event("GatewayLogout", "", ())


@pytest.mark.parametrize("raw", [b"", b"{", b'{"type":"one"}', b"[1]", b"\xff", b"[" * 20_000])
def test_garbage_is_refused_whole(raw: bytes) -> None:
    with pytest.raises(WireError):
        read_record(raw)


@given(
    st.sampled_from(["GatewayUserOrder", "GatewayQuote", "GatewayDepth", "GatewayUserTrade"]),
    st.lists(
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers()
            | st.floats(allow_nan=False, allow_infinity=False)
            | st.text(),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["data", "id", "action", "x"]), inner, max_size=3)
            ),
            max_leaves=8,
        ),
        max_size=3,
    ),
)
def test_no_shape_of_json_raises_or_makes_up_an_order(target: str, arguments: list[Any]) -> None:
    found = event(target, *arguments)
    assert not any(isinstance(row, OrderRow) for row in found.rows)
