"""What the account made today before this start: by hand, or by a bot on another folder.

The limits of a day belong to the account, and not to whoever trades on it. Where the journal does
not say yet how the trading day began, the venue's list of its trades does: the day began at the
balance less what they brought. Trades of the desk's own orders are told to it one by one, and do
not count a second time. Until the desk has heard of it, nothing may be entered. A list that cannot
be read again and again leaves only what comes from now on.
"""

from collections.abc import Iterable
from typing import Final

from julie.core.clock import Clock
from julie.core.money import dollars
from julie.execution.book import Book
from julie.execution.venue import VenueTrade

TRIES: Final = 3  # readings in which newer trades could be read, and the whole day could not


class Before:
    """The trades of the day in which a session starts, until the balance is first compared."""

    def __init__(self, book: Book, clock: Clock) -> None:
        self._book: Final = book
        self._clock: Final = clock
        self._opened_ns, self._closes_ns = 0, 0  # of the day; nothing is to be counted without one
        self._read: dict[int, VenueTrade] | None = None  # None = not yet
        self._failed = 0

    def begin(self, opened_ns: int, closes_ns: int) -> None:
        """The journal knows nothing of a trading day that is under way."""
        self._opened_ns, self._closes_ns = opened_ns, closes_ns

    def over(self) -> None:
        """It is written down now how the day began."""
        self._closes_ns, self._read = 0, None

    def since(self, ns: int) -> int:
        """From when on trades must be read, where those since `ns` are asked for anyway."""
        return min(ns, self._opened_ns) if self.wanted else ns

    def take(self, rows: Iterable[VenueTrade]) -> None:
        """All trades since then, or at least since the day's open."""
        if self.wanted:
            self._read = {row.id: row for row in rows}

    def missed(self) -> None:
        """The list could not be read, and newer trades could."""
        self._failed += 1

    @property
    def wanted(self) -> bool:
        """Whether the day's trades are still to be read."""
        return self._runs and self._read is None and self._failed < TRIES

    @property
    def owed(self) -> bool:
        """Whether the desk must not rely on what it knows of the day."""
        return self._runs and (self.wanted or self.cents != 0)

    @property
    def cents(self) -> int:
        """What they brought, fees taken off."""
        if not self._runs or self._read is None:
            return 0
        book, day = self._book, self._opened_ns
        rows = {**self._read, **{id_: row for id_, row in book.trades.items() if id_ > 0}}
        ours = (one for one in book.by_tag.values() if not one.plan.adopted)
        told = sum(_gain(row, day) for order in ours for row in order.trades)
        return sum(_gain(row, day) for row in rows.values()) - told

    @property
    def words(self) -> str:
        """What a person should know of it; empty = nothing."""
        if not self._runs:
            return ""
        if self._read is None:
            return "today's trades before this start cannot be read: the limits count from now on"
        sum_ = f"{dollars(self.cents):+.2f} USD"
        return f"the account made {sum_} today before this start; it counts" if self.cents else ""

    @property
    def _runs(self) -> bool:
        return self._clock.now_ns() < self._closes_ns


def _gain(row: VenueTrade, since_ns: int) -> int:
    counts = row.ts >= since_ns and not row.voided
    return (row.pnl_cents or 0) - row.fee_cents if counts else 0
