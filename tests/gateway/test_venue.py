"""The account behind the executor's door: every answer has its word, every row its ticks."""

import json
from collections.abc import Awaitable, Callable
from decimal import Decimal
from enum import IntEnum
from typing import Any

import pytest

from julie.core.types import Side
from julie.execution import venue as port
from julie.execution.venue import (
    Accepted,
    NewOrder,
    NotSent,
    OrderKind,
    Outcome,
    RefusalCode,
    Refused,
    Unknown,
    Unreadable,
    VenueOrder,
    VenueStatus,
    VenueUnreachable,
)
from julie.gateway.client import Client
from julie.gateway.venue import GatewayVenue
from julie.gateway.venue_rows import Ticks, VenueRows
from julie.gateway.wire import AccountRow, OrderRow, PositionRow, codes
from julie.gateway.wire.hub import HubRow, read_event, read_record
from julie.gateway.wire.json_text import decoder
from tests.gateway.hub_server import END, event
from tests.gateway.samples import ACCOUNT, CONTRACT, ORDER, POSITION, TRADE, spoilt
from tests.gateway.venue import PAGE, Say, Venue, no, ok, play

PLACE, MODIFY = "/api/Order/place", "/api/Order/modify"
MES = "CON.F.US.MES.Z26"
ENTRY = NewOrder("j-1", MES, Side.SHORT, 2, OrderKind.MARKET, stop_ticks=20, target_ticks=40)
Act = Callable[[port.Venue], Awaitable[Outcome]]
ACTS: list[tuple[str, Act, type[IntEnum]]] = [
    (PLACE, lambda v: v.place(ENTRY), codes.PlaceCode),
    (MODIFY, lambda v: v.modify(9, qty=1), codes.ModifyCode),
    ("/api/Order/cancel", lambda v: v.cancel(9), codes.CancelCode),
    ("/api/Position/closeContract", lambda v: v.close(MES), codes.CloseCode),
    (
        "/api/Position/partialCloseContract",
        lambda v: v.close_part(MES, 1),
        codes.PartialCloseCode,
    ),
]
EVERY_ACT = pytest.mark.parametrize(("path", "act", "known"), ACTS)


def placing(order: NewOrder) -> Act:
    return lambda door: door.place(order)


def rows() -> VenueRows:
    return VenueRows(501, Ticks())


def acted(path: str, act: Act, says: Say) -> tuple[Outcome, Venue]:
    found: list[Outcome] = []

    async def scene(venue: Venue, client: Client) -> None:
        venue.says(path, says)
        found.append(await act(GatewayVenue(client, rows())))

    venue = play(scene)
    return found[0], venue


@EVERY_ACT
def test_every_code_of_every_call_is_a_word_and_none_is_a_yes(
    path: str, act: Act, known: type[IntEnum]
) -> None:
    for code in known:
        if code.value == 0:
            continue
        outcome, venue = acted(path, act, no(code.value))
        if code.name in ("PENDING", "UNKNOWN_ERROR"):
            assert isinstance(outcome, Unknown), code
        else:
            assert isinstance(outcome, Refused), code
            assert code.name in outcome.text
        assert venue.count(path) == 1


@EVERY_ACT
def test_a_code_that_nobody_knows_or_no_answer_is_unknown(
    path: str, act: Act, known: type[IntEnum]
) -> None:
    for says in (no(99), Say(500), Say(401), PAGE, Say(body=b"{")):
        outcome, venue = acted(path, act, says)
        assert isinstance(outcome, Unknown)
        assert venue.count(path) == 1


@EVERY_ACT
def test_too_many_requests_is_a_certain_no(path: str, act: Act, known: type[IntEnum]) -> None:
    outcome, _ = acted(path, act, Say(429))
    assert isinstance(outcome, Refused)
    assert outcome.code is RefusalCode.RATE_LIMIT


@pytest.mark.parametrize(
    ("code", "text", "word"),
    [
        (2, codes.TEXT_MAX_POSITION, RefusalCode.MAX_POSITION),
        (3, None, RefusalCode.FUNDS),
        (4, None, RefusalCode.VIOLATION),
        (5, None, RefusalCode.CLOSED),
        (9, None, RefusalCode.NO_CONTRACT),
        (10, None, RefusalCode.ACCOUNT),
    ],
)
def test_a_refused_order_says_why_and_keeps_its_dead_id(
    code: int, text: str | None, word: RefusalCode
) -> None:
    outcome, _ = acted(PLACE, ACTS[0][1], no(code, text, orderId=9057))
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.order_id) == (word, 9057)


