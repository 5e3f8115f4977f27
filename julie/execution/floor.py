"""What every hand on the orders shares: the venue, the pen, the book, the clock, the standing."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from julie.core.clock import Clock
from julie.core.events import Alarm
from julie.core.failpoints import failpoint
from julie.core.tasks import Tasks
from julie.core.timers import Bell
from julie.core.types import Side
from julie.core.zones import SECOND_NS
from julie.execution.before import Before
from julie.execution.book import Book
from julie.execution.brief import briefly
from julie.execution.config import ExecutionSection
from julie.execution.ledger import Ledger
from julie.execution.plans import OwnOrder
from julie.execution.state import Standing
from julie.execution.venue import Venue, VenueOrder, VenuePosition, VenueTrade, VenueUnreachable

T = TypeVar("T")
SLACK_NS: Final = 10 * SECOND_NS  # our clock against the venue's, in searches by time


@dataclass(frozen=True, slots=True)
class Traded:
    """An instrument that this desk trades."""

    symbol: str
    contract: str
    tick: float  # points
    tick_cents: int  # what a tick is worth, one contract
    fee_cents: int = 0  # one side, one contract, by the fee table; 0 = not compared


class Prices:
    """The last trade of each contract in ticks, and when it was heard."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last: dict[str, tuple[int, int]] = {}

    def __setitem__(self, contract: str, tick: int) -> None:
        self._last[contract] = (tick, self._clock.mono_ns())

    def get(self, contract: str, since_mono: int = 0) -> int | None:
        """The price; None where nothing was heard since."""
        tick, heard = self._last.get(contract, (0, -1))
        return tick if heard >= since_mono else None


@dataclass(slots=True)
class Floor:
    """Shared by the hands; it holds no rule of its own."""

    venue: Venue
    ledger: Ledger
    clock: Clock
    book: Book
    standing: Standing
    rules: ExecutionSection
    traded: dict[str, Traded]  # by contract
    prices: Prices
    bells: set[Bell] = field(default_factory=set)  # of whoever waits for news
    flattening: bool = False  # no order of the desk leaves
    hands_off: bool = False  # and the kill switch works on our contracts itself
    stuck: frozenset[str] = frozenset()  # but for these, whose market is halted
    only_time: bool = False  # the comparison waits for nothing but the clock
    unexplained: dict[str, int] = field(default_factory=dict)  # comparisons without an answer
    tags_shown: bool = False  # the venue's searches carry tags
    looked_mono: int = 0  # when the venue was last read in this life
    before: Before = field(init=False)  # what the account made today before this start

    def __post_init__(self) -> None:
        self.before = Before(self.book, self.clock)

    def now(self) -> int:
        """Monotonic, ns."""
        return self.clock.mono_ns()

    def since(self, mono: int) -> float:
        """Seconds since an instant; for ever where it never was."""
        return (self.now() - mono) / SECOND_NS if mono else float("inf")

    def off(self, contract: str) -> bool:
        """Whether the kill switch works on a contract, and its hand rests."""
        return self.hands_off and contract not in self.stuck

    def ring(self) -> None:
        """There is news."""
        for bell in tuple(self.bells):
            bell.ring()

    def alarm(self, kind: str, text: str) -> None:
        """Tell a person."""
        self.ledger.note(Alarm(kind, text))

    async def until(self, reached: Callable[[], bool], seconds: float) -> bool:
        """Wait for news until a condition holds; False when time is up."""
        end = self.now() + round(seconds * SECOND_NS)
        bell = Bell(self.clock)
        self.bells.add(bell)
        try:
            while not reached():
                left = (end - self.now()) / SECOND_NS
                if left <= 0:
                    return False
                await bell.wait(left)
        finally:
            self.bells.discard(bell)
        return True

    async def briefly(self, work: Coroutine[None, None, object], seconds: float) -> None:
        """Do something that may take its time, but wait no longer than that for it."""
        await briefly(self.clock, work, seconds)

    async def written(self) -> None:
        """What was heard is on the disk before it is acted on; a fill waits for the disk, a
        protection does not wait long.
        """
        filled, self.book.fresh_fill = self.book.fresh_fill, False
        await self.ledger.soon()
        if filled:
            failpoint("K7")

    async def ask(self, read: Awaitable[T]) -> T | None:
        """The answer of a read; None where there is none, which is never the same as nothing."""
        try:
            return await read
        except VenueUnreachable:
            return None

    async def look_up(self, order: OwnOrder) -> None:
        """Ask the venue where one order stands."""
        if order.id is None:
            return
        row = await self.ask(self.venue.order(order.id))
        if row is not None:
            self.book.hear(row)

    async def read_positions(self) -> Mapping[str, VenuePosition] | None:
        """What the venue holds for us now; None where it does not answer.

        What an event said while the answer was on its way is newer than the answer.
        """
        before = dict(self.book.positions)
        rows = await self.ask(self.venue.positions())
        if rows is None:
            return None
        held = {row.contract: row for row in rows}
        for contract in {*held, *before}:
            known = before.get(contract)
            if self.book.positions.get(contract) is known:
                stamp = known.ts if known is not None else 0
                self.book.hear(held.get(contract) or flat(contract, stamp))
        return held

    async def read_orders(self, since_ns: int) -> list[VenueOrder] | None:
        """Orders since a time and all that work; None where a part of that cannot be had."""
        recent = await self.ask(self.venue.orders_since(since_ns - SLACK_NS))
        if recent is None:
            return None
        working = await self.ask(self.venue.open_orders())
        if working is None:
            return None
        rows = list({row.id: row for row in (*recent, *working)}.values())
        self.tags_shown = self.tags_shown or any(row.tag for row in rows)
        rows.sort(key=lambda row: (row.parent_id is not None, row.id))  # entries before their legs
        for row in rows:
            self.book.hear(row)
        return rows

    async def first_look(self) -> None:
        """What is held and what works, at once: the quickest that tells whether a stop is due."""
        async with Tasks() as group:
            held = group.start("what is held", self.read_positions())
            works = group.start("what works", self.ask(self.venue.open_orders()))
        rows = works.result()
        for row in rows or ():
            self.book.hear(row)
        if held.result() is not None and rows is not None:
            self.looked_mono = self.now()

    async def look(self, since_ns: int) -> list[VenueOrder] | None:
        """Read orders, trades and positions into the book; None where the venue does not say."""
        rows = await self.read_orders(since_ns)
        trades = await self._read_trades(since_ns - SLACK_NS) if rows is not None else None
        if rows is None or trades is None:
            return None
        for trade in sorted(trades, key=lambda row: (row.ts, row.id)):
            self.book.hear(trade)
        if await self.read_positions() is None:
            return None
        self.looked_mono = self.now()
        return rows

    async def _read_trades(self, since_ns: int) -> Sequence[VenueTrade] | None:
        """Trades since a time; at a first start the rest of the day's with them."""
        whole, first = self.before.since(since_ns), self.before.wanted
        trades = await self.ask(self.venue.trades_since(whole))
        if trades is not None:
            self.before.take(trades)
            return [row for row in trades if row.ts >= since_ns]
        if first and whole < since_ns:
            trades = await self.ask(self.venue.trades_since(since_ns))
            if trades is not None:
                self.before.missed()
        return trades


def flat(contract: str, ts: int) -> VenuePosition:
    """Nothing held."""
    return VenuePosition(contract, Side.LONG, 0, 0.0, ts)
