"""Error codes, one enum an endpoint, because the same number means different things on each.

`UNKNOWN_ERROR` and `PENDING` settle nothing: the order may stand or not.
"""

from enum import IntEnum
from typing import Final


class SuccessCode(IntEnum):
    """Account/search, Contract/search, Contract/available."""

    SUCCESS = 0


class LoginCode(IntEnum):
    """Auth/loginKey."""

    SUCCESS = 0
    USER_NOT_FOUND = 1
    PASSWORD_VERIFICATION_FAILED = 2
    INVALID_CREDENTIALS = 3
    APP_NOT_FOUND = 4
    APP_VERIFICATION_FAILED = 5
    INVALID_DEVICE = 6
    AGREEMENTS_NOT_SIGNED = 7
    UNKNOWN_ERROR = 8
    API_SUBSCRIPTION_NOT_FOUND = 9
    API_KEY_AUTHENTICATION_DISABLED = 10


class ValidateCode(IntEnum):
    """Auth/validate."""

    SUCCESS = 0
    INVALID_SESSION = 1
    SESSION_NOT_FOUND = 2
    EXPIRED_TOKEN = 3
    UNKNOWN_ERROR = 4


class LogoutCode(IntEnum):
    """Auth/logout."""

    SUCCESS = 0
    INVALID_SESSION = 1
    UNKNOWN_ERROR = 2


class ContractCode(IntEnum):
    """Contract/searchById."""

    SUCCESS = 0
    CONTRACT_NOT_FOUND = 1


class BarsCode(IntEnum):
    """History/retrieveBars."""

    SUCCESS = 0
    CONTRACT_NOT_FOUND = 1
    UNIT_INVALID = 2
    UNIT_NUMBER_INVALID = 3
    LIMIT_INVALID = 4


class PlaceCode(IntEnum):
    """Order/place."""

    SUCCESS = 0
    ACCOUNT_NOT_FOUND = 1
    ORDER_REJECTED = 2
    INSUFFICIENT_FUNDS = 3
    ACCOUNT_VIOLATION = 4
    OUTSIDE_TRADING_HOURS = 5
    PENDING = 6
    UNKNOWN_ERROR = 7
    CONTRACT_NOT_FOUND = 8
    CONTRACT_NOT_ACTIVE = 9
    ACCOUNT_REJECTED = 10


class ModifyCode(IntEnum):
    """Order/modify."""

    SUCCESS = 0
    ACCOUNT_NOT_FOUND = 1
    ORDER_NOT_FOUND = 2
    REJECTED = 3
    PENDING = 4
    UNKNOWN_ERROR = 5
    ACCOUNT_REJECTED = 6
    CONTRACT_NOT_FOUND = 7


class CancelCode(IntEnum):
    """Order/cancel."""

    SUCCESS = 0
    ACCOUNT_NOT_FOUND = 1
    ORDER_NOT_FOUND = 2
    REJECTED = 3
    PENDING = 4
    UNKNOWN_ERROR = 5
    ACCOUNT_REJECTED = 6


class AccountCode(IntEnum):
    """Order/search, Order/searchOpen, Order/v2/query, Position/searchOpen, Trade/search."""

    SUCCESS = 0
    ACCOUNT_NOT_FOUND = 1


class OrderCode(IntEnum):
    """Order/searchById."""

    SUCCESS = 0
    ORDER_NOT_FOUND = 1


class CloseCode(IntEnum):
    """Position/closeContract."""

    SUCCESS = 0
    ACCOUNT_NOT_FOUND = 1
    POSITION_NOT_FOUND = 2
    CONTRACT_NOT_FOUND = 3
    CONTRACT_NOT_ACTIVE = 4
    ORDER_REJECTED = 5
    PENDING = 6
    UNKNOWN_ERROR = 7
    ACCOUNT_REJECTED = 8


class PartialCloseCode(IntEnum):
    """Position/partialCloseContract; shifted against closeContract."""

    SUCCESS = 0
    ACCOUNT_NOT_FOUND = 1
    POSITION_NOT_FOUND = 2
    CONTRACT_NOT_FOUND = 3
    CONTRACT_NOT_ACTIVE = 4
    INVALID_CLOSE_SIZE = 5
    ORDER_REJECTED = 6
    PENDING = 7
    UNKNOWN_ERROR = 8
    ACCOUNT_REJECTED = 9


# Texts that the venue sends with code 2 of Order/place (code 3 of Order/modify for the last).
TEXT_AUTO_OCO: Final = (
    "Brackets cannot be used with Position Brackets. You must enable Auto OCO Brackets."
)
TEXT_TAG_IN_USE: Final = "custom tag already in use"
TEXT_OUT_OF_RANGE: Final = "Invalid price. Price is outside allowed range."
TEXT_NOT_ALIGNED: Final = "Invalid price. Price is not aligned to tick size."
TEXT_MAX_POSITION: Final = "Maximum position size exceeded."
TEXT_TRAIL_NOT_ALIGNED: Final = "Invalid trail price. Price is not aligned to tick size."
