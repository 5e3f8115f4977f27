"""Bodies of the REST requests, field by field as the venue names them.

An optional price that is None goes out as null, which the venue reads as not given, or unchanged.
"""

from decimal import Decimal

import msgspec

from julie.gateway.wire.enums import BarUnit, OrderSide, OrderStatus, OrderType, SortBy
from julie.gateway.wire.enums import SortDirection as Direction
from julie.gateway.wire.stamps import Stamp


class Request(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Base of every request."""


class LoginKey(Request, frozen=True, kw_only=True):
    """Auth/loginKey; neither field may reach a log."""

    user_name: str
    api_key: str

    def __repr__(self) -> str:
        return "LoginKey(***)"


class AccountSearch(Request, frozen=True, kw_only=True):
    """Account/search."""

    only_active_accounts: bool


class ContractSearch(Request, frozen=True, kw_only=True):
    """Contract/search: at most 20 contracts, matched loosely."""

    search_text: str
    live: bool


class ContractById(Request, frozen=True, kw_only=True):
    """Contract/searchById; finds expired contracts too."""

    contract_id: str


class ContractsAvailable(Request, frozen=True, kw_only=True):
    """Contract/available: one active contract a product."""

    live: bool


class RetrieveBars(Request, frozen=True, kw_only=True):
    """History/retrieveBars; `limit` keeps the newest bars of the window."""

    contract_id: str
    live: bool
    start_time: Stamp
    end_time: Stamp
    unit: BarUnit
    unit_number: int
    limit: int
    include_partial_bar: bool


class Bracket(Request, frozen=True, kw_only=True):
    """A leg laid from the fill; `ticks` carries the sign of the price direction."""

    ticks: int
    type: OrderType


class PlaceOrder(Request, frozen=True, kw_only=True):
    """Order/place; prices are absolute."""

    account_id: int
    contract_id: str
    type: OrderType
    side: OrderSide
    size: int
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trail_price: Decimal | None = None
    custom_tag: str | None = None
    stop_loss_bracket: Bracket | None = None
    take_profit_bracket: Bracket | None = None


class ModifyOrder(Request, frozen=True, kw_only=True):
    """Order/modify."""

    account_id: int
    order_id: int
    size: int | None = None
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trail_price: Decimal | None = None


class CancelOrder(Request, frozen=True, kw_only=True):
    """Order/cancel."""

    account_id: int
    order_id: int


class OrderSearch(Request, frozen=True, kw_only=True):
    """Order/search: any status, by time; without suspended legs."""

    account_id: int
    start_timestamp: Stamp
    end_timestamp: Stamp | None = None


class OpenOrders(Request, frozen=True, kw_only=True):
    """Order/searchOpen: status open only."""

    account_id: int


class OrderById(Request, frozen=True, kw_only=True):
    """Order/searchById."""

    account_id: int
    order_id: int


class OrderFilter(Request, frozen=True, kw_only=True, omit_defaults=True):
    """What the order query picks; what is not given does not narrow it."""

    account_id: int
    statuses: tuple[OrderStatus, ...] | None = None
    contract_id: str | None = None
    created_after: Stamp | None = None
    created_before: Stamp | None = None


class OrderQuery(Request, frozen=True, kw_only=True):
    """Order/v2/query: the only search that shows suspended bracket legs."""

    filter: OrderFilter
    page_size: int = 100
    page_offset: int = 0
    sort_by: SortBy = SortBy.CREATED_AT
    sort_direction: Direction = Direction.DESCENDING
    include_total_count: bool = True


class OpenPositions(Request, frozen=True, kw_only=True):
    """Position/searchOpen."""

    account_id: int


class CloseContract(Request, frozen=True, kw_only=True):
    """Position/closeContract: the whole position; resting orders stay."""

    account_id: int
    contract_id: str


class PartialClose(Request, frozen=True, kw_only=True):
    """Position/partialCloseContract."""

    account_id: int
    contract_id: str
    size: int


class TradeSearch(Request, frozen=True, kw_only=True):
    """Trade/search."""

    account_id: int
    start_timestamp: Stamp
    end_timestamp: Stamp | None = None