@pytest.mark.parametrize(("side", "stop", "target"), [(Side.LONG, -20, 40), (Side.SHORT, 20, -40)])
def test_a_bracket_is_signed_by_its_side(side: Side, stop: int, target: int) -> None:
    order = NewOrder("j-1", MES, side, 2, OrderKind.LIMIT, 25341, 20, 40)
    outcome, venue = acted(PLACE, placing(order), ok(orderId=7))
    assert outcome == Accepted(7)
    sent = venue.asked[-1].body
    assert sent["stopLossBracket"] == {"ticks": stop, "type": 4}
    assert sent["takeProfitBracket"] == {"ticks": target, "type": 1}
    assert sent["side"] == (0 if side is Side.LONG else 1)
    assert (sent["limitPrice"], sent["stopPrice"]) == (6335.25, None)
    assert (sent["size"], sent["customTag"], sent["accountId"]) == (2, "j-1", 501)


def test_a_leg_too_near_and_a_contract_without_tick_never_leave() -> None:
    near = NewOrder("j-1", MES, Side.LONG, 1, OrderKind.MARKET, stop_ticks=3)
    odd = NewOrder("j-1", "CON.F.US.XYZ.Z26", Side.LONG, 1, OrderKind.LIMIT, 5)
    for order in (near, odd):
        outcome, venue = acted(PLACE, placing(order), ok(orderId=7))
        assert isinstance(outcome, NotSent)
        assert venue.count(PLACE) == 0


@pytest.mark.parametrize(("kind", "field"), [(1, "limitPrice"), (4, "stopPrice")])
def test_a_move_names_the_price_of_the_orders_kind(kind: int, field: str) -> None:
    async def scene(venue: Venue, client: Client) -> None:
        venue.says("/api/Order/searchById", ok(order=spoilt(ORDER, type=kind)))
        venue.says(MODIFY, ok())
        door = GatewayVenue(client, rows())
        for tick in (25300, 25304):
            assert await door.modify(ORDER["id"], price_tick=tick) == Accepted()
        other = {"limitPrice", "stopPrice"} - {field}
        assert [venue.asked[-1].body[name] for name in (field, *other)] == [6326.0, None]
        assert venue.count("/api/Order/searchById") == 1

    play(scene)


def test_a_move_of_what_nobody_knows_or_has_no_price_is_not_sent() -> None:
    async def scene(venue: Venue, client: Client) -> None:
        door = GatewayVenue(client, rows())
        venue.says("/api/Order/searchById", no(1))
        gone = await door.modify(5, price_tick=1)
        assert isinstance(gone, Refused)
        assert gone.code is RefusalCode.NO_ORDER
        venue.says("/api/Order/searchById", ok(order=spoilt(ORDER, type=5)))
        assert isinstance(await door.modify(5, price_tick=1), NotSent)
        venue.says("/api/Order/searchById", Say(404))
        assert isinstance(await door.modify(6, price_tick=1), NotSent)
        assert venue.count(MODIFY) == 0

    play(scene)


def test_open_orders_are_asked_with_the_legs_that_wait() -> None:
    leg = spoilt(ORDER, id=7, status=8, type=4, limitPrice=None, stopPrice=None)

    async def scene(venue: Venue, client: Client) -> None:
        venue.says("/api/Order/v2/query", ok(orders=[ORDER, leg], totalCount=2))
        first, second = await GatewayVenue(client, rows()).open_orders()
        assert venue.asked[-1].body["filter"]["statuses"] == [1, 6, 7, 8]
        assert first == VenueOrder(
            id=3500000001,
            tag="j-0001-TP",
            contract=MES,
            side=Side.SHORT,
            qty=2,
            filled=0,
            kind=OrderKind.LIMIT,
            price_tick=25341,
            status=VenueStatus.OPEN,
            created_ns=1_795_188_362_156_730_000,
            updated_ns=1_795_188_420_301_751_000,
            parent_id=3500000000,
            linked_id=None,
        )
        assert (second.status, second.kind, second.price_tick) == (
            VenueStatus.SUSPENDED, OrderKind.STOP, None,
        )  # fmt: skip

    play(scene)


