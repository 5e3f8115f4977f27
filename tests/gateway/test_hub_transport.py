"""One connection to a hub, against a server that breaks the protocol in every way known."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import pytest

from julie.core.ports import HubTransport
from julie.core.tasks import Tasks
from julie.gateway import hub_transport
from julie.gateway.errors import (
    BadAnswer,
    GatewayError,
    HubRefused,
    NoAnswer,
    NotReached,
    NotTheVenue,
    TokenRefused,
    VenueDown,
)
from julie.gateway.hub_transport import FRAME_MAX, WebSocketHub
from julie.gateway.hub_url import hub_url
from julie.gateway.wire import Misfit
from julie.gateway.wire.hub import Record
from tests.gateway.hub_server import END, HubServer, event, until

TOKEN = "sentinel-token-0123456789"  # noqa: S105 - looked for in the log
pytestmark = pytest.mark.tier1


class Line:
    """A connection under test and what it handed on."""

    def __init__(self, server: HubServer, url: str | None = None) -> None:
        self.records: list[Record] = []
        self.misfits: list[Misfit] = []
        self.raises = False
        self.hub = WebSocketHub(self._take, self.misfits.append)
        self.url = hub_url(url or server.url, TOKEN)
        self.ended: asyncio.Task[str] | None = None

    @property
    def targets(self) -> list[str]:
        return [record.target for record in self.records]

    def _take(self, record: Record) -> None:
        if self.raises:
            raise ZeroDivisionError
        self.records.append(record)

    async def reason(self) -> str:
        assert self.ended
        async with asyncio.timeout(8):
            return await self.ended


def play(
    scene: Callable[[HubServer, Line], Awaitable[None]], server: HubServer | None = None
) -> HubServer:
    """A scene on a connection that has shaken hands and runs."""

    async def whole() -> HubServer:
        async with server or HubServer() as hub, Tasks() as tasks:
            line = Line(hub)
            await line.hub.start(line.url)
            line.ended = tasks.start("hub", line.hub.run())
            try:
                await scene(hub, line)
            finally:
                await line.hub.stop()
        return hub

    return asyncio.run(whole(), debug=True)


def refused(server: HubServer, url: str | None = None) -> GatewayError:
    """The error of a start that fails."""

    async def whole() -> GatewayError:
        async with server:
            line = Line(server, url)
            with pytest.raises(GatewayError) as found:
                await line.hub.start(line.url)
            await line.hub.stop()
        return found.value

    return asyncio.run(whole(), debug=True)


def test_it_is_the_port() -> None:
    port: HubTransport = WebSocketHub(lambda _: None, lambda _: None)
    assert isinstance(port, WebSocketHub)


def test_it_shakes_hands_in_version_1_with_the_token_in_the_address() -> None:
    async def scene(hub: HubServer, line: Line) -> None:
        await line.hub.invoke("SubscribeContractQuotes", ["CON.F.US.MES.Z26"])
        assert hub.life.invoked == [("SubscribeContractQuotes", ["CON.F.US.MES.Z26"])]

    life = play(scene).life
    assert json.loads(life.hello.rstrip(END)) == {"protocol": "json", "version": 1}
    assert life.path == f"/hubs/market?access_token={TOKEN}"


def test_records_come_alike_however_they_are_cut() -> None:
    one, two, three = (event(f"E{n}", {"n": n, "text": "§ü"}) for n in (1, 2, 3))
    whole = (one + two + three).encode()

    async def scene(hub: HubServer, line: Line) -> None:
        await hub.life.say(whole)
        await hub.life.say(*(whole[k : k + 7] for k in range(0, len(whole), 7)))
        await hub.life.say(whole[:-1], END)
        await until(lambda: len(line.records) == 9)
        assert line.targets == ["E1", "E2", "E3"] * 3
        assert json.loads(bytes(line.records[4].arguments[0])) == {"n": 2, "text": "§ü"}
        assert line.misfits == []

    play(scene)


def test_what_follows_the_greeting_in_its_frame_is_not_lost() -> None:
    server = HubServer()
    server.behind_greeting = event("E1", 1) + event("E2", 2)[:9]

    async def scene(hub: HubServer, line: Line) -> None:
        await hub.life.say(event("E2", 2)[9:])
        await until(lambda: len(line.records) == 2)
        assert line.targets == ["E1", "E2"]

    play(scene, server)


@pytest.mark.parametrize("payload", [b"", b"anything at all"])
def test_pings_of_the_socket_are_answered(payload: bytes) -> None:
    async def scene(hub: HubServer, line: Line) -> None:
        async with asyncio.timeout(8):
            await (await hub.life.socket.ping(payload))
        await hub.life.say(event("E", 1))
        await until(lambda: line.targets == ["E"])

    play(scene)


def test_pings_of_the_hub_prove_life_and_ours_go_out_when_we_are_quiet(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hub_transport, "BEAT_S", 0.05)

    async def scene(hub: HubServer, line: Line) -> None:
        await line.hub.beat()
        assert hub.life.pings == 0
        await asyncio.sleep(0.06)
        assert line.hub.silent_s > 0.05
        await hub.life.say('{"type":6}' + END)
        await until(lambda: line.hub.silent_s < 0.05)
        await line.hub.beat()
        await line.hub.beat()
        await until(lambda: hub.life.pings == 1)
        assert line.records == []

    play(scene)


@pytest.mark.parametrize(
    "junk",
    [
        b"\x00\xff\xfe" + END.encode(),
        ("x" * 500 + END).encode(),
        b'{"type":1,"target":"GatewayQuote","argum' + END.encode(),
        b'{"type":"one"}' + END.encode(),
    ],
)
def test_garbage_is_told_and_what_comes_after_is_read(junk: bytes) -> None:
    async def scene(hub: HubServer, line: Line) -> None:
        await hub.life.say(junk, event("E", 1))
        await until(lambda: line.targets == ["E"])
        assert len(line.misfits) == 1

    play(scene)


def test_a_frame_cut_short_does_not_spoil_the_next() -> None:
    async def scene(hub: HubServer, line: Line) -> None:
        await hub.life.say(event("E", 1)[:20], event("E", 2), event("E", 3))
        await until(lambda: len(line.records) == 2)
        assert [bytes(record.arguments[0]) for record in line.records] == [b"2", b"3"]
        assert len(line.misfits) == 1

    play(scene)


def test_unknown_kinds_of_records_and_unknown_members_are_passed_over() -> None:
    async def scene(hub: HubServer, line: Line) -> None:
        more = json.dumps({"type": 1, "target": "E", "arguments": [1], "streamIds": [], "x": {}})
        await hub.life.say('{"type":42}' + END, '{"type":3,"invocationId":"99"}' + END, more + END)
        await until(lambda: line.targets == ["E"])
        assert line.misfits == []

    play(scene)


def test_ten_megabytes_are_read_and_more_than_sixteen_refused() -> None:
    async def scene(hub: HubServer, line: Line) -> None:
        await hub.life.say(event("E", "x" * 10_000_000))
        await until(lambda: line.targets == ["E"])
        await hub.life.say("x" * (FRAME_MAX + 1))
        assert await line.reason() == "a frame of more than 16 MiB"

    play(scene)


def test_a_record_without_an_end_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_transport, "FRAME_MAX", 1_000)

    async def scene(hub: HubServer, line: Line) -> None:
        await hub.life.say("x" * 600, "y" * 600, event("E", 1))
        await until(lambda: line.targets == ["E"])
        assert [misfit.reason for misfit in line.misfits] == ["no end within 16 MiB"]

    play(scene)


def test_a_refused_method_says_so_and_the_connection_lives() -> None:
    async def scene(hub: HubServer, line: Line) -> None:
        hub.method_error = "HubException: Method does not exist."
        with pytest.raises(HubRefused, match="Method does not exist"):
            await line.hub.invoke("SubscribeNothing", [])
        await hub.life.say(event("E", 1))
        await until(lambda: line.targets == ["E"])

    play(scene)


def test_who_waits_for_a_completion_hears_of_the_end() -> None:
    async def scene(hub: HubServer, line: Line) -> None:
        hub.answers = False

        async def cut(life: Any, *_: Any) -> None:
            life.drop()

        hub.on_invoked = cut
        with pytest.raises(NoAnswer):
            await line.hub.invoke("SubscribeAccounts", [])
        with pytest.raises(NoAnswer):
            await line.hub.invoke("SubscribeAccounts", [])

    play(scene)


def test_every_ending_has_its_reason() -> None:
    async def closed(hub: HubServer, line: Line) -> None:
        bye = {"type": 7, "error": "Connection closed with an error.", "allowReconnect": True}
        await hub.life.say(json.dumps(bye) + END)
        assert await line.reason() == "the venue closed the hub: Connection closed with an error."

    async def polite(hub: HubServer, line: Line) -> None:
        await hub.life.socket.close(1001, "going away")
        assert await line.reason() == "the venue closed the connection (1001 going away)"

    async def cut(hub: HubServer, line: Line) -> None:
        hub.life.drop()
        assert await line.reason() == "the connection broke"

    for scene in (closed, polite, cut):
        play(scene)


def test_a_handler_that_raises_ends_this_connection_with_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def scene(hub: HubServer, line: Line) -> None:
        line.raises = True
        await hub.life.say(event("E", 1))
        assert await line.reason() == "a handler of ours failed"

    play(scene)
    assert "a handler failed on E" in caplog.text


def test_leaving_a_peer_that_answers_nothing_is_quick_and_may_be_repeated() -> None:
    server = HubServer()
    server.deaf = True

    async def scene(_: HubServer, line: Line) -> None:
        begun = asyncio.get_running_loop().time()
        await line.hub.stop()
        await line.hub.stop()
        assert asyncio.get_running_loop().time() - begun < 5
        assert await line.reason()

    play(scene, server)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (HTTPStatus.UNAUTHORIZED, TokenRefused),
        (HTTPStatus.NOT_FOUND, NotTheVenue),
        (HTTPStatus.SERVICE_UNAVAILABLE, VenueDown),
        (HTTPStatus.OK, NotTheVenue),
    ],
)
def test_an_upgrade_refused_is_told_by_its_status(
    status: HTTPStatus, error: type[GatewayError]
) -> None:
    server = HubServer()
    server.status = status
    assert type(refused(server)) is error


def test_a_handshake_refused_is_told_in_the_venues_words() -> None:
    server = HubServer()
    server.greeting = json.dumps({"error": "The server does not support version 1."})
    found = refused(server)
    assert isinstance(found, HubRefused)
    assert "does not support version 1" in found.message


def test_a_greeting_that_is_none_is_refused() -> None:
    server = HubServer()
    server.greeting = "<html>Welcome to Hotel Wi-Fi</html>"
    assert isinstance(refused(server), BadAnswer)


def test_nobody_there_and_no_name_are_told_apart() -> None:
    found = refused(HubServer(), "http://127.0.0.1:1/hubs/user")
    assert isinstance(found, NotReached)
    assert "ConnectionRefusedError" in found.message


def test_the_token_reaches_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server = HubServer()
    server.status = HTTPStatus.UNAUTHORIZED
    error = refused(server)

    async def scene(hub: HubServer, line: Line) -> None:
        hub.life.drop()
        await line.reason()

    play(scene)
    assert TOKEN not in caplog.text
    assert TOKEN not in f"{error!r} {error}"
