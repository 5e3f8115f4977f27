"""Draws series by hand: days of rising swings, then a stretch bar by bar.

The background gives the rules what they compare with: each of its days swings between two prices,
two days a tick apart, two days 2 ticks, and so on to 11; the drawn day begins with 4. So its
deviations, ranges and openings are known. Volume is 100 contracts a bar.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from julie.core.calendar import load_calendar
from julie.core.candidates import Candidates
from julie.core.sessions import minute_since_open
from julie.strategies.base import Strategy
from tests.strategies.asking import TICK, Series, candidates, exits, speakers

BASE = 6000.0
DAY = np.datetime64("2025-02-12", "D")
DAYS = 22  # of background before the drawn one
MINUTE_NS = 60_000_000_000

Bar = tuple[float, float, float, float]  # open, high, low, close in ticks above BASE


def bar(opened: float, close: float, up: float = 0, down: float = 0) -> Bar:
    """A bar by its body, with a wick of so many ticks at either end."""
    return opened, max(opened, close) + up, min(opened, close) - down, close


def walk_to(start: float, closes: Sequence[float], up: float = 0, down: float = 0) -> list[Bar]:
    """Bars from close to close."""
    opens = [start, *closes[:-1]]
    return [bar(o, c, up, down) for o, c in zip(opens, closes, strict=True)]


@dataclass(frozen=True, eq=False)
class Drawn:
    """A drawn series and the row at which the drawing begins."""

    series: Series
    begin: int

    def without(self, first: int, last: int) -> "Drawn":
        """The series with a hole: the drawn bars from `first` to before `last` are missing."""
        kept = np.ones(len(self.series), bool)
        kept[self.begin + first : self.begin + last] = False
        return Drawn(self.series.take(kept), self.begin)

    def ask(self, strategy: Strategy, side: int = 1, **params: Any) -> Candidates:
        """What the strategy says on the drawn rows; for shorts the drawing stands upside down."""
        series = self.series if side == 1 else self.series.upside_down(2 * BASE)
        found = candidates(speakers([strategy], **params), series)
        return found.take(found.row >= self.begin)

    def exits(self, strategy: Strategy, side: int = 1, **params: Any) -> list[int]:
        """On which drawn bars the strategy would close a position of that side."""
        series = self.series if side == 1 else self.series.upside_down(2 * BASE)
        rows = exits(speakers([strategy], **params)[0], series, side)
        return [int(row) - self.begin for row in rows if row >= self.begin]

    def place(self, found: Candidates) -> list[tuple[int, int]]:
        """Bar of the drawing and side of each candidate."""
        return list(zip((found.row - self.begin).tolist(), found.side.tolist(), strict=True))


def draw(at: str, bars: Sequence[Bar], size: float = 1.0) -> Drawn:
    """Background days, their swings times `size`, and the bars from `at` on."""
    calendar = load_calendar()
    last = int(np.searchsorted(calendar.day, DAY.astype(int)))
    spans = [
        np.arange(calendar.open_ns[k], calendar.close_ns[k], MINUTE_NS)
        for k in range(last - DAYS, last + 1)
    ]
    begin = sum(len(span) for span in spans[:-1]) + minute_since_open(at)
    sizes = [size * (1 + k // 2) for k in range(DAYS)] + [size * 4]
    swing = np.repeat(sizes, [len(span) for span in spans])
    n = begin + len(bars)
    ts, swing = np.concatenate(spans)[:n], swing[:begin]
    close = np.where(np.arange(begin) % 2 == 0, 0.0, swing)
    opened = np.concatenate([[0.0], close[:-1]])
    background = np.stack([opened, np.maximum(opened, close), np.minimum(opened, close), close])
    ticks = np.concatenate([background.T, np.array(bars, dtype=float).reshape(-1, 4)])
    price = BASE + TICK * ticks
    return Drawn(
        Series(
            ts=ts,
            open=price[:, 0],
            high=price[:, 1],
            low=price[:, 2],
            close=price[:, 3],
            volume=np.full(n, 100.0),
            shift=np.zeros(n),
        ),
        begin,
    )


def price(ticks: float, side: int = 1) -> float:
    """The price so many ticks above BASE; for shorts, below it."""
    return BASE + side * ticks * TICK
