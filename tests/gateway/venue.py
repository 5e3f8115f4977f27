"""A real HTTP server on loopback that says what a test tells it to, and a client beside it."""

import asyncio
import base64
import json
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, Self

import numpy as np
from pydantic import SecretStr

from julie.core.clock import VirtualClock
from julie.core.zones import SECOND_NS
from julie.gateway.client import Client
from julie.gateway.line import Timeouts
from julie.gateway.session import Credentials

USER: Final = "sentinel-user"
KEY: Final = "sentinel-key-0123456789"
NOW_S: Final = 1_795_000_000
LOGIN: Final = "/api/Auth/loginKey"
VALIDATE: Final = "/api/Auth/validate"


def token(number: int, life_s: int = 86_400) -> str:
    """A token as the venue makes them; the number tells them apart."""
    claims = {"iat": NOW_S, "exp": NOW_S + life_s, "n": number}
    middle = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJub25lIn0.{middle}.sentinel-{number}"


@dataclass(frozen=True)
class Say:
    """One answer; `cut` bytes of it never come, `hangs` never comes at all."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: int = 0
    hangs: bool = False
    drops: bool = False


def ok(**fields: Any) -> Say:
    """A success."""
    envelope = {"success": True, "errorCode": 0, "errorMessage": None}
    return Say(body=json.dumps({**fields, **envelope}).encode())


def no(code: int, text: str | None = None, **fields: Any) -> Say:
    """A business failure, with HTTP 200 as the venue sends it."""
    envelope = {"success": False, "errorCode": code, "errorMessage": text}
    return Say(body=json.dumps({**fields, **envelope}).encode())


PATIENT: Final = Timeouts()
HASTY: Final = Timeouts(login_s=0.6, read_s=0.3, bars_s=0.3, order_s=0.3)
PAGE: Final = Say(body=b"<!DOCTYPE html><html>Welcome to Hotel Wi-Fi</html>")


@dataclass
class Asked:
    """One request that came."""

    path: str
    headers: dict[str, str]
    body: Any


class Venue:
    """Answers from a list per path, the last of which is said for ever."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.pauses: list[float] = []
        self.clock = VirtualClock(NOW_S * SECOND_NS)
        self.token_life_s = 86_400
        self._logins = 0
        self._answers: dict[str, list[Say]] = defaultdict(list)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self.only_token: str | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        await self._server.wait_closed()
        await asyncio.sleep(0)

    @property
    def url(self) -> str:
        assert self._server
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def says(self, path: str, *answers: Say) -> None:
        self._answers[path] = list(answers)

    def count(self, path: str) -> int:
        return sum(one.path == path for one in self.asked)

    def client(self, url: str | None = None, timeouts: Timeouts = PATIENT) -> Client:
        async def sleep(seconds: float) -> None:
            self.pauses.append(seconds)
            self.clock.advance(seconds)
            await asyncio.sleep(0)

        return Client(
            url or self.url,
            Credentials(SecretStr(USER), SecretStr(KEY)),
            self.clock,
            np.random.default_rng(7),
            timeouts,
            sleep=sleep,
        )

    def _answer(self, asked: Asked) -> Say:
        answers = self._answers[asked.path]
        needed = self.only_token if asked.path not in (LOGIN, VALIDATE) else None
        if needed and asked.headers.get("authorization") != f"Bearer {needed}":
            return Say(401)
        if not answers and asked.path == LOGIN:
            self._logins += 1
            return ok(token=token(self._logins, self.token_life_s))
        if not answers:
            return Say(404)
        return answers.pop(0) if len(answers) > 1 else answers[0]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while await self._exchange(reader, writer):
                pass
        writer.close()
        self._writers.discard(writer)

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:])
        }
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        asked = Asked(head[0].split()[1], headers, json.loads(body) if body else None)
        self.asked.append(asked)
        say = self._answer(asked)
        if say.drops:
            return False
        if say.hangs:
            return bool(await reader.read(1))  # until the client leaves
        lines = [f"HTTP/1.1 {say.status} X", f"Content-Length: {len(say.body)}"]
        lines += [f"{name}: {value}" for name, value in say.headers.items()]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + say.body[: -say.cut or None])
        await writer.drain()
        return not say.cut


def play(scene: Callable[[Venue, Client], Awaitable[None]], timeouts: Timeouts = PATIENT) -> Venue:
    """Run a scene between a venue and a client, and close both."""

    async def whole() -> Venue:
        async with Venue() as venue:
            client = venue.client(timeouts=timeouts)
            try:
                await scene(venue, client)
            finally:
                await client.aclose()
        return venue

    return asyncio.run(whole(), debug=True)
