"""Market scripts: what a test may do to the market. Tagged by `kind`; offsets are virtual seconds
from the moment the script arrives, prices are points.
"""

import msgspec


class MarketBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every script."""


class OfContract(MarketBody, frozen=True, kw_only=True, tag_field="kind"):
    """A script for one contract, or for all months of a symbol; the first symbol where none."""

    contract: str | None = None


class Ticks(OfContract, frozen=True, kw_only=True, tag="ticks"):
    """Prints that jump: (offset, price, volume)."""

    ticks: tuple[tuple[float, float, int], ...]


class Quotes(OfContract, frozen=True, kw_only=True, tag="quotes"):
    """Quotes: (offset, bid, ask); None is an empty side."""

    quotes: tuple[tuple[float, float | None, float | None], ...]


class BarsInstead(OfContract, frozen=True, kw_only=True, tag="bars"):
    """The next minutes: (open, high, low, close, volume)."""

    bars: tuple[tuple[float, float, float, float, int], ...]


class Gap(OfContract, frozen=True, kw_only=True, tag="gap"):
    """From the next print on, all prices are that many points higher."""

    points: float


class Halt(OfContract, frozen=True, kw_only=True, tag="halt"):
    """No prints; market orders are refused. `limit` leaves one side of the book empty."""

    seconds: float
    limit: str | None = None  # up: no offers; down: no bids


class BadTick(OfContract, frozen=True, kw_only=True, tag="bad_tick"):
    """A print that nobody traded at: it goes out, and matches nothing."""

    price: float
    volume: int = 1


class Crossed(OfContract, frozen=True, kw_only=True, tag="crossed"):
    """Bid at or above the ask."""

    seconds: float
    ticks: int = 2


class Silent(OfContract, frozen=True, kw_only=True, tag="silent"):
    """Minutes without a trade; the quote stands and is repeated."""

    seconds: float


class LateTick(OfContract, frozen=True, kw_only=True, tag="late_tick"):
    """A print stamped that many seconds ago."""

    seconds: float
    price: float | None = None  # the last price where not given
    volume: int = 1


class Burst(OfContract, frozen=True, kw_only=True, tag="burst"):
    """Quotes and prints at a rate, at unchanged prices."""

    per_second: int
    seconds: float


class Roll(OfContract, frozen=True, kw_only=True, tag="roll"):
    """The active month of a symbol changes, now or at a time; None: to the next month."""

    symbol: str
    month: str | None = None
    at_ns: int | None = None


class CalendarDay(OfContract, frozen=True, kw_only=True, tag="calendar"):
    """A trading day closes at another time (HH:MM Eastern), or is `closed`."""

    day: str
    close: str


class Revised(OfContract, frozen=True, kw_only=True, tag="revised"):
    """History that differs from what was traded: ticks on a bar, or a bar that is missing."""

    ts: int
    high_ticks: int = 0
    low_ticks: int = 0
    close_ticks: int = 0
    missing: bool = False


class Frozen(OfContract, frozen=True, kw_only=True, tag="frozen"):
    """History stops growing for that long while quotes flow."""

    seconds: float


class Product(OfContract, frozen=True, kw_only=True, tag="product"):
    """The contract search tells another tick size or tick value."""

    symbol: str
    tick_size: float | None = None
    tick_value: float | None = None


MarketScript = (
    Ticks
    | Quotes
    | BarsInstead
    | Gap
    | Halt
    | BadTick
    | Crossed
    | Silent
    | LateTick
    | Burst
    | Roll
    | CalendarDay
    | Revised
    | Frozen
    | Product
)
