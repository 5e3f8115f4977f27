"""Every fact becomes the next record: numbered without gaps, kept, and told."""

import asyncio

from julie.core.bus import Bus
from julie.core.clock import VirtualClock
from julie.core.events import Alarm, AuditRecord
from julie.core.scribe import AUDIT, Scribe


class Kept:
    """Stands for a journal: remembers what it was given."""

    def __init__(self) -> None:
        self.records: list[AuditRecord] = []
        self.commits = 0

    def append(self, record: AuditRecord) -> None:
        self.records.append(record)

    async def commit(self) -> None:
        self.commits += 1


def test_records_are_numbered_kept_and_told() -> None:
    bus, journal, clock = Bus(), Kept(), VirtualClock(1_000)
    heard = bus.queue(AUDIT)
    scribe = Scribe(journal, bus, "r1", clock, first_seq=7)
    scribe.note(Alarm("one", "first"))
    clock.advance_to(2_000)
    scribe.note(Alarm("two", "second"), ts_exchange=1_500)
    asyncio.run(scribe.commit())
    assert [(r.run, r.seq, r.ts_exchange, r.ts_local) for r in journal.records] == [
        ("r1", 7, 1_000, 1_000),
        ("r1", 8, 1_500, 2_000),
    ]
    assert heard.take() == journal.records
    assert journal.commits == 1