def test_trades_positions_and_account_are_in_ticks_and_cents() -> None:
    closing = spoilt(TRADE, id=92, commissions=0.25, profitAndLoss=-6.5, side=1)

    async def scene(venue: Venue, client: Client) -> None:
        venue.says("/api/Trade/search", ok(trades=[closing, TRADE]))
        venue.says("/api/Position/searchOpen", ok(positions=[spoilt(POSITION, type=2)]))
        venue.says("/api/Account/search", ok(accounts=[ACCOUNT]))
        door = GatewayVenue(client, rows())
        opened, closed = await door.trades_since(0)
        assert (opened.price_tick, opened.fee_cents, opened.pnl_cents) == (25341, 36, None)
        assert (closed.fee_cents, closed.pnl_cents, closed.side) == (61, -650, Side.SHORT)
        (held,) = await door.positions()
        assert (held.net, held.average) == (-2, 6335.375)
        assert (await door.account()).balance_cents == 5000012

    play(scene)


@pytest.mark.parametrize(
    "says",
    [
        Say(404),
        no(1),
        Say(body=b'{"success":true,"errorCode":0,"orders":null}'),
        ok(orders=[spoilt(ORDER, status=99)]),
        ok(orders=[spoilt(ORDER, limitPrice=6335.3)]),
        ok(orders=[ORDER, spoilt(ORDER, side=7)]),
    ],
)
def test_a_read_that_is_not_whole_is_an_error_and_never_an_empty_list(says: Say) -> None:
    async def scene(venue: Venue, client: Client) -> None:
        venue.says("/api/Order/search", says)
        with pytest.raises(VenueUnreachable):
            await GatewayVenue(client, rows()).orders_since(0)

    play(scene)


def test_the_tick_of_somebody_elses_contract_is_asked_for() -> None:
    silver = "CON.F.US.SIE.Z26"

    async def scene(venue: Venue, client: Client) -> None:
        venue.says("/api/Order/search", ok(orders=[spoilt(ORDER, contractId=silver)]))
        found = spoilt(CONTRACT, id=silver, tickSize=0.005, tickValue=25)
        venue.says("/api/Contract/searchById", ok(contract=found))
        door = GatewayVenue(client, rows())
        (order,) = await door.orders_since(0)
        assert order.price_tick == 1267050
        await door.orders_since(0)
        assert venue.count("/api/Contract/searchById") == 1
        venue.says("/api/Contract/searchById", no(1))
        with pytest.raises(VenueUnreachable):
            await GatewayVenue(client, rows()).orders_since(0)

    play(scene)


def hub_row(target: str, row: dict[str, Any]) -> HubRow:
    record = event(target, {"action": 1, "data": row}).rstrip(END)
    return read_event(read_record(record.encode())).rows[0]


def test_events_are_read_like_the_searches() -> None:
    reads = rows()
    found = reads.event(hub_row("GatewayUserOrder", ORDER))
    assert isinstance(found, VenueOrder)
    assert found == reads.order(decoder(OrderRow).decode(_text(ORDER)))
    flat = reads.event(hub_row("GatewayUserPosition", spoilt(POSITION, type=0, size=0)))
    assert isinstance(flat, port.VenuePosition)
    assert flat.qty == 0
    assert isinstance(reads.event(hub_row("GatewayUserAccount", ACCOUNT)), port.VenueAccount)
    assert isinstance(reads.event(hub_row("GatewayUserTrade", TRADE)), port.VenueTrade)


def test_rows_of_other_accounts_are_passed_over_and_counted() -> None:
    reads = rows()
    assert reads.event(hub_row("GatewayUserOrder", spoilt(ORDER, accountId=502))) is None
    assert reads.event(hub_row("GatewayUserAccount", spoilt(ACCOUNT, id=502))) is None
    assert reads.foreign == 2


def test_a_price_off_the_grid_is_told_and_not_rounded() -> None:
    odd = rows().event(hub_row("GatewayUserOrder", spoilt(ORDER, limitPrice=6335.3)))
    assert odd == Unreadable(f"OrderRow: {MES}: price 6335.3 is off the grid", MES)
    strange = rows().event(hub_row("GatewayUserTrade", spoilt(TRADE, contractId="CON.X")))
    assert isinstance(strange, Unreadable)
    assert strange.contract == "CON.X"


def test_a_position_and_an_account_need_no_tick() -> None:
    strange = spoilt(POSITION, contractId="CON.F.US.SIE.Z26")
    held = rows().position(decoder(PositionRow).decode(_text(strange)))
    assert (held.qty, held.side) == (2, Side.LONG)
    money = rows().account(decoder(AccountRow).decode(_text(spoilt(ACCOUNT, balance=-0.125))))
    assert money.balance_cents == -13
    assert Ticks().price(MES, 3) == Decimal("0.75")


def _text(row: dict[str, Any]) -> bytes:
    return json.dumps(row).encode()
