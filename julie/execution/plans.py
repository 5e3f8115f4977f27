"""The desk's plans as the executor holds them: legs, and the orders that each leg has at the venue.

A leg's contracts are what its entries bought less what its other orders sold, by the venue's word
alone. More than one stop may work for a leg for a moment; what counts is how much of it they cover.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from julie.core.events import OrderState
from julie.core.types import ExitReason, Reason, Side
from julie.execution.life import Life
from julie.execution.tags import Role
from julie.execution.venue import OrderKind, VenueStatus, VenueTrade


@dataclass(slots=True, eq=False)
class OwnOrder:
    """An order of ours."""

    tag: str
    plan: "Plan"
    leg: "PlanLeg"
    role: Role
    side: Side
    qty: int
    kind: OrderKind
    price_tick: int | None = None
    id: int | None = None
    life: Life = field(default_factory=Life)
    traded: int = 0  # contracts of its trades so far
    voided: int = 0  # contracts of trades that were taken back
    trades: list[VenueTrade] = field(default_factory=list)
    native: bool = False  # the venue made it with its entry
    bound: bool = False  # a close: the venue's order that works it was found
    sent_mono: int = 0
    sent_ns: int = 0
    known_ns: int = 0  # the venue's newest time, of what it had said of the account by then
    refused: bool = False
    final: bool = False  # and the same request would be refused again
    absent_mono: int = 0  # first reading that did not show it
    abandoned: bool = False  # proven never to have arrived
    withdrawn: bool = False  # an entry that the desk itself takes off
    why: Reason = Reason.NONE  # it was not sent
    said: str = ""  # what was last told of it
    asked_qty: int | None = None  # that it is to have, where we asked for less
    cancel_mono: int = 0  # when we asked to take it off the book
    asked_tick: int | None = None  # a move that is not confirmed
    asked_mono: int = 0
    moves: int = 0

    @property
    def filled(self) -> int:
        """Contracts that it bought or sold, by orders and trades together."""
        return max(self.life.filled, self.traded) - self.voided

    @property
    def left(self) -> int:
        """Contracts still to be filled."""
        return max(self.qty - max(self.life.filled, self.traded), 0)

    @property
    def alive(self) -> bool:
        """Whether it works, or may."""
        return self.life.state is not OrderState.PLANNED and not self.life.ended

    @property
    def shown(self) -> bool:
        """Whether the venue shows it working, so that it protects or takes profit."""
        return not self.life.ended and self.life.status in (
            VenueStatus.OPEN,
            VenueStatus.CANCELLING,
        )

    @property
    def net(self) -> int:
        """What it added to the position, sold negative."""
        return int(self.side) * self.filled


@dataclass(slots=True, eq=False)
class PlanLeg:
    """A part of a plan with a target of its own."""

    number: int
    qty: int
    target_ticks: int
    side: Side
    orders: list[OwnOrder] = field(default_factory=list)
    stop_tick: int | None = None  # where its stop is to stand
    target_tick: int | None = None
    closing: ExitReason | None = None  # on its way out at market
    close_asked: bool = False  # that it is to be closed stands in the journal
    told: bool = False  # the desk knows why: it closes it itself
    entry_told: bool = False  # the desk has heard of its entry
    exit_told: bool = False  # and of its end
    drop_told: bool = False  # and that its entry, or what was left of it, is off the book
    naked_mono: int = 0  # since when not wholly covered
    bare_mono: int = 0  # since when without a target
    extra_mono: int = 0  # since when more works than is held
    looked_mono: int = 0
    held_mono: int = 0  # when it was last asked what is held, behind a stop that was taken off
    covered: bool = False  # was wholly covered once
    recovered: bool = False  # known from an earlier life
    repairs: int = 0  # stops laid by hand
    restores: int = 0  # stops of ours that somebody moved away or took off
    targets: int = 0  # targets laid by hand
    orphan_told: bool = False  # that an order of it works on though nothing is held
    told_mono: int = 0  # when a person was last told that it cannot be closed
    close_mono: int = 0  # when its stop was taken off for a close

    @property
    def held(self) -> int:
        """Contracts held in the plan's direction; negative = it was turned round."""
        return sum(order.net for order in self.orders) * int(self.side)

    @property
    def why_closing(self) -> ExitReason:
        """Why it is closed; the venue's record asked for it where nobody did."""
        return ExitReason.RECONCILE if self.closing is None else self.closing

    @property
    def entered(self) -> int:
        """Contracts that its entries bought."""
        return sum(order.filled for order in self.of(Role.ENTRY))

    def of(self, role: Role) -> Iterator[OwnOrder]:
        """Its orders of one role."""
        return (order for order in self.orders if order.role is role)

    def alive(self, role: Role) -> list[OwnOrder]:
        """Those that work, or may."""
        return [order for order in self.of(role) if order.alive]

    @property
    def all_told(self) -> bool:
        """Whether the desk has heard of all that it bought and sold, and of what it did not."""
        last = next(reversed(list(self.of(Role.ENTRY))), None)
        whole = last is None or last.withdrawn or last.filled >= last.qty
        return (self.exit_told or not self.entered) and (self.drop_told or whole)

    @property
    def cover(self) -> int:
        """Contracts that its working stops would close."""
        return sum(order.left for order in self.of(Role.STOP) if order.shown)

    @property
    def bare(self) -> bool:
        """Whether stops work for less than is held."""
        return self.held > self.cover

    @property
    def entering(self) -> bool:
        """Whether an entry of it may still fill."""
        return any(order.alive for order in self.of(Role.ENTRY))

    @property
    def done(self) -> bool:
        """Nothing held, nothing working or about to."""
        return self.held == 0 and all(order.life.ended for order in self.orders)

    def average(self, role: Role) -> int | None:
        """Average price of its fills of a role, on the grid."""
        rows = [trade for order in self.of(role) for trade in order.trades if not trade.voided]
        qty = sum(trade.qty for trade in rows)
        return round(sum(trade.qty * trade.price_tick for trade in rows) / qty) if qty else None


@dataclass(slots=True, eq=False)
class Plan:
    """An entry of the desk and all that came of it."""

    key: str  # SYMBOL:PLAN
    symbol: str
    contract: str
    side: Side
    stop_ticks: int
    decided_ns: int
    legs: list[PlanLeg]
    born_ns: int = 0
    adopted: bool = False  # found, or a person's test order: no plan of the desk

    @property
    def done(self) -> bool:
        """All legs are over."""
        return all(leg.done for leg in self.legs)

    @property
    def told(self) -> bool:
        """It is over, and the desk has nothing more to hear of it."""
        return self.done and (self.adopted or all(leg.all_told for leg in self.legs))

    @property
    def held(self) -> int:
        """Contracts held in the plan's direction."""
        return sum(leg.held for leg in self.legs)

    @property
    def net(self) -> int:
        """Contracts held, shorts negative."""
        return self.held * int(self.side)

    @property
    def orders(self) -> Iterator[OwnOrder]:
        """All its orders."""
        return (order for leg in self.legs for order in leg.orders)
