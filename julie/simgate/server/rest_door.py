"""The door of the REST surface: a call, and what the rules of a test do to it.

Events of an order go out before its answer, as at the venue, unless the dialect turns them round.
"""

import asyncio
from collections.abc import Sequence
from email.utils import formatdate
from typing import Final

import msgspec
import numpy as np
from aiohttp import web

from julie.core.zones import SECOND_NS
from julie.gateway.wire import routes
from julie.simgate.server.calls import NEVER_CAME, Answered, Calls
from julie.simgate.server.cutting import Cutting
from julie.simgate.server.ground import Ground
from julie.simgate.server.hub_door import token_of
from julie.simgate.server.hub_text import edited
from julie.simgate.server.hubs import Hubs
from julie.simgate.server.presence import Presence
from julie.simgate.server.roles import Roles
from julie.simgate.server.rule_types import Action
from julie.simgate.server.rules import ON_CONNECTIONS, Facts, RuleBook, Stage

HANG_MAX_S: Final = 120.0  # machine seconds that an answer is kept away at most
_LOOK_S: Final = 0.02
_UNHEARD: Final = ("drop_request", "status", "body")
_LOST: Final = ("drop_request", "drop_response")


class RestDoor:
    """Answers calls over HTTP."""

    def __init__(
        self,
        ground: Ground,
        calls: Calls,
        rules: RuleBook,
        hubs: Hubs,
        cutting: Cutting,
        presence: Presence,
        rng: np.random.Generator,
    ) -> None:
        self._ground = ground
        self._calls = calls
        self._roles = Roles(ground.exchange)
        self._rules = rules
        self._hubs = hubs
        self._cutting = cutting
        self._presence = presence
        self._rng = rng

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One call from its first byte to its last."""
        body = await request.read()
        deeds = self._rules.meet(Stage.REQUEST, self._facts(request.path, body))
        for deed in deeds:
            if deed.do in ON_CONNECTIONS:
                await self._cutting.do(deed)
        await self._wait(deeds, after=False)
        self._presence.look()  # what is asked for is judged by who hears what now
        answered = self._answered(request, body, deeds)
        for deed in deeds:
            answered = _changed(deed, answered)
        lost = next((deed for deed in deeds if deed.do in _LOST), None)
        self._calls.note(request.path, answered)
        self._presence.noted(answered, lost is not None)
        if answered.user is not None:
            self._presence.here(request.transport)
        if answered.reply is not None and request.path.lower() == routes.LOGOUT.path.lower():
            await self._cutting.log_out(token_of(request))
        await self._wait(deeds, after=True)
        if lost is not None:
            await self._hubs.flush(self._ground.machine.mono_ns())
            return await self._lose(request, lost)
        cut = next((deed for deed in deeds if deed.do == "truncate"), None)
        return await self._send(request, answered, cut)

    def _answered(self, request: web.Request, body: bytes, deeds: Sequence[Action]) -> Answered:
        """What the venue says, or what a rule says in its place."""
        unheard = next((d for d in deeds if d.do in _UNHEARD and not d.after), None)
        if unheard is None:
            token = token_of(request)
            return self._calls.carry_out(request.method, request.path, token, body)
        asked = self._calls.read(request.path, body)
        if unheard.do == "drop_request":
            return Answered(NEVER_CAME, request=asked)
        return _instead(unheard, Answered(200, request=asked))

    def _facts(self, path: str, body: bytes) -> Facts:
        if not self._rules.on_requests:
            return Facts(path=path)
        asked = self._calls.read(path, body)
        return Facts(
            path=path,
            role=self._roles.of(asked),
            tag=getattr(asked, "custom_tag", None) or "",
            contract=getattr(asked, "contract_id", None) or "",
        )

    async def _wait(self, deeds: Sequence[Action], after: bool) -> None:
        for deed in deeds:
            if deed.do == "delay" and deed.after == after:
                wait_s = deed.seconds + deed.jitter * float(self._rng.random())
                await self._ground.pause(wait_s)

    async def _lose(self, request: web.Request, deed: Action) -> web.StreamResponse:
        transport = request.transport
        waited = 0.0
        while deed.hang and waited < HANG_MAX_S and transport and not transport.is_closing():
            await asyncio.sleep(_LOOK_S)
            waited += _LOOK_S
        if transport is not None:
            transport.abort()
        return web.Response(status=503)

    async def _send(
        self, request: web.Request, answered: Answered, cut: Action | None
    ) -> web.StreamResponse:
        headers = {"Date": self._date(), **answered.headers}
        if answered.body:
            headers["Content-Type"] = answered.kind
        if self._ground.dialect.events_first:
            await self._hubs.flush(self._ground.machine.mono_ns())
        if cut is not None:
            return await self._send_part(request, answered, headers, cut.keep)
        response = web.Response(status=answered.status, body=answered.body, headers=headers)
        await response.prepare(request)
        await response.write_eof()
        await self._hubs.flush(self._ground.machine.mono_ns())
        return response

    async def _send_part(
        self, request: web.Request, answered: Answered, headers: dict[str, str], keep: int
    ) -> web.StreamResponse:
        headers["Content-Length"] = str(len(answered.body))
        response = web.StreamResponse(status=answered.status, headers=headers)
        await response.prepare(request)
        await response.write(answered.body[:keep])
        if request.transport is not None:
            request.transport.close()  # what was written still goes out
        return response

    def _date(self) -> str:
        now_s = self._ground.exchange.now_ns / SECOND_NS + self._ground.dialect.skew_s
        return formatdate(now_s, usegmt=True)


def _instead(deed: Action, answered: Answered) -> Answered:
    """The answer that a rule gives in place of the venue's."""
    if deed.do == "status":
        answered.status = deed.status
        answered.body = (deed.text or "").encode()
        answered.kind = "text/html" if deed.text else answered.kind
    elif deed.text is not None:
        answered.body = deed.text.encode()
        answered.status = deed.status or 200
        answered.kind = "text/html"
    else:
        answered.body = msgspec.json.encode(deed.json)
        answered.status = deed.status or 200
    answered.headers.update(deed.headers)
    return answered


def _changed(deed: Action, answered: Answered) -> Answered:
    """The venue's answer as a rule changes it."""
    if deed.do in ("status", "body") and deed.after:
        return _instead(deed, answered)
    if deed.do != "edit" or not answered.body:
        return answered
    whole = msgspec.json.decode(answered.body)
    if not isinstance(whole, dict):
        return answered
    top = {k[2:]: v for k, v in deed.set.items() if k.startswith("$.")}
    inner = {k: v for k, v in deed.set.items() if not k.startswith("$.")}
    for name, value in whole.items():
        if isinstance(value, list):
            whole[name] = [edited(row, inner, deed.drop) for row in value]
        elif isinstance(value, dict):
            whole[name] = edited(value, inner, deed.drop)
    dropped = [name[2:] for name in deed.drop if name.startswith("$.")]
    answered.body = msgspec.json.encode(edited(whole, top, dropped))
    return answered
