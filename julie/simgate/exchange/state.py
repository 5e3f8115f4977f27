"""What the exchange remembers: everything that a restart of its own must find again.

Prices are ticks, money is cents, sides are +1 and -1, times ns UTC by the virtual clock. What a
fraction of a cent leaves over in a position's profit is carried to its next closing fill, so that
the money of a whole trade is exact.
"""

import msgspec

from julie.gateway.wire import OrderStatus, OrderType
from julie.simgate.exchange.bodies import Fill, Mark, OrderRule, Request, Role, Violation

WORKING = (OrderStatus.OPEN, OrderStatus.PENDING)
LIVE = (*WORKING, OrderStatus.SUSPENDED, OrderStatus.PENDING_CANCELLATION)


class SimOrder(msgspec.Struct, kw_only=True):
    """An order of an account, dead ones too."""

    id: int
    account: int
    contract: str
    type: OrderType
    side: int
    size: int
    role: Role
    status: OrderStatus
    created_ns: int
    updated_ns: int
    tag: str | None = None
    price: int | None = None  # of a limit or stop; of a trailing stop where it stands
    trail: int | None = None  # ticks behind the best price
    distance: int = 0  # of a bracket leg from its entry's fill
    parent: int | None = None
    linked: int | None = None
    filled: int = 0
    paid: int = 0  # sum of ticks times contracts
    foreign: bool = False
    fills_left: int | None = None  # a rule lets only so many more contracts fill
    closes: bool = False  # made by a close call: never more than the position

    @property
    def left(self) -> int:
        """Contracts that have not filled."""
        return self.size - self.filled

    @property
    def live(self) -> bool:
        """Whether anything more can happen to it."""
        return self.status in LIVE


class Holding(msgspec.Struct, kw_only=True):
    """A net position of one account in one contract."""

    id: int
    account: int
    contract: str
    net: int = 0
    cost: int = 0  # the average price is cost / shares ticks
    shares: int = 1
    carry: int = 0  # what rounding to cents left, in cents times `shares`
    opened_ns: int = 0


class SimTrade(msgspec.Struct, kw_only=True):
    """A fill as the account sees it."""

    id: int
    order: int
    account: int
    contract: str
    side: int
    size: int
    tick: int
    ns: int
    fees: int
    commissions: int
    pnl: int | None = None
    voided: bool = False


class SimAccount(msgspec.Struct, kw_only=True):
    """An account of the login."""

    id: int
    name: str
    balance: int
    start: int
    day_start: int
    best_close: int
    mll: int = 0
    dll: int = 0
    cap_tenths: int = 0
    scaling: tuple[tuple[int, int], ...] = ()
    flat: bool = True
    auto_oco: bool = True
    can_trade: bool = True
    visible: bool = True
    violated: bool = False
    day_locked: bool = False
    own_fees: dict[str, tuple[int, int]] = {}
    tags: set[str] = set()


class KeptRule(msgspec.Struct, kw_only=True):
    """A rule for orders and how often it was met."""

    number: int
    rule: OrderRule
    met: int = 0
    done: int = 0


class Held(msgspec.Struct, kw_only=True):
    """An order that a rule holds, until when and what then."""

    order: int
    until_ns: int
    then: str
    status: OrderStatus  # it goes on with
    rule: int = 0  # number of the rule that holds it


class OracleState(msgspec.Struct, kw_only=True):
    """What the oracle watches."""

    away: bool = False
    naked_ns: dict[str, int] = {}
    longest_ns: int | None = None  # that a position stood naked; None = nothing was ever held
    surplus_ns: dict[str, int] = {}
    muted_ns: dict[str, int] = {}
    barred_ns: dict[int, int] = {}
    unheard_ns: int | None = None
    doubted_ns: dict[str, int] = {}
    legs: dict[str, int] = {}
    found: list[Violation] = []
    open_found: dict[str, int] = {}


class Ledger(msgspec.Struct, kw_only=True):
    """Orders, positions, trades, accounts, and the record of what happened."""

    next_id: int
    next_trade: int
    next_position: int
    accounts: dict[int, SimAccount] = {}
    orders: dict[int, SimOrder] = {}
    holdings: dict[str, Holding] = {}
    trades: list[SimTrade] = []
    rules: list[KeptRule] = []
    held: list[Held] = []
    requests: list[Request] = []
    fills: list[Fill] = []
    timeline: list[Mark] = []
    oracle: OracleState = msgspec.field(default_factory=OracleState)


def key(account: int, contract: str) -> str:
    """The name of a position."""
    return f"{account}|{contract}"
