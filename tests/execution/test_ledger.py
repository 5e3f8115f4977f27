"""A journal that takes nothing for long: what was sent and filled waits, however much it is."""

import asyncio

import pytest

from julie.core.bus import Bus
from julie.core.clock import VirtualClock
from julie.core.errors import JulieError
from julie.core.events import Alarm, AuditRecord, Fill, Flattening
from julie.core.scribe import Scribe
from julie.core.types import Side
from julie.execution import ledger
from julie.execution.ledger import Ledger
from tests.execution.bench import MES, START

FILL = Fill("1", MES, Side.LONG, 1, 1000, 61, 7, "julie-00000000-MES.0-1-L1", None)


class Shut:
    """A journal that takes records while it is open."""

    def __init__(self) -> None:
        self.opened = False
        self.records: list[AuditRecord] = []

    def append(self, record: AuditRecord) -> None:
        if not self.opened:
            raise JulieError("no room", "make some")
        self.records.append(record)

    async def commit(self) -> None:
        return


def test_orders_and_fills_are_kept_and_alarms_that_were_not_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ledger, "KEPT", 20)
    journal = Shut()
    pen = Ledger(Scribe(journal, Bus(), "run-1", VirtualClock(START), 1))
    first = Flattening("a test", done=False)
    pen.note(first)
    for number in range(50):
        pen.note(Alarm("cannot_exit", f"try {number}"))
    for number in range(30):
        pen.note(FILL, START + number)
    assert not asyncio.run(pen.safe())
    assert journal.records == []
    journal.opened = True
    assert asyncio.run(pen.safe())
    told = [record.payload for record in journal.records]
    assert told[0] == first
    assert told[1:20] == [Alarm("cannot_exit", f"try {number}") for number in range(19)]
    assert [one.ts_exchange for one in journal.records if one.payload == FILL] == [
        START + number for number in range(30)
    ]
    text = "while nothing could be written 31 alarms were not kept: cannot_exit 31"
    assert told[-1] == Alarm("journal_unwritable", text)
    assert len(told) == 51
    pen.note(FILL)
    assert journal.records[-1].payload == FILL
    assert len(journal.records) == 52
