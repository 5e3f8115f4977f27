"""Reads: tried again where that can help, and never taken for something they are not."""

import asyncio
import socket
import ssl
from email.utils import formatdate
from typing import Any

import aiohttp
import pytest

from julie.core.errors import Exit, UsageError
from julie.core.instruments import instrument
from julie.core.zones import SECOND_NS
from julie.gateway.client import Client
from julie.gateway.errors import (
    AccountMissing,
    BadAnswer,
    BadRequest,
    CallRefused,
    CertificateRefused,
    ContractDisagrees,
    GatewayError,
    NoAnswer,
    NotReached,
    NotTheVenue,
    Throttled,
    VenueDown,
)
from julie.gateway.limiter import BARS, GENERAL
from julie.gateway.line import ANSWER_MAX
from julie.gateway.wire import BarUnit, OrderStatus
from tests.gateway.samples import ACCOUNT, CONTRACT, ORDER, POSITION, TRADE, spoilt
from tests.gateway.venue import HASTY, PAGE, PATIENT, Say, Venue, no, ok, play, token

ACCOUNTS = "/api/Account/search"
AVAILABLE = "/api/Contract/available"
BARS_PATH = "/api/History/retrieveBars"
OPEN = "/api/Order/searchOpen"
QUERY = "/api/Order/v2/query"
GOOD = ok(accounts=[ACCOUNT])
TRIES = 4


@pytest.mark.parametrize(
    ("says", "error", "requests"),
    [
        (Say(503), VenueDown, TRIES),
        (Say(429), Throttled, TRIES),
        (Say(hangs=True), NoAnswer, TRIES),
        (Say(drops=True), NoAnswer, TRIES),
        (Say(body=GOOD.body, cut=20), NoAnswer, TRIES),
        (Say(body=GOOD.body[:-20]), BadAnswer, TRIES),
        (Say(body=b""), BadAnswer, TRIES),
        (ok(accounts=None), BadAnswer, TRIES),
        (ok(), BadAnswer, TRIES),
        (Say(body=b'{"success":true,"errorCode":3,"accounts":[]}'), BadAnswer, TRIES),
        (Say(body=b'{"success":false,"errorCode":0,"accounts":[]}'), BadAnswer, TRIES),
        (PAGE, NotTheVenue, 1),
        (Say(302, headers={"Location": "http://login.example/"}), NotTheVenue, 1),
        (Say(400, PAGE.body), NotTheVenue, 1),
        (Say(400, b'{"title":"Bad","errors":{"onlyActiveAccounts":["needed"]}}'), BadRequest, 1),
        (Say(404), BadRequest, 1),
        (no(1), CallRefused, 1),
        (no(99, "new"), CallRefused, 1),
    ],
)
def test_what_is_no_answer_is_asked_again_or_named(
    says: Say, error: type[GatewayError], requests: int
) -> None:
    async def scene(venue: Venue, client: Client) -> None:
        venue.says(ACCOUNTS, says)
        with pytest.raises(error) as caught:
            await client.accounts.search()
        assert caught.value.message

    assert play(scene, HASTY if says.hangs else PATIENT).count(ACCOUNTS) == requests


@pytest.mark.parametrize("says", [Say(500), Say(429), Say(drops=True), Say(body=b"{")])
def test_a_read_outlives_a_short_fault(says: Say) -> None:
    async def scene(venue: Venue, client: Client) -> None:
        venue.says(ACCOUNTS, says, says, GOOD)
        (row,) = await client.accounts.search()
        assert row.name == "PRAC-V2-1-2"

    venue = play(scene)
    assert venue.count(ACCOUNTS) == 3
    assert venue.asked[-1].headers["authorization"] == f"Bearer {token(1)}"


def test_a_429_is_waited_out_as_long_as_the_venue_says() -> None:
    async def scene(venue: Venue, client: Client) -> None:
        venue.says(ACCOUNTS, Say(429, headers={"Retry-After": "20"}), GOOD)
        start_ns = venue.clock.mono_ns()
        await client.accounts.search()
        assert 20 <= (venue.clock.mono_ns() - start_ns) / SECOND_NS < 30

    play(scene)


