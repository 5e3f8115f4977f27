"""What the venue's no means: by its words where they are known, else by the code of the endpoint.

A refusal is certain. An order id in it is that of a dead order, and the order's tag stays used.
"""

from enum import IntEnum
from types import MappingProxyType
from typing import Final

from julie.execution.venue import RefusalCode, Refused

# Parts of the venue's words; it reworded them before.
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
# By name, because the same number means different things on each endpoint.
_CODES: Final = MappingProxyType(
    {
        "ACCOUNT_NOT_FOUND": RefusalCode.ACCOUNT,
        "ACCOUNT_REJECTED": RefusalCode.ACCOUNT,
        "ACCOUNT_VIOLATION": RefusalCode.VIOLATION,
        "CONTRACT_NOT_ACTIVE": RefusalCode.NO_CONTRACT,
        "CONTRACT_NOT_FOUND": RefusalCode.NO_CONTRACT,
        "INSUFFICIENT_FUNDS": RefusalCode.FUNDS,
        "INVALID_CLOSE_SIZE": RefusalCode.BAD_SIZE,
        "ORDER_NOT_FOUND": RefusalCode.NO_ORDER,
        "ORDER_REJECTED": RefusalCode.OTHER,
        "OUTSIDE_TRADING_HOURS": RefusalCode.CLOSED,
        "POSITION_NOT_FOUND": RefusalCode.NO_POSITION,
        "REJECTED": RefusalCode.OTHER,
    }
)


def refused(code: IntEnum, words: str | None, order_id: int | None) -> Refused:
    """The venue's no as the executor reads it."""
    lowered = (words or "").lower()
    why = next((why for part, why in _WORDS if part in lowered), _CODES[code.name])
    return Refused(why, f"{code.name}: {words}" if words else code.name, order_id)
