"""The market by closed minutes, where streams are blocked: bars read again every few seconds.

Bars that cannot be read are a fault, and so are bars that are read and do not go on while the
exchange's calendar has the market open: a minute, the readings that may fail, and so much silence
as would cost a stream its connection, and nothing may rest on them any more.
"""

import logging
import math
from collections.abc import Callable, Sequence
from typing import Final

from julie.core.clock import Clock
from julie.core.zones import MINUTE_NS, SECOND_NS
from julie.gateway.client import Client
from julie.gateway.errors import GatewayError
from julie.gateway.freshness import Freshness
from julie.gateway.history import minutes
from julie.gateway.pace import until_due
from julie.gateway.reach import Trouble, nobody
from julie.gateway.wire import BarRow

LOG: Final = logging.getLogger(__name__)
MISSED: Final = 3  # readings without an answer until nothing may rest on what was read
BACK: Final = 5 * MINUTE_NS  # read again so far: a bar may come late, or be corrected


class BarPoll:
    """Tells every closed minute of some contracts once, and again when it changed."""

    def __init__(
        self,
        client: Client,
        clock: Clock,
        contracts: Callable[[], Sequence[str]],
        tell: Callable[[str, BarRow], None],
        every_s: float,
        freshness: Freshness,
        trouble: Callable[[Trouble], None] = nobody,
    ) -> None:
        self._client = client
        self._clock = clock
        self._contracts = contracts
        self._tell = tell
        self._every_s, self._freshness = every_s, freshness
        self._trouble = trouble
        self._known: dict[str, dict[float, BarRow]] = {}
        self._newest_ns: dict[str, int] = {}  # the end of its newest minute
        self._good_ns = clock.mono_ns()
        self._is_stale = False
        self.failed = 0

    async def run(self) -> None:
        """Read, wait, for ever."""
        while True:
            for contract in self._contracts():
                await self.look(contract)
            self._say()
            await until_due(self._clock, self._every_s)

    @property
    def unread(self) -> bool:
        """Whether so many readings failed that no decision may rest on these bars."""
        silent_ns = self._clock.mono_ns() - self._good_ns
        return silent_ns > MISSED * self._every_s * SECOND_NS

    def stale(self, contract: str) -> bool:
        """Whether no decision may rest on a contract's bars."""
        return self.unread or self._silent_s(contract) >= self._allowed_s()

    @property
    def all_stale(self) -> bool:
        """Whether that is so for every contract."""
        return self.unread or all(self.stale(contract) for contract in self._contracts())

    def _silent_s(self, contract: str) -> float:
        """How old the newest minute is; an open since then forgives what lies before it."""
        now_ns = self._clock.now_ns()
        newest_ns = self._newest_ns.setdefault(contract, now_ns)
        return (now_ns - max(newest_ns, self._freshness.since_ns(now_ns))) / SECOND_NS

    def _allowed_s(self) -> float:
        allowed = self._freshness.allowed(self._clock.now_ns())
        if allowed is None:
            return math.inf
        return MINUTE_NS / SECOND_NS + MISSED * self._every_s + allowed.rebuild_s

    def _say(self) -> None:
        if self.all_stale is self._is_stale:
            return
        self._is_stale = not self._is_stale
        text = self._why() if self._is_stale else "bars are read again"
        self._trouble(Trouble("market_stale", text, over=not self._is_stale))

    def _why(self) -> str:
        if self.unread:
            return "no bars could be read"
        least = min(self._silent_s(contract) for contract in self._contracts())
        return f"the newest minute of the venue's history ended {least:.0f} s ago"

    async def look(self, contract: str) -> None:
        """Read one contract's newest minutes and tell what is new."""
        now_ns = self._clock.now_ns()
        last_ns = now_ns - now_ns % MINUTE_NS - MINUTE_NS
        try:
            rows = await minutes(self._client, contract, last_ns - BACK, last_ns)
        except GatewayError as error:
            self.failed += 1
            LOG.info("bars of %s could not be read: %s", contract, error)
            return
        self._good_ns = self._clock.mono_ns()
        before = self._known.get(contract, {})
        now = {row.t.timestamp(): row for row in rows}
        self._known[contract] = now
        ends = [round(at) * SECOND_NS + MINUTE_NS for at in now]
        self._newest_ns[contract] = max(ends, default=self._newest_ns.get(contract, now_ns))
        for at, row in now.items():
            if before.get(at) != row:
                self._tell(contract, row)