def test_an_unknown_code_is_no_success_and_keeps_its_number() -> None:
    async def scene(venue: Venue, client: Client) -> None:
        venue.says(ACCOUNTS, no(99, "something new"))
        with pytest.raises(CallRefused, match=r"nobody knows \(99\): something new") as caught:
            await client.accounts.search()
        assert (caught.value.number, caught.value.code) == (99, None)

    play(scene)


def test_an_order_that_cannot_be_read_makes_the_list_incomplete() -> None:
    async def scene(venue: Venue, client: Client) -> None:
        venue.says(OPEN, ok(orders=[ORDER, spoilt(ORDER, id=7, status=99)]))
        found = await client.orders(501).working()
        assert ([row.id for row in found], found.complete) == ([ORDER["id"]], False)
        assert found.misfits[0].row_id == 7
        assert client.quarantine.total == 1

    play(scene)


def test_an_answer_that_is_no_json_is_counted_too() -> None:
    async def scene(venue: Venue, client: Client) -> None:
        venue.says(ACCOUNTS, Say(body=b"{"), GOOD)
        venue.says("/api/Order/cancel", Say(body=b"{"))
        await client.accounts.search()
        await client.orders(501).cancel(9)
        assert client.quarantine.total == 2

    play(scene)


def test_while_the_venue_is_down_it_sees_one_read_a_second() -> None:
    async def scene(venue: Venue, client: Client) -> None:
        venue.says(ACCOUNTS, Say(503))
        start_ns = venue.clock.mono_ns()
        for _ in range(5):
            with pytest.raises(VenueDown):
                await client.accounts.search()
        passed_s = (venue.clock.mono_ns() - start_ns) / SECOND_NS
        assert venue.count(ACCOUNTS) <= passed_s + 1

    play(scene)


def test_an_answer_too_big_is_not_swallowed() -> None:
    async def scene(venue: Venue, client: Client) -> None:
        venue.says(BARS_PATH, Say(body=b" " * (ANSWER_MAX + 1)))
        with pytest.raises(BadAnswer, match="more than"):
            await client.history.bars("CON.F.US.MES.Z26", 0, 1, BarUnit.MINUTE, 1)

    play(scene)


def bar(minute: int) -> dict[str, Any]:
    return {"t": f"2026-11-20T15:{minute:02d}:00+00:00", "o": 1, "h": 3, "l": 1, "c": 2, "v": 5}


def test_bars_come_sorted_and_once_over_pages_that_overlap() -> None:
    async def scene(venue: Venue, client: Client) -> None:
        client.history._page = 3
        venue.says(
            BARS_PATH,
            ok(bars=[bar(9), bar(8), bar(7)]),
            ok(bars=[bar(7), bar(6), bar(5)]),
            ok(bars=[bar(5), bar(4)]),
        )
        found = await client.history.bars("C", 0, 10**18, BarUnit.MINUTE, 1)
        assert [row.t.minute for row in found] == [4, 5, 6, 7, 8, 9]
        assert (client.limiter.used(BARS), client.limiter.used(GENERAL)) == (3, 1)

    venue = play(scene)
    assert venue.asked[-1].body["endTime"] == "2026-11-20T15:05:00+00:00"


def test_waiting_legs_are_found_over_all_pages() -> None:
    async def scene(venue: Venue, client: Client) -> None:
        first = [spoilt(ORDER, id=number, status=8) for number in range(100)]
        venue.says(QUERY, ok(orders=first, totalCount=101), ok(orders=[spoilt(ORDER, id=100)]))
        found = await client.orders(501).query([OrderStatus.OPEN, OrderStatus.SUSPENDED])
        assert len(found) == 101

    venue = play(scene)
    assert [one.body["pageOffset"] for one in venue.asked if one.path == QUERY] == [0, 100]
    assert venue.asked[-1].body["filter"] == {"accountId": 501, "statuses": [1, 8]}


