"""Whether the venue answers, and how fast."""

from julie.core.clock import Clock
from julie.gateway.answers import answered_ping
from julie.gateway.line import Kind, Line
from julie.gateway.wire.routes import PING


class Status:
    """The ping, which needs no token."""

    def __init__(self, line: Line, clock: Clock) -> None:
        self._line = line
        self._clock = clock

    async def ping_ns(self) -> int:
        """The way there and back; raises `GatewayError`."""
        start_ns = self._clock.mono_ns()
        answered_ping(PING, await self._line.send(PING, kind=Kind.READ, method="GET"))
        return self._clock.mono_ns() - start_ns
