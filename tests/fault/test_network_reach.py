"""Before the venue and inside the stream: names, proofs, pages, bursts, handlers, black holes."""

import asyncio
import gc
import socket
import ssl
import subprocess
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from julie.core.clock import MachineClock
from julie.core.market_events import Hub
from julie.gateway import hub as hub_module
from julie.gateway.backoff import Backoff
from julie.gateway.client import Client
from julie.gateway.errors import CertificateRefused, GatewayError, NotReached, NotTheVenue
from julie.gateway.hub_transport import WebSocketHub
from julie.gateway.intake import Intake
from tests.fault.asking import ASKS_NEVER
from tests.fault.frame import Scene
from tests.fault.gate import Gate
from tests.fault.network_feed import feeding, reached
from tests.fault.network_seen import ONCE, ready
from tests.fault.outcome import read_messages
from tests.fault.rows import fault, row

PAGE = b"<html>Welcome to Hotel Wi-Fi</html>"


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


# N34: the feed by itself


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


@fault("N33", sets=(ASKS_NEVER,))
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
