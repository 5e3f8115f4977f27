"""The market by closed minutes, where streams are blocked: bars read again every few seconds."""

import logging
from collections.abc import Callable, Sequence
from typing import Final

from julie.core.clock import Clock
from julie.core.zones import MINUTE_NS
from julie.gateway.client import Client
from julie.gateway.errors import GatewayError
from julie.gateway.history import minutes
from julie.gateway.pace import until_due
from julie.gateway.wire import BarRow

LOG: Final = logging.getLogger(__name__)
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
    ) -> None:
        self._client = client
        self._clock = clock
        self._contracts = contracts
        self._tell = tell
        self._every_s = every_s
        self._known: dict[str, dict[float, BarRow]] = {}
        self.failed = 0

    async def run(self) -> None:
        """Read, wait, for ever."""
        while True:
            for contract in self._contracts():
                await self.look(contract)
            await until_due(self._clock, self._every_s)

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
        before = self._known.get(contract, {})
        now = {row.t.timestamp(): row for row in rows}
        self._known[contract] = now
        for at, row in now.items():
            if before.get(at) != row:
                self._tell(contract, row)
