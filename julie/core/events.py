"""What happens, as immutable messages: the audit record and its kinds, and what a person may ask.

Bus, journal, log and window carry these; the desk's own arithmetic works on struct rows and makes
them only as views. Times are ns UTC, prices inside orders and fills are ticks, money is cents.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from julie.core.bookings import ConfigTaken, DayClosed, EquityMarked, TradeClosed
from julie.core.taken import MinuteTaken
from julie.core.types import Code, DeskState, ExitReason, Reason, Side


class OrderState(StrEnum):
    """Life of an order; `unknown` = no answer came, and reconciliation settles it."""

    PLANNED = "planned"
    SENT = "sent"
    WORKING = "working"
    PARTLY_FILLED = "partly_filled"
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class BarClosed:
    """A bar that no trade can change any more; traded prices."""

    symbol: str
    contract: str
    ts: int
    base_s: int
    open: float
    high: float
    low: float
    close: float
    volume: float


@dataclass(frozen=True, slots=True)
class Spoken:
    """A judge that denied or scaled, with its numbers (NaN = it has fewer)."""

    judge: str
    reason: Reason
    numbers: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class JudgedCandidate:
    """One candidate, what each judge said, and what became of it."""

    candidate: int
    symbol: str
    strategy: str
    side: Side
    codes: tuple[Code, ...]
    outcome: Reason  # NONE = it became a trade
    numbers: tuple[float, ...] = ()  # behind the outcome
    confidence: float = 0.5
    ref_close: float = float("nan")
    sl_ticks: int = 0
    tp_ticks: int = 0
    note: str = ""
    spoken: tuple[Spoken, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """All candidates of one close."""

    ts: int
    judges: tuple[str, ...]
    candidates: tuple[JudgedCandidate, ...]


@dataclass(frozen=True, slots=True)
class Intent:
    """An order about to be sent; committed before it leaves.

    `intent` is the plan's name, `tag` the order's own, unique for ever. A market close that the
    venue works without a tag bears one here all the same.
    """

    intent: str
    contract: str
    side: Side
    qty: int
    stop_ticks: int
    tag: str = ""
    role: str = "entry"  # or stop, target, close; adopt = a position that was found
    leg: int = 0
    kind: str = "market"
    price_tick: int | None = None
    target_ticks: int = 0
    decided_ns: int = 0
    reason: ExitReason | None = None  # of a close


@dataclass(frozen=True, slots=True)
class Asked:
    """A change of a working order about to be asked for; committed before it leaves."""

    verb: str  # move, shrink, cancel
    tag: str
    order: str
    price_tick: int | None = None
    qty: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Flattening:
    """The kill switch was thrown, or has done its work; what is begun is finished after a crash."""

    reason: str
    done: bool
    text: str = ""


@dataclass(frozen=True, slots=True)
class OrderUpdate:
    """What the venue says of an order."""

    order: str
    tag: str
    state: OrderState
    filled: int
    text: str = ""
    qty: int = 0
    price_tick: int | None = None


@dataclass(frozen=True, slots=True)
class Fill:
    """One trade of ours; a voided one is booked again, with its quantity taken off."""

    order: str
    contract: str
    side: Side
    qty: int
    price_tick: int
    fee_cents: int
    trade: int = 0
    tag: str = ""
    pnl_cents: int | None = None


@dataclass(frozen=True, slots=True)
class PositionChanged:
    """Contracts held after a fill; `side` means nothing when flat."""

    contract: str
    side: Side
    qty: int
    exit_reason: ExitReason | None = None


@dataclass(frozen=True, slots=True)
class BalanceAnchored:
    """Where the venue's balance and ours began to be compared; it holds for the trading day."""

    account: int
    apart_cents: int  # the venue's less ours


@dataclass(frozen=True, slots=True)
class StateChanged:
    """The desk may do more, or less."""

    state: DeskState
    reason: str
    causes: tuple[str, ...] = ()  # all that hold at present, by name


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something a person should look at."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Command:
    """What a person asked for; answered under its id."""

    id: str
    verb: str
    arguments: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Health:
    """How the program is: queues, ages, memory, by name."""

    values: tuple[tuple[str, float], ...] = field(default=())


Payload = (
    BarClosed
    | Decision
    | Intent
    | Asked
    | Flattening
    | OrderUpdate
    | Fill
    | PositionChanged
    | BalanceAnchored
    | StateChanged
    | Alarm
    | Command
    | Health
    | TradeClosed
    | EquityMarked
    | ConfigTaken
    | DayClosed
    | MinuteTaken
)


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One line of the run's story, numbered without gaps."""

    run: str
    seq: int
    ts_exchange: int
    ts_local: int
    payload: Payload

    @property
    def kind(self) -> str:
        """Name of the payload's kind."""
        return type(self.payload).__name__
