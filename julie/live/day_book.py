"""The trading day as people keep it: its trades and its bars, in files.

Trades are written when a leg closes, bars when the day is over or the bot ends. The day is that of
the newest minute or exit, so a start later on the same day goes on in the same book.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from julie.core.bookings import TradeClosed
from julie.core.calendar import Calendar
from julie.core.clock import Clock
from julie.core.errors import JulieError
from julie.core.events import AuditRecord, BarClosed
from julie.core.sessions import date_of
from julie.core.taken import MinuteTaken, TakenBar
from julie.core.zones import eastern_iso
from julie.store.day_bars import write_day
from julie.store.trades_files import TradesFiles

LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """Of which run it is kept, and where."""

    data_dir: Path
    run: str
    mode: str
    symbols: Sequence[str]  # in the run's order, as MinuteTaken has its bars
    ticks: Mapping[str, float] = field(default_factory=dict)  # contract -> points of a tick
    simulated: bool = False


class Page(NamedTuple):
    """What is due to be written of the trades."""

    day: str
    new: Sequence[tuple[str, TradeClosed]]  # not in the file yet, with the run that closed them
    today: Sequence[TradeClosed]


class DayBook:
    """The book of the running day."""

    def __init__(self, kept: Kept, calendar: Calendar, clock: Clock) -> None:
        self._kept, self._calendar, self._clock = kept, calendar, clock
        self._files = TradesFiles(kept.data_dir)
        self._day = -1
        self._trades: list[TradeClosed] = []
        self._new: list[tuple[str, TradeClosed]] = []
        self._bars: dict[str, list[TakenBar]] = {}

    def take(self, record: AuditRecord) -> None:
        """A record of this run, or of one before it on the same day."""
        payload = record.payload
        if isinstance(payload, TradeClosed):
            self._turn(payload.exit_ts)
            self._trades.append(payload)
            self._new.append((record.run, payload))
        elif isinstance(payload, MinuteTaken):
            self._turn(payload.ts)
            for symbol, bar in zip(self._kept.symbols, payload.bars, strict=False):
                if bar is not None:
                    self._bars.setdefault(symbol, []).append(bar)
        elif isinstance(payload, BarClosed):
            self._finally(payload)

    def _finally(self, final: BarClosed) -> None:
        """The venue has another bar of a minute of today than was decided on: its own is kept."""
        bars = self._bars.get(final.symbol, [])
        for place, bar in enumerate(bars):
            if bar.ts == final.ts:
                bars[place] = replace(
                    bar, open=final.open, high=final.high, low=final.low, close=final.close,
                    volume=final.volume,
                )  # fmt: skip

    def _turn(self, ts: int) -> None:
        """Begin the book of another trading day where `ts` belongs to one."""
        place = int(self._calendar.index_of(np.array([ts]))[0])
        day = int(self._calendar.day[place]) if place >= 0 else self._day
        if day == self._day:
            return
        self.write_bars()
        self._day, self._trades, self._bars = day, [], {}

    def page(self) -> Page:
        """What is to be written now; counts as written until it is given back."""
        new, self._new = self._new, []
        return Page(self._date.isoformat(), new, tuple(self._trades))

    def give_back(self, page: Page) -> None:
        """It was not written."""
        self._new[:0] = page.new

    def write(self, page: Page) -> None:
        """Put the trades on the disk; on a thread."""
        if page.new or not self._files.today.exists():
            for run, one in page.new:
                self._files.append(run, (one,))
            self._files.write_today(page.day, page.today)

    def write_bars(self) -> None:
        """Put the day's bars on the disk, where there are any."""
        if not self._bars:
            return
        try:
            write_day(self._kept.data_dir, self._date, self._bars, simulated=self._kept.simulated)
        except (JulieError, OSError) as error:
            LOG.warning("the bars of the day were not written: %s", error)

    @property
    def _date(self) -> date:
        if self._day < 0:
            return date.fromisoformat(eastern_iso(self._clock.now_ns())[:10])
        return date_of(self._day)
