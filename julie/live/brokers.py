"""Who carries the orders: the venue itself, or the paper broker on the venue's market.

Both stand behind the same door. What differs is who tells of our orders: at the venue its user
stream, on paper the broker, and then the stream's rows about the account do not concern us.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from julie.core.clock import Clock
from julie.core.events import Alarm
from julie.core.market_events import Hub, HubChanged, MarketEvent
from julie.execution.floor import Traded
from julie.execution.paper import PaperVenue, open_state
from julie.execution.venue import Venue, VenueEvent
from julie.gateway.client import Client
from julie.gateway.intake import Sink
from julie.gateway.venue import GatewayVenue
from julie.gateway.venue_rows import VenueRows
from julie.live.ears import Ears
from julie.settings import Settings
from julie.store.atomic import write_bytes

ACCOUNT_FILE: Final = "paper-account.json"


@dataclass(frozen=True, slots=True)
class Counter:
    """What a broker is opened with."""

    client: Client
    rows: VenueRows
    carried: Sequence[Traded]
    settings: Settings
    folder: Path
    clock: Clock
    told: Callable[[VenueEvent], None]  # rows of our account, where the broker has them itself


class Broker(Protocol):
    """An open broker."""

    @property
    def venue(self) -> Venue:
        """Takes the orders."""
        ...

    @property
    def streamed(self) -> bool:
        """Whether it is the venue's stream that tells what became of our orders."""
        ...

    @property
    def idle(self) -> bool:
        """Whether it has nothing to tell."""
        ...

    def sink(self, ears: Ears) -> Sink:
        """Who hears the streams."""
        ...

    async def run(self) -> None:
        """Live, until cancelled."""
        ...


OpenBroker = Callable[[Counter], Broker]


class AtTheVenue:
    """The venue works the orders and tells of them."""

    def __init__(self, counter: Counter) -> None:
        self.venue: Venue = GatewayVenue(counter.client, counter.rows)
        self.idle = True  # its own streams tell what it has
        self.streamed = True

    def sink(self, ears: Ears) -> Sink:
        """The streams go to the ears as they are."""
        return ears

    async def run(self) -> None:
        """There is nothing to do."""
        await asyncio.Event().wait()


class OnPaper:
    """The paper broker fills by the venue's market; its account lies in the data folder."""

    def __init__(self, counter: Counter) -> None:
        path = counter.folder / ACCOUNT_FILE
        saved = path.read_bytes() if path.is_file() else None
        cents = round(counter.settings.account.start * 100)
        self._paper = PaperVenue(
            counter.carried,
            counter.clock,
            counter.settings.execution.slippage_ticks,
            counter.told,
            open_state(saved, 0, cents),
            _keeper(path),
        )
        self.venue: Venue = self._paper
        self.streamed = False

    @property
    def idle(self) -> bool:
        """Whether all fills were told."""
        return self._paper.idle

    def sink(self, ears: Ears) -> Sink:
        """Prices fill paper orders first; the venue's account is not ours."""
        return _PaperSink(ears, self._paper)

    async def run(self) -> None:
        """Keep and tell what the market fills."""
        await self._paper.run()


class _PaperSink:
    """The ears, without the account of the venue."""

    def __init__(self, ears: Ears, paper: PaperVenue) -> None:
        self._ears, self._paper = ears, paper
        self.alarm: Final[Callable[[Alarm], None]] = ears.alarm

    def market(self, event: MarketEvent) -> None:
        """A print or a quote."""
        self._ears.advance(event)
        self._paper.market(event)
        self._ears.market(event)

    def user(self, event: VenueEvent) -> None:
        """A row of the venue's account, which is not traded."""

    def hub(self, change: HubChanged) -> None:
        """A stream is in another state."""
        if change.hub is Hub.MARKET:
            self._ears.hub(change)


def _keeper(path: Path) -> Callable[[bytes], Awaitable[None]]:
    async def keep(body: bytes) -> None:
        await asyncio.to_thread(write_bytes, path, body)

    return keep
