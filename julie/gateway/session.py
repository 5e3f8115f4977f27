"""The login: one token for all callers, renewed once for all of them.

From half of a token's life on the next read renews it (validate, else login); orders never wait
for that. A token that the venue refused is renewed by login before the next call. Three refusals
end it: the venue's reason is said again without asking it, until a person says to try again.
"""

import asyncio
import base64
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import Final, TypeVar

import msgspec
import numpy as np
from pydantic import SecretStr

from julie.core.clock import Clock
from julie.core.zones import DAY_NS, SECOND_NS
from julie.gateway.answers import code_of, read_answer
from julie.gateway.backoff import Backoff
from julie.gateway.errors import GatewayError, LoginRefused
from julie.gateway.limiter import Need, Sleep
from julie.gateway.line import Kind, Line
from julie.gateway.redact import Redactor
from julie.gateway.wire import LoginKey, LoginReply, decoder, encode, routes
from julie.gateway.wire.codes import LoginCode
from julie.gateway.wire.json_text import UNREADABLE

T = TypeVar("T")
LOG: Final = logging.getLogger(__name__)

REFUSALS_MAX: Final = 3
ASK_AGAIN_S: Final = 300.0  # after a renewal that gave no new token

_CURES: Final = MappingProxyType(
    {
        LoginCode.USER_NOT_FOUND: "check PROJECTX_USERNAME: the platform login, not the e-mail",
        LoginCode.INVALID_CREDENTIALS: "check PROJECTX_USERNAME and PROJECTX_API_KEY",
        LoginCode.AGREEMENTS_NOT_SIGNED: "log into the platform and sign the agreements",
        LoginCode.API_SUBSCRIPTION_NOT_FOUND: "subscribe to API access, or link it to this login",
        LoginCode.API_KEY_AUTHENTICATION_DISABLED: "enable API keys in the platform's settings",
    }
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who logs in."""

    user: SecretStr
    key: SecretStr


@dataclass(frozen=True, slots=True)
class Token:
    """A token and its life, counted on the monotonic clock."""

    text: str
    got_ns: int
    life_ns: int

    def half_over(self, mono_ns: int) -> bool:
        """Whether it is time to renew."""
        return mono_ns - self.got_ns >= self.life_ns // 2

    def over(self, mono_ns: int) -> bool:
        """Whether the venue refuses it by now."""
        return mono_ns - self.got_ns >= self.life_ns

    def __repr__(self) -> str:
        return "Token(***)"


class _Claims(msgspec.Struct):
    exp: float | None = None
    iat: float | None = None


_CLAIMS: Final = decoder(_Claims)


def life_of(token: str, now_ns: int) -> int:
    """Life of a token in ns by its own claims; a day where it does not say."""
    try:
        payload = token.split(".")[1]
        claims = _CLAIMS.decode(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (*UNREADABLE, IndexError):
        return DAY_NS
    if claims.exp is None:
        return DAY_NS
    start_s = claims.iat if claims.iat is not None else now_ns / SECOND_NS
    life_ns = round((claims.exp - start_s) * SECOND_NS)
    return life_ns if life_ns > 0 else DAY_NS


class Session:
    """Holds the token."""

    def __init__(
        self,
        line: Line,
        credentials: Credentials,
        clock: Clock,
        redact: Redactor,
        chance: np.random.Generator,
        backoff: Backoff,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._line = line
        self._credentials = credentials
        self._clock = clock
        self._redact = redact
        self._chance = chance
        self._backoff = backoff
        self._sleep = sleep
        self._token: Token | None = None
        self._refused_text = ""
        self._ask_after_ns = 0
        self._lock = asyncio.Lock()
        self._rounds = 0
        self._failure: GatewayError | None = None
        self._refusals: list[LoginRefused] = []
        redact.learn(credentials.key.get_secret_value())
        redact.learn(credentials.user.get_secret_value())

    @property
    def renewals(self) -> int:
        """How often the venue was asked for a token, with or without success."""
        return self._rounds

    @property
    def left_ns(self) -> int:
        """Life that the token has left."""
        token = self._token
        return 0 if token is None else token.got_ns + token.life_ns - self._clock.mono_ns()

    @property
    def barred(self) -> LoginRefused | None:
        """The venue's last no, once it has said it so often that nobody asks any more."""
        return self._refusals[-1] if len(self._refusals) >= REFUSALS_MAX else None

    @property
    def inside(self) -> bool:
        """Whether there is a token that the venue takes."""
        return self._good() is not None

    def try_again(self) -> None:
        """A person says that the venue lets us in again: it may be asked as often as at first."""
        self._refusals.clear()

    async def for_reading(self) -> str:
        """A good token; renews it from half of its life on, unless somebody does so already."""
        token = self._good()
        if token is None:
            return await self._renewed(self._login)
        mono_ns = self._clock.mono_ns()
        if token.half_over(mono_ns) and mono_ns >= self._ask_after_ns and not self._lock.locked():
            self._ask_after_ns = mono_ns + round(ASK_AGAIN_S * SECOND_NS)
            return await self._renewed(self._validated)
        return token.text

    async def for_acting(self) -> str:
        """A good token, renewed only when there is none."""
        token = self._good()
        return token.text if token else await self._renewed(self._login)

    def refused(self, token: str) -> None:
        """The venue answered 401 to this token: the next call logs in."""
        self._refused_text = token

    def _good(self) -> Token | None:
        token = self._token
        if token is None or token.text == self._refused_text:
            return None
        return None if token.over(self._clock.mono_ns()) else token

    async def _renewed(self, how: Callable[[], Awaitable[Token]]) -> str:
        rounds = self._rounds
        async with self._lock:
            if rounds == self._rounds:
                try:
                    self._token, self._failure = await how(), None
                except GatewayError as error:
                    self._failure = error
                self._rounds += 1  # not reached when cancelled: the next in line tries
            if self._token is None or self._failure is not None:
                raise self._failure or LoginRefused("the login was broken off")
            return self._token.text

    async def _validated(self) -> Token:
        old = self._token
        if old is None:
            return await self._login()
        try:
            answer = await self._line.send(
                routes.VALIDATE.path, kind=Kind.LOGIN, token=old.text, need=Need.URGENT
            )
            if answer.status == HTTPStatus.UNAUTHORIZED:
                return await self._login()
            reply, _ = read_answer(routes.VALIDATE, answer)
        except LoginRefused:
            raise
        except GatewayError as error:
            LOG.warning("the token was not renewed, and is good for some time yet: %s", error)
            return old
        if not reply.success:
            return await self._login()
        return self._taken(reply.new_token) if reply.new_token else old

    async def _login(self) -> Token:
        if self.barred is not None:
            raise self.barred
        tried = 0
        while True:
            tried += 1
            try:
                return await self._asked()
            except LoginRefused as error:
                self._refusals.append(error)
                raise
            except GatewayError as error:
                if not error.transient or tried >= self._backoff.tries:
                    raise
            await self._sleep(self._backoff.pause_s(tried, self._chance))

    async def _asked(self) -> Token:
        key = LoginKey(
            user_name=self._credentials.user.get_secret_value(),
            api_key=self._credentials.key.get_secret_value(),
        )
        answer = await self._line.send(
            routes.LOGIN.path, encode(key), kind=Kind.LOGIN, need=Need.URGENT
        )
        reply, _ = read_answer(routes.LOGIN, answer)
        if not reply.success or not reply.token:
            raise self._refusal(reply)
        self._refusals.clear()
        return self._taken(reply.token)

    def _refusal(self, reply: LoginReply) -> LoginRefused:
        code = code_of(routes.LOGIN, reply)
        words = code.name.lower().replace("_", " ") if code else "a reason that nobody knows"
        said = f": {self._redact(reply.error_message)}" if reply.error_message else ""
        return LoginRefused(
            f"the venue refused the login: {words} ({reply.error_code}){said}",
            _CURES.get(LoginCode(code), "") if code else "",
        )

    def _taken(self, text: str) -> Token:
        self._redact.learn(text)
        return Token(text, self._clock.mono_ns(), life_of(text, self._clock.now_ns()))
