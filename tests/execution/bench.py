"""An executor at a venue in memory, on a virtual clock that the test drives."""

import asyncio
from collections.abc import Callable

from julie.core.bus import Bus
from julie.core.clock import VirtualClock
from julie.core.events import Alarm, AuditRecord
from julie.core.permits import Entry, Leg
from julie.core.scribe import Scribe
from julie.core.tasks import Tasks
from julie.core.types import EntryKind, Side
from julie.core.zones import SECOND_NS
from julie.execution.config import ExecutionSection
from julie.execution.executor import Executor
from julie.execution.floor import Traded
from julie.risk.approval import approve
from tests.execution.fake_venue import FakeVenue

MES = "CON.F.US.MES.U26"
TWO = (Leg(2, 12),)
HALVES = (Leg(1, 12), Leg(1, 16))
START = 1_750_000_000 * SECOND_NS


class Paper:
    """A journal that keeps records in memory; a kill loses nothing that was committed."""

    def __init__(self) -> None:
        self.records: list[AuditRecord] = []
        self.safe = 0

    def append(self, record: AuditRecord) -> None:
        self.records.append(record)

    async def commit(self) -> None:
        self.safe = len(self.records)


class Bench:
    """Everything a test needs; `kill` drops the executor, `start` makes one from the journal."""

    def __init__(self, **rules) -> None:
        self.clock = VirtualClock(START)
        self.venue = FakeVenue(self.clock)
        self.journal = Paper()
        self.rules = ExecutionSection(**rules)
        self.told = 0
        self.deaf = False
        self.executor: Executor = self._executor()
        self._task: asyncio.Task | None = None
        self._group: Tasks | None = None

    def _executor(self) -> Executor:
        seq = len(self.journal.records) + 1
        scribe = Scribe(self.journal, Bus(), "run-1", self.clock, seq)
        traded = Traded("MES", MES, 0.25, 125)
        return Executor(self.venue, scribe, self.clock, [traded], self.rules)

    async def __aenter__(self) -> "Bench":
        self._group = Tasks()
        await self._group.__aenter__()
        self._task = self._group.start("executor", self.executor.run())
        await self.turn()
        return self

    async def __aexit__(self, kind, error, trace) -> None:
        if self._task is not None:
            self._task.cancel()
        assert self._group is not None
        await self._group.__aexit__(kind, error, trace)

    async def restart(self, lost: int = 0) -> None:
        """Kill, and start again from the journal's records; `lost` = lines not yet on the disk."""
        assert self._task is not None
        self._task.cancel()
        await self.turn()
        if lost:
            del self.journal.records[-lost:]
        records = list(self.journal.records)
        self.told = len(self.venue.events)  # what was said meanwhile is never said again
        self.executor = self._executor()
        assert self._group is not None
        back = self._group.start("recovery", self.executor.recover(records))
        while not back.done():
            await self.wait(0.1)
        self._task = self._group.start("executor again", self.executor.run())
        await self.turn()

    async def turn(self, times: int = 60) -> None:
        """Let everybody work; what the venue said is heard."""
        for _ in range(times):
            if not self.deaf:
                for event in self.venue.events[self.told :]:
                    self.executor.on_venue(event)
                self.told = len(self.venue.events)
            await asyncio.sleep(0)

    async def wait(self, seconds: float) -> None:
        """Let time pass, a tenth at a time."""
        for _ in range(round(seconds * 10)):
            self.clock.advance(0.1)
            self.venue.measure()
            await self.turn(25)

    def entry(self, plan: int = 0, side: Side = Side.LONG, legs=TWO, limit=None):
        kind = EntryKind.MARKET if limit is None else EntryKind.LIMIT
        now = self.clock.now_ns()
        return approve(Entry(f"MES:{plan}:0", "MES", MES, side, kind, 8, legs, now, limit))

    def alarms(self) -> list[str]:
        return [kind for kind, _ in self.alarm_words()]

    def alarm_words(self) -> list[tuple[str, str]]:
        payloads = [record.payload for record in self.journal.records]
        return [(one.kind, one.text) for one in payloads if isinstance(one, Alarm)]


def run(case: Callable[[Bench], object], **rules) -> Bench:
    """Run a case on a fresh bench that has been reconciled."""

    async def main() -> Bench:
        async with Bench(**rules) as bench:
            await bench.turn()
            await case(bench)  # type: ignore[misc]
        return bench

    return asyncio.run(main())
