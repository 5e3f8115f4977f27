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
from julie.execution.venue import VenueOrder, VenuePosition

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
        difference = _position(contract, row, book.net(contract))
        found += [difference] if difference is not None else []
    for plan in plans:
        found += [_bare(plan, leg) for leg in plan.legs if leg.held > leg.cover]
    found += [d for row in working if (d := _order(book, row)) is not None]
    return tuple(found)


def _position(contract: str, row: VenuePosition | None, ours: int) -> Difference | None:
    venue, average = (0, 0.0) if row is None else (row.net, row.average)
    if venue == ours:
        return None
    name = "phantom_trade" if venue == 0 else "size_mismatch"
    if ours == 0:
        name = "unknown_position"
    return Difference(name, contract, venue, ours, average=average)


def _bare(plan: Plan, leg: PlanLeg) -> Difference:
    return Difference("missing_leg", plan.contract, leg.held, leg.cover)


def _order(book: Book, row: VenueOrder) -> Difference | None:
    """An order that works and should not; legs that we know of are the guard's to take off."""
    if row.id in book.by_id:
        return None
    if put_back(row) and needless(book, row.contract):
        return Difference("orphan_order", row.contract, order_id=row.id)
    tag = read_tag(row.tag)
    if tag is None:
        return None  # a person's, and theirs to keep
    name = "orphan_order" if tag.run in book.runs else "two_desks"
    return Difference(name, row.contract, order_id=row.id)


def needless(book: Book, contract: str) -> bool:
    """Whether a stop that a kill switch put back protects nothing: all that is held there is ours
    and has its own stops, or nothing is held.
    """
    held = book.venue_net(contract)
    bare = any(leg.bare for plan in book.open_plans(contract) for leg in plan.legs)
    return held == 0 or (held == book.net(contract) and not bare)
