"""One contract as it trades: its last price and quote, the bar it walks, its minutes so far.

A bar is walked in seconds along the one bar path: open, two turns, close at the seconds 0, 20, 40
and 59 of its minute (in proportion where a bar is longer), straight in between. The spread is one
tick, on the side from which the price came.
"""

from typing import Final

import msgspec

from julie.core.zones import MINUTE_NS, SECOND_NS

TURNS_S: Final = (0, 20, 40, 59)  # of a minute
SECONDS_KEPT: Final = 7_200  # with a print in them; a restart writes them down


class Tape(msgspec.Struct):
    """A minute, or a second, as it was printed."""

    open: int
    high: int
    low: int
    close: int
    volume: int

    def add(self, tick: int, volume: int) -> None:
        """One more print."""
        self.high, self.low = max(self.high, tick), min(self.low, tick)
        self.close, self.volume = tick, self.volume + volume


class Walk(msgspec.Struct):
    """A bar on its way: its points, at which seconds they lie, and what they print."""

    start_ns: int
    points: tuple[int, int, int, int]
    turns: tuple[int, int, int, int]
    prints: dict[int, int]  # second -> volume
    volume: int
    bar: tuple[int, int, int, int]
    settled: bool = False  # the open was matched, so the path is known

    def at(self, second: int) -> tuple[int, int]:
        """The price after so many seconds, and the phase that leads there."""
        for k in range(1, 4):
            if second <= self.turns[k]:
                a, b = self.points[k - 1], self.points[k]
                part, whole = second - self.turns[k - 1], self.turns[k] - self.turns[k - 1]
                return a + (b - a) * part // whole, k
        return self.points[3], 3


class Line(msgspec.Struct):
    """The state of one contract."""

    id: str
    last: int | None = None
    bid: int | None = None
    ask: int | None = None
    sold: bool = False
    day_open: int = 0
    day_high: int = 0
    day_low: int = 0
    volume: int = 0
    walk: Walk | None = None
    shift: int = 0  # ticks that a gap script lifted all prices by
    tick_row: int = -1  # next recorded tick
    waiting: bool = False  # its first print of the minute is out and not yet matched
    tape: dict[int, Tape] = {}
    seconds: dict[int, Tape] = {}
    since_ns: int = 0  # its minutes are on the tape from here on
    sent: tuple[int | None, int | None, int | None, int] = (None, None, None, -1)
    dead_ns: int = 0  # no prints and no moves before this time
    halted_ns: int = 0
    limit: str | None = None
    crossed_ns: int = 0
    crossed: int = 0
    frozen_from: int = 0
    frozen_ns: int = 0
    jump: bool = False  # the next move is one leap
    ticks: list[tuple[int, int, int]] = []
    quotes: list[tuple[int, int | None, int | None]] = []
    bars: list[tuple[int, int, int, int, int]] = []
    bursts: list[tuple[int, int]] = []  # (until, per second)
    revised: dict[int, tuple[int, int, int, bool]] = {}

    def moved(self, tick: int) -> None:
        """The price stands elsewhere, and the quote with it."""
        if self.last is not None and tick != self.last:
            self.sold = tick < self.last
        self.last = tick
        self.bid, self.ask = (tick, tick + 1) if self.sold else (tick - 1, tick)

    def printed(self, tick: int, volume: int, ns: int) -> None:
        """A trade goes on the tape and into the day's figures."""
        for tape, length in ((self.tape, MINUTE_NS), (self.seconds, SECOND_NS)):
            row = tape.get(ns // length * length)
            if row is None:
                tape[ns // length * length] = Tape(tick, tick, tick, tick, volume)
            else:
                row.add(tick, volume)
        if len(self.seconds) > SECONDS_KEPT:
            del self.seconds[next(iter(self.seconds))]
        if self.volume == 0 and self.day_open == 0:
            self.day_open = self.day_high = self.day_low = tick
        self.day_high, self.day_low = max(self.day_high, tick), min(self.day_low, tick)
        self.volume += volume

    def new_day(self) -> None:
        """The day's figures begin again."""
        self.volume = self.day_open = self.day_high = self.day_low = 0


def begin(
    start_ns: int, bar: tuple[int, int, int, int], volume: int, base_s: int, prints: int
) -> Walk:
    """A bar at its first print; the path is known once the open is matched."""
    turns = tuple(second * base_s // 60 for second in TURNS_S[:3])
    at = {*turns, base_s - 1}
    extra = max(prints - len(at), 0)
    at |= {base_s * (k + 1) // (extra + 1) for k in range(extra)} - {base_s}
    seconds = sorted(at)
    share, rest = divmod(volume, len(seconds))
    volumes = {second: share + (1 if k < rest else 0) for k, second in enumerate(seconds)}
    o = bar[0]
    return Walk(start_ns, (o, o, o, o), (*turns, base_s - 1), volumes, volume, bar)  # type: ignore[arg-type]
