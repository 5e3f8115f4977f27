"""From market events to minutes that go on together, and the word that a new one has begun.

Each watched contract has its aggregator; one barrier joins them. A new minute of an instrument is
told only after every earlier minute went on, so the desk hears closes and openings in their order.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from julie.core.calendar import Calendar
from julie.core.market_events import MarketEvent, Print
from julie.live.warm import Watched
from julie.market.aggregator import Built, MinuteAggregator, MinuteBarrier, Together


@dataclass(frozen=True, slots=True)
class Opened:
    """The first message of a new minute of an instrument came."""

    instrument: int
    ts: int  # open of the minute


@dataclass(slots=True)
class Quotes:
    """The newest price of every contract that is listened to."""

    last: dict[str, float] = field(default_factory=dict)
    bid: dict[str, float] = field(default_factory=dict)
    ask: dict[str, float] = field(default_factory=dict)
    sound: dict[str, bool] = field(default_factory=dict)
    heard_ns: dict[str, int] = field(default_factory=dict)


class Stream:
    """The watched instruments' minutes, in the run's order."""

    def __init__(self, watched: Sequence[Watched], calendar: Calendar) -> None:
        self.aggregators = tuple(MinuteAggregator(one.instrument.tick, calendar) for one in watched)
        self.quotes = Quotes()
        self._places = {one.contract: k for k, one in enumerate(watched)}
        self._barrier = MinuteBarrier(self.aggregators)
        self._opening: list[Opened] = []

    def counts(self) -> Mapping[str, int]:
        """What came and went into no minute, by name, for Health."""
        counts = [one.counts for one in self.aggregators]
        return {
            "prints repeated": sum(one.duplicates for one in counts),
            "prints late": sum(one.late for one in counts),
            "minutes left behind": self._barrier.left_behind,
        }

    @property
    def places(self) -> Mapping[str, int]:
        """The run's place of each watched contract."""
        return self._places

    def follow(self, place: int, contract: str) -> None:
        """From now on the instrument is listened to under another contract."""
        self._places = {name: k for name, k in self._places.items() if k != place}
        self._places[contract] = place

    def begin(self, ts: int, *, whole: bool = False) -> None:
        """Every minute before `ts` is known from elsewhere; `whole` = we listen from its start."""
        for one in self.aggregators:
            one.begin(ts, whole=whole)

    def lost(self) -> None:
        """The market's stream is silent or gone."""
        for one in self.aggregators:
            one.lost()

    def found(self) -> None:
        """It is back."""
        for one in self.aggregators:
            one.found()

    def heard(self, event: MarketEvent, now_ns: int) -> Iterator[Together | Opened]:
        """Take a message; yields what the desk must hear because of it, in order."""
        place = self._places.get(event.contract)
        self._note(event)
        if place is not None:
            self._one(place, event)
        yield from self.elapsed(now_ns)

    def elapsed(self, now_ns: int) -> Iterator[Together | Opened]:
        """Exchange time by the clock; yields what ended by it."""
        for k, one in enumerate(self.aggregators):
            before = one.open_from
            self._closed(k, one.elapsed(now_ns), before)
        yield from self._barrier.ready(now_ns)
        while self._opening and not self._barrier.waiting:
            yield self._opening.pop(0)

    def _one(self, place: int, event: MarketEvent) -> None:
        one = self.aggregators[place]
        before = one.open_from
        if isinstance(event, Print):
            closed = one.printed(event.ts_exchange, event.price, event.qty, int(event.aggressor))
        else:
            closed = one.quoted(event.ts_exchange)
        self._closed(place, closed, before)

    def _closed(self, place: int, closed: Sequence[Built], before: int) -> None:
        one = self.aggregators[place]
        if one.open_from != before:
            self._opening.append(Opened(place, one.open_from))
        self._barrier.closed(place, closed)

    def _note(self, event: MarketEvent) -> None:
        quotes, contract = self.quotes, event.contract
        quotes.heard_ns[contract] = event.ts_exchange
        if isinstance(event, Print):
            quotes.last[contract] = event.price
            return
        quotes.sound[contract] = event.sound
        if event.sound:
            quotes.bid[contract], quotes.ask[contract] = event.bid, event.ask
