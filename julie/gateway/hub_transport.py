"""One connection to a hub of the venue: SignalR's JSON hub protocol, version 1, over a WebSocket.

Records end with the byte 0x1e, however they are cut into frames. Events are handed on decoded no
further than their arguments; completions go to whoever invoked; pings only prove life. A connection
is never used twice, and an address is never logged, because it carries the token.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import count
from typing import Final

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from julie.gateway.errors import (
    STATUS_PAGE,
    BadAnswer,
    CertificateRefused,
    GatewayError,
    HubRefused,
    NoAnswer,
    NotReached,
    NotTheVenue,
    TokenRefused,
    VenueDown,
)
from julie.gateway.line import proof
from julie.gateway.wire import Misfit, WireError
from julie.gateway.wire.hub import CLOSE, COMPLETION, INVOCATION, Record, read_record

LOG: Final = logging.getLogger(__name__)

SEPARATOR: Final = b"\x1e"
HANDSHAKE: Final = '{"protocol":"json","version":1}\x1e'
PING: Final = '{"type":6}\x1e'
FRAME_MAX: Final = 16 * 2**20  # bytes; the first depth of a session is far below
FRAMES_WAITING: Final = 256  # then the venue's side of the connection has to wait
BEAT_S: Final = 10.0  # the venue drops who says nothing for 30 s
STOP_S: Final = 1.0


class _Greeting(msgspec.Struct):
    error: str | None = None


class WebSocketHub:
    """From `start` to `stop`, or to the end of `run`, whichever comes first."""

    def __init__(self, deliver: Callable[[Record], None], misfit: Callable[[Misfit], None]) -> None:
        logging.getLogger("websockets").setLevel(logging.WARNING)
        self._deliver = deliver
        self._misfit = misfit
        self._socket: ClientConnection | None = None
        self._tail = b""
        self._over = ""
        self._said_s = 0.0
        self._heard_s = 0.0
        self._numbers = count(1)
        self._waiting: dict[str, asyncio.Future[str | None]] = {}

    @property
    def silent_s(self) -> float:
        """Wall seconds since anything came, pings too."""
        return asyncio.get_running_loop().time() - self._heard_s

    async def start(self, url: str) -> None:
        """Connect and shake hands; raises `GatewayError`."""
        try:
            # Compression would cost more than loopback or broadband gains; a proxy is forbidden.
            self._socket = await connect(
                url,
                ssl=proof() if url.startswith("wss:") else None,
                compression=None,
                proxy=None,
                open_timeout=None,
                ping_interval=None,
                close_timeout=STOP_S,
                max_size=FRAME_MAX,
                max_queue=FRAMES_WAITING,
            )
            await self._say(HANDSHAKE)
            frame = await self._frame()
        except (OSError, WebSocketException) as fault:
            raise _named(fault) from None
        greeting, _, self._tail = frame.partition(SEPARATOR)
        try:
            error = msgspec.json.decode(greeting, type=_Greeting).error
        except msgspec.DecodeError:
            raise BadAnswer("the hub's handshake cannot be read") from None
        if error is not None:
            raise HubRefused(f"the hub refused the handshake: {error[:200]}")

    async def invoke(self, method: str, arguments: Sequence[object]) -> None:
        """Call a method of the hub and wait for its completion; raises `GatewayError`."""
        number = str(next(self._numbers))
        answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        call = {"type": 1, "invocationId": number, "target": method, "arguments": list(arguments)}
        try:
            await self._say((msgspec.json.encode(call) + SEPARATOR).decode())
            error = await answer
        except (OSError, WebSocketException) as fault:
            raise _named(fault) from None
        finally:
            self._waiting.pop(number, None)
        if error is not None:
            raise HubRefused(f"the hub refused {method}: {error[:200]}")

    async def run(self) -> str:
        """Hand on what comes until the connection ends; says why it did."""
        try:
            self._cut(b"")
            while not self._over:
                self._cut(await self._frame())
        except ConnectionClosed as closed:
            self._over = _ending(closed)
        except NoAnswer as left:
            self._over = left.message
        finally:
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(NoAnswer("the hub went before it answered"))
        return self._over

    async def beat(self) -> None:
        """Say that we live, when nothing else was said for a while."""
        if asyncio.get_running_loop().time() - self._said_s >= BEAT_S:
            with suppress(ConnectionClosed, TimeoutError):  # `run` tells
                async with asyncio.timeout(STOP_S):
                    await self._say(PING)

    async def stop(self) -> None:
        """Leave; politely for a second, then at once. May be called twice."""
        gone, self._socket = self._socket, None
        if gone is None:
            return
        try:
            with suppress(OSError, WebSocketException, TimeoutError):
                async with asyncio.timeout(STOP_S):
                    await gone.close()
        finally:
            gone.transport.abort()

    async def _frame(self) -> bytes:
        if self._socket is None:
            raise NoAnswer("the hub was left")
        frame = await self._socket.recv(decode=False)
        self._heard_s = asyncio.get_running_loop().time()
        return frame

    async def _say(self, text: str) -> None:
        if self._socket is None or self._over:
            raise NoAnswer(self._over or "the hub was left")
        self._said_s = asyncio.get_running_loop().time()
        await self._socket.send(text)

    def _cut(self, frame: bytes) -> None:
        """Whole records of what came; the rest waits for the next frame."""
        begun, self._tail = self._tail, b""
        *records, tail = (begun + frame).split(SEPARATOR)
        if len(tail) > FRAME_MAX:
            self._misfit(Misfit("hub record", "$", "no end within 16 MiB", tail[:1024]))
            tail = b""
        self._tail = tail
        for raw in records:
            if raw:
                self._take(raw, begun)
            begun = b""

    def _take(self, raw: bytes, begun: bytes) -> None:
        try:
            record = read_record(raw)
        except WireError as error:
            self._misfit(error.misfit)
            # A frame that was cut short must not spoil the whole one behind it.
            if begun and raw.startswith(begun):
                self._take(raw[len(begun) :], b"")
            return
        if record.type == INVOCATION:
            self._hand_on(record)
        elif record.type == COMPLETION:
            answer = self._waiting.get(record.invocation_id or "")
            if answer is not None and not answer.done():
                answer.set_result(record.error)
        elif record.type == CLOSE:
            self._over = f"the venue closed the hub: {record.error or 'no reason given'}"

    def _hand_on(self, record: Record) -> None:
        try:
            self._deliver(record)
        except Exception:
            LOG.exception("a handler failed on %s", record.target[:64])
            self._over = "a handler of ours failed"


def _ending(closed: ConnectionClosed) -> str:
    if closed.sent is not None and closed.sent.code == 1009:
        return "a frame of more than 16 MiB"
    if closed.rcvd is not None:
        return f"the venue closed the connection ({closed.rcvd.code} {closed.rcvd.reason})"
    return "the connection broke"


def _named(fault: OSError | WebSocketException) -> GatewayError:
    """The error in our words; its own text may hold the address."""
    if isinstance(fault, socket.gaierror):
        return NotReached("the hub's name cannot be looked up", "check network and address")
    if isinstance(fault, ssl.SSLCertVerificationError):
        return CertificateRefused(
            f"the hub could not prove who it is: {fault.verify_message}",
            "check this machine's date and network; the check is never skipped",
        )
    if isinstance(fault, InvalidStatus):
        return _status(fault.response.status_code)
    if isinstance(fault, OSError):
        return NotReached(f"no connection to the hub ({type(fault).__name__})", "check the network")
    if isinstance(fault, ConnectionClosed):
        return NoAnswer(_ending(fault))
    return NotTheVenue(
        f"whatever answered is no hub ({type(fault).__name__})",
        "a network login page or a proxy stands in between; open a browser and log in there",
    )


def _status(status: int) -> GatewayError:
    if status == 401:
        return TokenRefused("the hub refused the token (401)")
    if status >= 500 or status == 429:
        return VenueDown(f"the hub is down or in maintenance ({status})", STATUS_PAGE)
    return NotTheVenue(f"there is no hub at this address (HTTP {status})", "check the hub's URL")
