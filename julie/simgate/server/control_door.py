"""The controls of a test under `/_sim`: rules, market, accounts, clock, dialect, truth and oracle.

They are no part of the venue's surface; no rule, no budget and no token concerns them.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

import msgspec
from aiohttp import web

from julie.core.errors import JulieError, UsageError
from julie.core.zones import SECOND_NS
from julie.simgate.exchange.bodies import AccountAction, Truth, Violation
from julie.simgate.market.scripts import MarketScript
from julie.simgate.server.control_types import (
    Ack,
    AckReply,
    ClockChange,
    ClockState,
    ConnectionState,
    Done,
    Made,
    Ready,
    Removed,
    Rules,
)
from julie.simgate.server.dialect import Dialect
from julie.simgate.server.hubs import Hubs
from julie.simgate.server.pacing import Pacing, Seen
from julie.simgate.server.rule_types import Rule
from julie.simgate.server.switches import Switches
from julie.simgate.server.venue_rules import Statute

if TYPE_CHECKING:
    from julie.simgate.exchange.exchange import Exchange

Answer = Callable[[bytes], Awaitable[object]]
PREFIX: Final = "/_sim/"


class Unknown(Exception):
    """There is no such control."""


class ControlDoor:
    """Answers the control calls."""

    def __init__(
        self,
        exchange: "Exchange",
        hubs: Hubs,
        statute: Statute,
        pacing: Pacing,
        switches: Switches,
        save: Callable[[], None],
        stop: asyncio.Event,
    ) -> None:
        self._exchange = exchange
        self._hubs = hubs
        self._statute = statute
        self._pacing = pacing
        self._switches = switches
        self._save = save
        self._stop = stop
        self.ready: Ready | None = None
        self._answers: Final[dict[tuple[str, str], Answer]] = {
            ("POST", "ack"): self._ack,
            ("POST", "rules"): self._make_rules,
            ("GET", "rules"): self._list_rules,
            ("POST", "market"): self._script,
            ("POST", "account"): self._account,
            ("GET", "clock"): self._clock,
            ("POST", "clock"): self._set_clock,
            ("GET", "dialect"): self._dialect,
            ("POST", "dialect"): self._set_dialect,
            ("GET", "truth"): self._truth,
            ("GET", "violations"): self._violations,
            ("GET", "connections"): self._connections,
            ("GET", "ready"): self._ready,
            ("GET", "schema"): self._schema,
            ("POST", "save"): self._saved,
            ("POST", "stop"): self._stopped,
        }

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One control call; what is wrong with it is said in words."""
        body = await request.read()
        name = request.path.removeprefix(PREFIX).strip("/")
        try:
            found = await self._answer(request.method, name, body)
        except Unknown:
            known = sorted({f"{method} {PREFIX}{name}" for method, name in self._answers})
            return _json({"error": f"no control {request.path}", "known": known}, 404)
        except (msgspec.DecodeError, ValueError) as error:
            return _json({"error": str(error)}, 400)
        except JulieError as error:
            return _json({"error": str(error)}, 409)
        return _json(found)

    async def _answer(self, method: str, name: str, body: bytes) -> object:
        if method == "DELETE" and name.partition("/")[0] == "rules":
            number = name.partition("/")[2]
            return Removed(removed=self._statute.remove(int(number) if number else None))
        answer = self._answers.get((method, name))
        if answer is None:
            raise Unknown
        return await answer(body)

    async def _ack(self, body: bytes) -> AckReply:
        ack = _ACK.decode(body)
        accepted = self._pacing.acknowledge(Seen(ack.market_seen, ack.user_seen, ack.idle))
        if not accepted:
            await self._pacing.stands()
        sent = self._pacing.sent()
        return AckReply(
            accepted=accepted,
            market_sent=sent.market,
            user_sent=sent.user,
            clock=self._exchange.now_ns,
            finished=self._pacing.finished,
        )

    async def _make_rules(self, body: bytes) -> Made:
        rules = _RULES.decode(body)
        made = [self._statute.make(one) for one in _listed(rules)]
        await self._pacing.tidy()
        return Made(ids=made)

    async def _list_rules(self, body: bytes) -> Rules:
        del body
        return Rules(rules=self._statute.standing())

    async def _script(self, body: bytes) -> Done:
        for one in _listed(_SCRIPTS.decode(body)):
            self._exchange.script(one)
        return await self._done()

    async def _account(self, body: bytes) -> Done:
        for one in _listed(_ACCOUNTS.decode(body)):
            self._exchange.account(one)
        return await self._done()

    async def _clock(self, body: bytes) -> ClockState:
        del body
        pacing = self._pacing
        return ClockState(
            now_ns=self._exchange.now_ns,
            due_ns=self._exchange.due_ns(),
            speed=pacing.speed,
            paused=pacing.paused,
            finished=pacing.finished,
            pieces=pacing.pieces,
        )

    async def _set_clock(self, body: bytes) -> ClockState:
        asked = _CLOCK.decode(body)
        lockstep = self._exchange.setup.lockstep
        if asked.speed is not None and (asked.speed == "lockstep") != lockstep:
            raise UsageError(
                "the market walks in lockstep or it does not", "start another with --speed"
            )
        self._pacing.change(asked.speed, asked.paused)
        if asked.advance_s is not None:
            await self._pacing.play_until(
                self._exchange.now_ns + round(asked.advance_s * SECOND_NS)
            )
        if asked.until_ns is not None:
            await self._pacing.play_until(asked.until_ns)
        return await self._clock(b"")

    async def _dialect(self, body: bytes) -> dict[str, Any]:
        del body
        return self._switches.all()

    async def _set_dialect(self, body: bytes) -> dict[str, Any]:
        self._switches.set(msgspec.json.decode(body, type=dict[str, Any]))
        return self._switches.all()

    async def _truth(self, body: bytes) -> Truth:
        del body
        return self._exchange.truth()

    async def _violations(self, body: bytes) -> list[Violation]:
        del body
        return self._exchange.violations()

    async def _connections(self, body: bytes) -> list[ConnectionState]:
        del body
        return [
            ConnectionState(
                number=one.number,
                hub=one.hub,
                life=one.life,
                sent=one.sent,
                groups=sorted(one.groups),
            )
            for one in self._hubs.connections()
        ]

    async def _ready(self, body: bytes) -> Ready | None:
        del body
        return self.ready

    async def _schema(self, body: bytes) -> dict[str, Any]:
        del body
        return schema()

    async def _saved(self, body: bytes) -> Done:
        del body
        self._save()
        return await self._done()

    async def _stopped(self, body: bytes) -> Done:
        del body
        self._stop.set()
        return await self._done()

    async def _done(self) -> Done:
        await self._pacing.tidy()
        return Done(clock=self._exchange.now_ns)


