"""A venue that answers nothing, or lets us in no more, is told late and once, and so is the end."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from julie.gateway.client import Client
from julie.gateway.errors import GatewayError
from julie.gateway.reach import Reach, Trouble
from tests.gateway.venue import LOGIN, Say, Venue, no, ok

pytestmark = pytest.mark.tier1
ACCOUNTS = "/api/Account/search"


class Looked:
    """A watch, and what it told."""

    def __init__(self, venue: Venue, client: Client) -> None:
        self.venue, self.client = venue, client
        self.told: list[Trouble] = []
        self.reach = Reach(client, venue.clock, self.told.append)

    async def asks(self) -> None:
        """One call, whatever becomes of it."""
        try:
            await self.client.accounts.search()
        except GatewayError:
            return

    def after(self, seconds: float) -> list[str]:
        """What was told by then."""
        self.venue.clock.advance(seconds)
        self.reach.look()
        return [f"{one.name}: {one.text}" for one in self.told]


def play(scene: Callable[[Looked], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with Venue() as venue:
            client = venue.client()
            await scene(Looked(venue, client))
            await client.aclose()

    asyncio.run(whole(), debug=True)


def test_ten_seconds_without_any_answer_are_told_once_and_so_is_the_next_answer() -> None:
    async def scene(it: Looked) -> None:
        await it.asks()
        it.venue.says(ACCOUNTS, Say(503))
        await it.asks()
        assert it.after(2) == []
        await it.asks()
        [text] = it.after(10)
        assert text.startswith("venue_down: nothing was answered for 1")
        assert len(it.after(60)) == 1
        it.venue.says(ACCOUNTS, ok(accounts=[]))
        await it.asks()
        assert it.after(1)[1:] == ["venue_down: it answers again"]
        assert [one.over for one in it.told] == [False, True]

    play(scene)


def test_a_short_fault_is_nobodys_business() -> None:
    async def scene(it: Looked) -> None:
        it.venue.says(ACCOUNTS, Say(502), Say(502), ok(accounts=[]))
        await it.asks()
        assert it.after(30) == []

    play(scene)


def test_a_call_is_tried_once_while_nothing_is_answered() -> None:
    async def scene(it: Looked) -> None:
        it.venue.says(ACCOUNTS, Say(503))
        await it.asks()
        before = it.venue.count(ACCOUNTS)
        await it.asks()
        assert it.venue.count(ACCOUNTS) == before + 1

    play(scene)


def test_three_refused_logins_are_told_as_lasting_and_nobody_asks_again() -> None:
    async def scene(it: Looked) -> None:
        it.venue.says(LOGIN, no(9))
        for _ in range(2):
            await it.asks()
            assert it.after(1) == []
        await it.asks()
        [text] = it.after(1)
        assert text.startswith("login_refused: the venue refused the login: api subscription")
        assert it.told[0].lasting
        await it.asks()
        assert it.venue.count(LOGIN) == 3

    play(scene)


def test_a_persons_word_lets_it_ask_again_and_the_answer_is_told() -> None:
    async def scene(it: Looked) -> None:
        it.venue.says(LOGIN, no(9))
        for _ in range(3):
            await it.asks()
        assert len(it.after(1)) == 1
        it.client.session.try_again()
        assert len(it.after(1)) == 1, "nobody knows yet what the venue says"
        for _ in range(4):
            await it.asks()
        assert it.venue.count(LOGIN) == 6
        assert len(it.after(1)) == 2
        it.client.session.try_again()
        it.venue.says(LOGIN, ok(token="a token"))  # noqa: S106
        it.venue.says(ACCOUNTS, ok(accounts=[]))
        await it.asks()
        assert it.after(1)[2:] == ["login_refused: the venue let us in again"]
        assert [one.over for one in it.told] == [False, False, True]

    play(scene)
