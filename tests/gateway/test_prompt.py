"""A request leaves in its caller's turn, and one that the socket does not take at once waits."""

import asyncio
import io
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress

import aiohttp
import pytest

from julie.core.tasks import Tasks
from julie.gateway.prompt import PromptRequest

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
LARGE = b"x" * 8_000_000  # more than any socket's buffer takes, and written piece by piece


def play(scene: Callable[[aiohttp.ClientSession, str, socket.socket], Awaitable[None]]) -> None:
    async def run() -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            url = f"http://127.0.0.1:{server.getsockname()[1]}/"
            async with aiohttp.ClientSession(request_class=PromptRequest) as session:
                await scene(session, url, server)

    asyncio.run(run())


async def ask(session: aiohttp.ClientSession, url: str, body: bytes | io.BytesIO) -> bytes:
    async with session.post(url, data=body) as response:
        return await response.read()


def answered(server: socket.socket, size: int) -> socket.socket:
    """The other side of a connection that has asked, and was answered."""
    connection, _ = server.accept()
    heard = 0
    while heard < size:
        heard += len(connection.recv(1 << 20))
    connection.sendall(ANSWER)
    return connection


def heard_to_the_end(venue: socket.socket) -> int:
    """Bytes that came until the connection was closed."""
    venue.settimeout(10.0)
    heard = 0
    with suppress(ConnectionResetError):
        while part := len(venue.recv(1 << 20)):
            heard += part
    return heard


def test_the_request_is_out_before_another_task_has_its_turn() -> None:
    async def scene(session: aiohttp.ClientSession, url: str, server: socket.socket) -> None:
        async with Tasks() as tasks:
            first = tasks.start("first", ask(session, url, b"one"))
            venue = await asyncio.to_thread(answered, server, 3)
            assert await first == b"ok"
            venue.setblocking(False)
            heard = list[bytes]()

            async def look() -> None:
                heard.append(venue.recv(1 << 16))

            second = tasks.start("second", ask(session, url, b"second body"))
            await tasks.start("look", look())
            venue.sendall(ANSWER)
            assert await second == b"ok"
        assert heard[0].endswith(b"second body")
        venue.close()

    play(scene)


def test_a_body_that_the_socket_does_not_take_at_once_arrives_whole() -> None:
    async def scene(session: aiohttp.ClientSession, url: str, server: socket.socket) -> None:
        async with Tasks() as tasks:
            asked = tasks.start("large", ask(session, url, io.BytesIO(LARGE)))
            venue = await asyncio.to_thread(answered, server, len(LARGE))
            assert await asked == b"ok"
        venue.close()

    play(scene)


def test_one_that_waits_can_be_given_up() -> None:
    async def scene(session: aiohttp.ClientSession, url: str, server: socket.socket) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await ask(session, url, io.BytesIO(LARGE))
        venue, _ = server.accept()
        assert await asyncio.to_thread(heard_to_the_end, venue) < len(LARGE)
        venue.close()

    play(scene)
