"""What the rows of the network look at: an order in the journal, and a client of their own."""

from typing import Any, TypeVar

import numpy as np

from julie.core.clock import Clock, ScaledClock
from julie.core.events import Intent, OrderState, OrderUpdate
from julie.core.zones import SECOND_NS
from julie.gateway.client import Client
from julie.live.venue_door import login_of
from tests.fault.frame import READY_SECOND, Scene
from tests.fault.gate import Gate
from tests.fault.outcome import Outcome, read_journal

ONCE = {"count": 1}
PLACE = {"path": "/api/Order/place"}
CANCEL = {"path": "/api/Order/cancel"}
MODIFY = {"path": "/api/Order/modify"}
LOGIN = "/api/Auth/loginKey"
SPREAD_NS = SECOND_NS  # of the market: a tenth of a machine second for two processes to speak

P = TypeVar("P")


def journal(scene: Scene, kind: type[P]) -> list[P]:
    """Payloads of one kind as the journal holds them now."""
    return [one.payload for one in read_journal(scene.data) if isinstance(one.payload, kind)]


def entry(outcome: Outcome) -> Intent:
    """The one entry that was asked for."""
    (found,) = [one for one in outcome.of(Intent) if one.role == "entry"]
    return found


def told(outcome: Outcome, tag: str) -> list[tuple[int, OrderState]]:
    """What the journal says of an order, with the market's time."""
    return [
        (one.ts_exchange, one.payload.state)
        for one in outcome.journal
        if isinstance(one.payload, OrderUpdate) and one.payload.tag == tag
    ]


def told_of(outcome: Outcome, tag: str) -> list[OrderUpdate]:
    """What the journal says of an order."""
    return [one for one in outcome.of(OrderUpdate) if one.tag == tag]


def at_first(states: list[tuple[int, OrderState]], state: OrderState) -> int:
    """When an order was first said to be so."""
    found = [at for at, one in states if one is state]
    assert found, f"never {state}: {states}"
    return found[0]


def accepted(outcome: Outcome) -> list[str | None]:
    """Tags of the entries that the venue took."""
    return [one.tag for one in outcome.truth.orders if one.role == "entry" and one.status != 5]


async def hears(scene: Scene, hub: str) -> list[int]:
    """Numbers of the bot's open and subscribed connections on a hub."""
    listed: Any = await scene.gate.sim("connections", method="GET")
    return [
        one["number"]
        for one in listed
        if one["hub"] == hub and one["life"] == "open" and one["groups"]
    ]


async def connected(scene: Scene, hub: str) -> int:
    """The number of a hub's connection, once it stands."""
    while True:
        if numbers := await hears(scene, hub):
            return numbers[-1]
        await scene.pass_s(0.2)


async def ready(scene: Scene) -> None:
    """As `scene.ready`, and both streams stand and were compared with before the minute ends."""
    await scene.start()
    await scene.reconciled()
    for hub in ("user", "market"):
        await connected(scene, hub)
    await scene.pass_s(1)
    await scene.state("ACTIVE")
    await scene.gate.play_to(READY_SECOND)


def client_of(gate: Gate, clock: Clock | None = None) -> Client:
    """A client of our own, with the market's clock."""
    login = login_of(gate.ready)
    clock = clock or ScaledClock(gate.ready.clock, gate.speed)
    return Client(login.url, login.credentials, clock, np.random.default_rng(1))
