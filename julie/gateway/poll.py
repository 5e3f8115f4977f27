"""The market by closed minutes, where streams are blocked: bars read again every few seconds."""

import logging
from collections.abc import Callable, Sequence
from typing import Final

from julie.core.clock import Clock
from julie.core.zones import MINUTE_NS, SECOND_NS
from julie.gateway.client import Client
from julie.gateway.errors import GatewayError
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
        trouble: Callable[[Trouble], None] = nobody,
    ) -> None:
        self._client = client
        self._clock = clock
        self._contracts = contracts
        self._tell = tell
        self._every_s = every_s
        self._trouble = trouble
        self._known: dict[str, dict[float, BarRow]] = {}
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
    def stale(self) -> bool:
        """Whether so much was missed that no decision may rest on these bars."""
        silent_ns = self._clock.mono_ns() - self._good_ns
        return silent_ns > MISSED * self._every_s * SECOND_NS

    def _say(self) -> None:
        if self.stale is self._is_stale:
            return
        self._is_stale = not self._is_stale
        text = "no bars could be read" if self._is_stale else "bars are read again"
        self._trouble(Trouble("market_stale", text, over=not self._is_stale))

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
        for at, row in now.items():
            if before.get(at) != row:
                self._tell(contract, row)
