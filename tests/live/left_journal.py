"""Journals that runs left behind, written as a bot writes them."""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from julie.core.bus import Bus
from julie.core.clock import VirtualClock
from julie.core.events import Payload
from julie.core.scribe import Scribe
from julie.core.taken import MinuteTaken
from julie.core.zones import MINUTE_NS
from julie.store.journal import SqliteJournal

BEGAN_NS: Final = 1_745_328_600_000_000_000 // MINUTE_NS * MINUTE_NS  # 2025-04-22 09:30 New York


def leave(folder: Path, run: str, facts: Iterable[Payload], at_ns: int = BEGAN_NS) -> Path:
    """Write the facts of a run; the folder's journal goes on where there is one."""

    async def write() -> None:
        clock = VirtualClock(at_ns)
        journal = SqliteJournal.open(folder, run, clock)
        try:
            scribe = Scribe(journal, Bus(), run, clock, journal.next_seq)
            for fact in facts:
                scribe.note(fact)
            await scribe.commit()
        finally:
            await journal.close()

    asyncio.run(write())
    return folder


def empty_minute(ts: int) -> MinuteTaken:
    """A minute of one instrument in which nothing happened."""
    return MinuteTaken(ts, (None,), ((),), (0,), (0,), (0,))
