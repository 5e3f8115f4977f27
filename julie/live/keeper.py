"""Reads what happens and keeps it for people: log, operator's lines, messages, status, files.

A reader of the bus like any other: it never holds up trading. Files are written on a thread: the
status and the day's book every half minute of the wall, at each fill and change of state, and the
day's report when the day is over and when the bot ends. What a killed bot had not written yet comes
from the journal at the next start.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from julie.core.bookings import DayClosed, TradeClosed
from julie.core.bus import BEHIND_S, Bus
from julie.core.calendar import Calendar
from julie.core.clock import Clock, MachineClock
from julie.core.errors import JulieError
from julie.core.events import (
    Alarm,
    AuditRecord,
    Fill,
    OrderState,
    OrderUpdate,
    Payload,
    StateChanged,
)
from julie.core.scribe import AUDIT
from julie.core.zones import SECOND_NS, eastern_iso
from julie.live.control import ControlSocket
from julie.live.day_book import DayBook, Kept, Page
from julie.live.day_report import DayReports
from julie.live.logs import Logs
from julie.live.notify import Note, Notifier
from julie.live.occasions import Occasions
from julie.live.operator import Operator, OperatorLine, Sink
from julie.live.story import story
from julie.store.status import EVERY_S, Status, StatusFile

LOG: Final = logging.getLogger(__name__)
ROOM: Final = 16_384
SHOW_S: Final = 1.0  # between two looks shown to windows


@dataclass(frozen=True, slots=True)
class Ways:
    """How a person hears of the bot."""

    logs: Logs
    notifier: Notifier
    door: ControlSocket | None = None  # of the windows
    sinks: tuple[Sink, ...] = ()  # of the operator's lines


class Keeper:
    """Runs until cancelled; `look` makes a fresh status, on the loop."""

    def __init__(
        self,
        kept: Kept,
        bus: Bus,
        clock: Clock,
        calendar: Calendar,
        ways: Ways,
        look: Callable[[], Status],
    ) -> None:
        self._kept = kept
        self._wall = MachineClock()
        self._logs, self._notifier, self._door = ways.logs, ways.notifier, ways.door
        self._look = look
        self._records = bus.queue(AUDIT, ROOM)
        self._late: deque[AuditRecord] = deque()  # taken and not yet told
        self._occasions = Occasions(clock)
        self._operator = Operator(kept.mode, clock, (self._told, *ways.sinks))
        self._status_file = StatusFile(kept.data_dir)
        self._day = DayBook(kept, calendar, clock)
        self._reports = DayReports(
            kept.data_dir, kept.run, calendar, clock, simulated=kept.simulated
        )
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
        self._urgent = self._urgent or _is_urgent(record.payload)

    def _book(self, record: AuditRecord) -> None:
        self._reports.take(record)
        self._day.take(record)

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
            await asyncio.to_thread(self._to_disk, status, self._day.page())

    def _fresh(self, *, alive: bool) -> Status:
        last = self._operator.last
        message = last.text if last is not None else ""
        return replace(self._look(), is_alive=alive, changed=self._changed, message=message)

    def _to_disk(self, status: Status, page: Page) -> None:
        try:
            self._status_file.write(status)
            self._day.write(page)
        except (JulieError, OSError) as error:  # a full disk: the journal has it all
            LOG.warning("status and trade files were not written: %s", error)
            self._day.give_back(page)

    async def _last(self) -> None:
        status = self._fresh(alive=False)
        self._notifier.tell(self._occasions.of_end(status))
        await asyncio.to_thread(self._to_disk, status, self._day.page())
        await asyncio.to_thread(self._day.write_bars)
        await asyncio.to_thread(self._reports.end)


def _is_urgent(payload: Payload) -> bool:
    """What the status is written at once for: who finds a bot dead must not read that a position
    has no stop because only its fill was told.
    """
    works = isinstance(payload, OrderUpdate) and payload.state is OrderState.WORKING
    return works or isinstance(payload, Fill | StateChanged | Alarm | TradeClosed | DayClosed)
