"""A closed minute on its way: bars and fills to the desk, its orders to the executor.

The desk hears one message a minute, written down before it answers; what it says beside its orders
is written when they have left. A minute that the stream did not bring whole is fetched from the
venue first, and until then nothing later is decided.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from julie.core.events import Alarm, Payload
from julie.core.instruments import Instrument
from julie.core.market_events import MarketEvent
from julie.core.permits import Approved, Entry, Reducing
from julie.core.record import Rows
from julie.core.taken import LegDropped, LegFill, MinuteTaken, TakenBar
from julie.core.types import Reason
from julie.core.zones import MINUTE_NS, eastern_iso
from julie.desk.commands import Order
from julie.desk.told import Told
from julie.execution.fills import Dropped
from julie.live.fills import placed
from julie.live.stream import Opened, Quotes, Stream
from julie.market.aggregator import Built, MinuteBar, Together

FetchMinute = Callable[[int, int], Awaitable[MinuteBar | None]]  # instrument, open of the minute
Note = Callable[[Payload], object]


class Hands(Protocol):
    """Who carries the desk's orders out; the executor."""

    def submit(self, orders: Sequence[Approved[Entry] | Reducing]) -> None:
        """Queue orders."""
        ...

    def take_fills(
        self, symbol: str, minute_open: int, minute_end: int
    ) -> tuple[tuple[LegFill, ...], int]:
        """Fills up to a minute's end that the desk has not heard, and why a close was made."""
        ...

    def take_dropped(self) -> Sequence[Dropped]:
        """Entries that did not come to the venue since the last call."""
        ...

    def gate(self, symbol: str) -> Reason:
        """Why no entry may be sent on an instrument."""
        ...

    def governing(self, ours: int) -> int | None:
        """The balance by the venue's word, where it differs from ours and counts."""
        ...


class Decides(Protocol):
    """Who decides on a minute; the desk."""

    @property
    def books(self) -> Rows:
        """Its book of orders, one an instrument."""
        ...

    @property
    def balance_cents(self) -> int:
        """The account's balance by our own trades."""
        ...

    @property
    def opened(self) -> tuple[int, ...]:
        """The opens it was told since the last minute."""
        ...

    def opening(self, k: int, ts: int) -> Sequence[Order]:
        """The first message of a new minute came."""
        ...

    def close(self, taken: MinuteTaken) -> Told:
        """A minute closed."""
        ...


@dataclass(frozen=True, slots=True)
class DeskLine:
    """An instrument of the run: its data, what is traded on it, its contract of today."""

    data: Instrument
    traded: Instrument
    contract: str
    shift: float = 0.0  # added to a price of this contract it gives the adjusted one
    orders: str = ""  # the contract that orders are for; empty = the data's own


