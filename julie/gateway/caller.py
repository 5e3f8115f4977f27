"""The two ways to call the venue: `read`, tried again with growing pauses, and `act`, sent once."""

import asyncio
from typing import Any, Final, TypeVar

import numpy as np

from julie.execution.venue import Accepted, NotSent, Outcome, RefusalCode, Refused, Unknown
from julie.gateway.answers import code_of, read_answer, refusal
from julie.gateway.backoff import Backoff
from julie.gateway.errors import (
    BadAnswer,
    BadRequest,
    GatewayError,
    Throttled,
    TokenRefused,
)
from julie.gateway.limiter import BARS, GENERAL, Limiter, Need, Sleep
from julie.gateway.line import Answer, Kind, Line
from julie.gateway.quarantine import Quarantine
from julie.gateway.refusals import refused
from julie.gateway.session import Session
from julie.gateway.wire import Misfit, PlaceReply, Reply, Request, Route, WireError, encode, routes

R = TypeVar("R", bound=Reply)

HOLD_S: Final = 15.0  # after a 429 that does not say how long
HOLD_MAX_S: Final = 60.0
URGENT_TRIES: Final = 2


class Caller:
    """Budget, token, exchange, answer: put together once for every endpoint."""

    def __init__(
        self,
        line: Line,
        limiter: Limiter,
        session: Session,
        quarantine: Quarantine,
        chance: np.random.Generator,
        backoff: Backoff,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._line = line
        self._limiter = limiter
        self._session = session
        self._quarantine = quarantine
        self._chance = chance
        self._backoff = backoff
        self._sleep = sleep

    async def read(
        self, route: Route[Any, R], request: Request, need: Need = Need.ORDINARY
    ) -> tuple[R, tuple[Misfit, ...]]:
        """Ask until there is an answer or the tries are used up; raises `GatewayError`.

        A look is at what must be known to protect a position.
        """
        kind = Kind.BARS if route is routes.BARS else Kind.READ
        body = encode(request)
        tried, refused = 0, False
        # The tries are for a short fault. Where nothing is answered one is enough, and who must
        # know something to protect a position does not wait for an answer that was refused.
        tries = 1 if self._limiter.down_s > 0 else self._backoff.tries
        tries = min(tries, URGENT_TRIES) if need is not Need.ORDINARY else tries
        while True:
            tried += 1
            token = await self._session.for_reading()
            try:
                answer = await self._line.send(route.path, body, kind=kind, token=token, need=need)
                return self._told(route, answer, token, kind)
            except TokenRefused:
                if refused:
                    raise
                refused = True  # the session logs in before the next try
                continue
            except GatewayError as error:
                told_no = isinstance(error, Throttled) and need is not Need.ORDINARY
                if not error.transient or tried >= tries or told_no:
                    raise
            await self._sleep(self._backoff.pause_s(tried, self._chance))

    async def act(self, route: Route[Any, R], request: Request, need: Need) -> Outcome:
        """Send it once and tell what is known of it. A 429 is a certain no: the venue counts before
        it acts.
        """
        try:
            token = await self._session.for_acting()
        except GatewayError as error:
            return NotSent(str(error))
        try:
            answer = await self._line.send(
                route.path, encode(request), kind=Kind.ORDER, token=token, need=need
            )
            reply, _ = self._understood(route, answer, token, Kind.ORDER)
        except BadRequest as error:
            return Refused(RefusalCode.OTHER, f"BAD_REQUEST: {error.message}")
        except Throttled as error:
            return Refused(RefusalCode.RATE_LIMIT, error.message)
        except GatewayError as error:
            return Unknown(str(error)) if error.may_have_left else NotSent(str(error))
        return _settled(route, reply)

    def _told(
        self, route: Route[Any, R], answer: Answer, token: str, kind: Kind
    ) -> tuple[R, tuple[Misfit, ...]]:
        reply, misfits = self._understood(route, answer, token, kind)
        for misfit in misfits:
            self._quarantine.put(misfit)
        if not reply.success:
            raise refusal(route, reply)
        return reply, misfits

    def _understood(
        self, route: Route[Any, R], answer: Answer, token: str, kind: Kind
    ) -> tuple[R, tuple[Misfit, ...]]:
        self._watch(answer, token, kind)
        try:
            return read_answer(route, answer)
        except BadAnswer as error:
            if isinstance(error.__cause__, WireError):
                self._quarantine.put(error.__cause__.misfit)
            raise

    def _watch(self, answer: Answer, token: str, kind: Kind) -> None:
        """Let session and limiter know what the status means for the calls that follow."""
        if answer.status >= 500:
            self._limiter.venue_down()
        else:
            self._limiter.venue_up()
        if answer.status == 401:
            self._session.refused(token)
        if answer.status == 429:
            seconds = min(answer.retry_after_s or HOLD_S, HOLD_MAX_S)
            jitter = float(self._chance.uniform(1.0, 1.2))
            self._limiter.hold(BARS if kind is Kind.BARS else GENERAL, seconds * jitter)


def _settled(route: Route[Any, Any], reply: Reply) -> Outcome:
    order_id = reply.order_id if isinstance(reply, PlaceReply) else None
    if reply.success:
        if isinstance(reply, PlaceReply) and order_id is None:
            return Unknown(str(BadAnswer(f"{route.path}: accepted without an order id")))
        return Accepted(order_id)
    code = code_of(route, reply)
    if code is None or code.name in {"PENDING", "UNKNOWN_ERROR"}:
        return Unknown(str(refusal(route, reply)))
    return refused(code, reply.error_message, order_id)
