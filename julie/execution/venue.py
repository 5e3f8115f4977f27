"""The venue as the executor sees it: what may be asked, what comes back, what is told unasked.

Whoever trades stands behind this door: the gateway, the paper broker, a scripted venue of a test.
A call that changes something never raises: it ends accepted, refused, unknown or not sent, and
there is no fifth end. A read may raise `VenueUnreachable`; what could not be read is never an empty
list. The same rows come unasked as events, and then doubled, out of order, late or never.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Generic, Protocol, TypeVar

from julie.core.types import Side

TAG_MAX: Final = 60

Row = TypeVar("Row")


class VenueUnreachable(Exception):
    """A read that has no full answer: not reached, refused, or rows that cannot be understood."""


class PartlyRead(VenueUnreachable, Generic[Row]):
    """A list of which not every row could be understood. It proves nothing; what must act on what
    is known takes `rows`, and of the others the id and the contract, where those could be read.
    """

    def __init__(self, text: str, rows: Sequence[Row], others: Sequence["Unread"]) -> None:
        super().__init__(text)
        self.rows = tuple(rows)
        self.others = tuple(others)


@dataclass(frozen=True, slots=True)
class Unread:
    """What is known of a row that nobody understands."""

    id: int | None
    contract: str | None


class OrderKind(StrEnum):
    """How an order is worked; `other` is what only a person places (trailing, join bid or ask)."""

    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    OTHER = "other"


class VenueStatus(StrEnum):
    """Where an order stands at the venue."""

    PENDING = "pending"
    SUSPENDED = "suspended"  # a bracket leg whose entry has not filled
    OPEN = "open"
    CANCELLING = "cancelling"
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED = "rejected"

    @property
    def ended(self) -> bool:
        """Nothing can happen to the order any more."""
        return self in _ENDED


_ENDED: Final = frozenset(
    (VenueStatus.FILLED, VenueStatus.CANCELLED, VenueStatus.EXPIRED, VenueStatus.REJECTED)
)


class RefusalCode(StrEnum):
    """What the venue's no means, where its words or code are known."""

    BRACKET_MODE = "the account is in Position Brackets mode: enable Auto OCO Brackets"
    TAG_IN_USE = "an earlier attempt with this tag exists"
    TOO_NEAR = "a leg is nearer than the venue allows"
    OUT_OF_RANGE = "the price is on the wrong side of the market, or outside its band"
    BAD_PRICE = "the price or the bracket is not one the venue takes"
    MAX_POSITION = "the account's position limit"
    FUNDS = "not enough funds"
    VIOLATION = "the account violated a rule, or is locked"
    ACCOUNT = "the account may not do this"
    CLOSED = "the market is closed"
    NO_CONTRACT = "the contract is unknown or not the active one"
    NO_ORDER = "there is no such working order"
    NO_POSITION = "there is no position"
    BAD_SIZE = "more than is held"
    RATE_LIMIT = "too many requests"
    OTHER = "see the venue's words"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The venue took it, which is not yet a fill or a cancel; the id where an order was placed."""

    order_id: int | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A certain no; an order id here is that of a dead order."""

    code: RefusalCode
    text: str = ""
    order_id: int | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have been carried out: no answer, or one that says neither yes nor no."""

    text: str = ""


@dataclass(frozen=True, slots=True)
class NotSent:
    """It never left this machine."""

    text: str = ""


Outcome = Accepted | Refused | Unknown | NotSent


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order to be placed; with both distances it carries a native bracket, laid from the fill.

    `urgent` = it protects or closes, and may use the part of the request budget kept for that.
    """

    tag: str
    contract: str
    side: Side
    qty: int
    kind: OrderKind
    price_tick: int | None = None
    stop_ticks: int | None = None
    target_ticks: int | None = None
    urgent: bool = False

    def __post_init__(self) -> None:
        if self.qty < 1 or not 1 <= len(self.tag) <= TAG_MAX:
            raise ValueError(f"an order has a size and a tag of up to {TAG_MAX} letters: {self}")
        if self.kind is OrderKind.OTHER:
            raise ValueError(f"only market, limit and stop orders are placed: {self}")
        if (self.kind is OrderKind.MARKET) != (self.price_tick is None):
            raise ValueError(f"a limit or stop order has its price, a market order none: {self}")
        for leg in (self.stop_ticks, self.target_ticks):
            if leg is not None and (leg < 1 or leg != int(leg)):
                raise ValueError(f"a leg is a distance from the fill, in whole ticks: {self}")


