"""The kill switch: no entries, cancel all, read again, close all, verify flat, say so.

It speaks to the bare venue and writes nothing, so a second process can throw it when the bot is
dead. Each round looks before it acts: an order is cancelled while it works, a position's stop last,
and right behind it the position is closed by the venue's own call in the size the venue finds; a
close that may still be at work is waited for, so a position is never turned. Where the venue
refuses to close, the market being halted, the stops come back, and it is tried every ten seconds.
It may be thrown twice, or finished by somebody else; two readings must show nothing before it says
flat, and when time is up it says what is left.

A list that cannot be read whole must not keep it from acting: what is known by an id is cancelled,
what is known by a contract is closed, and only flat is not said then.
"""

from dataclasses import dataclass, field
from typing import Final

from julie.core.clock import Clock
from julie.core.failpoints import failpoint
from julie.core.timers import sleep
from julie.core.zones import DAY_NS, SECOND_NS
from julie.execution.brief import briefly
from julie.execution.sight import Seen, Sight
from julie.execution.venue import (
    Accepted,
    NewOrder,
    NotSent,
    OrderKind,
    Outcome,
    PartlyRead,
    RefusalCode,
    Refused,
    Unknown,
    Venue,
    VenueOrder,
    VenuePosition,
    VenueUnreachable,
)

PAUSE_S: Final = 0.3
WAIT_S: Final = 3.0  # for a close to come through before another is thought of
LOOK_MAX_S: Final = 1.0
AGAIN_S: Final = 1.0  # between closes that never came there
COVERS_S: Final = 2.0  # for a close that is at work: then the stop comes back beside it
HALTED_S: Final = 10.0  # between closes that the venue refuses
LONG_S: Final = 30.0
PUT_BACK: Final = "put-back-"  # how the tags of its stops begin
CLEAN: Final = 2  # readings that show nothing


@dataclass(slots=True)
class Flattened:
    """What the kill switch did and found."""

    flat: bool = False
    seconds: float = 0.0
    rounds: int = 0
    cancels: int = 0  # orders that were asked to go
    closes: int = 0  # positions that were asked to be closed
    left: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)  # lists that the last round could not read
    silent: int = 0  # rounds in which a list did not come at all
    said: list[str] = field(default_factory=list)  # refusals and failures, each once

    @property
    def words(self) -> str:
        """The outcome in a sentence."""
        if self.flat:
            done = f"{self.cancels} orders cancelled, {self.closes} positions closed"
            return f"flat after {self.seconds:.1f} s: {done}, none left"
        asked = f"asked for {self.cancels} cancels and {self.closes} closes"
        left = ", ".join([*self.left, *(f"{one} could not be read" for one in self.unread)])
        look = "; look at the platform" if self.unread else ""
        return f"NOT FLAT after {self.seconds:.1f} s: {asked}; left: {left}{look}"

    def say(self, text: str) -> None:
        """A failure, told once."""
        if text not in self.said:
            self.said.append(text)

    def note(self, what: str, outcome: Outcome) -> None:
        """What a call ended in, where it did not do what was asked."""
        text = getattr(outcome, "text", "")
        if text:
            self.say(f"{what}: {type(outcome).__name__.lower()}, {text}")


async def flatten(
    venue: Venue, clock: Clock, limit_s: float = LONG_S, leave: frozenset[str] = frozenset()
) -> Flattened:
    """Cancel and close until the venue shows nothing, or until time is up; never raises what the
    venue may cause. Contracts to leave are somebody else's work.
    """
    work = _Work(venue, clock, leave)
    found, began, clean = work.found, clock.mono_ns(), 0
    while clean < CLEAN and clock.mono_ns() - began < limit_s * SECOND_NS:
        found.rounds += 1
        clean = clean + 1 if await work.step() else 0
        if clean < CLEAN:
            await sleep(clock, PAUSE_S)
    found.flat = clean >= CLEAN
    found.seconds = (clock.mono_ns() - began) / SECOND_NS
    return found


