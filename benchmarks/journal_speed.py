"""How fast the journal commits order events: one after the other, and by eight who wait at once.

python -m benchmarks.journal_speed [FOLDER]    the folder's disk is the one that is measured
"""

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.results import Bar, Row
from julie.core.clock import MachineClock
from julie.core.events import AuditRecord, OrderState, OrderUpdate
from julie.core.tasks import Tasks
from julie.store.journal import SqliteJournal

EVENTS = 4_000
WAITING = 8


def append(journal: SqliteJournal) -> None:
    """One order event."""
    seq = journal.next_seq
    update = OrderUpdate(str(seq), f"intent-{seq}-1-L1", OrderState.WORKING, 0)
    now = time.time_ns()
    journal.append(AuditRecord("bench", seq, now, now, update))


async def act(journal: SqliteJournal, count: int, took_us: list[float]) -> None:
    """Append and await the commit, `count` times."""
    for _ in range(count):
        start = time.perf_counter()
        append(journal)
        await journal.commit()
        took_us.append((time.perf_counter() - start) * 1e6)


async def measured(folder: Path, waiting: int) -> dict[str, float]:
    """The rate and the time of a commit with so many who wait."""
    journal = SqliteJournal.open(folder, "bench", MachineClock())
    took_us: list[float] = []
    start = time.perf_counter()
    async with Tasks() as tasks:
        for place in range(waiting):
            tasks.start(f"act {place}", act(journal, EVENTS // waiting, took_us))
    seconds = time.perf_counter() - start
    flushes = journal.flushes
    await journal.close()
    took_us.sort()
    return {
        "events_a_second": round(EVENTS / seconds),
        "p50_us": round(took_us[EVENTS // 2]),
        "p99_us": round(took_us[EVENTS * 99 // 100]),
        "flushes": flushes,
    }


def journal_rows(place: str = ".") -> list[Row]:
    """Eight who wait at once, as time an event."""
    with tempfile.TemporaryDirectory(dir=place) as folder:
        found = asyncio.run(measured(Path(folder), WAITING))
    each_us = 1e6 / found["events_a_second"]
    return [Row("journal", each_us, "us a committed event", Bar(most=500.0), None, more=found)]


def main() -> None:
    """Measure on the disk of the folder given, else of this one."""
    place = sys.argv[1] if len(sys.argv) > 1 else "."
    found = {}
    for waiting in (1, WAITING):
        with tempfile.TemporaryDirectory(dir=place) as folder:
            found[f"waiting_{waiting}"] = asyncio.run(measured(Path(folder), waiting))
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
