"""Flat without the bot: repeated until it is so, honest when it is not, harmless when repeated."""

import asyncio
from dataclasses import dataclass, field, replace

import pytest

from julie.core.clock import VirtualClock
from julie.core.tasks import Tasks
from julie.core.timers import sleep
from julie.core.types import Side
from julie.execution.kill import Flattened, flatten
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
    Unread,
    VenueOrder,
    VenuePosition,
    VenueStatus,
    VenueUnreachable,
)

MES = "CON.F.US.MES.Z26"


def order(number: int) -> VenueOrder:
    """A working stop."""
    return VenueOrder(
        number, None, MES, Side.SHORT, 2, 0, OrderKind.STOP, 24_000, VenueStatus.OPEN, 0, 0
    )


@dataclass
class Scripted:
    """A venue with orders and a position; it may be deaf for a while or lose an answer."""

    orders: list[VenueOrder] = field(default_factory=list)
    held: int = 0
    deaf: int = 0
    lost: int = 0  # closes whose answer is lost and that were not carried out
    closes: list[int] = field(default_factory=list)
    halted_s: float = 0.0  # so long the venue refuses to close
    placed: list[NewOrder] = field(default_factory=list)
    odd: frozenset[int] = frozenset()  # orders of a kind that nobody knows
    odd_position: bool = False
    no_query: bool = False  # only the venue's other search answers
    no_positions: bool = False

    gone: list[VenueOrder] = field(default_factory=list)  # stops that were taken off
    never: list[Outcome] = field(default_factory=list)  # of closes that never came there

    async def orders_since(self, ts: int) -> tuple[VenueOrder, ...]:
        """As the port."""
        self._heard()
        return (*self.gone, *self.orders)

    async def working_orders(self) -> tuple[VenueOrder, ...]:
        """As the port."""
        return tuple(self.orders)

    async def open_orders(self) -> tuple[VenueOrder, ...]:
        """As the port."""
        self._heard()
        if self.no_query:
            raise VenueUnreachable("503")
        rows = [one for one in self.orders if one.id not in self.odd]
        others = [Unread(one.id, MES) for one in self.orders if one.id in self.odd]
        if others:
            raise PartlyRead("type 42 is not known", rows, others)
        return tuple(rows)

    async def positions(self) -> tuple[VenuePosition, ...]:
        """As the port."""
        self._heard()
        if self.no_positions:
            raise VenueUnreachable("positions is null")
        if self.odd_position:
            raise PartlyRead("side 3 is not known", (), [Unread(None, MES)])
        side = Side.LONG if self.held > 0 else Side.SHORT
        return (VenuePosition(MES, side, abs(self.held), 6000.1, 0),) if self.held else ()

    async def cancel(self, order_id: int) -> Outcome:
        """As the port."""
        self.gone += [one for one in self.orders if one.id == order_id]
        self.orders = [one for one in self.orders if one.id != order_id]
        return Accepted()

    async def close(self, contract: str) -> Outcome:
        """As the port: the whole position, whatever it is."""
        assert contract == MES
        self.closes.append(self.held)
        if self.halted_s > 0:
            return Refused(RefusalCode.OTHER, "no market orders now")
        if self.never:
            return self.never.pop()
        if self.lost:
            self.lost -= 1
            return Unknown("no answer")
        self.held = 0
        return Accepted()

    async def place(self, asked: NewOrder) -> Outcome:
        """As the port."""
        self.placed.append(asked)
        number = 100 + len(self.placed)
        self.orders.append(replace(order(number), tag=asked.tag, price_tick=asked.price_tick))
        return Accepted(number)

    def _heard(self) -> None:
        if self.deaf:
            self.deaf -= 1
            raise VenueUnreachable("no network")


def flattened(
    venue: Scripted, limit_s: float = 30.0, clock: VirtualClock | None = None
) -> Flattened:
    """Run it on a clock of its own."""
    clock = clock or VirtualClock(0)

    async def whole() -> Flattened:
        async with Tasks() as tasks:
            done = tasks.start("flatten", flatten(venue, clock, limit_s))  # type: ignore[arg-type]
            while not done.done():
                clock.advance(0.1)
                venue.halted_s -= 0.1
                for _ in range(5):
                    await asyncio.sleep(0)
        return done.result()

    return asyncio.run(whole())


def test_everything_is_cancelled_closed_and_verified() -> None:
    venue = Scripted([order(1), order(2)], held=3)
    found = flattened(venue)
    assert found.flat
    assert (found.cancels, found.closes, venue.held, venue.orders) == (2, 1, 0, [])
    assert "2 orders cancelled, 1 positions closed, none left" in found.words
    again = flattened(venue)
    assert again.flat
    assert (again.cancels, again.closes) == (0, 0)


def test_an_outage_is_outlasted() -> None:
    venue = Scripted([order(1)], held=-1, deaf=40)
    found = flattened(venue)
    assert found.flat
    assert found.seconds > 5
    assert found.said == ["could not be read: no network"]


def test_an_order_that_nobody_understands_is_cancelled_by_its_number() -> None:
    venue = Scripted([order(1), order(2), order(3)], held=2, odd=frozenset({2}))
    found = flattened(venue)
    assert (venue.held, venue.orders) == (0, [])
    assert found.flat
    assert found.said == ["could not be read whole: type 42 is not known"]