def test_pages_may_be_smaller_than_asked_for() -> None:
    async def scene(venue: Venue, client: Client) -> None:
        pages = [[spoilt(ORDER, id=number) for number in two] for two in ((0, 1), (2, 3), (4,))]
        venue.says(QUERY, *[ok(orders=page, totalCount=5) for page in pages])
        found = await client.orders(501).query([OrderStatus.OPEN])
        assert sorted(row.id for row in found) == [0, 1, 2, 3, 4]
        venue.says(QUERY, *[ok(orders=page) for page in (pages[0], pages[1], [])])
        uncounted = await client.orders(501).query([OrderStatus.OPEN])
        assert len(uncounted) == 4

    venue = play(scene)
    asked = [one.body["pageOffset"] for one in venue.asked if one.path == QUERY]
    assert asked == [0, 2, 4, 0, 2, 4]


def test_where_the_venue_counts_nothing_a_small_page_is_the_last() -> None:
    async def scene(venue: Venue, client: Client) -> None:
        pages = [[spoilt(ORDER, id=number) for number in two] for two in ((0, 1), (), (3,), (4, 5))]
        venue.says(QUERY, *[ok(orders=page) for page in (*pages, [])])
        orders = client.orders(501)
        found = [await orders.query([OrderStatus.OPEN]) for _ in range(3)]
        assert [[row.id for row in one] for one in found] == [[0, 1], [3], [4, 5]]

    venue = play(scene)
    asked = [one.body["pageOffset"] for one in venue.asked if one.path == QUERY]
    assert asked == [0, 2, 0, 0, 2]  # two rows are as many as it ever showed: there may be more


@pytest.mark.parametrize("again", [[], [spoilt(ORDER, id=0)]], ids=["nothing", "the same"])
def test_a_page_that_leaves_rows_out_proves_nothing(again: list[dict[str, Any]]) -> None:
    async def scene(venue: Venue, client: Client) -> None:
        first = ok(orders=[spoilt(ORDER, id=0)], totalCount=2)
        venue.says(QUERY, first, ok(orders=again, totalCount=2))
        with pytest.raises(BadAnswer, match="1 of 2 orders"):
            await client.orders(501).query([OrderStatus.OPEN])

    play(scene)


def test_every_other_search_reads_its_rows() -> None:
    async def scene(venue: Venue, client: Client) -> None:
        venue.says("/api/Position/searchOpen", ok(positions=[POSITION]))
        venue.says("/api/Trade/search", ok(trades=[TRADE]))
        venue.says("/api/Order/search", ok(orders=[ORDER]))
        venue.says("/api/Order/searchById", ok(order=ORDER))
        venue.says("/api/Contract/search", ok(contracts=[]))
        venue.says("/api/Contract/searchById", no(1, contract=None))
        venue.says("/api/Status/ping", Say(body=b'"pong"'))
        assert [row.size for row in await client.positions(501).held()] == [2]
        assert [row.order_id for row in await client.trades(501).since(0)] == [3500000000]
        assert len(await client.orders(501).since(0, 1)) == 1
        assert await client.orders(501).by_id(3500000001) is not None
        assert (await client.contracts.search("ZZ")).rows == ()
        with pytest.raises(CallRefused, match="CONTRACT_NOT_FOUND"):
            await client.contracts.by_id("CON.F.US.ZZ.Z26")
        assert await client.status.ping_ns() == 0

    play(scene)


def test_the_account_is_the_one_asked_for_or_none() -> None:
    async def scene(venue: Venue, client: Client) -> None:
        venue.says(ACCOUNTS, GOOD)
        assert (await client.accounts.one(501)).can_trade
        with pytest.raises(AccountMissing) as caught:
            await client.accounts.one(999)
        assert caught.value.exit_code is Exit.LOGIN
        assert "PRAC-V2-1-2" not in str(caught.value)
        assert "PRAC" in str(caught.value)

    play(scene)