class Minutes:
    """Leads each minute through the desk, in order."""

    def __init__(
        self,
        desk: Decides,
        hands: Hands,
        stream: Stream,
        lines: Sequence[DeskLine],
        note: Note,
        now_ns: Callable[[], int],
        fetch: FetchMinute,
        signal_age_ns: int,
    ) -> None:
        self._desk = desk
        self._hands = hands
        self._stream = stream
        self.lines = list(lines)
        self._note = note
        self._now_ns = now_ns
        self._fetch = fetch
        self._signal_age_ns = signal_age_ns
        self._told: Told | None = None  # its orders are on their way, its words are not written yet
        self.behind: Callable[[], object] = self.tell  # has `tell` called when orders have left
        self._waiting: deque[Together | Opened] = deque()
        self._corrected: list[TakenBar | None] = [None] * len(lines)
        self._fetching = False
        self.last_ts = 0  # newest minute that the desk has heard
        self.taken = self.candidates = 0
        self.reset = False  # a person let the breaker go: told with the next minute

    @property
    def quotes(self) -> Quotes:
        """The newest prices."""
        return self._stream.quotes

    def counts(self) -> Mapping[str, int]:
        """What came and went into no minute, by name."""
        return self._stream.counts()

    @property
    def idle(self) -> bool:
        """Whether no minute waits."""
        return not self._waiting and not self._fetching

    @property
    def written(self) -> bool:
        """Whether all is written down that the desk said of the newest minute."""
        return self._told is None

    def heard(self, event: MarketEvent) -> None:
        """A message of the market; what it closes is decided before this returns, unless a bar
        must be fetched first.
        """
        for one in self._stream.heard(event, self._now_ns()):
            self._take(one)

    def corrected(self, k: int, ts: int, final: MinuteBar) -> None:
        """The venue's own bar of the newest minute is another one; the next close has it."""
        if ts == self.last_ts:
            bar = self._bar(k, Built(ts, final, None, True, True))
            self._corrected[k] = bar

    def elapsed(self, until_ns: int | None = None) -> None:
        """Time has passed without a message: all of it, or up to an instant."""
        for one in self._stream.elapsed(self._now_ns() if until_ns is None else until_ns):
            self._take(one)

    async def catch_up(self) -> None:
        """Fetch what was not heard and decide what waits for it; called when something waits."""
        if self._fetching:
            return
        self._fetching = True
        try:
            while self._waiting:
                one = self._waiting[0]
                whole = await self._completed(one) if isinstance(one, Together) else one
                self._waiting.popleft()
                self._step(whole)
        finally:
            self._fetching = False

    def _take(self, one: Together | Opened) -> None:
        whole = isinstance(one, Opened) or all(m is None or m.whole for m in one.minutes)
        if self._waiting or self._fetching or not whole:
            self._waiting.append(one)
        else:
            self._step(one)

    def _step(self, one: Together | Opened) -> None:
        if isinstance(one, Opened):
            self._submit(self._desk.opening(one.instrument, one.ts))
        else:
            self._close(one)

    async def _completed(self, together: Together) -> Together:
        """The minute with its missing bars; one that nobody traded in stays without."""
        minutes = list(together.minutes)
        for k, built in enumerate(minutes):
            if built is None or built.whole:
                continue
            bar = await self._fetch(k, together.ts)
            if bar is None:
                self._without(k, together.ts, built)
                minutes[k] = None if built.bar is None else built
            else:
                minutes[k] = made = Built(together.ts, bar, built.course, True, True)
                self._stream.aggregators[k].fetched(made)
        return Together(together.ts, tuple(minutes))

    def _without(self, k: int, ts: int, built: Built) -> None:
        """The venue has no bar of a minute that the stream did not bring whole."""
        if built.bar is not None:
            symbol, at = self.lines[k].data.symbol, eastern_iso(ts)[:16].replace("T", " ")
            words = f"{symbol}: the minute {at} ET was heard in part only"
            self._note(Alarm("bar_missing", words))

    def _close(self, together: Together) -> None:
        self.tell()
        if together.ts <= self.last_ts or all(one is None for one in together.minutes):
            return
        bars, fills, sides, closings, gates = [], [], [], [], []
        for k, built in enumerate(together.minutes):
            bars.append(self._bar(k, built))
            found, side, closing = self._fills(k, built, together.ts)
            fills.append(found)
            sides.append(side)
            closings.append(closing)
            gates.append(int(self._gate(k, together.ts, built)))
        taken = MinuteTaken(
            together.ts,
            tuple(bars),
            tuple(fills),
            tuple(sides),
            tuple(closings),
            tuple(gates),
            self._balance(fills),
            dropped=self._dropped(),
            opened=self._desk.opened,
            reset=self.reset,
            corrected=tuple(self._corrected) if any(self._corrected) else (),
        )
        self.reset = False
        self._corrected = [None] * len(self.lines)
        self._note(taken)
        self.last_ts, self.taken = taken.ts, self.taken + 1
        told = self._told = self._desk.close(taken)
        if told.orders:
            self._hands.submit(told.orders)
            self.behind()
        else:
            self.tell()

    def tell(self) -> None:
        """Write down what the desk said of the newest minute beside its orders."""
        if self._told is None:
            return
        words, self._told = self._told.words, None
        for fact in words.facts:
            self._note(fact)
        if words.decision is not None:
            self.candidates += len(words.decision.candidates)

    def _balance(self, fills: Sequence[Sequence[LegFill]]) -> int | None:
        """The venue's balance where it governs; looked at while no fill is on its way."""
        if any(fills):
            return None
        return self._hands.governing(self._desk.balance_cents)

    def _dropped(self) -> tuple[tuple[LegDropped, ...], ...]:
        """Entries that did not come to the venue, by instrument."""
        found = self._hands.take_dropped()
        return tuple(
            tuple(
                LegDropped(one.slot, int(one.reason))
                for one in found
                if one.symbol == line.data.symbol
            )
            for line in self.lines
        )

    def _submit(self, orders: Sequence[Order]) -> None:
        if orders:
            self._hands.submit(orders)

    def _bar(self, k: int, built: Built | None) -> TakenBar | None:
        if built is None or built.bar is None:
            return None
        line = self.lines[k]
        traded = line.orders or line.contract
        return TakenBar(line.contract, built.ts, *built.bar, line.shift, built.backfilled, traded)

    def _fills(self, k: int, built: Built | None, ts: int) -> tuple[tuple[LegFill, ...], int, int]:
        """What the desk is told of its orders, the side held, and why a close was made; without a
        bar nothing is asked for: it waits where a restart finds it.
        """
        if built is None or built.bar is None:
            return (), 0, 0
        line = self.lines[k]
        found, closing = self._hands.take_fills(line.data.symbol, ts, ts + MINUTE_NS)
        book = self._desk.books[k]
        told, side = placed(found, book, built, self._stream.aggregators[k], line.traded.tick)
        return told, side, closing

    def _gate(self, k: int, ts: int, built: Built | None) -> Reason:
        """Why nothing may be entered from this close."""
        gate = self._hands.gate(self.lines[k].data.symbol)
        if gate is not Reason.NONE:
            return gate
        if self._now_ns() - (ts + MINUTE_NS) > self._signal_age_ns:
            return Reason.STALE_SIGNAL
        if built is not None and not built.whole:
            return Reason.STALE_DATA
        sound = self._stream.quotes.sound.get(self.lines[k].contract, True)
        return Reason.NONE if sound else Reason.CROSSED_QUOTE
