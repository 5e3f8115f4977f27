"""Answers of the REST calls: the envelope, and what it carries.

A business failure comes with HTTP 200: `success` is read before anything else, and an order id in a
refused answer belongs to a dead order.
"""

import msgspec

from julie.gateway.wire.rows import (
    AccountRow,
    BarRow,
    ContractRow,
    OrderRow,
    PositionRow,
    TradeRow,
)


class Reply(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The envelope; `error_code` is read by the enum of its endpoint."""

    success: bool
    error_code: int = 0
    error_message: str | None = None


class LoginReply(Reply, frozen=True, kw_only=True):
    """Auth/loginKey."""

    token: str | None = None

    def __repr__(self) -> str:
        return f"LoginReply(success={self.success}, error_code={self.error_code})"


class ValidateReply(Reply, frozen=True, kw_only=True):
    """Auth/validate; without a new token the old one stays good."""

    new_token: str | None = None

    def __repr__(self) -> str:
        return f"ValidateReply(success={self.success}, error_code={self.error_code})"


class AccountsReply(Reply, frozen=True, kw_only=True):
    """Account/search."""

    accounts: tuple[AccountRow, ...] | None = None


class ContractsReply(Reply, frozen=True, kw_only=True):
    """Contract/search and Contract/available."""

    contracts: tuple[ContractRow, ...] | None = None


class ContractReply(Reply, frozen=True, kw_only=True):
    """Contract/searchById."""

    contract: ContractRow | None = None


class BarsReply(Reply, frozen=True, kw_only=True):
    """History/retrieveBars, newest first where nobody promised it."""

    bars: tuple[BarRow, ...] | None = None


class PlaceReply(Reply, frozen=True, kw_only=True):
    """Order/place; accepted, not filled."""

    order_id: int | None = None


class OrdersReply(Reply, frozen=True, kw_only=True):
    """Order/search, Order/searchOpen and Order/v2/query."""

    orders: tuple[OrderRow, ...] | None = None
    total_count: int | None = None


class OrderReply(Reply, frozen=True, kw_only=True):
    """Order/searchById."""

    order: OrderRow | None = None


class PositionsReply(Reply, frozen=True, kw_only=True):
    """Position/searchOpen; flat contracts are not in it."""

    positions: tuple[PositionRow, ...] | None = None


class TradesReply(Reply, frozen=True, kw_only=True):
    """Trade/search: one row a fill."""

    trades: tuple[TradeRow, ...] | None = None


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Body of an HTTP 400: the request itself was wrong."""

    title: str
    status: int | None = None
    detail: str | None = None
    errors: dict[str, list[str]] | None = None
