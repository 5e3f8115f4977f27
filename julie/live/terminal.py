"""What happens, told where the bot was started: fills, closed legs, changes of state."""

from julie.core.bookings import TradeClosed
from julie.core.bus import BEHIND_S, Bus
from julie.core.events import AuditRecord, Decision, Fill, StateChanged
from julie.core.scribe import AUDIT
from julie.core.types import Reason
from julie.core.words import sentence
from julie.live.ground import Ground
from julie.live.story import story

ROOM = 4096


class Terminal:
    """Reads the bus for whoever looks on."""

    def __init__(self, bus: Bus, ground: Ground) -> None:
        self._records = bus.queue(AUDIT, ROOM)
        self._tell, self._mode = ground.wanted.tell, ground.place.mode.upper()
        self._ticks = ground.lines.ticks

    async def run(self) -> None:
        """Tell until cancelled, then the rest."""
        try:
            while True:
                for record in await self._records.wait(BEHIND_S):
                    self._one(record)
        finally:
            for record in self._records.take():
                self._one(record)

    def _one(self, record: AuditRecord) -> None:
        payload = record.payload
        if isinstance(payload, Fill | TradeClosed | StateChanged):
            for line in story(record, self._ticks):
                self._tell(f"{self._mode} {line.text}")
        elif isinstance(payload, Decision):
            for one in payload.candidates:
                said = "taken" if one.outcome is Reason.NONE else "denied: "
                said += "" if one.outcome is Reason.NONE else sentence(one.outcome, one.numbers)
                side = "long" if one.side > 0 else "short"
                self._tell(f"{self._mode} {one.symbol} {one.strategy} {side}: {said}")
