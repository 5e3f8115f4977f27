"""What became of a request that changes something. There are four ends and no fifth.

Accepted is not filled. Refused is certain. Not sent is certain: it never left this machine.
Everything else is unsettled, and only the venue's own record of orders, positions and trades
settles it; nothing is ever sent a second time from here.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from julie.execution.venue import RefusalCode
from julie.gateway.errors import GatewayError

# Parts of the venue's words and what they mean; it reworded them before.
_WORDS: Final = (
    ("auto oco", RefusalCode.BRACKET_MODE),
    ("tag already", RefusalCode.TAG_IN_USE),
    ("at least 4 ticks", RefusalCode.TOO_NEAR),
    ("ticks should be", RefusalCode.BAD_PRICE),  # a leg on the wrong side
    ("outside allowed range", RefusalCode.OUT_OF_RANGE),
    ("not aligned", RefusalCode.BAD_PRICE),
    ("maximum position", RefusalCode.MAX_POSITION),
    ("accounts cannot cancel", RefusalCode.ACCOUNT),
    ("live accounts not supported", RefusalCode.ACCOUNT),
)


def why(text: str) -> RefusalCode:
    """What the venue's words mean, where they are known."""
    lowered = text.lower()
    return next((code for part, code in _WORDS if part in lowered), RefusalCode.OTHER)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The venue took it; `order_id` where an order was placed."""

    order_id: int | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The venue said no. An order id here belongs to a dead order; the tag stays used."""

    code: IntEnum | None  # None: the request itself was wrong
    text: str
    why: RefusalCode = RefusalCode.OTHER
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
