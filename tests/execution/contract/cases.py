"""The numbered contract of a broker: what every one of them must do with the same orders.

Matching engine, paper broker and gateway pass the same cases; each brings a `Venue`, which takes
orders through the broker's two doors and lets bars trade. Behind the doors of the last two stands
the executor, as in the bot. Prices are ticks; a market or stop order
loses one tick. Orders bear the desk's names: instrument, plan, slot (0 entry, 1 stop, 2 target;
the second leg from 3 on).
"""

from collections.abc import Callable
from typing import Protocol

import pytest

from julie.core.permits import CancelEntry, Close, Entry, Leg, NearerStop, Position, Protect
from julie.core.permits import Reducing as Order
from julie.core.types import EntryKind, ExitReason, Side

SYMBOL = "MES"
Filled = tuple[int, int]  # contracts bought (sold: negative), tick


class Venue(Protocol):
    """A broker under test, with the market in the test's hand."""

    def place(self, entry: Entry) -> bool:
        """Approve and send; whether it was taken."""
        ...

    def reduce(self, order: Order) -> bool:
        """Send; whether it was taken."""
        ...

    def bar(self, o: int, h: int, low: int, c: int) -> list[Filled]:
        """Let one bar trade; its fills in their sequence."""
        ...

    def position(self) -> int:
        """Contracts held, shorts negative."""
        ...

    def working(self) -> int:
        """Orders that work or wait for their entry."""
        ...

    def stops(self) -> list[tuple[int, int]]:
        """Working stops: (contracts, tick)."""
        ...

    def lose_stop(self) -> None:
        """A fault: the position's stop vanishes."""
        ...


Case = Callable[[Venue], None]
CASES: dict[str, Case] = {}


def case(number: int, words: str) -> Callable[[Case], Case]:
    """Enter a case under its number."""

    def entered(check: Case) -> Case:
        CASES[f"BC-{number:02d} {words}"] = check
        return check

    return entered


def entry(
    side: Side = Side.LONG,
    *,
    limit: int | None = None,
    legs: tuple[Leg, ...] = (Leg(2, 12),),
    symbol: str = SYMBOL,
    plan: int = 1,
) -> Entry:
    """An entry with a stop 8 ticks away."""
    kind = EntryKind.MARKET if limit is None else EntryKind.LIMIT
    return Entry(f"{symbol}:{plan}:0", symbol, symbol, side, kind, 8, legs, 0, limit)


def name(slot: int, plan: int = 1) -> str:
    """An order's name."""
    return f"{SYMBOL}:{plan}:{slot}"


def held(qty: int, side: Side = Side.LONG) -> Position:
    """A position as the desk knows it."""
    return Position(SYMBOL, SYMBOL, side, qty)


def long_two(venue: Venue) -> None:
    """Two contracts bought at 101: stop 93, target 113."""
    assert venue.place(entry())
    assert venue.bar(100, 102, 99, 101) == [(2, 101)]


@case(1, "a market entry fills at the next price")
def _(venue: Venue) -> None:
    assert venue.place(entry())
    assert venue.position() == 0
    assert venue.bar(100, 102, 99, 101) == [(2, 101)]
    assert venue.position() == 2


@case(2, "the bracket is laid from the fill and alive at once")
def _(venue: Venue) -> None:
    assert venue.place(entry())
    assert venue.bar(100, 102, 93, 95) == [(2, 101), (-2, 92)]
    assert (venue.position(), venue.working()) == (0, 0)


@case(3, "a filled target takes its stop away")
def _(venue: Venue) -> None:
    long_two(venue)
    assert venue.bar(105, 114, 104, 110) == [(-2, 113)]
    assert (venue.position(), venue.working()) == (0, 0)


@case(4, "a filled stop takes its target away")
def _(venue: Venue) -> None:
    long_two(venue)
    assert venue.bar(97, 98, 92, 95) == [(-2, 92)]
    assert venue.bar(100, 120, 99, 118) == []


@case(5, "a gap through the stop fills at the open")
def _(venue: Venue) -> None:
    long_two(venue)
    assert venue.bar(80, 85, 79, 84) == [(-2, 79)]


@case(6, "a short is the mirror")
def _(venue: Venue) -> None:
    assert venue.place(entry(Side.SHORT))
    assert venue.bar(100, 102, 99, 101) == [(-2, 99)]
    assert venue.position() == -2
    assert venue.stops() == [(2, 107)]
    assert venue.bar(95, 96, 86, 90) == [(2, 87)]


