"""What the market hub streams: quotes that carry only what changed, prints, and depth."""

from typing import Annotated

import msgspec

from julie.gateway.wire.enums import Aggressor, DepthType
from julie.gateway.wire.stamps import Stamp


class Quote(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A change of the quote; what is missing is unchanged, not zero.

    `volume` is the session's total. `timestamp` can lag by hours in a quiet market; freshness is
    judged by `last_updated`.
    """

    symbol: str | None = None
    last_price: float | None = None
    best_bid: float | None = None
    best_ask: float | None = None
    change: float | None = None
    change_percent: float | None = None
    open: float | None = None
    high: float | None = None
    low: float | None = None
    volume: int | None = None
    last_updated: Stamp | None = None
    timestamp: Stamp | None = None
    contract: str | None = None
    symbol_name: str | None = None


class Print(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A trade of the market."""

    price: float
    timestamp: Stamp
    type: Aggressor
    volume: Annotated[int, msgspec.Meta(ge=0)]
    symbol_id: str | None = None
    contract_id: str | None = None


class DepthRow(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A row of depth; volume 0 on a bid or ask takes the level away."""

    price: float
    volume: Annotated[int, msgspec.Meta(ge=0)]
    type: DepthType
    timestamp: Stamp
    current_volume: int | None = None
    contract_id: str | None = None