class _Work:
    """What the rounds remember of each other."""

    def __init__(self, venue: Venue, clock: Clock, leave: frozenset[str]) -> None:
        self.found: Final = Flattened()
        self._venue, self._clock = venue, clock
        self._sight = Sight(venue, clock, leave, self.found.say)
        self._cancelled: set[int] = set()
        self._closed: set[str] = set()
        self._again: dict[str, int] = {}  # contract -> no close of it is asked for before
        self._since: dict[str, int] = {}  # contract -> a close was first seen at work
        self._stops: dict[str, VenueOrder] = {}  # that we took off

    async def step(self) -> bool:
        """One round; whether nothing was there."""
        found, seen = self.found, await self._sight.look()
        found.unread = seen.unread
        found.silent += seen.silent
        if seen.dark:  # the next reading may tell all
            return False
        for contract in sorted(seen.closed_blindly):
            await self._out_blindly(contract)
        await self._known(
            [row for row in seen.orders if not self._covers_blindly(row, seen)], seen.positions
        )
        for number in seen.odd_orders:
            await self._cancel_number(number)
        return not (found.left or found.unread)

    def _covers_blindly(self, row: VenueOrder, seen: Seen) -> bool:
        """A stop of a position that nobody could read stays until its close was taken."""
        blind = row.contract in seen.closed_blindly and row.contract not in self._closed
        return blind and row.kind is OrderKind.STOP

    async def _out_blindly(self, contract: str) -> None:
        """Close what may be held there; its stop goes behind it, for it cannot be put back."""
        if self._waits(contract):
            return
        outcome = await self._venue.close(contract)
        self.found.note(f"close of {contract}", outcome)
        self._again[contract] = self._clock.mono_ns() + round(WAIT_S * SECOND_NS)
        nothing_there = isinstance(outcome, Refused) and outcome.code is RefusalCode.NO_POSITION
        if isinstance(outcome, Accepted) or nothing_there:
            self._closed.add(contract)
            self.found.closes += isinstance(outcome, Accepted)

    async def _known(self, orders: list[VenueOrder], positions: list[VenuePosition]) -> None:
        """What was understood: orders off, positions out."""
        found = self.found
        held = {one.contract for one in positions}
        guards = [row for row in orders if row.contract in held and self._guards(row)]
        going = [*guards, *(row for row in orders if _closes(row, positions))]
        stops = [row for row in orders if row.kind is OrderKind.STOP and row.contract in held]
        for row in orders:
            if row not in going and row not in stops:
                await self._cancel(row)
        for one in positions:
            await self._out(one, stops, going)
        found.left = [f"order {row.id} of {row.contract}" for row in orders]
        found.left += [f"{one.net:+d} {one.contract}" for one in positions]

    async def _out(
        self, held: VenuePosition, stops: list[VenueOrder], going: list[VenueOrder]
    ) -> None:
        """A position's stops go last, so that its close leaves right behind them."""
        contract = held.contract
        mine = [row for row in stops if row.contract == contract]
        if any(_closes(row, [held]) for row in going) or self._waits(contract):
            await self._at_work(held, mine)
            return
        self._since.pop(contract, None)
        for row in mine:
            if row not in going:
                await self._cancel(row)
        failpoint("K11")
        await self._close(held)

    async def _at_work(self, held: VenuePosition, stops: list[VenueOrder]) -> None:
        """A close that the venue does not fill covers the position a moment, then its stop does."""
        now = self._clock.mono_ns()
        since = self._since.setdefault(held.contract, now)
        if not stops and now - since > COVERS_S * SECOND_NS:
            self._since[held.contract] = now
            await self._put_back(held)

    async def _still_held(self, contract: str) -> bool:
        return await self._sight.holds(contract)

    async def _perhaps_held(self, contract: str) -> bool:
        """Whether it may still be held: a look that is long in coming keeps no stop off."""
        seen: list[bool] = []

        async def read() -> None:
            seen.append(await self._still_held(contract))

        await briefly(self._clock, read(), LOOK_MAX_S)
        return not seen or seen[0]

    def _waits(self, contract: str) -> bool:
        return self._clock.mono_ns() < self._again.get(contract, 0)

    def _guards(self, row: VenueOrder) -> bool:
        """A stop that was put back stays until the next close is tried."""
        return put_back(row) and self._waits(row.contract)

    async def _cancel(self, row: VenueOrder) -> None:
        outcome = await self._cancel_number(row.id)
        stop = row.kind is OrderKind.STOP and row.price_tick is not None
        if stop and not _never_came(outcome):  # else it works as before
            self._stops[row.contract] = row

    async def _cancel_number(self, number: int) -> Outcome:
        if number not in self._cancelled:
            self._cancelled.add(number)
            self.found.cancels += 1
        outcome = await self._venue.cancel(number)
        self.found.note(f"cancel of order {number}", outcome)
        return outcome

    async def _close(self, held: VenuePosition) -> None:
        contract, now = held.contract, self._clock.mono_ns()
        outcome = await self._venue.close(contract)
        failpoint("K12")
        if contract not in self._closed:
            self._closed.add(contract)
            self.found.closes += 1
        self.found.note(f"close of {contract}", outcome)
        if isinstance(outcome, Accepted | Unknown):
            self._again[contract] = now + round(WAIT_S * SECOND_NS)
            if isinstance(outcome, Unknown) and await self._perhaps_held(contract):
                await self._put_back(held)  # if it was carried out after all, the next round sees
        elif _never_came(outcome):  # nothing has changed: what covered it goes back at once
            self._again[contract] = now + round(AGAIN_S * SECOND_NS)
            await self._put_back(held)
        else:
            self._again[contract] = now + round(HALTED_S * SECOND_NS)
            if await self._still_held(contract):
                self.found.say(f"cannot exit: halted; {held.net:+d} {contract} is tried again")
                await self._put_back(held)

    async def _last_stop(self, held: VenuePosition) -> VenueOrder | None:
        """The stop that a life before this one took off; nothing while one works."""
        rows: tuple[VenueOrder, ...] = ()
        try:
            rows = await self._venue.orders_since(self._clock.now_ns() - DAY_NS)
        except PartlyRead as error:
            rows = error.rows
        except VenueUnreachable as error:
            self.found.say(f"could not be read: {error}")
        stops = [
            row
            for row in rows
            if (row.contract, row.kind) == (held.contract, OrderKind.STOP)
            and row.side is not held.side
            and row.price_tick is not None
        ]
        if any(not row.status.ended for row in stops):
            return None
        return max(stops, key=lambda row: (row.updated_ns, row.id), default=None)

    async def _put_back(self, held: VenuePosition) -> None:
        """What cannot be closed is protected where it was, until it can."""
        stop = self._stops.get(held.contract) or await self._last_stop(held)
        if stop is None or stop.price_tick is None or stop.side is held.side:
            return
        tag = f"{PUT_BACK}{self._clock.now_ns()}"
        order = NewOrder(
            tag, held.contract, stop.side, held.qty, OrderKind.STOP, stop.price_tick, urgent=True
        )
        self.found.note("putting the stop back", await self._venue.place(order))


def _never_came(outcome: Outcome) -> bool:
    """Whether a call is certain to have changed nothing, and may well pass the next time."""
    busy = isinstance(outcome, Refused) and outcome.code is RefusalCode.RATE_LIMIT
    return busy or isinstance(outcome, NotSent)


def put_back(row: VenueOrder) -> bool:
    """Whether it is a stop that a kill switch put back, and that no book knows."""
    return (row.tag or "").startswith(PUT_BACK)


def _closes(row: VenueOrder, positions: list[VenuePosition]) -> bool:
    """A market order that is already taking a position out is left to do so."""
    return row.kind is OrderKind.MARKET and any(
        one.contract == row.contract and one.side is not row.side for one in positions
    )
