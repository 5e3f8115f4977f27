"""The one who numbers what happens: each fact becomes the run's next record, kept and told.

A record goes to the journal and, as a copy, to whoever reads the bus. Whoever acts on a fact notes
it, awaits the commit, then acts.
"""

from julie.core.bus import Bus, Topic
from julie.core.clock import Clock
from julie.core.events import AuditRecord, Payload
from julie.core.ports import Journal

AUDIT = Topic("audit", AuditRecord)


class Scribe:
    """Numbers the records of one run without gaps."""

    def __init__(self, journal: Journal, bus: Bus, run: str, clock: Clock, first_seq: int) -> None:
        self.run = run
        self._journal = journal
        self._bus = bus
        self._clock = clock
        self._next = first_seq

    def note(self, payload: Payload, ts_exchange: int | None = None) -> AuditRecord:
        """Take a fact; it is not yet safe. Without a time of its own it happened now."""
        now = self._clock.now_ns()
        stamp = now if ts_exchange is None else ts_exchange
        record = AuditRecord(self.run, self._next, stamp, now, payload)
        self._journal.append(record)
        self._next += 1
        self._bus.publish(AUDIT, record)
        return record

    async def commit(self) -> None:
        """Return once everything noted is on the disk; raises while that cannot be."""
        await self._journal.commit()
