"""Whose an order is that the venue shows: one of ours, a leg of our bracket, our close, a stranger.

Ours is what bears a number or a tag that we know. The legs of a native bracket name their entry as
their parent, or bear its tag with an ending. A close that we asked for is worked by a market order
without a tag: it is known by contract, side, size and time. Of the time the venue's own clock
decides, for ours may be off: what was made after all that it had told us when the close left can
be the close. Whatever is left is somebody else's.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from julie.core.events import OrderState
from julie.core.zones import SECOND_NS
from julie.execution.plans import OwnOrder
from julie.execution.tags import Role, entry_tag, read_tag
from julie.execution.venue import OrderKind, VenueOrder

CLOSE_SLACK_NS: Final = 5 * SECOND_NS  # our clock against the venue's, for a close's market order
ROLE_OF_LEG: Final = {OrderKind.STOP: Role.STOP, OrderKind.LIMIT: Role.TARGET}


def came_of(order: OwnOrder, created_ns: int) -> bool:
    """Whether what the venue made then may be the order, by its clock or by ours."""
    return 0 < order.known_ns <= created_ns or created_ns >= order.sent_ns - CLOSE_SLACK_NS


@dataclass(frozen=True, slots=True, eq=False)
class Whose:
    """Tells whose an order is, by what the book knows; it changes nothing there."""

    by_tag: Mapping[str, OwnOrder]
    by_id: Mapping[int, OwnOrder]
    foreign: Mapping[int, VenueOrder]
    orders: Callable[[str], Iterable[OwnOrder]]  # of a contract's plans that are not over

    def ours(self, row: VenueOrder) -> OwnOrder | None:
        """The order of ours that has its number, or its tag."""
        known = self.by_id.get(row.id)
        return known if known is not None or row.tag is None else self.by_tag.get(row.tag)

    def entry_behind(self, row: VenueOrder) -> OwnOrder | None:
        """The entry of ours whose native bracket it is a leg of."""
        entry = self.by_id.get(row.parent_id) if row.parent_id is not None else None
        if entry is None:
            entry = self.by_tag.get(entry_tag(row.tag))
        if entry is None or row.kind not in ROLE_OF_LEG or entry.role is not Role.ENTRY:
            return None
        return entry

    def close_at_work(self, row: VenueOrder) -> OwnOrder | None:
        """The close of ours that it works, as the venue's own market order."""
        if row.kind is not OrderKind.MARKET or read_tag(row.tag) or row.id in self.foreign:
            return None
        asked = [
            order
            for order in self.orders(row.contract)
            if order.role is Role.CLOSE
            and order.id is None
            and order.alive
            and order.side is row.side
            and order.qty >= row.qty  # a close never sells more than it was asked for
            and came_of(order, row.created_ns)
        ]
        exact = [order for order in asked if order.qty == row.qty]
        # one that the venue said yes to before one whose answer is lost, the newest first
        return max(
            exact or asked,
            key=lambda one: (one.life.state is not OrderState.UNKNOWN, one.sent_mono),
            default=None,
        )
