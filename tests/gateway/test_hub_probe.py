"""A hub is tried for a person: it gets through and tells how fast, or says why not."""

import asyncio
from collections.abc import Callable
from http import HTTPStatus

import pytest

from julie.gateway import hub_probe
from julie.gateway.client import Client
from julie.gateway.errors import GatewayError, HubRefused, NoAnswer, NotReached, NotTheVenue
from julie.gateway.hub_probe import opened_ms
from tests.gateway.hub_server import HubServer
from tests.gateway.venue import Venue

pytestmark = pytest.mark.tier1
CALL = ("SubscribeAccounts", ())


def tried(prepare: Callable[[HubServer], None] = lambda _: None, url: str = "") -> float:
    async def whole() -> float:
        async with Venue() as venue, HubServer() as server:
            prepare(server)
            client: Client = venue.client()
            try:
                took = await opened_ms(client.session, url or server.url, CALL)
            finally:
                await client.aclose()
            assert [life.invoked for life in server.lives] == [[("SubscribeAccounts", [])]]
            return took

    return asyncio.run(whole())


def test_a_hub_that_answers_tells_how_fast() -> None:
    assert 0 < tried() < 10_000


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (lambda it: setattr(it, "status", HTTPStatus.FORBIDDEN), NotTheVenue),
        (lambda it: setattr(it, "greeting", '{"error":"no"}'), HubRefused),
        (lambda it: setattr(it, "method_error", "not yours"), HubRefused),
        (lambda it: setattr(it, "mute_handshake", True), NoAnswer),
    ],
)
def test_one_that_does_not_get_through_says_why(
    fault: Callable[[HubServer], None], kind: type[GatewayError], monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind is NoAnswer:
        monkeypatch.setattr(hub_probe, "PATIENCE_S", 0.3)
    with pytest.raises(kind):
        tried(fault)


def test_nobody_there() -> None:
    with pytest.raises(NotReached):
        tried(url="http://127.0.0.1:9/hubs/user")