@dataclass(frozen=True, slots=True)
class VenueOrder:
    """An order as the venue shows it; `tag` is None where the venue shows none."""

    id: int
    tag: str | None
    contract: str
    side: Side
    qty: int
    filled: int
    kind: OrderKind
    price_tick: int | None  # None for market orders and for legs that still wait
    status: VenueStatus
    created_ns: int
    updated_ns: int
    parent_id: int | None = None  # the entry, on a bracket leg
    linked_id: int | None = None  # its twin, where the venue names it


@dataclass(frozen=True, slots=True)
class VenueTrade:
    """One fill of the account; `pnl_cents` is None for a fill that opens or adds."""

    id: int
    order_id: int
    contract: str
    side: Side
    qty: int
    price_tick: int
    fee_cents: int
    pnl_cents: int | None
    voided: bool
    ts: int


@dataclass(frozen=True, slots=True)
class VenuePosition:
    """Contracts held of one contract; quantity 0 is flat, and then the side means nothing."""

    contract: str
    side: Side
    qty: int
    average: float  # points; not on the grid, never to be stored as ticks
    ts: int

    @property
    def net(self) -> int:
        """Contracts held, shorts negative."""
        return int(self.side) * self.qty


@dataclass(frozen=True, slots=True)
class VenueAccount:
    """The account's money and whether it may trade."""

    id: int
    balance_cents: int
    can_trade: bool


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row about orders, trades or positions that came and could not be understood."""

    what: str
    contract: str | None = None  # where at least that could be read
    raw: str = ""  # as it came, secrets masked


VenueEvent = VenueOrder | VenueTrade | VenuePosition | VenueAccount | Unreadable


class Venue(Protocol):
    """One account at one venue."""

    async def place(self, order: NewOrder) -> Outcome:
        """Send an order."""
        ...

    async def modify(
        self, order_id: int, *, price_tick: int | None = None, qty: int | None = None
    ) -> Outcome:
        """Change a working order's price or size; what is None stays."""
        ...

    async def cancel(self, order_id: int) -> Outcome:
        """Take an order off the book."""
        ...

    async def close(self, contract: str) -> Outcome:
        """Close the whole position at market, as large as the venue finds it."""
        ...

    async def close_part(self, contract: str, qty: int) -> Outcome:
        """Close a part of the position at market; refused when less is held."""
        ...

    async def open_orders(self) -> tuple[VenueOrder, ...]:
        """Orders that have not ended, legs that wait for their entry among them."""
        ...

    async def working_orders(self) -> tuple[VenueOrder, ...]:
        """Orders that may fill now, by a way of its own, for when `open_orders` does not answer."""
        ...

    async def orders_since(self, ts: int) -> tuple[VenueOrder, ...]:
        """Orders of any status, created at or after an exchange time."""
        ...

    async def order(self, order_id: int) -> VenueOrder | None:
        """One order by its id; None = the venue knows none."""
        ...

    async def positions(self) -> tuple[VenuePosition, ...]:
        """What is held; a contract that is flat is absent."""
        ...

    async def trades_since(self, ts: int) -> tuple[VenueTrade, ...]:
        """Fills at or after an exchange time, voided ones among them."""
        ...

    async def account(self) -> VenueAccount:
        """The account."""
        ...
