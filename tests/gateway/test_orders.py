"""Orders: sent once, and told by one of four ends."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from enum import IntEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from julie.core.types import Side
from julie.execution.venue import Accepted, NotSent, Outcome, RefusalCode, Refused, Unknown
from julie.gateway.client import Client
from julie.gateway.limiter import GENERAL, Need
from julie.gateway.rest import NewOrder
from julie.gateway.wire import OrderType, codes
from tests.gateway.samples import ACCOUNT
from tests.gateway.venue import HASTY, LOGIN, PAGE, PATIENT, Say, Venue, no, ok, play

PLACE = "/api/Order/place"
CONTRACT = "CON.F.US.MES.Z26"
ENTRY = NewOrder(
    501, CONTRACT, Side.LONG, OrderType.MARKET, 1, "j-0001", stop_ticks=20, target_ticks=40
)
Act = Callable[[Client], Awaitable[Outcome]]

ACTS: list[tuple[str, Act, type[IntEnum]]] = [
    (PLACE, lambda c: c.orders(501).place(ENTRY), codes.PlaceCode),
    (
        "/api/Order/modify",
        lambda c: c.orders(501).modify(9, stop_price=Decimal("6335.25")),
        codes.ModifyCode,
    ),
    ("/api/Order/cancel", lambda c: c.orders(501).cancel(9), codes.CancelCode),
    ("/api/Position/closeContract", lambda c: c.positions(501).close(CONTRACT), codes.CloseCode),
    (
        "/api/Position/partialCloseContract",
        lambda c: c.positions(501).close_part(CONTRACT, 1),
        codes.PartialCloseCode,
    ),
]
EVERY_ACT = pytest.mark.parametrize(("path", "act", "known"), ACTS)
OPEN_ENDED = ("PENDING", "UNKNOWN_ERROR")


def outcome(path: str, act: Act, says: Say) -> tuple[Outcome, Venue]:
    found: list[Outcome] = []

    async def scene(venue: Venue, client: Client) -> None:
        venue.says(path, says)
        found.append(await act(client))

    venue = play(scene)
    return found[0], venue


@pytest.mark.parametrize(
    "says",
    [
        Say(401),
        Say(500),
        Say(502, PAGE.body),
        Say(503),
        Say(hangs=True),
        Say(drops=True),
        Say(body=b'{"success":true,"errorCode":0,"orderId":5}', cut=5),
        Say(body=b'{"success":true'),
        Say(body=b'{"success":"true","errorCode":0}'),
        Say(body=b'{"success":true,"errorCode":5,"orderId":5}'),
        no(0),
        no(99),
        no(-1),
        PAGE,
        Say(302),
    ],
)
def test_an_answer_in_doubt_is_unknown_and_nothing_is_sent_twice(says: Say) -> None:
    async def scene(venue: Venue, client: Client) -> None:
        for path, act, _ in ACTS:
            venue.says(path, says)
            assert isinstance(await act(client), Unknown)
            assert venue.count(path) == 1

    play(scene, HASTY if says.hangs else PATIENT)


@EVERY_ACT
def test_every_code_is_an_outcome_of_its_own(path: str, act: Act, known: type[IntEnum]) -> None:
    async def scene(venue: Venue, client: Client) -> None:
        for code in known:
            venue.says(path, no(code) if code else ok(orderId=9056))
            found = await act(client)
            if not code:
                assert found == Accepted(9056 if path == PLACE else None)
            elif code.name in OPEN_ENDED:
                assert isinstance(found, Unknown)
            else:
                assert isinstance(found, Refused)
                assert code.name in found.text
        assert venue.count(path) == len(known)

    play(scene)


@EVERY_ACT
def test_what_could_not_leave_was_not_sent(path: str, act: Act, known: type[IntEnum]) -> None:
    async def scene(venue: Venue, client: Client) -> None:
        await client.session.for_acting()
        await venue.__aexit__()
        await client.line.aclose()
        nobody = venue.client("http://127.0.0.1:9")
        nobody.session._token = client.session._token
        found = await act(nobody)
        assert isinstance(found, NotSent)
        assert "no connection to" in found.text
        await nobody.aclose()

    play(scene)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (codes.TEXT_AUTO_OCO, RefusalCode.BRACKET_MODE),
        (codes.TEXT_TAG_IN_USE, RefusalCode.TAG_IN_USE),
        (
            "Invalid stop loss ticks (-1). Price should be at least 4 ticks away.",
            RefusalCode.TOO_NEAR,
        ),
        (
            "Invalid stop loss ticks (40). Ticks should be less than zero when longing.",
            RefusalCode.BAD_PRICE,
        ),
        (codes.TEXT_OUT_OF_RANGE, RefusalCode.OUT_OF_RANGE),
        (codes.TEXT_NOT_ALIGNED, RefusalCode.BAD_PRICE),
        (codes.TEXT_TRAIL_NOT_ALIGNED, RefusalCode.BAD_PRICE),
        (codes.TEXT_MAX_POSITION, RefusalCode.MAX_POSITION),
        ("Follower accounts cannot cancel orders", RefusalCode.ACCOUNT),
        ("Something new", RefusalCode.OTHER),
        (None, RefusalCode.OTHER),
    ],
)
def test_a_refused_order_is_dead_whatever_id_it_carries(text: str | None, why: RefusalCode) -> None:
    found, _ = outcome(PLACE, ACTS[0][1], no(2, text, orderId=9057))
    words = f"ORDER_REJECTED: {text}" if text else "ORDER_REJECTED"
    assert found == Refused(why, words, 9057)


def test_accepted_without_an_order_id_is_not_accepted() -> None:
    found, _ = outcome(PLACE, ACTS[0][1], ok(orderId=None))
    assert isinstance(found, Unknown)


def test_a_request_that_the_venue_could_not_read_was_not_carried_out() -> None:
    problem = b'{"title":"One or more validation errors occurred.","errors":{"size":["x"]}}'
    found, venue = outcome(PLACE, ACTS[0][1], Say(400, problem))
    words = f"BAD_REQUEST: {PLACE}: One or more validation errors occurred. size"
    assert found == Refused(RefusalCode.OTHER, words)
    assert venue.count(PLACE) == 1


def test_the_fault_is_told() -> None:
    for status in (401, 503):
        found, _ = outcome(PLACE, ACTS[0][1], Say(status))
        assert isinstance(found, Unknown)
        assert str(status) in found.text


def test_after_a_401_on_an_order_the_next_read_logs_in() -> None:
    async def scene(venue: Venue, client: Client) -> None:
        venue.says(PLACE, Say(401))
        venue.says("/api/Account/search", ok(accounts=[ACCOUNT]))
        await client.orders(501).place(ENTRY)
        assert venue.count(LOGIN) == 1
        await client.accounts.search()

    venue = play(scene)
    assert (venue.count(LOGIN), venue.count(PLACE)) == (2, 1)


def test_entries_stop_at_the_reserve_and_closing_goes_on() -> None:
    async def scene(venue: Venue, client: Client) -> None:
        venue.says(PLACE, ok(orderId=1))
        venue.says("/api/Position/closeContract", ok())
        await client.session.for_acting()
        while client.limiter.used(GENERAL) < GENERAL.room(Need.ORDINARY):
            await client.limiter.take(GENERAL, Need.ORDINARY)
        entry = await client.orders(501).place(ENTRY)
        assert isinstance(entry, NotSent)
        assert "budget" in entry.text
        assert await client.positions(501).close(CONTRACT) == Accepted()
        assert await client.orders(501).place(ENTRY, Need.URGENT) == Accepted(1)

    assert play(scene).count(PLACE) == 1


def test_a_429_or_a_venue_that_is_down_does_not_delay_a_close_nor_its_checks() -> None:
    async def scene(venue: Venue, client: Client) -> None:
        for says in (Say(429), Say(503)):
            venue.says(PLACE, says)
            await client.orders(501).place(ENTRY, Need.URGENT)
        venue.says("/api/Position/closeContract", ok())
        venue.says("/api/Position/searchOpen", ok(positions=[]))
        venue.says("/api/Order/searchOpen", ok(orders=[]))
        venue.says("/api/Order/v2/query", ok(orders=[]))
        venue.says("/api/Order/search", ok(orders=[]))
        venue.says("/api/Trade/search", ok(trades=[]))
        venue.says("/api/Order/searchById", ok(order=None))
        assert await client.positions(501).close(CONTRACT) == Accepted()
        assert len(await client.positions(501).held(Need.URGENT)) == 0
        assert len(await client.orders(501).working(Need.URGENT)) == 0
        assert len(await client.orders(501).query([], None, Need.URGENT)) == 0
        assert len(await client.orders(501).since(0, None, Need.URGENT)) == 0
        assert len(await client.trades(501).since(0, None, Need.URGENT)) == 0
        assert await client.orders(501).by_id(9, Need.URGENT) is None
        assert venue.pauses == []
        await client.positions(501).held()
        assert sum(venue.pauses) > 10

    play(scene)


def test_the_order_on_the_wire_is_the_order_that_was_meant() -> None:
    _, venue = outcome(PLACE, ACTS[0][1], ok(orderId=1))
    assert venue.asked[-1].body == {
        "accountId": 501,
        "contractId": CONTRACT,
        "type": 2,
        "side": 0,
        "size": 1,
        "limitPrice": None,
        "stopPrice": None,
        "trailPrice": None,
        "customTag": "j-0001",
        "stopLossBracket": {"ticks": -20, "type": 4},
        "takeProfitBracket": {"ticks": 40, "type": 1},
    }


@given(st.sampled_from(Side), st.integers(-50, 3000), st.integers(-50, 3000), st.integers(-2, 50))
def test_a_leg_can_only_lie_on_its_own_side(side: Side, stop: int, target: int, size: int) -> None:
    def build() -> NewOrder:
        return NewOrder(
            501, CONTRACT, side, OrderType.MARKET, size, "t", stop_ticks=stop, target_ticks=target
        )

    if stop < 4 or target < 4 or size < 1:
        with pytest.raises(ValueError, match=r"leg is|size and a tag"):
            build()
        return
    wire = build().wire()
    assert wire.stop_loss_bracket is not None
    assert wire.take_profit_bracket is not None
    assert wire.stop_loss_bracket.ticks * side == -stop
    assert wire.take_profit_bracket.ticks * side == target


@pytest.mark.parametrize(
    ("kind", "price"),
    [
        (OrderType.STOP_LIMIT, Decimal(1)),
        (OrderType.UNKNOWN, None),
        (OrderType.LIMIT, None),
        (OrderType.MARKET, Decimal(1)),
    ],
)
def test_an_order_the_venue_would_refuse_cannot_be_written(
    kind: OrderType, price: Decimal | None
) -> None:
    with pytest.raises(ValueError, match="order"):
        NewOrder(501, CONTRACT, Side.LONG, kind, 1, "tag", price)


def test_a_tag_leaves_room_for_its_legs() -> None:
    with pytest.raises(ValueError, match="tag"):
        NewOrder(501, CONTRACT, Side.LONG, OrderType.MARKET, 1, "x" * 61)
