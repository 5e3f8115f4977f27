"""One HTTP exchange with the venue: within the budget, within its time, with a bounded answer.

Every failure is told apart by whether the request can have left this machine. Proxies named in the
environment are not used, because the venue forbids orders through one. Addresses are never logged:
those of the hubs carry the token.
"""

import asyncio
import socket
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Final

import aiohttp
import httpx

from julie.core.clock import Clock
from julie.core.errors import UsageError
from julie.gateway.errors import (
    STATUS_PAGE,
    BadAnswer,
    BudgetSpent,
    CertificateRefused,
    GatewayError,
    NoAnswer,
    NotReached,
)
from julie.gateway.limiter import BARS, GENERAL, Limiter, Need
from julie.gateway.prompt import PromptRequest
from julie.gateway.skew import SkewGauge

ANSWER_MAX: Final = 16 * 2**20  # bytes; 20,000 bars are two million
CONNECT_S: Final = 3.0
ENTRY_S: Final = 1.0
CONNECTIONS: Final = 20
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
ADDRESS_CURE: Final = "set PROJECTX_API_URL to the venue's, such as https://api.topstepx.com"
KEEP_ALIVE_S: Final = 30.0  # an order must not meet a connection that the venue closed


class Kind(Enum):
    """Kind of call; each has a time-out of its own."""

    LOGIN = "login"
    READ = "read"
    BARS = "bars"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds a call may take, from connecting to the last byte."""

    login_s: float = 10.0
    read_s: float = 5.0
    bars_s: float = 20.0
    order_s: float = 4.0

    def of(self, kind: Kind) -> float:
        """The time-out of a kind."""
        return {
            Kind.LOGIN: self.login_s,
            Kind.READ: self.read_s,
            Kind.BARS: self.bars_s,
            Kind.ORDER: self.order_s,
        }[kind]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes
    retry_after_s: float | None


class Line:
    """The connection pool to one address."""

    def __init__(
        self, base_url: str, clock: Clock, limiter: Limiter, timeouts: Timeouts | None = None
    ) -> None:
        check_address(base_url)
        self._clock = clock
        self._limiter = limiter
        self._timeouts = timeouts or Timeouts()
        self._base_url = base_url.rstrip("/")
        self._http: aiohttp.ClientSession | None = None
        self.skew: Final = SkewGauge()

    async def aclose(self) -> None:
        """Close all connections."""
        if self._http is not None:
            await self._http.close()

    async def send(
        self,
        path: str,
        body: bytes = b"",
        *,
        kind: Kind,
        token: str = "",
        need: Need = Need.ORDINARY,
        method: str = "POST",
    ) -> Answer:
        """One exchange; raises a `GatewayError` when no whole answer came."""
        total_s = self._timeouts.of(kind)
        budget = BARS if kind is Kind.BARS else GENERAL
        patience_s = _patience_s(total_s, need) if kind is Kind.ORDER else None
        reads = kind in (Kind.READ, Kind.BARS)
        if not await self._limiter.take(budget, need, patience_s, reads=reads):
            raise BudgetSpent(
                f"{path}: no room in the call budget within {patience_s:g} s; nothing was sent",
                "another program on this login may be using it up",
            )
        try:
            async with asyncio.timeout(total_s):
                answer = await self._exchange(method, path, body, token, total_s)
        except aiohttp.ClientError as fault:  # one that could not connect in time is a TimeoutError
            error: GatewayError = self._named(path, fault)
        except TimeoutError:
            error = NoAnswer(
                f"{path}: no answer from {self._base_url} in {total_s:g} s", STATUS_PAGE
            )
        else:
            return answer
        self._limiter.venue_down()
        raise error

    async def _exchange(
        self, method: str, path: str, body: bytes, token: str, total_s: float
    ) -> Answer:
        parts, size = [], 0
        sent_ns = self._clock.now_ns()
        async with self._open().request(
            method,
            self._base_url + path,
            data=body,
            headers={"Authorization": f"Bearer {token}"} if token else None,
            timeout=aiohttp.ClientTimeout(connect=min(CONNECT_S, total_s / 2)),
            allow_redirects=False,
        ) as response:
            if date := response.headers.get("date"):
                self.skew.seen(date, sent_ns, self._clock.now_ns())
            async for part in response.content.iter_any():
                size += len(part)
                if size > ANSWER_MAX:
                    raise BadAnswer(f"{path}: an answer of more than {ANSWER_MAX} bytes")
                parts.append(part)
        return Answer(response.status, b"".join(parts), _seconds(response.headers))

    def _open(self) -> aiohttp.ClientSession:
        """The pool; made where it is first used, because it belongs to the running loop."""
        if self._http is None:
            self._http = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=CONNECTIONS, keepalive_timeout=KEEP_ALIVE_S, ssl=proof()
                ),
                headers={"Accept": "application/json", "Content-Type": "application/json"},
                trust_env=False,
                request_class=PromptRequest,
            )
        return self._http

    def _named(self, path: str, fault: aiohttp.ClientError) -> GatewayError:
        causes = list(_causes(fault))
        if any(isinstance(cause, socket.gaierror) for cause in causes):
            return NotReached(
                f"the name in {self._base_url} cannot be looked up",
                "check the network and the address",
            )
        slow = isinstance(fault, aiohttp.ConnectionTimeoutError)
        connecting = slow or isinstance(fault, aiohttp.ClientConnectorError)
        if connecting and not slow and any(isinstance(cause, ssl.SSLError) for cause in causes):
            return CertificateRefused(
                f"{self._base_url} could not prove who it is: {causes[-1]}",
                "check this machine's date and network; the check is never skipped",
            )
        if connecting:
            return NotReached(
                f"no connection to {self._base_url} ({type(fault).__name__})",
                "check the network and the address",
            )
        return NoAnswer(
            f"{path}: the connection to {self._base_url} broke ({type(fault).__name__})",
            STATUS_PAGE,
        )


def check_address(url: str) -> None:
    """Refuse an address that is none, or that would carry the key in the clear."""
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise UsageError(f"{url!r} is no address: {error}", ADDRESS_CURE) from error
    if parts.scheme == "https" and parts.host:
        return
    if parts.scheme == "http" and parts.host in LOOPBACK:
        return
    raise UsageError(f"{url!r}: https is needed, http only on this machine", ADDRESS_CURE)


def _patience_s(total_s: float, need: Need) -> float:
    """How long an order waits for room: an entry hardly, for what was seen before it stood in line
    may be over, and whoever sends it guards what else is held.
    """
    return min(ENTRY_S, total_s) if need is Need.ORDINARY else total_s


@cache
def proof() -> ssl.SSLContext:
    """The authorities that may vouch for the venue; read from disk once."""
    return httpx.create_ssl_context(trust_env=False)


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _seconds(headers: Mapping[str, str]) -> float | None:
    """Retry-After in seconds; its other form, a date, is not used by the venue."""
    text = headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdigit() else None
