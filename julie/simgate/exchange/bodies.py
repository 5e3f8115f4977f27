"""Bodies of the control calls: what a test may do to accounts and orders, and what it is told.

Tagged by `kind`. Contracts are the venue's ids, times ns UTC, money dollars, prices points.
"""

from typing import Literal

import msgspec

Role = Literal["entry", "stop", "target", "close"]


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every control body."""


class AccountBody(Body, frozen=True, kw_only=True, tag_field="kind"):
    """Something that happens to an account; the first account where none is named."""

    account: int | None = None


class CanTrade(AccountBody, frozen=True, kw_only=True, tag="can_trade"):
    """Trading rights given or taken; `silent` sends no event, so that only REST tells."""

    value: bool
    silent: bool = False


class Balance(AccountBody, frozen=True, kw_only=True, tag="balance"):
    """Set the balance, or move it."""

    dollars: float
    relative: bool = False
    silent: bool = False


class Foreign(AccountBody, frozen=True, kw_only=True, tag="foreign"):
    """Somebody else's order; a market order makes a foreign position at once."""

    contract: str
    side: Literal["buy", "sell"]
    size: int
    type: Literal["market", "limit", "stop"] = "market"
    price: float | None = None


class ForeignModify(AccountBody, frozen=True, kw_only=True, tag="foreign_modify"):
    """Somebody else moves one of our orders."""

    order: int
    price: float | None = None
    size: int | None = None


class ForeignCancel(AccountBody, frozen=True, kw_only=True, tag="foreign_cancel"):
    """Somebody else cancels one of our orders."""

    order: int


class ForeignClose(AccountBody, frozen=True, kw_only=True, tag="foreign_close"):
    """Somebody else closes a position from the platform; the legs stay where they are."""

    contract: str
    size: int | None = None


class Liquidate(AccountBody, frozen=True, kw_only=True, tag="liquidate"):
    """The firm cancels all, closes all and takes the trading rights."""

    rule: str = "maximum loss limit"


class VoidTrade(AccountBody, frozen=True, kw_only=True, tag="void"):
    """A trade is busted: its money and its contracts go back."""

    trade: int


class BracketMode(AccountBody, frozen=True, kw_only=True, tag="mode"):
    """The account's bracket setting, which the API cannot read."""

    value: Literal["auto_oco", "position_brackets"]


class Fees(AccountBody, frozen=True, kw_only=True, tag="fees"):
    """Other fees than the table's, a side and contract, for one product."""

    symbol: str
    fees: float
    commissions: float


class Renamed(AccountBody, frozen=True, kw_only=True, tag="rename"):
    """Another name, or an account that no search shows any more."""

    name: str | None = None
    visible: bool = True


class Added(AccountBody, frozen=True, kw_only=True, tag="add"):
    """One more account of the login."""

    name: str
    balance: float = 50_000.0


AccountAction = (
    CanTrade
    | Balance
    | Foreign
    | ForeignModify
    | ForeignCancel
    | ForeignClose
    | Liquidate
    | VoidTrade
    | BracketMode
    | Fees
    | Renamed
    | Added
)


class OrderRule(Body, frozen=True, kw_only=True):
    """What happens to the next orders that match: the n-th one of a role or tag, `count` times.

    reject  refused with `code` and `text` (a bracket leg: rejected when it should begin to work)
    hold    stays pending for `seconds`, then goes on as `then` says
    partial only `size` contracts fill; after `seconds` the rest goes on as `then` says
    both    a leg that fills does not cancel its twin, which fills too
    race    a cancel comes too late: the order fills at the market instead
    orphan  a close leaves nothing to the legs' OCO: a filled leg does not cancel its twin
    """

    action: Literal["reject", "hold", "partial", "both", "race", "orphan"]
    role: Role | None = None
    tag: str | None = None  # the tag begins with it, or fits it where it holds a `*`
    contract: str | None = None
    nth: int = 1
    count: int = 1
    from_ns: int = 0
    until_ns: int = 1 << 62
    code: int = 2
    text: str | None = None
    size: int = 1
    seconds: float = 0.0  # 0: until the rule is taken away
    then: Literal["go_on", "cancel", "reject"] = "go_on"


class Request(Body, frozen=True, kw_only=True):
    """A request as the server answered it."""

    ns: int  # virtual
    wall_ns: int
    path: str
    status: int  # of the answer; 0: the request was lost on its way
    success: bool | None = None
    code: int | None = None
    text: str | None = None
    account: int | None = None
    contract: str | None = None
    order: int | None = None
    tag: str | None = None


class Fill(Body, frozen=True, kw_only=True):
    """A fill; `phase` is 0 at the open of a bar, 1 to 3 before its path's next points."""

    ns: int
    trade: int
    order: int
    account: int
    contract: str
    side: Literal[1, -1]
    size: int
    price: float
    tick: int
    slip: int
    phase: int
    role: Role
    tag: str | None = None
    pnl: float | None = None
    fees: float = 0.0
    voided: bool = False
    foreign: bool = False


class OrderTruth(Body, frozen=True, kw_only=True):
    """An order as it stands, whatever the searches show."""

    id: int
    account: int
    contract: str
    role: Role
    type: int
    side: Literal[1, -1]
    size: int
    filled: int
    status: int
    created_ns: int
    updated_ns: int
    price: float | None = None
    tag: str | None = None
    parent: int | None = None
    linked: int | None = None
    foreign: bool = False


class PositionTruth(Body, frozen=True, kw_only=True):
    """A net position, shorts negative."""

    account: int
    contract: str
    net: int
    average: float
    covered: int  # by working stops on the closing side


class Mark(Body, frozen=True, kw_only=True):
    """One line of the timeline."""

    ns: int
    wall_ns: int
    kind: str  # request order fill position account market control away login
    about: dict[str, str | int | float | bool | None]


class Truth(Body, frozen=True, kw_only=True):
    """All that happened, by the exchange's own record."""

    clock: int
    requests: list[Request]
    orders: list[OrderTruth]
    fills: list[Fill]
    positions: list[PositionTruth]
    timeline: list[Mark]
    naked_ns: int | None = (
        None  # the longest time of a position without stops; None = none was held
    )


class Violation(Body, frozen=True, kw_only=True):
    """An invariant that was broken, from when to when (`to_ns` 0: still)."""

    invariant: Literal["I1", "I2", "I6", "I7"]
    contract: str
    from_ns: int
    to_ns: int
    detail: str
