"""What the exchange tells: rows of the user hub and of the market hub, in the order they happen.

Market rows carry what changed; a subscriber's first quote is asked for with `Exchange.quote`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from julie.gateway.wire import AccountRow, OrderRow, PositionRow, Print, Quote, TradeRow

USER_ACCOUNT: Final = "GatewayUserAccount"
USER_ORDER: Final = "GatewayUserOrder"
USER_POSITION: Final = "GatewayUserPosition"
USER_TRADE: Final = "GatewayUserTrade"
QUOTE: Final = "GatewayQuote"
TRADE: Final = "GatewayTrade"
DEPTH: Final = "GatewayDepth"


class Action(IntEnum):
    """What the hub's wrapper says of a row."""

    CREATE = 0
    UPDATE = 1
    DELETE = 2


@dataclass(frozen=True, slots=True)
class UserEvent:
    """One row for the subscribers of an account."""

    target: str
    account_id: int
    action: Action
    row: AccountRow | OrderRow | PositionRow | TradeRow
    ts: int
    role: str = ""  # of the order a row belongs to: entry, stop, target, close


@dataclass(frozen=True, slots=True)
class MarketEvent:
    """One quote, or the prints of one instant, for the subscribers of a contract."""

    target: str
    contract: str
    rows: tuple[Quote, ...] | tuple[Print, ...]
    ts: int


Event = UserEvent | MarketEvent
Sink = Callable[[Event], None]
