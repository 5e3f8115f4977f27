"""What the venue says of accounts, contracts, orders, positions and trades, by REST and by hub.

A field that REST sends as null the hubs leave out; fields that nobody knows are passed over. A row
that contradicts itself does not exist: it is refused with the path of the field, never repaired.
"""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec

from julie.gateway.wire.enums import OrderSide, OrderStatus, OrderType, PositionType
from julie.gateway.wire.stamps import Stamp

Size = Annotated[int, msgspec.Meta(ge=0)]


class Row(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Base of every row; a number that is not finite is no price and no money."""

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if isinstance(value, Decimal) and not value.is_finite():
                raise ValueError(f"{name} is {value}")


class AccountRow(Row, frozen=True, kw_only=True):
    """A trading account; `balance` is realised and net of fees."""

    id: int
    name: str
    balance: Decimal
    can_trade: bool
    is_visible: bool = True
    simulated: bool | None = None


class ContractRow(Row, frozen=True, kw_only=True):
    """A contract; exactly one of each product is active, and no other takes orders."""

    id: str
    name: str
    tick_size: Decimal
    tick_value: Decimal
    active_contract: bool
    symbol_id: str
    description: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.tick_size <= 0 or self.tick_value <= 0:
            raise ValueError(f"tick {self.tick_size} worth {self.tick_value}")


class BarRow(msgspec.Struct, frozen=True, kw_only=True):
    """A bar of history; `t` is its start, minutes without trades have none."""

    t: Annotated[datetime, msgspec.Meta(tz=True)]
    o: float
    h: float
    l: float  # noqa: E741 - the venue's name
    c: float
    v: Size


class OrderRow(Row, frozen=True, kw_only=True):
    """An order; `filled_price` is an average, and a partial fill shows in `fill_volume` alone."""

    id: int
    account_id: int
    contract_id: str
    creation_timestamp: Stamp
    status: OrderStatus
    type: OrderType
    side: OrderSide
    size: Size
    fill_volume: Size
    symbol_id: str | None = None
    update_timestamp: Stamp | None = None
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    filled_price: Decimal | None = None
    custom_tag: str | None = None
    parent_order_id: int | None = None
    linked_order_id: int | None = None
    trail_distance: int | None = None
    trail_price: Decimal | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.status is OrderStatus.NONE:
            raise ValueError("status 0 says nothing")
        if self.type is OrderType.UNKNOWN:
            raise ValueError("type 0 says nothing")
        if self.fill_volume > self.size:
            raise ValueError(f"fillVolume {self.fill_volume} above size {self.size}")


class PositionRow(Row, frozen=True, kw_only=True):
    """A netted position; size 0 is flat, and the average price lies off the tick grid."""

    id: int
    account_id: int
    contract_id: str
    creation_timestamp: Stamp
    type: PositionType
    size: Size
    average_price: Decimal
    contract_display_name: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.type is PositionType.UNDEFINED and self.size:
            raise ValueError(f"type 0 with size {self.size}")


class TradeRow(Row, frozen=True, kw_only=True):
    """One fill of ours; `profit_and_loss` is absent on a fill that opens or adds."""

    id: int
    account_id: int
    contract_id: str
    creation_timestamp: Stamp
    price: Decimal
    side: OrderSide
    size: Annotated[int, msgspec.Meta(ge=1)]
    order_id: int
    fees: Decimal = Decimal(0)
    commissions: Decimal | None = None
    profit_and_loss: Decimal | None = None
    voided: bool = False
