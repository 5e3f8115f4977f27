"""The life of an order: it only moves forward.

planned, sent, then working, partly filled, filled; or rejected, cancelled, expired; or unknown
until the venue's own record settles it. News arrives doubled, late and out of order: what would
move an order back is dropped and counted, and a fill never shrinks.
"""

from dataclasses import dataclass
from typing import Final

from julie.core.events import OrderState
from julie.execution.venue import VenueStatus

_RANK: Final = {
    OrderState.PLANNED: 0,
    OrderState.SENT: 1,
    OrderState.UNKNOWN: 2,
    OrderState.WORKING: 3,
    OrderState.PARTLY_FILLED: 4,
    OrderState.FILLED: 5,
    OrderState.CANCELLED: 5,
    OrderState.EXPIRED: 5,
    OrderState.REJECTED: 5,
}
_ENDED: Final = 5
_STAGE: Final = {
    VenueStatus.PENDING: 0,
    VenueStatus.SUSPENDED: 0,
    VenueStatus.OPEN: 1,
    VenueStatus.CANCELLING: 2,
    VenueStatus.FILLED: 3,
    VenueStatus.CANCELLED: 3,
    VenueStatus.EXPIRED: 3,
    VenueStatus.REJECTED: 3,
}
_STATE: Final = {
    VenueStatus.FILLED: OrderState.FILLED,
    VenueStatus.CANCELLED: OrderState.CANCELLED,
    VenueStatus.EXPIRED: OrderState.EXPIRED,
    VenueStatus.REJECTED: OrderState.REJECTED,
}


def ended(state: OrderState) -> bool:
    """Nothing more can happen to the order."""
    return _RANK[state] == _ENDED


def state_of(status: VenueStatus, filled: int) -> OrderState:
    """The venue's status in our words."""
    partly = OrderState.PARTLY_FILLED if filled else OrderState.WORKING
    return _STATE.get(status, partly)


@dataclass(slots=True)
class Life:
    """Where one order stands."""

    state: OrderState = OrderState.PLANNED
    status: VenueStatus | None = None  # as the venue last said
    filled: int = 0
    updated_ns: int = 0  # the venue's time of that news

    @property
    def ended(self) -> bool:
        """Nothing more can happen."""
        return ended(self.state)

    def move(self, state: OrderState) -> bool:
        """Go on to a state; False where that would be a step back or none."""
        if _RANK[state] <= _RANK[self.state]:
            return False
        self.state = state
        return True

    def hear(self, status: VenueStatus, filled: int, updated_ns: int) -> bool:
        """Take the venue's news; False where it is old or says nothing new.

        A fill counts whenever it comes: the venue takes none back, so more filled is newer.
        """
        more = filled > self.filled
        if more:
            self.filled = filled
        if self.ended:
            return more
        stage = -1 if self.status is None else _STAGE[self.status]
        if (updated_ns, _STAGE[status]) < (self.updated_ns, stage) and _STAGE[status] <= stage:
            return more
        news = more or status is not self.status
        self.status = status
        self.updated_ns = max(updated_ns, self.updated_ns)
        return self.move(state_of(status, self.filled)) or news
