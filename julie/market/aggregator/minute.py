"""Prints and quotes of one contract to closed 1-minute bars.

A minute closes at the first message of its contract stamped in a later one, else a second after
its end by exchange time. What comes for a closed minute is counted and changes nothing; a minute
without trades makes no bar and is marked; one that the stream did not bring whole says so, and its
bar is fetched.
"""

from collections import deque
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from julie.core.calendar import Calendar
from julie.core.zones import MINUTE_NS, SECOND_NS
from julie.market.aggregator.course import Course

GRACE_NS: Final = SECOND_NS  # a minute without a later message closes so long after its end
TAPE: Final = 50_000  # prints kept for columns of the order flow
RECENT: Final = 64  # prints among which a repetition is looked for
REMEMBERED: Final = 120  # closed minutes that a fetched bar is held against, and silent ones


class MinuteBar(NamedTuple):
    """Traded prices of a minute."""

    open: float
    high: float
    low: float
    close: float
    volume: float


class Tick(NamedTuple):
    """A print on the tape."""

    ts: int
    price: float
    qty: int
    aggressor: int  # +1 a buyer, -1 a seller, 0 unknown


@dataclass(frozen=True, slots=True)
class Built:
    """A closed minute: its bar, None where nothing traded, and whether it was heard whole."""

    ts: int
    bar: MinuteBar | None
    course: Course | None = None
    whole: bool = True
    backfilled: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """A fetched bar that is not what was built."""

    ts: int
    decided: MinuteBar
    final: MinuteBar


@dataclass(slots=True)
class Counts:
    """What was not simply a print of the running minute."""

    prints: int = 0
    duplicates: int = 0
    late: int = 0
    silent: int = 0
    corrected: int = 0


def minute_of(ts: int) -> int:
    """The open of the minute that holds a time."""
    return ts - ts % MINUTE_NS


@dataclass(slots=True)
class _Running:
    """The bar of the minute that runs."""

    open: float
    high: float
    low: float
    close: float
    volume: int
    last_ns: int
    course: Course

    @classmethod
    def of(cls, tick: Tick) -> "_Running":
        ts, price, qty, _ = tick
        return cls(price, price, price, price, qty, ts, Course.begun(ts))

    def take(self, tick: Tick) -> None:
        ts, price, qty, _ = tick
        self.volume += qty
        if ts < self.course.first_ns:
            self.course.first_ns = ts
            self.open = price
        if ts >= self.last_ns:
            self.last_ns = ts
            self.close = price
        if price >= self.high:
            self.course.high(ts, new=price > self.high)
            self.high = price
        if price <= self.low:
            self.course.low(ts, new=price < self.low)
            self.low = price

    def bar(self) -> MinuteBar:
        return MinuteBar(self.open, self.high, self.low, self.close, float(self.volume))


class MinuteAggregator:
    """The minutes of one contract; every minute before `open_from` is closed."""

    def __init__(self, tick: float, calendar: Calendar, tape: int = TAPE) -> None:
        self.tape: deque[Tick] = deque(maxlen=tape)
        self.silent: deque[int] = deque(maxlen=REMEMBERED)
        self.counts = Counts()
        self.open_from = 0  # the minute that runs; 0 before the first message
        self._tick = tick
        self._calendar = calendar
        self._running: _Running | None = None
        self._heard = True  # the stream brings everything at present
        self._whole = False  # it has done so since the running minute began
        self._unsure = False  # it is back, and its first message has not come
        self._newest_ns = 0
        self._recent: deque[Tick] = deque(maxlen=RECENT)
        self._closed: deque[Built] = deque(maxlen=REMEMBERED)

    def begin(self, minute: int, *, whole: bool = False) -> None:
        """What lies before `minute` is known; `whole` = we listen from its start."""
        self.open_from, self._whole = minute, whole

    def printed(self, ts: int, price: float, qty: int, aggressor: int = 0) -> list[Built]:
        """A trade of the market; returns the minutes that it closed."""
        tick = Tick(ts, price, qty, aggressor)
        if self._repeated(tick):
            self.counts.duplicates += 1
            return []
        minute = minute_of(ts)
        if minute < self.open_from:
            self.counts.late += 1
            return []
        closed = self._reach(minute)
        self._unsure = False
        self.counts.prints += 1
        self.tape.append(tick)
        if self._running is None:
            self._running = _Running.of(tick)
        else:
            self._running.take(tick)
        return closed

    def quoted(self, ts: int) -> list[Built]:
        """A quote, which tells the time; returns the minutes that it closed."""
        closed = self._reach(minute_of(ts))
        self._unsure = False
        return closed

    def elapsed(self, now_ns: int) -> list[Built]:
        """The clock's exchange time; returns the minutes that ended a second ago."""
        return self._reach(minute_of(now_ns - GRACE_NS)) if self.open_from else []

    def lost(self) -> None:
        """The stream is silent: the minutes from now on must be fetched."""
        self._heard = self._whole = False

    def found(self) -> None:
        """The stream is back: the minute of its first message may have lost its beginning, those
        behind it are heard whole.
        """
        self._unsure = self._unsure or not self._heard
        self._heard = True

    def fetched(self, built: Built) -> None:
        """A minute that was not heard whole was decided on as it was fetched."""
        kept = [built if one.ts == built.ts else one for one in self._closed]
        self._closed = deque(kept, maxlen=REMEMBERED)

    def held_against(self, ts: int, final: MinuteBar) -> Difference | None:
        """A fetched bar of a closed minute: it wins where it differs by more than a tick."""
        built = next((one for one in self._closed if one.ts == ts and one.bar is not None), None)
        if built is None or built.bar is None:
            return None
        apart = max(abs(a - b) for a, b in zip(built.bar[:4], final[:4], strict=True))
        if apart < 1.5 * self._tick:
            return None
        self.counts.corrected += 1
        return Difference(ts, built.bar, final)

    def _repeated(self, tick: Tick) -> bool:
        """Whether the stream brought this print before. Prints of one stamp may well be alike: a
        sweep takes many orders at once. After a later stamp the same one again is a repetition.
        """
        repeated = tick.ts < self._newest_ns and tick in self._recent
        if not repeated:
            self._recent.append(tick)
            self._newest_ns = max(self._newest_ns, tick.ts)
        return repeated

    def _reach(self, minute: int) -> list[Built]:
        """Close what lies before `minute`."""
        if minute <= self.open_from:
            return []
        if self.open_from == 0:
            self.open_from = minute
            return []
        closed = self._close_running()
        if minute - self.open_from > MINUTE_NS:
            closed += self._without_message(self.open_from + MINUTE_NS, minute)
        self.open_from, self._running = minute, None
        self._whole = self._heard and not self._unsure
        return closed

    def _close_running(self) -> list[Built]:
        if self._running is None:
            return self._without_message(self.open_from, self.open_from + MINUTE_NS)
        built = Built(self.open_from, self._running.bar(), self._running.course, self._whole)
        self._closed.append(built)
        return [built]

    def _without_message(self, first: int, stop: int) -> list[Built]:
        """Minutes without a print: silent where the stream was heard, else to be fetched."""
        ts = np.arange(first, stop, MINUTE_NS, dtype=np.int64)
        traded = ts[self._calendar.index_of(ts) >= 0].tolist()
        deaf = not self._heard or self._unsure
        if deaf or (first == self.open_from and not self._whole):
            return [Built(one, None, whole=False) for one in traded]
        self.silent.extend(traded)
        self.counts.silent += len(traded)
        return []
