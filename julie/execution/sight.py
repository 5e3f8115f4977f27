"""What the kill switch sees of an account, however badly the venue can be read.

A row that nobody understands still has an id, or names a contract, and that is enough to cancel or
to close. A list that does not come is waited for once; then the orders are read by the venue's
other search, and positions are taken to be wherever an order works.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from julie.core.clock import Clock
from julie.core.tasks import Tasks
from julie.core.zones import SECOND_NS
from julie.execution.venue import (
    PartlyRead,
    Unread,
    Venue,
    VenueOrder,
    VenuePosition,
    VenueUnreachable,
)

PATIENT: Final = 1  # readings in a row without a list, before it is done without
SOON_S: Final = 2.0  # a list that failed as late as that is waited for no more
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Seen:
    """One reading."""

    orders: list[VenueOrder]
    positions: list[VenuePosition]
    odd_orders: list[int]  # ids of orders that nobody understands
    closed_blindly: set[str]  # contracts in which something may be held
    unread: list[str]  # the lists that were not read whole
    silent: bool  # a list did not come at all
    dark: bool  # too little is known to act on: read once more


class Sight:
    """Reads the account, round by round."""

    def __init__(
        self, venue: Venue, clock: Clock, leave: frozenset[str], say: Callable[[str], None]
    ) -> None:
        self._venue, self._clock, self._leave, self._say = venue, clock, leave, say
        self._missed = 0  # readings in a row in which a list did not come

    async def look(self) -> Seen:
        """What there is now."""
        began = self._clock.mono_ns()
        async with Tasks() as tasks:  # one list that hangs does not keep the other away
            first = tasks.start("orders", self._read(self._venue.open_orders))
            second = tasks.start("positions", self._read(self._venue.positions))
        (orders, odd_orders), (positions, odd_positions) = first.result(), second.result()
        soon = self._clock.mono_ns() - began < SOON_S * SECOND_NS
        odd = odd_orders
        if odd_orders is None and odd_positions is not None:  # the venue answers to others
            orders, odd = await self._read(self._venue.working_orders)
        missed = odd_orders is None or odd_positions is None
        self._missed = self._missed + 1 if missed else 0
        orders = [one for one in orders if one.contract not in self._leave]
        contracts = {one.contract for one in orders if odd_positions is None}
        contracts |= {one.contract for one in odd_positions or () if one.contract is not None}
        lists = (("orders", odd_orders), ("positions", odd_positions))
        return Seen(
            orders,
            [one for one in positions if one.qty and one.contract not in self._leave],
            [one.id for one in odd or () if one.id and one.contract not in self._leave],
            contracts - self._leave,
            [f"all {name}" for name, odd in lists if odd is None or odd],
            missed,
            0 < self._missed <= PATIENT and soon,
        )

    async def holds(self, contract: str) -> bool:
        """Whether something is held there; in doubt it is."""
        rows, odd = await self._read(self._venue.positions)
        held = {one.contract for one in rows if one.qty}
        return odd is None or contract in held | {one.contract for one in odd}

    async def _read(
        self, look: Callable[[], Awaitable[Sequence[Row]]]
    ) -> tuple[Sequence[Row], Sequence[Unread] | None]:
        """The rows, and what else is known of the list; None = it did not come."""
        try:
            return await look(), ()
        except PartlyRead as error:
            self._say(f"could not be read whole: {error}")
            return error.rows, error.others
        except VenueUnreachable as error:
            self._say(f"could not be read: {error}")
            return (), None
