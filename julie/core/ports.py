"""The doors between rooms, as protocols: what stands behind one is chosen once, by wiring."""

from collections.abc import Sequence
from typing import Protocol

from julie.core.bars import Bars
from julie.core.clock import Clock
from julie.core.events import AuditRecord, Command
from julie.core.permits import Approved, Entry, Reducing

__all__ = ["Broker", "BusClient", "Clock", "Feed", "HubTransport", "Journal"]


class Broker(Protocol):
    """Takes orders through two doors; answers come back as events."""

    def place(self, entry: Approved[Entry]) -> None:
        """Send an entry with its bracket."""
        ...

    def reduce(self, order: Reducing) -> None:
        """Send what protects or closes."""
        ...


class Journal(Protocol):
    """Facts first, then acts."""

    def append(self, record: AuditRecord) -> None:
        """Take a record; it is not yet safe."""
        ...

    async def commit(self) -> None:
        """Return once everything appended is on the disk."""
        ...


class Feed(Protocol):
    """Bars of history, and whatever closes from now on."""

    @property
    def symbols(self) -> Sequence[str]:
        """What it carries."""
        ...

    def history(self, symbol: str, days: int) -> Bars:
        """The last trading days before now."""
        ...


class HubTransport(Protocol):
    """One connection to a hub of the venue, from its start to its end; never reused."""

    @property
    def silent_s(self) -> float:
        """Wall seconds since anything came."""
        ...

    async def start(self, url: str) -> None:
        """Connect and shake hands, or raise."""
        ...

    async def invoke(self, method: str, arguments: Sequence[object]) -> None:
        """Call a method of the hub and wait for its completion, or raise; needs `run`."""
        ...

    async def run(self) -> str:
        """Hand on what comes until the connection ends; says why it did."""
        ...

    async def beat(self) -> None:
        """Keep the connection alive; called about once a second."""
        ...

    async def stop(self) -> None:
        """Leave within bounded time; may be called twice."""
        ...


class BusClient(Protocol):
    """A window's or a terminal's view of a running bot."""

    def poll(self) -> Sequence[AuditRecord]:
        """What has happened since the last look; never blocks."""
        ...

    def send(self, command: Command) -> None:
        """Ask for something; the answer comes as a record."""
        ...
