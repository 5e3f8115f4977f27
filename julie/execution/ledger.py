"""Facts first, then acts: what must be on the disk before a request leaves.

An entry waits for its commit, and without one it is not sent. What protects or closes waits a
moment and then goes, disk or no disk: its records stay in memory until there is room again.
"""

import asyncio
from collections import deque
from typing import Final

from julie.core.errors import JulieError
from julie.core.events import Payload
from julie.core.scribe import Scribe

PATIENCE_S: Final = 0.25  # of the wall: a disk, not the exchange, is waited for
KEPT: Final = 10_000  # records that may wait while the journal takes none


class Ledger:
    """The executor's pen."""

    def __init__(self, scribe: Scribe) -> None:
        self._scribe = scribe
        self._kept: deque[tuple[Payload, int | None]] = deque(maxlen=KEPT)
        self.trouble: JulieError | None = None  # why the last commit failed

    @property
    def run(self) -> str:
        """The run that is written."""
        return self._scribe.run

    def note(self, payload: Payload, ts: int | None = None) -> None:
        """Write a fact; what the journal cannot take now is kept in its order."""
        self._kept.append((payload, ts))
        self._write()

    def _write(self) -> bool:
        """Hand on what is kept, in its order; False where the journal still takes none."""
        while self._kept:
            fact, at = self._kept[0]
            try:
                self._scribe.note(fact, at)
            except JulieError as error:
                self.trouble = error
                return False
            self._kept.popleft()
        return True

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
