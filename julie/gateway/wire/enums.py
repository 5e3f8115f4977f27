"""The venue's numbers for sides, kinds and states of orders. A number that is not here is unknown.

Nothing maps an unknown number to a default: a position of an unknown kind is not a short one.
"""

from enum import IntEnum


class OrderSide(IntEnum):
    """Side of orders and of our own trades."""

    BID = 0  # buy
    ASK = 1  # sell


class OrderType(IntEnum):
    """Kind of an order; the venue refuses stop-limits."""

    UNKNOWN = 0
    LIMIT = 1
    MARKET = 2
    STOP_LIMIT = 3
    STOP = 4
    TRAILING_STOP = 5
    JOIN_BID = 6
    JOIN_ASK = 7


class OrderStatus(IntEnum):
    """State of an order; SUSPENDED is a bracket leg that waits for its entry to fill."""

    NONE = 0
    OPEN = 1
    FILLED = 2
    CANCELLED = 3
    EXPIRED = 4
    REJECTED = 5
    PENDING = 6
    PENDING_CANCELLATION = 7
    SUSPENDED = 8


class PositionType(IntEnum):
    """Direction of a position; UNDEFINED comes with size 0 and then means flat."""

    UNDEFINED = 0
    LONG = 1
    SHORT = 2


class Aggressor(IntEnum):
    """Who crossed the spread in a print of the market."""

    BUY = 0
    SELL = 1


class DepthType(IntEnum):
    """What a row of the depth stream says."""

    UNKNOWN = 0
    ASK = 1
    BID = 2
    BEST_ASK = 3
    BEST_BID = 4
    TRADE = 5
    RESET = 6
    LOW = 7
    HIGH = 8
    NEW_BEST_BID = 9
    NEW_BEST_ASK = 10
    FILL = 11


class BarUnit(IntEnum):
    """Unit of a bar's length."""

    UNSPECIFIED = 0
    SECOND = 1
    MINUTE = 2
    HOUR = 3
    DAY = 4
    WEEK = 5
    MONTH = 6
    TICK = 7


class SortBy(IntEnum):
    """What the order query sorts by."""

    CREATED_AT = 0
    ID = 1


class SortDirection(IntEnum):
    """Which way the order query sorts."""

    ASCENDING = 0
    DESCENDING = 1
