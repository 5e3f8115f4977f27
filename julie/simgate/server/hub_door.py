"""The doors of both hubs: negotiate, upgrade, handshake, and a client's words until it leaves.

Only websockets are offered. The websocket layer sends no pings of its own, because clients of the
venue's kind break on them; the protocol's ping goes out after silence.
"""

import asyncio
import uuid
from typing import Final

from aiohttp import WSMsgType, web

from julie.core.zones import SECOND_NS
from julie.simgate.server import hub_protocol, hub_text
from julie.simgate.server.connection import Connection
from julie.simgate.server.ground import Ground
from julie.simgate.server.hub_protocol import Refused, Said
from julie.simgate.server.hubs import Hubs
from julie.simgate.server.rule_types import HubName
from julie.simgate.server.rules import Facts, RuleBook, Stage
from julie.simgate.server.tokens import Tokens

FRAME_MAX: Final = 32 * 1024  # of a client's frames, as the venue's framework has it
LOOK_S: Final = 0.1
HANG_S: Final = 120.0  # of the machine: a black hole says nothing for longer than anybody waits
BROKEN: Final = "Connection closed with an error."


def token_of(request: web.Request) -> str:
    """The token of a request: from the header, else from the address."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "bearer" and token:
        return token.strip()
    return request.query.get("access_token", "")


class HubDoor:
    """Lets clients in and listens to them."""

    def __init__(
        self,
        ground: Ground,
        hubs: Hubs,
        tokens: Tokens,
        rules: RuleBook,
    ) -> None:
        self._ground = ground
        self._exchange, self._machine = ground.exchange, ground.machine
        self._hubs = hubs
        self._tokens = tokens
        self._rules = rules
        self._promised: set[str] = set()  # ids that negotiating handed out

    async def negotiate(self, request: web.Request, hub: HubName) -> web.StreamResponse:
        """Which transports there are, and under which id."""
        if (refusal := await self._refusal(request, hub)) is not None:
            return refusal
        transports = [{"transport": "WebSockets", "transferFormats": ["Text", "Binary"]}]
        number = uuid.uuid4().hex
        body: dict[str, object] = {"negotiateVersion": 0, "connectionId": number}
        self._promised.add(number)
        if request.query.get("negotiateVersion", "0") != "0":
            token = uuid.uuid4().hex
            self._promised.add(token)
            body |= {"negotiateVersion": 1, "connectionToken": token}
        body["availableTransports"] = transports
        return web.Response(body=hub_text.encode(body), content_type="application/json")

    async def serve(self, request: web.Request, hub: HubName) -> web.StreamResponse:
        """A client's whole life on a hub."""
        if (refusal := await self._refusal(request, hub)) is not None:
            return refusal
        number = request.query.get("id")
        if number is not None and number not in self._promised:
            return web.Response(status=404)
        token = token_of(request)
        user = self._tokens.user_of(token) or ""
        ws = web.WebSocketResponse(
            heartbeat=None, compress=False, timeout=1.0, max_msg_size=FRAME_MAX, writer_limit=65536
        )
        if not ws.can_prepare(request).ok:
            return web.Response(status=400, text="Connection ID required")
        await ws.prepare(request)
        connection = self._hubs.enter(hub, token, user)
        connection.opened(request, ws)
        connection.heard_ns = connection.spoke_ns = self._machine.mono_ns()
        try:
            if await self._greeted(connection, ws):
                await self._listen(connection, ws)
        except Refused as refused:
            await connection.finish(hub_text.closing(str(refused)))
        finally:
            self._hubs.leave(connection)
        return ws

    async def _refusal(self, request: web.Request, hub: HubName) -> web.Response | None:
        for deed in self._rules.meet(Stage.CONNECT, Facts(hub=hub)):
            if deed.hang:
                await asyncio.sleep(HANG_S)
            elif deed.status:
                return web.Response(status=deed.status, headers=deed.headers, text=deed.text)
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=503)
        if self._tokens.user_of(token_of(request)) is None:
            return web.Response(status=401)
        return None

    async def _greeted(self, connection: Connection, ws: web.WebSocketResponse) -> bool:
        dialect = self._ground.dialect
        try:
            first = await ws.receive(timeout=dialect.handshake_timeout_s)
        except TimeoutError:
            await connection.finish(hub_text.closing("Handshake was canceled."))
            return False
        if first.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
            return False
        head, *rest = _records(first.data) or [b""]
        try:
            hub_protocol.greet(head, dialect.handshake_zero)
        except Refused as refused:
            await connection.finish(hub_text.encode({"error": str(refused)}) + hub_text.END)
            return False
        connection.put_protocol(hub_text.HANDSHAKE_DONE)
        connection.life = "open"
        for record in rest:
            self._hear(connection, hub_protocol.read(record))
        await connection.flush(self._machine.mono_ns())
        return True

    async def _listen(self, connection: Connection, ws: web.WebSocketResponse) -> None:
        while connection.life != "over":
            message = await ws.receive()
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                return
            if connection.life == "half_open":
                continue
            connection.heard_ns = self._machine.mono_ns()
            for record in _records(message.data):
                said = hub_protocol.read(record)
                if said.type == 7:
                    return
                self._hear(connection, said)
            await connection.flush(connection.heard_ns)

    def _hear(self, connection: Connection, said: Said) -> None:
        if said.type == 4 and said.invocation_id is not None:
            error = f"Failed to invoke '{said.target}' due to an error on the server."
            connection.put_protocol(hub_text.completion(said.invocation_id, error))
        if said.type != 1:
            return
        wish = hub_protocol.wish(connection.hub, said)
        if isinstance(wish, bytes):
            connection.put_protocol(wish)
            return
        about = Facts(
            hub=connection.hub,
            subscribe=wish.method,
            contract=wish.about if connection.hub == "market" else "",
        )
        deeds = self._rules.meet(Stage.SUBSCRIBE, about)
        connection.put_protocol(hub_protocol.done(said))
        if any(deed.do == "ignore_subscribe" for deed in deeds):
            return
        if not wish.on:
            self._hubs.part(connection, wish.group)
            return
        self._hubs.join(connection, wish.group)
        for record in self._first(wish.subject, wish.about):
            connection.put(record)

    def _first(self, subject: str, contract: str) -> list[bytes]:
        """What a new listener hears at once: the whole quote, the whole book."""
        if contract not in self._exchange.contracts():
            return []
        if subject == "ContractQuotes":
            return self._hubs.text.first_quote(contract, self._exchange.quote(contract))
        if subject == "ContractMarketDepth":
            return self._hubs.text.depth(contract, self._exchange.depth(contract))
        return []

    async def pulse(self) -> None:
        """Ping who heard nothing for long, cut off who said nothing for long; for ever."""
        while True:
            dialect = self._ground.dialect
            # The faster the market, the more often: a client may count silence by its clock.
            keep_alive_s = dialect.keep_alive_s / max(self._ground.pace(), 1.0)
            await asyncio.sleep(min(LOOK_S, keep_alive_s / 4))
            now = self._machine.mono_ns()
            for one in self._hubs.connections():
                if one.life != "open":
                    continue
                if now - one.heard_ns > dialect.client_timeout_s * SECOND_NS:
                    await one.finish(hub_text.closing(BROKEN))
                elif now - one.spoke_ns > keep_alive_s * SECOND_NS:
                    one.put_protocol(hub_text.PING)
                    await one.flush(now)


def _records(data: str | bytes) -> list[bytes]:
    raw = data.encode() if isinstance(data, str) else data
    return [part for part in raw.split(hub_text.END) if part]
