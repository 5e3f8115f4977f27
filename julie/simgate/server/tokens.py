"""Tokens as the venue makes them: good for 24 h of the market's clock, signed, never stored.

A token carries its user and its end, so a gateway that comes back with its state folder knows the
tokens of its life before; what was logged out or expired by a test is remembered by number.
"""

import base64
import hmac
import secrets
from collections.abc import Callable
from typing import Final

import msgspec

from julie.core.zones import SECOND_NS

_HEAD: Final = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').rstrip(b"=").decode()


class Kept(msgspec.Struct, kw_only=True):
    """What outlives the process."""

    key: str
    next_number: int = 1
    dead: list[int] = []
    dead_up_to: int = 0  # every token up to this number is no longer good


class _Claims(msgspec.Struct, kw_only=True):
    sub: str
    jti: int
    iat: int
    exp: int
    aud: str = "simulated-gateway"


class Tokens:
    """Issues, checks and ends tokens."""

    def __init__(
        self, clock: Callable[[], int], life_s: Callable[[], float], kept: Kept | None = None
    ) -> None:
        self._clock = clock
        self._life_s = life_s
        self.kept: Final = kept or Kept(key=secrets.token_hex(32))
        self._known: dict[str, _Claims] = {}

    def issue(self, user: str) -> str:
        """A new token; those already in use stay good."""
        now_s = self._clock() // SECOND_NS
        claims = _Claims(
            sub=user, jti=self.kept.next_number, iat=now_s, exp=now_s + round(self._life_s())
        )
        self.kept.next_number += 1
        body = _b64(msgspec.json.encode(claims))
        token = f"{_HEAD}.{body}.{self._sign(body)}"
        self._known[token] = claims
        return token

    def user_of(self, token: str) -> str | None:
        """Whose token it is; None where it is unknown, ended or past its end."""
        claims = self._known.get(token) or self._read(token)
        if claims is None or claims.jti in self.kept.dead or claims.jti <= self.kept.dead_up_to:
            return None
        return claims.sub if self._clock() < claims.exp * SECOND_NS else None

    def end(self, token: str) -> None:
        """A token is logged out."""
        claims = self._known.get(token) or self._read(token)
        if claims is not None:
            self.kept.dead.append(claims.jti)

    def end_all(self) -> None:
        """Every token issued so far is no longer good."""
        self.kept.dead_up_to = self.kept.next_number - 1
        self.kept.dead.clear()

    def _read(self, token: str) -> _Claims | None:
        head, _, rest = token.partition(".")
        body, _, sign = rest.partition(".")
        if head != _HEAD or not hmac.compare_digest(sign.encode(), self._sign(body).encode()):
            return None
        padded = body + "=" * (-len(body) % 4)
        claims = msgspec.json.decode(base64.urlsafe_b64decode(padded), type=_Claims)
        self._known[token] = claims
        return claims

    def _sign(self, body: str) -> str:
        text = f"{_HEAD}.{body}".encode()
        return _b64(hmac.digest(bytes.fromhex(self.kept.key), text, "sha256"))


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
