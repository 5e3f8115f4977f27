"""What became of a request that changes something. There are four ends and no fifth.

Accepted is not filled. Refused is certain. Not sent is certain: it never left this machine.
Everything else is unsettled, and only the venue's own record of orders, positions and trades
settles it; nothing is ever sent a second time from here.
"""

from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Final

from julie.gateway.errors import GatewayError

_WORDS: Final = (
    ("auto oco", "AUTO_OCO"),
    ("tag already", "TAG_IN_USE"),
    ("at least 4 ticks", "TOO_NEAR"),
    ("ticks should be", "BRACKET_SIGN"),
    ("outside allowed range", "OUT_OF_RANGE"),
    ("not aligned", "OFF_GRID"),
    ("maximum position", "MAX_POSITION"),
    ("accounts cannot cancel", "ACCOUNT_KIND"),
    ("live accounts not supported", "ACCOUNT_KIND"),
)


class Why(Enum):
    """What a refusal's words mean, where they are known."""

    AUTO_OCO = "the account is in Position Brackets mode: enable Auto OCO Brackets"
    TAG_IN_USE = "an earlier attempt with this tag exists"
    TOO_NEAR = "the stop is nearer than 4 ticks"
    BRACKET_SIGN = "a bracket leg lies on the wrong side"
    OUT_OF_RANGE = "the price is on the wrong side of the market, or outside its band"
    OFF_GRID = "the price is off the tick grid"
    MAX_POSITION = "the account's position limit"
    ACCOUNT_KIND = "the venue does not allow this on an account of this kind"
    OTHER = "see the venue's words"


def why(text: str) -> Why:
    """What the venue's words mean; they were reworded before, so parts are looked for."""
    lowered = text.lower()
    return next((Why[name] for part, name in _WORDS if part in lowered), Why.OTHER)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The venue took it; `order_id` where an order was placed."""

    order_id: int | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The venue said no. An order id here belongs to a dead order; the tag stays used."""

    code: IntEnum | None  # None: the request itself was wrong
    text: str
    why: Why = Why.OTHER
    dead_order_id: int | None = None


@dataclass(frozen=True, slots=True)
class Unsettled:
    """It may have been carried out."""

    error: GatewayError


@dataclass(frozen=True, slots=True)
class NotSent:
    """It never left."""

    error: GatewayError


Outcome = Accepted | Refused | Unsettled | NotSent
