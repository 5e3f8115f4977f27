"""A real SignalR hub on loopback that keeps the protocol, or breaks it as a test tells it to."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Any, Self

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

END = "\x1e"


def event(target: str, *arguments: Any) -> str:
    """One event as a record."""
    return json.dumps({"type": 1, "target": target, "arguments": list(arguments)}) + END


def quote(contract: str, at: str = "2026-11-20T15:51:31.4347534+00:00", **fields: Any) -> str:
    """A quote of a contract."""
    return event("GatewayQuote", contract, {"symbol": "F.US.MES", "lastUpdated": at, **fields})


def trade(
    contract: str, price: float, at: str = "2026-11-20T15:51:30.052+00:00", qty: int = 1
) -> str:
    """A print of a contract."""
    row = {"price": price, "timestamp": at, "type": 0, "volume": qty}
    return event("GatewayTrade", contract, [row])


async def until(done: Callable[[], bool], seconds: float = 8.0) -> None:
    """Wait for what must come."""
    async with asyncio.timeout(seconds):
        while not done():  # noqa: ASYNC110 - what is waited for sets no event
            await asyncio.sleep(0.005)


class Life:
    """One connection as the server sees it."""

    def __init__(self, socket: ServerConnection, number: int) -> None:
        self.socket = socket
        self.number = number
        self.path = socket.request.path if socket.request else ""
        self.hello = ""
        self.invoked: list[tuple[str, list[Any]]] = []
        self.pings = 0

    async def say(self, *texts: str | bytes) -> None:
        """Send each text as a frame; whoever has left misses it."""
        with suppress(ConnectionClosed):
            for text in texts:
                await self.socket.send(text, text=True)

    def drop(self) -> None:
        """Cut the connection without a word."""
        self.socket.transport.abort()


class HubServer:
    """Switches are read when they matter, so a test may turn them at any time."""

    def __init__(self) -> None:
        self.lives: list[Life] = []
        self.status: HTTPStatus | None = None
        self.greeting = "{}"
        self.behind_greeting = ""
        self.answers = True
        self.method_error: str | None = None
        self.mute_handshake = False
        self.deaf = False  # reads nothing after the handshake, and closes nothing
        self.on_invoked: Callable[[Life, str, list[Any]], Any] | None = None
        self._server: Server | None = None
        self._gone = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._server = await serve(
            self._serve,
            "127.0.0.1",
            0,
            compression=None,
            ping_interval=None,
            close_timeout=0.2,
            process_request=self._upgrade,
            max_size=None,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server
        self._gone.set()
        for life in self.lives:
            life.drop()
        self._server.close()
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        assert self._server
        port = next(iter(self._server.sockets)).getsockname()[1]
        return f"http://127.0.0.1:{port}/hubs/market"

    @property
    def life(self) -> Life:
        """The newest connection."""
        return self.lives[-1]

    def _upgrade(self, connection: ServerConnection, _: Request) -> Response | None:
        return None if self.status is None else connection.respond(self.status, "")

    async def _serve(self, socket: ServerConnection) -> None:
        life = Life(socket, len(self.lives) + 1)
        self.lives.append(life)
        with suppress(ConnectionClosed):
            hello = await socket.recv()
            assert isinstance(hello, str)
            life.hello = hello
            if self.mute_handshake:
                await self._gone.wait()
            await life.say(self.greeting + END + self.behind_greeting)
            if self.deaf:
                await self._gone.wait()
            async for frame in socket:
                assert isinstance(frame, str)
                for text in frame.split(END):
                    if text:
                        await self._read(life, json.loads(text))

    async def _read(self, life: Life, record: dict[str, Any]) -> None:
        if record["type"] == 6:
            life.pings += 1
        if record["type"] != 1:
            return
        life.invoked.append((record["target"], record["arguments"]))
        if self.answers:
            done: dict[str, Any] = {"type": 3, "invocationId": record["invocationId"]}
            done |= {"error": self.method_error} if self.method_error else {"result": None}
            await life.say(json.dumps(done) + END)
        if self.on_invoked:
            await self.on_invoked(life, record["target"], record["arguments"])