@pytest.mark.parametrize("no_query", [True, False])
def test_what_cannot_be_read_for_long_keeps_nothing_open(no_query: bool) -> None:
    venue = Scripted([order(1), order(2)], held=2, no_query=no_query, no_positions=not no_query)
    found = flattened(venue, limit_s=5.0)
    assert (venue.held, venue.orders) == (0, [])
    assert not found.flat, "a list that does not come proves nothing"
    assert "could not be read; look at the platform" in found.words
    assert ("all orders" in found.words) is no_query


def test_a_position_that_nobody_understands_is_closed_by_its_contract() -> None:
    venue = Scripted([order(1)], held=2, odd_position=True)
    found = flattened(venue, limit_s=5.0)
    assert (venue.held, venue.orders) == (0, [])
    assert "left: all positions could not be read" in found.words


def test_the_stop_of_a_position_that_nobody_understands_stays_until_its_close_is_taken() -> None:
    venue = Scripted([order(1)], held=2, odd_position=True, halted_s=3.0)
    found = flattened(venue, limit_s=2.0)
    assert venue.orders == [order(1)]
    assert not found.flat
    assert (flattened(venue, limit_s=5.0).closes, venue.held, venue.orders) == (1, 0, [])


def test_a_lost_close_is_repeated_and_nothing_is_turned() -> None:
    venue = Scripted(held=2, lost=2)
    found = flattened(venue)
    assert found.flat
    assert venue.closes == [2, 2, 2]
    assert found.said == [f"close of {MES}: unknown, no answer"]


def test_what_is_left_is_named() -> None:
    found = flattened(Scripted(held=2, lost=1000), limit_s=5.0)
    assert not found.flat
    assert found.words.startswith("NOT FLAT after 5")
    assert f"+2 {MES}" in found.words


def test_a_halted_market_is_tried_every_ten_seconds_behind_its_stop() -> None:
    venue = Scripted([order(1)], held=2, halted_s=25.0)
    found = flattened(venue, limit_s=60.0)
    assert found.flat
    assert venue.closes == [2, 2, 2, 2]
    assert [one.price_tick for one in venue.placed] == [24_000] * 3
    assert any("cannot exit: halted" in one for one in found.said)
    assert venue.orders == []


class CarriedOutLate(Scripted):
    """A close without an answer comes through once its position has its stop again."""

    async def place(self, asked: NewOrder) -> Outcome:
        """As the port."""
        outcome = await super().place(asked)
        self.held = 0
        return outcome


def test_a_stop_that_was_put_back_goes_with_its_position() -> None:
    venue = CarriedOutLate([order(1)], held=2, lost=1)
    found = flattened(venue)
    assert found.flat
    assert (len(venue.placed), venue.orders) == (1, [])
    assert found.seconds < 2.0  # it waits for nothing: a stop without a position would open one


@pytest.mark.parametrize("answer", [NotSent("no line"), Refused(RefusalCode.RATE_LIMIT, "429")])
def test_a_close_that_never_came_there_has_its_stop_back_at_once(answer: Outcome) -> None:
    venue = Scripted([order(1)], held=2, never=[answer, answer])
    found = flattened(venue)
    assert found.flat
    assert [one.price_tick for one in venue.placed] == [24_000] * 2
    assert venue.closes == [2, 2, 2]
    assert 2.0 <= found.seconds <= 5.0


class NotTakenOff(Scripted):
    """The first calls are all one too many."""

    async def cancel(self, order_id: int) -> Outcome:
        """As the port."""
        if self.never:
            return Refused(RefusalCode.RATE_LIMIT, "429")
        return await super().cancel(order_id)


def test_a_stop_that_was_not_taken_off_is_not_laid_a_second_time() -> None:
    venue = NotTakenOff([order(1)], held=2, never=[Refused(RefusalCode.RATE_LIMIT, "429")])
    found = flattened(venue)
    assert found.flat
    assert (venue.placed, venue.orders, venue.held) == ([], [], 0)


class LongLooks(Scripted):
    """After a close what is held is long in being told."""

    clock: VirtualClock

    async def positions(self) -> tuple[VenuePosition, ...]:
        """As the port."""
        if self.closes and not self.placed:
            await sleep(self.clock, 8.0)
        return await super().positions()


def test_a_look_that_is_long_in_coming_keeps_no_stop_off() -> None:
    venue = LongLooks([order(1)], held=2, lost=1)
    venue.clock = VirtualClock(0)
    found = flattened(venue, clock=venue.clock)
    assert found.flat
    assert len(venue.placed) == 1
    assert found.seconds < 8.0


class Slow(Scripted):
    """The close is taken, and works for long."""

    async def close(self, contract: str) -> Outcome:
        """As the port."""
        self.closes.append(self.held)
        return Accepted()


def test_what_a_life_before_took_off_is_put_back_behind_a_close_that_works_for_long() -> None:
    at_work = replace(order(7), kind=OrderKind.MARKET, price_tick=None)
    venue = Slow([at_work], held=2, gone=[replace(order(1), status=VenueStatus.CANCELLED)])
    found = flattened(venue, limit_s=6.0)
    assert not found.flat
    assert [(one.price_tick, one.qty) for one in venue.placed] == [(24_000, 2)]
    assert venue.closes == []
