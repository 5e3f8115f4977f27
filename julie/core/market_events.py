"""What the market says as it happens, and whether we can still hear it.

A print is a trade of the market; a quote is the whole book's top after a change. Each bears the
time the exchange gave it and the time it came here. Prices are float64 on the grid.
"""

from enum import StrEnum

import msgspec

from julie.core.types import Side


class Print(msgspec.Struct, frozen=True, gc=False):
    """A trade of the market; `aggressor` is who crossed the spread."""

    contract: str
    price: float
    qty: int
    ts_exchange: int
    ts_local: int
    aggressor: Side


class QuoteNow(msgspec.Struct, frozen=True, gc=False):
    """Best bid, best ask and last price of a contract; NaN = there is none."""

    contract: str
    bid: float
    ask: float
    last: float
    ts_exchange: int
    ts_local: int

    @property
    def sound(self) -> bool:
        """Whether the book has both sides and they do not cross; else no decision may use it."""
        return 0.0 < self.bid < self.ask


MarketEvent = Print | QuoteNow


class Hub(StrEnum):
    """One of the two streams of the venue."""

    MARKET = "market"
    USER = "user"


class HubState(StrEnum):
    """How far a stream can be relied on; entries need `live`."""

    DOWN = "down"  # no connection; one is being tried for
    OPENING = "opening"  # connecting, shaking hands, subscribing
    WAITING = "waiting"  # subscribed, no data yet
    LIVE = "live"
    STALE = "stale"  # connected, and silent for too long
    STOPPED = "stopped"  # we left


class HubChanged(msgspec.Struct, frozen=True):
    """A stream is in another state; `life` counts its connections from 1."""

    hub: Hub
    state: HubState
    reason: str
    life: int
    ts_local: int