def test_the_active_contract_must_have_the_tick_of_our_table() -> None:
    async def scene(venue: Venue, client: Client) -> None:
        old = spoilt(CONTRACT, id="CON.F.US.MES.U26", activeContract=False)
        venue.says(AVAILABLE, ok(contracts=[old, CONTRACT]))
        assert (await client.contracts.active(instrument("MES"))).id == "CON.F.US.MES.Z26"
        for contracts in ([old], [spoilt(CONTRACT, tickSize=0.5)], [spoilt(CONTRACT, tickValue=5)]):
            venue.says(AVAILABLE, ok(contracts=contracts))
            with pytest.raises(ContractDisagrees) as caught:
                await client.contracts.active(instrument("MES"))
            assert caught.value.exit_code is Exit.ENVIRONMENT

    play(scene)


def test_the_venues_clock_is_measured_by_its_answers() -> None:
    async def scene(venue: Venue, client: Client) -> None:
        venue.says(ACCOUNTS, Say(body=GOOD.body, headers={"Date": _http_date(venue, 7)}))
        await client.accounts.search()
        assert client.line.skew.skew_ns == 7_500_000_000
        assert client.line.skew.uncertainty_ns == 500_000_000
        venue.says(ACCOUNTS, Say(body=GOOD.body, headers={"Date": "yesterday"}))
        await client.accounts.search()
        assert client.line.skew.skew_ns == 7_500_000_000
        venue.clock.advance(0.75)
        venue.says(ACCOUNTS, Say(body=GOOD.body, headers={"Date": _http_date(venue, 7)}))
        await client.accounts.search()
        assert client.line.skew.uncertainty_ns < 500_000_000
        venue.says(ACCOUNTS, Say(body=GOOD.body, headers={"Date": _http_date(venue, -300)}))
        await client.accounts.search()
        assert (client.line.skew.skew_ns or 0) < -290 * SECOND_NS

    play(scene)


def _http_date(venue: Venue, ahead_s: int) -> str:
    return formatdate(venue.clock.now_ns() // SECOND_NS + ahead_s, usegmt=True)


def test_no_host_no_lookup_and_no_proof_are_three_messages(monkeypatch: Any) -> None:
    messages: list[str] = []

    async def scene(venue: Venue, client: Client) -> None:
        impostor = await asyncio.start_server(_impostor, "127.0.0.1", 0)
        port = impostor.sockets[0].getsockname()[1]
        for url, error in (
            ("http://127.0.0.1:9", NotReached),
            (f"https://127.0.0.1:{port}", CertificateRefused),
            ("https://julie.invalid", NotReached),
        ):
            if "invalid" in url:
                monkeypatch.setattr(socket, "getaddrinfo", _no_lookup)
            other = venue.client(url)
            with pytest.raises(error) as caught:
                await other.accounts.search()
            assert not caught.value.may_have_left
            messages.append(caught.value.message)
            await other.aclose()
        impostor.close()

    play(scene)
    assert len(set(messages)) == 3


def test_a_line_that_breaks_in_its_cipher_may_have_carried_the_request() -> None:
    broken = aiohttp.ClientOSError(1, "the record failed its check")
    broken.__cause__ = ssl.SSLError(1, "bad record mac")

    async def scene(venue: Venue, client: Client) -> None:
        del venue
        error = client.line._named("/api/Order/place", broken)
        assert isinstance(error, NoAnswer)
        assert error.may_have_left

    play(scene)


async def _impostor(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")  # in the clear, where a handshake was due
    writer.close()
    await writer.wait_closed()


def test_a_handshake_that_never_ends_is_a_venue_not_reached() -> None:
    async def scene(venue: Venue, client: Client) -> None:
        slow = venue.client(venue.url.replace("http:", "https:"), HASTY)
        with pytest.raises(NotReached):
            await slow.accounts.search()
        await slow.aclose()

    assert play(scene).asked == []


def _no_lookup(*_: Any, **__: Any) -> Any:
    raise socket.gaierror(-2, "Name or service not known")


@pytest.mark.parametrize(
    "url", ["http://api.topstepx.com", "api.topstepx.com", "ftp://x", "http://["]
)
def test_an_address_that_would_show_the_key_is_refused(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        Venue().client(url)
    assert caught.value.exit_code is Exit.USAGE
