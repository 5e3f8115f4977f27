"""What every door of the gateway stands on: the exchange, two clocks, and how the venue speaks."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from julie.core.clock import Clock
from julie.simgate.server.dialect import Dialect
from julie.simgate.server.switches import Switches

if TYPE_CHECKING:
    from julie.simgate.exchange.exchange import Exchange


@dataclass(frozen=True, slots=True)
class Ground:
    """Made once; the doors only read it."""

    exchange: "Exchange"  # with the market's clock
    machine: Clock
    switches: Switches
    pace: Callable[[], float]  # market seconds in one of the machine

    @property
    def dialect(self) -> Dialect:
        """How the venue speaks at this moment; a test may change it."""
        return self.switches.dialect

    async def pause(self, seconds: float) -> None:
        """Let so many seconds of the market go by."""
        await asyncio.sleep(seconds / self.pace())