@case(7, "a limit entry waits until it is traded through")
def _(venue: Venue) -> None:
    assert venue.place(entry(limit=98))
    assert venue.bar(100, 101, 98, 99) == []
    assert venue.bar(99, 100, 97, 99) == [(2, 98)]
    assert venue.stops() == [(2, 90)]


@case(8, "a limit entry takes a better open")
def _(venue: Venue) -> None:
    assert venue.place(entry(limit=98))
    assert venue.bar(95, 97, 94, 96) == [(2, 95)]
    assert venue.stops() == [(2, 87)]


@case(9, "a cancelled entry leaves nothing")
def _(venue: Venue) -> None:
    assert venue.place(entry(limit=98))
    assert venue.reduce(CancelEntry(name(0), SYMBOL))
    assert venue.working() == 0
    assert venue.bar(95, 97, 90, 96) == []


@case(10, "a fill wins the race against a cancel")
def _(venue: Venue) -> None:
    assert venue.place(entry(limit=98))
    assert venue.bar(100, 101, 97, 100) == [(2, 98)]
    assert not venue.reduce(CancelEntry(name(0), SYMBOL))
    assert venue.position() == 2
    assert venue.stops() == [(2, 90)]


@case(11, "only one entry works")
def _(venue: Venue) -> None:
    assert venue.place(entry(limit=98))
    assert not venue.place(entry(limit=97, plan=2))
    assert venue.bar(95, 96, 90, 95) == [(2, 95)]


@case(12, "no second entry while a position is open")
def _(venue: Venue) -> None:
    long_two(venue)
    assert not venue.place(entry(plan=2))
    assert venue.position() == 2


@case(13, "no opposite entry while a position is open")
def _(venue: Venue) -> None:
    long_two(venue)
    assert not venue.place(entry(Side.SHORT, plan=2))
    assert venue.bar(100, 102, 99, 101) == []
    assert venue.position() == 2


@case(14, "after the trade a new entry is taken")
def _(venue: Venue) -> None:
    long_two(venue)
    assert venue.bar(105, 114, 104, 110) == [(-2, 113)]
    assert venue.place(entry(Side.SHORT, plan=2))
    assert venue.bar(110, 111, 109, 110) == [(-2, 109)]


@case(15, "a close takes the whole position and all its orders")
def _(venue: Venue) -> None:
    long_two(venue)
    assert venue.reduce(Close(held(2), 2, ExitReason.FLATTEN))
    assert venue.bar(104, 120, 80, 105) == [(-2, 103)]
    assert (venue.position(), venue.working()) == (0, 0)


@case(16, "a close goes before a stop that the open would fill")
def _(venue: Venue) -> None:
    long_two(venue)
    assert venue.reduce(Close(held(2), 2, ExitReason.FLATTEN))
    assert venue.bar(80, 85, 79, 84) == [(-2, 79)]
    assert venue.position() == 0


@case(17, "no close of more than is held")
def _(venue: Venue) -> None:
    long_two(venue)
    with pytest.raises(ValueError, match="cannot close 3 of 2"):
        Close(held(2), 3, ExitReason.FLATTEN)
    taken = venue.reduce(Close(held(5), 5, ExitReason.FLATTEN))  # refused, or what is held
    assert venue.bar(100, 102, 99, 101) == ([(-2, 99)] if taken else [])
    assert venue.position() == (0 if taken else 2)
    assert venue.stops() == ([] if taken else [(2, 93)])


@case(18, "no close of a side that is not held")
def _(venue: Venue) -> None:
    long_two(venue)
    assert not venue.reduce(Close(held(2, Side.SHORT), 2, ExitReason.FLATTEN))
    assert venue.bar(100, 102, 99, 101) == []


@case(19, "no close when flat")
def _(venue: Venue) -> None:
    assert not venue.reduce(Close(held(1), 1, ExitReason.FLATTEN))
    assert venue.bar(100, 102, 99, 101) == []


@case(20, "a stop comes nearer")
def _(venue: Venue) -> None:
    long_two(venue)
    assert venue.reduce(NearerStop(name(1), held(2), 93, 98))
    assert venue.stops() == [(2, 98)]
    assert venue.bar(100, 101, 98, 99) == [(-2, 97)]


