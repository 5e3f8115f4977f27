"""Where a session trades: which venue, which account, whose clock. The mode is chosen here.

What is built on a place does not know it: paper has another hand on the orders, live has locks that
were passed before, and a simulated gateway has controls beside the venue's own surface.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from julie.core.clock import Clock, ScaledClock, SteadyClock, VirtualClock
from julie.gateway.addresses import Addresses
from julie.gateway.client import Client
from julie.gateway.wire import AccountRow
from julie.live.brokers import AtTheVenue, OnPaper, OpenBroker
from julie.live.live_locks import agree, confirmed
from julie.live.sim import Ready, SimControl
from julie.live.venue_door import Login, login_of
from julie.settings import LiveSection

WAITS: Final = ("lockstep", "max")  # speeds of a market that waits for us
Ask = Callable[[str], str]


def _agreed(row: AccountRow) -> None:
    """Any account of a simulated venue will do."""
    del row


@dataclass(frozen=True, slots=True)
class Place:
    """An open door to a venue, and the time that holds there."""

    mode: str  # sim, paper or live
    account_id: int
    addresses: Addresses
    client: Client
    clock: Clock
    served: Mapping[str, str] = field(default_factory=dict)  # products it has; empty = ask it
    control: SimControl | None = None
    lockstep: bool = False  # the market waits for us
    open_broker: OpenBroker = AtTheVenue
    agreed: Callable[[AccountRow], None] = _agreed  # raises where this account is not the one meant

    @property
    def simulated(self) -> bool:
        """Whether its market is made, not heard."""
        return self.control is not None


@asynccontextmanager
async def simulated_place(ready: Ready, seed: int) -> AsyncIterator[Place]:
    """A simulated gateway that runs already."""
    control = SimControl(ready.url)
    login = login_of(ready)
    login.addresses.check()
    try:
        clock = sim_clock(ready.speed, await control.now_ns())
        if ready.speed in WAITS:
            await control.announce()
        client = Client(login.url, login.credentials, clock, np.random.default_rng(seed))
        try:
            yield Place(
                "sim",
                login.account_id,
                login.addresses,
                client,
                clock,
                ready.contracts,
                control,
                ready.speed in WAITS,
            )
        finally:
            await client.aclose()
    finally:
        await control.aclose()


def sim_clock(speed: float | str, now_ns: int) -> VirtualClock | ScaledClock:
    """The clock of a simulated market: moved by its events, or running at its multiple of life."""
    return (
        ScaledClock(now_ns, float(speed))
        if isinstance(speed, int | float)
        else (VirtualClock(now_ns))
    )


@asynccontextmanager
async def venue_place(mode: str, login: Login, seed: int) -> AsyncIterator[Place]:
    """The real venue, on the machine's clock."""
    login.addresses.check()
    clock = SteadyClock()
    client = Client(login.url, login.credentials, clock, np.random.default_rng(seed))
    try:
        yield Place(mode, login.account_id, login.addresses, client, clock)
    finally:
        await client.aclose()


def on_paper(place: Place) -> Place:
    """The same market, with the paper broker's hands on the orders."""
    return replace(place, mode="paper", open_broker=OnPaper)


def with_locks(place: Place, section: LiveSection, ask: Ask | None) -> Place:
    """The same place, for an account that was agreed on and confirmed."""

    def agreed(row: AccountRow) -> None:
        agree(row, section)
        confirmed(place.addresses.api, row, ask)

    return replace(place, agreed=agreed)
