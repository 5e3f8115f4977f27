"""Before the venue and inside the stream: names, proofs, pages, bursts, handlers, black holes."""

import asyncio
import gc
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from julie.core.calendar import load_calendar
from julie.core.clock import MachineClock, ScaledClock
from julie.core.events import Alarm
from julie.core.market_events import Hub, HubChanged, HubState, MarketEvent, Print
from julie.core.tasks import Tasks
from julie.core.types import Side
from julie.execution.venue import NewOrder, OrderKind, VenueEvent, VenueOrder
from julie.gateway import hub as hub_module
from julie.gateway.backoff import Backoff
from julie.gateway.client import Client
from julie.gateway.config import GatewaySection
from julie.gateway.errors import CertificateRefused, GatewayError, NotReached, NotTheVenue
from julie.gateway.feed import Addresses, HubFeed
from julie.gateway.hub_transport import WebSocketHub
from julie.gateway.intake import Intake
from julie.gateway.venue import GatewayVenue
from julie.gateway.venue_rows import Ticks, VenueRows
from julie.live.venue_door import login_of
from tests.fault.frame import Scene
from tests.fault.gate import Gate
from tests.fault.network_seen import ONCE, client_of, ready
from tests.fault.outcome import read_messages
from tests.fault.rows import fault, row

PAGE = b"<html>Welcome to Hotel Wi-Fi</html>"
NEVER = ("strategies.pulse.first=1400",)


# N29


