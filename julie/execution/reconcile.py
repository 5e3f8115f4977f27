"""The venue's word against ours: differences have names, and each name has its act.

Comparing is pure. The venue's rows were taken into the book first, so what still differs is what
our book cannot explain. A position that differs must differ in two readings, two seconds apart,
before anything is done about it; a search that failed proves nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from julie.execution.book import Book
from julie.execution.kill import put_back
from julie.execution.plans import Plan, PlanLeg
from julie.execution.tags import read_tag
from julie.execution.venue import OrderKind, VenueOrder, VenuePosition

POSITIONS = ("unknown_position", "phantom_trade", "size_mismatch")


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that the venue and we see differently."""

    name: str
    contract: str
    venue: int = 0  # contracts, shorts negative
    ours: int = 0
    order_id: int | None = None
    average: float = field(default=0.0, compare=False)  # points, of what the venue holds
    guarded: int = field(default=0, compare=False)  # contracts that another desk's stops cover

    @property
    def covered(self) -> bool:
        """Whether all that we know nothing of has stops of another desk: one of ours beside them
        would be one too many, and what is left of the two would open a position.
        """
        beyond = abs(self.venue) - (abs(self.ours) if self.venue * self.ours > 0 else 0)
        return 0 < beyond <= self.guarded

    @property
    def text(self) -> str:
        """In words."""
        if self.order_id is not None:
            return f"{self.name}: order {self.order_id} on {self.contract}"
        price = f" at {self.average:.2f}" if self.venue else ""
        held = f"the venue holds {self.venue}{price}, we {self.ours}"
        return f"{self.name}: {self.contract}, {held}"


def compare(
    book: Book, positions: Mapping[str, VenuePosition], working: Sequence[VenueOrder]
) -> tuple[Difference, ...]:
    """All differences, positions first."""
    found: list[Difference] = []
    plans = book.open_plans()
    for contract in sorted({*positions, *(plan.contract for plan in plans)}):
        row = positions.get(contract)
        guarded = sum(_guards(book, one, row) for one in working)
        difference = _position(contract, row, book.net(contract), guarded)
        found += [difference] if difference is not None else []
    for plan in plans:
        found += [_bare(plan, leg) for leg in plan.legs if leg.held > leg.cover]
    found += [d for row in working if (d := _order(book, row)) is not None]
    return tuple(found)


def _guards(book: Book, one: VenueOrder, row: VenuePosition | None) -> int:
    """Contracts of a position that an order of another desk would close against a loss."""
    stops = row is not None and one.contract == row.contract and one.side * row.net < 0
    if not stops or one.kind is not OrderKind.STOP or not _of_another_desk(book, one):
        return 0
    return one.qty - one.filled


def _of_another_desk(book: Book, one: VenueOrder) -> bool:
    tag = read_tag(one.tag)
    return one.id not in book.by_id and tag is not None and tag.run not in book.runs


def _position(
    contract: str, row: VenuePosition | None, ours: int, guarded: int
) -> Difference | None:
    venue, average = (0, 0.0) if row is None else (row.net, row.average)
    if venue == ours:
        return None
    name = "phantom_trade" if venue == 0 else "size_mismatch"
    if ours == 0:
        name = "unknown_position"
    return Difference(name, contract, venue, ours, average=average, guarded=guarded)


def _bare(plan: Plan, leg: PlanLeg) -> Difference:
    return Difference("missing_leg", plan.contract, leg.held, leg.cover)


def _order(book: Book, row: VenueOrder) -> Difference | None:
    """An order that works and should not; legs that we know of are the guard's to take off."""
    if row.id in book.by_id:
        return None
    if put_back(row) and needless(book, row.contract):
        return Difference("orphan_order", row.contract, order_id=row.id)
    if read_tag(row.tag) is None:
        return None  # a person's, and theirs to keep
    name = "two_desks" if _of_another_desk(book, row) else "orphan_order"
    return Difference(name, row.contract, order_id=row.id)


def needless(book: Book, contract: str) -> bool:
    """Whether a stop that a kill switch put back protects nothing: all that is held there is ours
    and has its own stops, or nothing is held.
    """
    held = book.venue_net(contract)
    bare = any(leg.bare for plan in book.open_plans(contract) for leg in plan.legs)
    return held == 0 or (held == book.net(contract) and not bare)
