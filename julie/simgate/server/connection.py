"""One client on one hub: the websocket, what waits to go out, and what this life has been sent.

Records of one instant go out as one frame. A client that does not read holds the market back until
its limit is over; nothing is ever kept without bound.
"""

import asyncio
import socket
import struct
from itertools import groupby
from typing import Final, Literal

from aiohttp import WSCloseCode, WSMsgType, web

from julie.simgate.server.hub_text import END, EVENT
from julie.simgate.server.rule_types import HubName

BUFFER_MAX: Final = 64 * 1024  # bytes in the socket before the market waits
STALLED_S: Final = 30.0  # machine seconds that a client may refuse to read
_BREAK: Final = b"\x00"  # in what waits: here one frame ends
_RESET_AT_ONCE: Final = struct.pack("ii", 1, 0)

Life = Literal["greeting", "open", "half_open", "over"]


class Connection:
    """A websocket that has been let in."""

    def __init__(self, number: int, hub: HubName, token: str, user: str) -> None:
        self.number: Final = number
        self.hub: Final = hub
        self.token: Final = token
        self.user: Final = user
        self.groups: Final[set[str]] = set()
        self.life: Life = "greeting"
        self.sent = 0  # events, as a client counts them: records of type 1
        self.heard_ns = 0
        self.spoke_ns = 0
        self._socket: web.WebSocketResponse | None = None
        self._transport: asyncio.Transport | None = None
        self._waiting: list[bytes] = []
        self._breaks = False  # whether some of it must not be joined

    def opened(self, request: web.Request, ws: web.WebSocketResponse) -> None:
        """The upgrade is done."""
        self._socket = ws
        self._transport = request.transport
        raw = self._raw()
        if raw is not None:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_MAX)

    def put(self, record: bytes, alone: bool = False) -> None:
        """An event for this client goes out with the next flush, or in a frame alone."""
        if self.life != "open":
            return
        if alone:
            self._waiting += (_BREAK, record, _BREAK)
            self._breaks = True
            self.sent += record.startswith(EVENT) and record.endswith(END)
        else:
            self._waiting.append(record)
            self.sent += 1

    def put_protocol(self, record: bytes) -> None:
        """A record of the protocol, which is no event; none where nobody waits for an answer."""
        if record and self.life in ("open", "greeting"):
            self._waiting.append(record)

    async def flush(self, now_ns: int) -> None:
        """Send what waits; returns when the socket has room again."""
        if not self._waiting or self._socket is None:
            return
        self.spoke_ns = now_ns
        if not self._breaks:
            frame = b"".join(self._waiting)
            self._waiting.clear()
            await self._send_frame(frame)
            return
        frames = [
            b"".join(part) for broken, part in groupby(self._waiting, _is_break) if not broken
        ]
        self._waiting.clear()
        self._breaks = False
        for frame in frames:
            await self._send_frame(frame)

    async def _send_frame(self, frame: bytes) -> None:
        """One text frame; a client that does not read for too long is cut off."""
        if self._socket is None or self.life == "over":
            return
        try:
            async with asyncio.timeout(STALLED_S):
                await self._socket.send_frame(frame, WSMsgType.TEXT)
        except TimeoutError:
            self.reset()
        except (ConnectionError, RuntimeError):  # gone, or going
            self.life = "over"

    async def finish(self, record: bytes, code: int = WSCloseCode.OK) -> None:
        """A last record, then the websocket's own goodbye."""
        if self._socket is None or self.life in ("over", "half_open"):
            return
        self._waiting.append(record)
        await self.flush(self.spoke_ns)
        self.life = "over"
        try:
            async with asyncio.timeout(1.0):
                await self._socket.close(code=code, drain=False)
        except (TimeoutError, ConnectionError, RuntimeError):
            self.reset()

    def reset(self) -> None:
        """Break the line without a word."""
        self.life = "over"
        self._waiting.clear()
        if self._transport is None:
            return
        raw = self._raw()
        if raw is not None and not self._transport.is_closing():
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_ONCE)
        self._transport.abort()

    def fall_silent(self) -> None:
        """From now on nothing is sent and nothing heard, and the line stays up."""
        self.life = "half_open"
        self._waiting.clear()
        if self._transport is not None:
            self._transport.pause_reading()

    def _raw(self) -> socket.socket | None:
        if self._transport is None:
            return None
        raw: socket.socket | None = self._transport.get_extra_info("socket")
        return raw


def _is_break(part: bytes) -> bool:
    return part is _BREAK
