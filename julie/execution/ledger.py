"""Facts first, then acts: what must be on the disk before a request leaves.

An entry waits for its commit, and without one it is not sent. What protects or closes waits a
moment and then goes, disk or no disk: its records stay in memory until there is room again. What
was sent, answered and filled is never let go; of a long outage only alarms are, counted and told.
"""

import asyncio
from collections import Counter, deque
from typing import Final

from julie.core.errors import JulieError
from julie.core.events import Alarm, Payload
from julie.core.scribe import Scribe

PATIENCE_S: Final = 0.25  # of the wall: a disk, not the exchange, is waited for
KEPT: Final = 10_000  # records that wait for the journal; behind so many no alarm is kept


class Ledger:
    """The executor's pen."""

    def __init__(self, scribe: Scribe) -> None:
        self._scribe = scribe
        self._kept: deque[tuple[Payload, int | None]] = deque()
        self._let_go: Counter[str] = Counter()  # alarms that were not kept, by kind
        self.trouble: JulieError | None = None  # why the last commit failed

    @property
    def run(self) -> str:
        """The run that is written."""
        return self._scribe.run

    def note(self, payload: Payload, ts: int | None = None) -> None:
        """Write a fact; what the journal cannot take now is kept in its order."""
        if isinstance(payload, Alarm) and len(self._kept) >= KEPT and not self._write():
            self._let_go[payload.kind] += 1
            return
        self._kept.append((payload, ts))
        self._write()

    def _write(self) -> bool:
        """Hand on what is kept, in its order; False where the journal still takes none."""
        while self._kept or self._let_go:
            fact, at = self._kept[0] if self._kept else (self._lost, None)
            try:
                self._scribe.note(fact, at)
            except JulieError as error:
                self.trouble = error
                return False
            if self._kept:
                self._kept.popleft()
            else:
                self._let_go.clear()
        return True

    @property
    def _lost(self) -> Alarm:
        """What is to be told of alarms that were not kept."""
        kinds = ", ".join(f"{kind} {times}" for kind, times in self._let_go.items())
        count = self._let_go.total()
        text = f"while nothing could be written {count} alarms were not kept: {kinds}"
        return Alarm("journal_unwritable", text)

    async def safe(self) -> bool:
        """Whether everything written is on the disk; an entry asks this before it leaves."""
        if not self._write():
            return False
        try:
            await self._scribe.commit()
        except JulieError as error:
            self.trouble = error
            return False
        self.trouble = None
        return True

    async def soon(self) -> None:
        """Wait for the disk, but not long: what protects or closes goes in any case."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self.safe()
        except TimeoutError:
            return