@asynccontextmanager
async def answering(body: bytes, context: ssl.SSLContext | None, heard: list[bytes]) -> Any:
    """A server that answers everything with a page; what it was sent is kept."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            heard.append(await reader.readuntil(b"\r\n\r\n"))
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n"
            writer.write(head.encode() + body)
            await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            return
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def self_signed(folder: Path) -> ssl.SSLContext:
    """A server's certificate that no authority vouches for."""
    key, proof = folder / "key.pem", folder / "proof.pem"
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
    files = ["-keyout", str(key), "-out", str(proof), "-subj", "/CN=localhost"]
    subprocess.run([*words, *files], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(proof, key)
    return context


async def refused(url: str) -> tuple[GatewayError, GatewayError]:
    """What a call and a hub say of an address."""
    login = login_of_nobody()
    client = Client(url, login, MachineClock(), np.random.default_rng(1))
    try:
        with pytest.raises(GatewayError) as call:
            await client.session.for_acting()
    finally:
        await client.aclose()
    hub = WebSocketHub(lambda record: None, lambda misfit: None)
    address = f"{url.replace('http', 'ws', 1)}/hubs/market?access_token=sentinel"
    with pytest.raises(GatewayError) as stream:
        await hub.start(address)
    await hub.stop()
    return call.value, stream.value


def login_of_nobody() -> Any:
    """Credentials that must reach nobody."""
    from pydantic import SecretStr

    from julie.gateway.session import Credentials

    return Credentials(SecretStr("sentinel-user"), SecretStr("sentinel-key"))


@row("N29")
@pytest.mark.tier2
@pytest.mark.timeout(60)
def test_n29_no_name_no_proof_and_a_login_page_are_three_messages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def played() -> dict[str, tuple[GatewayError, GatewayError]]:
        found: dict[str, tuple[GatewayError, GatewayError]] = {}
        heard: list[bytes] = []
        async with answering(PAGE, self_signed(tmp_path), heard) as port:
            found["proof"] = await refused(f"https://127.0.0.1:{port}")
        assert heard == [], "nothing is sent to whom cannot prove who he is"
        async with answering(PAGE, None, []) as port:
            found["page"] = await refused(f"http://127.0.0.1:{port}")
        with monkeypatch.context() as patched:
            patched.setattr(socket, "getaddrinfo", no_lookup)
            found["name"] = await refused("https://api.julie.invalid")
        return found

    found = asyncio.run(played())
    kinds = {"proof": CertificateRefused, "page": NotTheVenue, "name": NotReached}
    for name, kind in kinds.items():
        for error in found[name]:
            assert type(error) is kind, (name, error)
            assert error.cure
            assert not [one for one in ("sentinel",) if one in f"{error} {error.cure}"]
    for which in (0, 1):
        assert len({pair[which].message for pair in found.values()}) == 3


def no_lookup(*_: Any, **__: Any) -> Any:
    """A resolver without an answer."""
    raise socket.gaierror(-2, "Name or service not known")


# N31, N34: the feed by itself


class Heard:
    """What a feed told, with the wall's times."""

    def __init__(self) -> None:
        self.prints = 0
        self.orders: dict[str | None, float] = {}
        self.lives = dict.fromkeys(Hub, 0)
        self.states: list[HubChanged] = []

    def market(self, event: MarketEvent) -> None:
        self.prints += isinstance(event, Print)

    def user(self, event: VenueEvent) -> None:
        if isinstance(event, VenueOrder):
            self.orders.setdefault(event.tag, asyncio.get_running_loop().time())

    def hub(self, change: HubChanged) -> None:
        self.states.append(change)
        if change.state is HubState.LIVE:
            self.lives[change.hub] += 1

    def alarm(self, alarm: Alarm) -> None:
        raise AssertionError(alarm)


@asynccontextmanager
async def feeding(gate: Gate) -> AsyncIterator[tuple[HubFeed, Heard, GatewayVenue]]:
    """Both streams of a running gateway, live."""
    login = login_of(gate.ready)
    client = client_of(gate)
    heard = Heard()
    rows = VenueRows(gate.ready.account_id, Ticks())
    feed = HubFeed(
        client,
        Addresses(login.url, gate.ready.user_hub, gate.ready.market_hub),
        rows,
        [gate.contract],
        GatewaySection(),
        load_calendar(),
        ScaledClock(gate.ready.clock, gate.speed),
        np.random.default_rng(1),
        heard,
        quiet=lambda: True,
        exposed=lambda: False,
    )
    try:
        async with asyncio.timeout(60), Tasks() as tasks:
            feed.start(tasks)
            await reached(lambda: all(heard.lives.values()))
            yield feed, heard, GatewayVenue(client, rows)
            raise Over
    except* Over:
        await client.aclose()


class Over(Exception):
    """Enough was seen."""


async def reached(seen: Any) -> None:
    """Wait for something to be so."""
    while True:
        if seen():
            return
        await asyncio.sleep(0.01)


def limit(tag: str, contract: str) -> NewOrder:
    """An order that works and does not fill."""
    return NewOrder(tag, contract, Side.LONG, 1, OrderKind.LIMIT, 19_900, None, None)


@row("N31")
@pytest.mark.tier2
@pytest.mark.timeout(90)
def test_n31_five_thousand_events_a_second(tmp_path: Path) -> None:
    async def played() -> None:
        async with await Gate.start(tmp_path, seed=1, speed=1) as gate, feeding(gate) as made:
            feed, heard, venue = made
            await gate.market("burst", per_second=5000, seconds=8)
            before = heard.prints
            await reached(lambda: heard.prints > before + 1000)
            waits = []
            for k in range(40):
                tag = f"n31-{k}"
                order = NewOrder(
                    tag, gate.contract, Side.LONG, 1, OrderKind.LIMIT, 19_900, None, None
                )
                began = asyncio.get_running_loop().time()
                await venue.place(order)
                await reached(lambda tag=tag: tag in heard.orders)
                waits.append(heard.orders[tag] - began)
            await gate.pause()
            await asyncio.sleep(0.3)
            counts = feed.counts()
            assert counts["records_waiting_most"] <= 20_000
            waits.sort()
            assert waits[int(0.99 * len(waits)) - 1] < 0.1, waits[-5:]

    asyncio.run(played())


@row("N34")
@pytest.mark.tier2
@pytest.mark.timeout(90)
def test_n34_a_black_hole_costs_ten_seconds_at_most(tmp_path: Path) -> None:
    async def played() -> None:
        async with await Gate.start(tmp_path, seed=1, speed=10) as gate, feeding(gate) as made:
            feed, heard, _ = made
            await gate.rule("refuse_connect", {"hub": "market"}, ONCE, hang=True)
            loop = asyncio.get_running_loop()
            began, lives = loop.time(), heard.lives[Hub.MARKET]
            await gate.rule("half_open", {"hub": "market"})  # it will not answer our goodbye
            feed.rebuild(Hub.MARKET, "a test")
            await reached(lambda: heard.lives[Hub.MARKET] > lives)
            assert loop.time() - began <= 10.0
            assert feed.counts()["market_left_behind"] == 1

    asyncio.run(played())


@row("N34")
@pytest.mark.tier2
@pytest.mark.timeout(90)
def test_n34_nothing_is_left_of_many_lives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "PAUSES", Backoff(first_s=0.001, cap_s=0.001))

    async def played() -> None:
        async with await Gate.start(tmp_path, seed=1, speed=10) as gate, feeding(gate) as made:
            feed, heard, _ = made
            counted: list[tuple[int, int]] = []
            for number in range(500):
                lives = heard.lives[Hub.MARKET]
                feed.rebuild(Hub.MARKET, f"life {number}")
                await reached(lambda lives=lives: heard.lives[Hub.MARKET] > lives)
                if number % 100 == 99:
                    gc.collect()
                    counted.append((len(asyncio.all_tasks()), open_files()))
            for kind in (0, 1):
                numbers = [one[kind] for one in counted]
                assert max(numbers) - min(numbers) <= 4, counted

    asyncio.run(played())


def open_files() -> int:
    """Handles of this process."""
    return len(list(Path("/proc/self/fd").iterdir()))


# N33


def said(scene: Scene, words: str) -> bool:
    """Whether a line to the person holds these words."""
    return any(words in one.text for one in read_messages(scene.data))


@fault("N33", sets=NEVER)
async def test_n33_a_handler_of_ours_fails(scene: Scene) -> None:
    await ready(scene)
    put, met = Intake.put, iter(range(1_000_000))

    def failing(intake: Intake, hub: Hub, record: Any) -> None:
        if next(met) == 3:
            raise ZeroDivisionError
        put(intake, hub, record)

    Intake.put = failing  # type: ignore[method-assign,assignment]
    try:
        await scene.told("of it", lambda: said(scene, "a handler of ours failed"), within_s=15)
        await scene.state("ACTIVE", within_s=30)
    finally:
        Intake.put = put  # type: ignore[method-assign]
    await scene.pass_s(8)
    await scene.state("ACTIVE", within_s=1)  # what came after the failure is heard