@case(21, "a stop never goes away")
def _(venue: Venue) -> None:
    long_two(venue)
    with pytest.raises(ValueError, match="not nearer"):
        NearerStop(name(1), held(2), 93, 92)
    assert venue.reduce(NearerStop(name(1), held(2), 93, 98))
    late = NearerStop(name(1), held(2), 93, 95)  # overtaken by the move before it
    assert not venue.reduce(late)
    assert venue.stops() == [(2, 98)]


@case(22, "an entry or a target is no stop to move")
def _(venue: Venue) -> None:
    long_two(venue)
    assert not venue.reduce(NearerStop(name(2), held(2), 93, 98))
    assert not venue.reduce(NearerStop(name(0), held(2), 93, 98))
    assert venue.stops() == [(2, 93)]


@case(23, "a missing stop is laid")
def _(venue: Venue) -> None:
    long_two(venue)
    venue.lose_stop()
    assert venue.stops() == []
    assert venue.reduce(Protect(held(2), 2, 94, 110))
    assert venue.stops() == [(2, 94)]
    assert venue.bar(97, 98, 94, 95) == [(-2, 93)]
    assert (venue.position(), venue.working()) == (0, 0)


@case(24, "no second stop for what has one")
def _(venue: Venue) -> None:
    long_two(venue)
    assert not venue.reduce(Protect(held(2), 2, 94))
    assert venue.stops() == [(2, 93)]


@case(25, "no stop without a position: it could open one")
def _(venue: Venue) -> None:
    assert not venue.reduce(Protect(held(2), 2, 94))
    assert venue.bar(97, 98, 90, 95) == []
    assert venue.position() == 0


@case(26, "two legs have a stop and a target each")
def _(venue: Venue) -> None:
    assert venue.place(entry(legs=(Leg(1, 6), Leg(2, 12))))
    assert sum(qty for qty, _ in venue.bar(100, 102, 99, 101)) == 3
    assert venue.stops() == [(1, 93), (2, 93)]
    assert venue.bar(103, 108, 102, 106) == [(-1, 107)]
    assert venue.stops() == [(2, 93)]
    assert venue.bar(100, 101, 92, 95) == [(-2, 92)]
    assert (venue.position(), venue.working()) == (0, 0)


@case(27, "one leg is closed, the other stays protected")
def _(venue: Venue) -> None:
    assert venue.place(entry(legs=(Leg(1, 6), Leg(2, 12))))
    venue.bar(100, 102, 99, 101)
    assert venue.reduce(Close(held(3), 2, ExitReason.TIME))
    assert venue.stops() == [(1, 93)]
    assert venue.bar(100, 101, 99, 100) == [(-2, 99)]
    assert venue.position() == 1


@case(28, "one close takes both legs")
def _(venue: Venue) -> None:
    assert venue.place(entry(legs=(Leg(1, 6), Leg(2, 12))))
    venue.bar(100, 102, 99, 101)
    assert venue.reduce(Close(held(3), 3, ExitReason.SESSION_END))
    assert sum(qty for qty, _ in venue.bar(100, 101, 99, 100)) == -3
    assert (venue.position(), venue.working()) == (0, 0)


@case(29, "an unknown contract is refused")
def _(venue: Venue) -> None:
    assert not venue.place(entry(symbol="QQQ"))
    assert not venue.reduce(CancelEntry("QQQ:1:0", "QQQ"))


@case(30, "more legs than the venue has are refused whole")
def _(venue: Venue) -> None:
    assert not venue.place(entry(legs=(Leg(1, 6), Leg(1, 9), Leg(1, 12))))
    assert venue.working() == 0


@case(31, "a cancelled limit makes way for a market order")
def _(venue: Venue) -> None:
    assert venue.place(entry(limit=98))
    assert venue.reduce(CancelEntry(name(0), SYMBOL))
    assert venue.place(entry())
    assert venue.bar(103, 104, 102, 103) == [(2, 104)]
    assert venue.stops() == [(2, 96)]


@case(32, "the position is the sum of its fills")
def _(venue: Venue) -> None:
    total = 0
    assert venue.place(entry(legs=(Leg(1, 6), Leg(2, 12))))
    for bar in ((100, 102, 99, 101), (103, 108, 102, 106), (100, 101, 92, 95), (95, 96, 94, 95)):
        total += sum(qty for qty, _ in venue.bar(*bar))
        assert venue.position() == total
    assert total == 0
