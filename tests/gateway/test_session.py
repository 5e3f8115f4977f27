"""The login: renewed once for everybody, ended by a refusal, and never shown."""

import asyncio
import logging

import pytest

from julie.core.errors import Exit
from julie.core.zones import DAY_NS, SECOND_NS
from julie.execution.venue import Accepted, NotSent
from julie.gateway.client import Client
from julie.gateway.errors import GatewayError, LoginRefused, TokenRefused, VenueDown
from julie.gateway.session import life_of
from julie.gateway.wire import codes
from tests.gateway.samples import ACCOUNT
from tests.gateway.test_orders import ENTRY, PLACE
from tests.gateway.venue import (
    HASTY,
    KEY,
    LOGIN,
    NOW_S,
    PATIENT,
    USER,
    VALIDATE,
    Say,
    Venue,
    no,
    ok,
    play,
    token,
)

ACCOUNTS = "/api/Account/search"
HALF_DAY_S = 43_200


async def together(client: Client, callers: int) -> list[GatewayError]:
    """That many reads at once; the errors of those that failed."""
    failed: list[GatewayError] = []

    async def one() -> None:
        try:
            await client.accounts.search()
        except GatewayError as error:
            failed.append(error)

    async with asyncio.TaskGroup() as group:
        for _ in range(callers):
            group.create_task(one())
    return failed


def test_fifty_refused_tokens_are_one_login() -> None:
    async def scene(venue: Venue, client: Client) -> None:
        venue.says(ACCOUNTS, ok(accounts=[ACCOUNT]))
        await client.accounts.search()
        venue.only_token = token(2)
        assert await together(client, 50) == []

    venue = play(scene)
    assert venue.count(LOGIN) == 2


def test_a_venue_that_refuses_every_token_is_not_asked_for_ever() -> None:
    async def scene(venue: Venue, client: Client) -> None:
        venue.says(ACCOUNTS, Say(401))
        with pytest.raises(TokenRefused):
            await client.accounts.search()

    venue = play(scene)
    assert (venue.count(LOGIN), venue.count(ACCOUNTS)) == (2, 2)


def test_a_token_is_renewed_from_half_of_its_life_and_orders_do_not_wait() -> None:
    async def scene(venue: Venue, client: Client) -> None:
        venue.says(ACCOUNTS, ok(accounts=[ACCOUNT]))
        venue.says(VALIDATE, ok(newToken=token(77)))
        venue.says(PLACE, ok(orderId=1))
        await client.accounts.search()
        venue.clock.advance(HALF_DAY_S - 1)
        await client.accounts.search()
        assert venue.count(VALIDATE) == 0
        venue.clock.advance(1)
        assert await client.orders(501).place(ENTRY) == Accepted(1)
        assert venue.count(VALIDATE) == 0
        assert await together(client, 20) == []  # one renews, the others go on with the old one
        await client.accounts.search()
        assert venue.asked[-1].headers["authorization"] == f"Bearer {token(77)}"

    venue = play(scene)
    assert (venue.count(LOGIN), venue.count(VALIDATE)) == (1, 1)


@pytest.mark.parametrize("says", [ok(newToken=None), ok(), Say(503), Say(hangs=True), Say(429)])
def test_a_renewal_that_gives_nothing_leaves_the_old_token_at_work(says: Say) -> None:
    async def scene(venue: Venue, client: Client) -> None:
        venue.says(ACCOUNTS, ok(accounts=[ACCOUNT]))
        venue.says(VALIDATE, says)
        await client.accounts.search()
        venue.clock.advance(HALF_DAY_S)
        for _ in range(3):
            await client.accounts.search()
        assert venue.asked[-1].headers["authorization"] == f"Bearer {token(1)}"

    venue = play(scene, HASTY if says.hangs else PATIENT)
    assert (venue.count(LOGIN), venue.count(VALIDATE)) == (1, 1)


@pytest.mark.parametrize("says", [no(3), no(2), Say(401)])
def test_a_session_that_the_venue_forgot_is_a_new_login(says: Say) -> None:
    async def scene(venue: Venue, client: Client) -> None:
        venue.says(ACCOUNTS, ok(accounts=[ACCOUNT]))
        venue.says(VALIDATE, says)
        await client.accounts.search()
        venue.clock.advance(HALF_DAY_S)
        await client.accounts.search()
        assert venue.asked[-1].headers["authorization"] == f"Bearer {token(2)}"

    play(scene)


