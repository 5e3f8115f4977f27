"""Asks by REST what the user hub should have told; a hub that is silent looks just like a calm one.

Every half minute orders, trades and account are read; each second orders or trades, in turn, while
a position is open and the hub is down. What the hub has not told goes on as if it had, and a hub
that kept quiet about it for some seconds is connected anew. Positions are read by the comparison
alone: a row bears the time of the position's birth, and a late one would bring it back.
"""

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from julie.core.clock import Clock
from julie.core.market_events import HubState
from julie.core.zones import SECOND_NS
from julie.execution.venue import (
    Venue,
    VenueEvent,
    VenueOrder,
    VenueTrade,
    VenueUnreachable,
)
from julie.gateway.hub import HubSupervisor
from julie.gateway.pace import until_due

LOG: Final = logging.getLogger(__name__)
KEPT: Final = 20_000
OVERLAP_NS: Final = 60 * SECOND_NS
OLD_TIMES: Final = 2.5  # readings of the account that may be missed
GRACE_NS: Final = 3 * SECOND_NS  # an event may still be on its way


class Told:
    """What is known of orders and trades, whoever told it."""

    def __init__(self) -> None:
        self._known: OrderedDict[object, None] = OrderedDict()

    def note(self, event: VenueEvent) -> bool:
        """Keep an event; True when it says something new."""
        mark = _mark(event)
        if mark is None:
            return True
        new = mark not in self._known
        self._known[mark] = None
        if len(self._known) > KEPT:
            self._known.popitem(last=False)
        return new


def _mark(event: VenueEvent) -> object | None:
    if isinstance(event, VenueTrade):
        return "trade", event.id, event.voided
    if isinstance(event, VenueOrder):
        return "order", event.id, event.status, event.filled, event.price_tick
    return None


class UserCheck:
    """The venue's record beside the hub's story."""

    def __init__(
        self,
        venue: Venue,
        told: Told,
        clock: Clock,
        tell: Callable[[VenueEvent], None],
        hub: HubSupervisor,
        exposed: Callable[[], bool],
        every_s: float,
    ) -> None:
        self._venue = venue
        self._told = told
        self._clock = clock
        self._tell = tell
        self._hub = hub
        self._exposed = exposed
        self._every_ns = round(every_s * SECOND_NS)
        self._from_ns = clock.now_ns()
        self._whole_ns: int | None = None
        self._account_ns = clock.mono_ns()
        self._life = 0
        self._turn = 0
        self.untold = 0  # rows that the hub should have told
        self.failed = 0  # readings without an answer

    @property
    def old(self) -> bool:
        """Whether the account was not read for so long that its rights are not known any more."""
        return self._clock.mono_ns() - self._account_ns > OLD_TIMES * self._every_ns

    async def run(self) -> None:
        """Look each second, for ever."""
        while True:
            await self.look()
            await until_due(self._clock, 1.0)

    async def look(self) -> None:
        """Read what is due now."""
        now_ns = self._clock.mono_ns()
        due = self._whole_ns is None or now_ns - self._whole_ns >= self._every_ns
        deaf = self._hub.state is not HubState.LIVE
        if due:
            self._whole_ns = now_ns
            for read in self._reads():
                await self._read(read)
        elif deaf and self._exposed():
            self._turn += 1
            reads = self._reads()[:2]
            await self._read(reads[self._turn % len(reads)])

    def _reads(self) -> Sequence[Callable[[], Awaitable[Sequence[VenueEvent]]]]:
        return self._trades, self._venue.open_orders, self._account

    async def _trades(self) -> Sequence[VenueEvent]:
        asked_ns = self._clock.now_ns()
        found = await self._venue.trades_since(self._from_ns - OVERLAP_NS)
        self._from_ns = asked_ns
        return found

    async def _account(self) -> Sequence[VenueEvent]:
        found = await self._venue.account()
        self._account_ns = self._clock.mono_ns()
        return (found,)

    async def _read(self, read: Callable[[], Awaitable[Sequence[VenueEvent]]]) -> None:
        life = self._hub.lives
        try:
            rows = await read()
        except VenueUnreachable as error:
            self.failed += 1
            LOG.info("the account could not be read: %s", error)
            return
        late = [row for row in rows if self._told.note(row) and self._tells(row)]
        if late and life == self._life:
            self.untold += len(late)
            if self._hub.state is HubState.LIVE:
                self._hub.rebuild("the venue's record knows what the user hub did not tell")
        self._life = life

    def _tells(self, row: VenueEvent) -> bool:
        """Tell a row that is new; True when the hub had time enough to tell it first."""
        self._tell(row)
        if not isinstance(row, VenueOrder | VenueTrade):
            return False
        at_ns = row.ts if isinstance(row, VenueTrade) else row.updated_ns
        return self._clock.now_ns() - at_ns > GRACE_NS
