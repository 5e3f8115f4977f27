"""Reads what happens and keeps it for people: log, operator's lines, messages, status, files.

A reader of the bus like any other: it never holds up trading. Files are written on a thread: the
status every half minute of the wall and at each fill and change of state, trades when a leg closes,
the day's bars and its report when the day is over and when the bot ends. What a killed bot had not
written yet comes from the journal at the next start.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np

from julie.core.bookings import DayClosed, TradeClosed
from julie.core.bus import BEHIND_S, Bus
from julie.core.calendar import Calendar
from julie.core.clock import Clock, MachineClock
from julie.core.errors import JulieError
from julie.core.events import Alarm, AuditRecord, BarClosed, Fill, StateChanged
from julie.core.scribe import AUDIT
from julie.core.sessions import date_of
from julie.core.taken import MinuteTaken, TakenBar
from julie.core.zones import SECOND_NS, eastern_iso
from julie.live.control import ControlSocket
from julie.live.day_report import DayReports
from julie.live.logs import Logs
from julie.live.notify import Note, Notifier
from julie.live.occasions import Occasions
from julie.live.operator import Operator, OperatorLine, Sink
from julie.live.story import story
from julie.store.day_bars import write_day
from julie.store.status import EVERY_S, Status, StatusFile
from julie.store.trades_files import TradesFiles

LOG: Final = logging.getLogger(__name__)
ROOM: Final = 16_384
SHOW_S: Final = 1.0  # between two looks shown to windows


@dataclass(frozen=True, slots=True)
class Kept:
    """What the keeper is given once."""

    data_dir: Path
    run: str
    mode: str
    symbols: Sequence[str]  # in the run's order, as MinuteTaken has its bars
    ticks: Mapping[str, float] = field(default_factory=dict)  # contract -> points of a tick
    simulated: bool = False


class Keeper:
    """Runs until cancelled; `look` makes a fresh status, on the loop."""

    def __init__(
        self,
        kept: Kept,
        bus: Bus,
        clock: Clock,
        calendar: Calendar,
        logs: Logs,
        notifier: Notifier,
        look: Callable[[], Status],
        door: ControlSocket | None = None,
        sinks: tuple[Sink, ...] = (),
    ) -> None:
        self._kept = kept
        self._clock = clock
        self._wall = MachineClock()
        self._calendar = calendar
        self._logs = logs
        self._notifier = notifier
        self._look = look
        self._door = door
        self._records = bus.queue(AUDIT, ROOM)
        self._late: deque[AuditRecord] = deque()  # taken and not yet told
        self._occasions = Occasions(clock)
        self._operator = Operator(kept.mode, clock, (self._told, *sinks))
        self._status_file = StatusFile(kept.data_dir)
        self._files = TradesFiles(kept.data_dir)
        self._reports = DayReports(
            kept.data_dir, kept.run, calendar, clock, simulated=kept.simulated
        )
        self._day = -1
        self._trades: list[TradeClosed] = []
        self._new: list[tuple[str, TradeClosed]] = []  # with the run that closed them
        self._bars: dict[str, list[TakenBar]] = {}
        self._changed = ""
        self._urgent = True
        self._written_ns = self._shown_ns = 0

    def recall(self, records: Iterable[AuditRecord], closed: DayClosed | None = None) -> None:
        """Today's records from the journal, before `run`, and the end of the day before: no line
        and no message comes of them.
        """
        if closed is not None:
            self._reports.owes(closed)
        for record in records:
            self._book(record)

    def make_good(self, records: Iterable[AuditRecord]) -> None:
        """Say what the lives before left unsaid, before `run`."""
        self._operator.retell(records)

    async def run(self) -> None:
        """Keep what happens until cancelled, then write all once more."""
        self._notifier.tell(Note("start", f"run {self._kept.run} begins"))
        try:
            while True:
                await self._take()
                await self._write()
        finally:
            for record in (*self._late, *self._records.take()):
                self._tell(record)
            self._operator.finish()
            await self._last()

    async def _take(self) -> None:
        try:
            async with asyncio.timeout(SHOW_S):
                records = await self._records.wait(BEHIND_S)
        except TimeoutError:
            return
        self._late.extend(records)
        while self._late:
            self._tell(self._late.popleft())
            await asyncio.sleep(0)  # whoever acts may come between

    def _tell(self, record: AuditRecord) -> None:
        for line in story(record, self._kept.ticks):
            self._logs.tell(line.topic, line.level, line.text, record.ts_local)
        self._operator.take(record)
        for note in self._occasions.of_record(record):
            self._notifier.tell(note)
        self._book(record)
        if isinstance(record.payload, StateChanged):
            self._changed = eastern_iso(record.ts_exchange)
        if isinstance(record.payload, Fill | StateChanged | Alarm | TradeClosed | DayClosed):
            self._urgent = True

    def _book(self, record: AuditRecord) -> None:
        payload = record.payload
        self._reports.take(record)
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
        """Begin the books of another trading day where `ts` belongs to one."""
        place = int(self._calendar.index_of(np.array([ts]))[0])
        day = int(self._calendar.day[place]) if place >= 0 else self._day
        if day == self._day:
            return
        if self._bars:
            self._write_bars()
        self._day, self._trades, self._bars = day, [], {}

    def _told(self, line: OperatorLine) -> None:
        self._logs.tell("bot", "WARNING", line.text, self._wall.now_ns(), line.said)
        for note in self._occasions.of_line(line):
            self._notifier.tell(note)

    async def _write(self) -> None:
        if self._reports.due:
            await asyncio.to_thread(self._reports.write)
        now = self._wall.mono_ns()
        due = self._urgent or now - self._written_ns >= EVERY_S * SECOND_NS
        if not due and now - self._shown_ns < SHOW_S * SECOND_NS:
            return
        status = self._fresh(alive=True)
        self._shown_ns = now
        for note in self._occasions.of_status(status):
            self._notifier.tell(note)
        if self._door is not None:
            self._door.show(status)
        if due:
            self._written_ns, self._urgent = now, False
            new, self._new = self._new, []
            await asyncio.to_thread(self._to_disk, status, new, tuple(self._trades))

    def _fresh(self, *, alive: bool) -> Status:
        last = self._operator.last
        message = last.text if last is not None else ""
        return replace(self._look(), is_alive=alive, changed=self._changed, message=message)

    def _to_disk(
        self, status: Status, new: Sequence[tuple[str, TradeClosed]], today: Sequence[TradeClosed]
    ) -> None:
        try:
            self._status_file.write(status)
            if new or not self._files.today.exists():
                for run, one in new:
                    self._files.append(run, (one,))
                self._files.write_today(self._date.isoformat(), today)
        except (JulieError, OSError) as error:  # a full disk: the journal has it all
            LOG.warning("status and trade files were not written: %s", error)
            self._new[:0] = new

    @property
    def _date(self) -> date:
        if self._day < 0:
            return date.fromisoformat(eastern_iso(self._clock.now_ns())[:10])
        return date_of(self._day)

    def _write_bars(self) -> None:
        try:
            write_day(self._kept.data_dir, self._date, self._bars, simulated=self._kept.simulated)
        except (JulieError, OSError) as error:
            LOG.warning("the bars of the day were not written: %s", error)

    async def _last(self) -> None:
        self._notifier.tell(Note("stop", f"run {self._kept.run} ends"))
        new, self._new = self._new, []
        await asyncio.to_thread(self._to_disk, self._fresh(alive=False), new, tuple(self._trades))
        if self._bars:
            await asyncio.to_thread(self._write_bars)
        await asyncio.to_thread(self._reports.end)