def test_a_token_past_its_life_is_never_sent() -> None:
    async def scene(venue: Venue, client: Client) -> None:
        venue.token_life_s = 60
        venue.says(PLACE, ok(orderId=1))
        await client.orders(501).place(ENTRY)
        venue.clock.advance(61)
        assert await client.orders(501).place(ENTRY) == Accepted(1)

    venue = play(scene)
    assert [one.headers.get("authorization", "")[-1:] for one in venue.asked] == ["", "1", "", "2"]


@pytest.mark.parametrize("code", [code for code in codes.LoginCode if code])
def test_a_refused_login_says_why_and_ends(code: codes.LoginCode) -> None:
    async def scene(venue: Venue, client: Client) -> None:
        venue.says(LOGIN, no(code, "venue's words", token=None))
        for _ in range(10):
            with pytest.raises(LoginRefused, match=code.name.lower().replace("_", " ")) as caught:
                await client.accounts.search()
            assert caught.value.exit_code is Exit.LOGIN
            assert "venue's words" in caught.value.message
            if code is codes.LoginCode.INVALID_CREDENTIALS:
                assert "PROJECTX_API_KEY" in caught.value.cure

    assert play(scene).count(LOGIN) == 3


def test_fifty_callers_share_one_refusal_and_orders_are_not_sent() -> None:
    async def scene(venue: Venue, client: Client) -> None:
        venue.says(LOGIN, no(99))
        failed = await together(client, 50)
        assert len(failed) == 50
        assert venue.count(LOGIN) == 1
        found = await client.orders(501).place(ENTRY)
        assert isinstance(found, NotSent)
        assert "nobody knows (99)" in found.text

    assert play(scene).count(PLACE) == 0


def test_a_login_outlives_a_short_fault_but_not_a_long_one() -> None:
    async def scene(venue: Venue, client: Client) -> None:
        venue.says(ACCOUNTS, ok(accounts=[ACCOUNT]))
        venue.says(LOGIN, Say(503))
        with pytest.raises(VenueDown):
            await client.accounts.search()
        assert venue.count(LOGIN) == 3
        assert min(venue.pauses) >= 1
        venue.says(LOGIN, Say(502), ok(token=token(5)))
        await client.accounts.search()

    play(scene)


def test_a_login_broken_off_by_its_caller_is_taken_up_by_the_next() -> None:
    async def scene(venue: Venue, client: Client) -> None:
        venue.says(ACCOUNTS, ok(accounts=[ACCOUNT]))
        venue.says(LOGIN, Say(hangs=True), ok(token=token(1)))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await client.accounts.search()
        assert len(await client.accounts.search()) == 1

    assert play(scene).count(LOGIN) == 2


@pytest.mark.parametrize(
    ("text", "life_ns"),
    [
        (token(1, 600), 600 * SECOND_NS),
        ("opaque", DAY_NS),
        ("a.b.c", DAY_NS),
        ("a.bm9qc29u.c", DAY_NS),
        ("a.é.c", DAY_NS),
        (token(1, -5), DAY_NS),
    ],
)
def test_a_tokens_life_is_read_from_it_or_taken_as_a_day(text: str, life_ns: int) -> None:
    assert life_of(text, NOW_S * SECOND_NS) == life_ns


def test_no_secret_reaches_a_log_an_error_or_a_repr(caplog: pytest.LogCaptureFixture) -> None:
    texts: list[str] = []

    async def scene(venue: Venue, client: Client) -> None:
        venue.says(ACCOUNTS, Say(500), Say(body=b'{"accounts":[{"id":"' + KEY.encode() + b'"}]}'))
        for says in (no(3, f"user {USER} with {KEY}"), ok(token=token(1))):
            venue.says(LOGIN, says)
            with pytest.raises(GatewayError) as caught:
                await client.accounts.search()
            texts.append(f"{caught.value!r} {caught.value} {caught.value.__cause__!r}")
        venue.says(ACCOUNTS, ok(accounts=[{"id": token(1), "name": USER}]))
        await client.accounts.search()
        texts.append(repr((client.session._token, client.session._credentials)))

    with caplog.at_level(logging.DEBUG):
        play(scene)
    assert "not understood" in caplog.text
    for secret in (KEY, USER, token(1), "sentinel-1"):
        assert secret not in caplog.text
        assert secret not in " ".join(texts)
