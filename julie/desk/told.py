"""What the desk answers to a minute: orders at once, and what is written down of it.

Orders leave first: nobody waits for words between a bar's close and the order. So the words are
put together when they are asked for, and until then the desk's record must stand as the minute
left it.
"""

from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

from julie.core.bookings import EquityMarked, TradeClosed
from julie.core.events import Decision, Payload
from julie.desk.commands import Order
from julie.desk.pipeline import Judged


class Words(NamedTuple):
    """What is written down of a minute."""

    decision: Decision | None  # None = nobody asked for anything
    closed: tuple[TradeClosed, ...]
    equity: EquityMarked

    @property
    def facts(self) -> tuple[Payload, ...]:
        """In the order in which they are written."""
        decided = () if self.decision is None else (self.decision,)
        return (*decided, *self.closed, self.equity)


class Told:
    """The orders of a minute, and its words: written before the next close, before an opening of
    another day, and before a snapshot.
    """

    def __init__(
        self, orders: tuple[Order, ...], judged: Judged | None, words: Callable[[], Words]
    ) -> None:
        self.orders, self.judged, self._write = orders, judged, words
        self.written = False

    @cached_property
    def words(self) -> Words:
        """What is written down; put together once, at the first time of asking."""
        self.written = True
        return self._write()

    @property
    def decision(self) -> Decision | None:
        """What was asked for and decided."""
        return self.words.decision

    @property
    def closed(self) -> tuple[TradeClosed, ...]:
        """Legs that hold nothing any more."""
        return self.words.closed

    @property
    def equity(self) -> EquityMarked:
        """The account behind the minute."""
        return self.words.equity