_ACK: Final = msgspec.json.Decoder(Ack)
_CLOCK: Final = msgspec.json.Decoder(ClockChange)
_RULES: Final = msgspec.json.Decoder(Rule | list[Rule])
_SCRIPTS: Final = msgspec.json.Decoder(MarketScript | list[MarketScript])
_ACCOUNTS: Final = msgspec.json.Decoder(AccountAction | list[AccountAction])


def schema() -> dict[str, Any]:
    """JSON schema of every body, by control."""
    named: dict[str, tuple[Any, Any]] = {
        "POST ack": (Ack, AckReply),
        "POST rules": (Rule | list[Rule], Made),
        "GET rules": (None, Rules),
        "DELETE rules": (None, Removed),
        "POST market": (MarketScript, Done),
        "POST account": (AccountAction, Done),
        "GET clock": (None, ClockState),
        "POST clock": (ClockChange, ClockState),
        "GET dialect": (None, Dialect),
        "POST dialect": (Dialect, Dialect),
        "GET truth": (None, Truth),
        "GET violations": (None, list[Violation]),
        "GET connections": (None, list[ConnectionState]),
        "GET ready": (None, Ready),
        "POST save": (None, Done),
        "POST stop": (None, Done),
    }
    kinds = [kind for pair in named.values() for kind in pair]
    parts, components = msgspec.json.schema_components(kinds, ref_template="#/components/{name}")
    pairs = zip(parts[::2], parts[1::2], strict=True)
    controls = {
        name: {"body": body, "answer": answer}
        for name, (body, answer) in zip(named, pairs, strict=True)
    }
    return {"controls": controls, "components": components}


def _listed(found: Any) -> list[Any]:
    return found if isinstance(found, list) else [found]


def _json(body: object, status: int = 200) -> web.Response:
    return web.Response(
        status=status, body=msgspec.json.encode(body), content_type="application/json"
    )
