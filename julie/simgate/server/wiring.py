"""The parts of the simulated gateway, made once in the order of their needs."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from julie.core.clock import Clock
from julie.simgate.exchange.events import Event, MarketEvent
from julie.simgate.exchange.exchange import Exchange, load_exchange
from julie.simgate.exchange.setup import Setup
from julie.simgate.market.scripts import MarketScript
from julie.simgate.server.calls import Calls, Login
from julie.simgate.server.cutting import Cutting
from julie.simgate.server.dialect import Dialect
from julie.simgate.server.ground import Ground
from julie.simgate.server.hub_door import HubDoor
from julie.simgate.server.hub_text import HubText
from julie.simgate.server.hubs import Hubs
from julie.simgate.server.meddling import Meddling
from julie.simgate.server.pacing import Pacing, Speed
from julie.simgate.server.presence import Presence
from julie.simgate.server.rest_door import RestDoor
from julie.simgate.server.rule_types import Rule
from julie.simgate.server.rules import RuleBook
from julie.simgate.server.state import State, read_state
from julie.simgate.server.switches import Switches
from julie.simgate.server.tokens import Tokens
from julie.simgate.server.venue_rules import Statute


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the gateway is started with."""

    setup: Setup
    speed: Speed
    login: Login
    port: int = 0
    state: Path | None = None
    dialect: Dialect = field(default_factory=Dialect)
    rules: tuple[Rule, ...] = ()
    scripts: tuple[MarketScript, ...] = ()
    parent: int | None = None
    idle_exit_s: float | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """What a gateway serves with."""

    exchange: Exchange
    switches: Switches
    login: Login
    tokens: Tokens
    rules: RuleBook
    statute: Statute
    hubs: Hubs
    pacing: Pacing
    hub_door: HubDoor
    rest_door: RestDoor

    def state(self) -> State:
        """What a restart must find beside the exchange's own."""
        return State(
            tokens=self.tokens.kept,
            login=self.login,
            dialect=self.switches.dialect,
            rules=self.rules.kept,
        )


def wired(wanted: Wanted, machine: Clock) -> Parts:
    """Everything of a gateway, new or as a restart finds it. Exchange and hubs need each other, and
    so do doors and pacing: what is made later is reached through a call.
    """
    kept = read_state(wanted.state) if wanted.state else None
    rng = np.random.default_rng(wanted.setup.seed)

    def market_ns() -> int:
        return exchange.now_ns

    def pace() -> float:
        speed = pacing.speed
        return float(speed) if isinstance(speed, int | float) else 1.0

    def token_ns() -> int:
        return machine.now_ns() if switches.dialect.machine_tokens else exchange.now_ns

    rules = RuleBook(market_ns, machine.mono_ns, kept.rules if kept else ())
    meddling = Meddling(rules, market_ns, machine.mono_ns, rng, pace)
    hubs = Hubs(HubText(lambda: switches.dialect), meddling)
    exchange = _exchange(wanted, hubs, machine)
    switches = Switches(exchange, kept.dialect if kept else wanted.dialect)
    ground = Ground(exchange, machine, switches, pace)
    tokens = Tokens(token_ns, lambda: switches.dialect.token_life_s, kept.tokens if kept else None)
    login = kept.login if kept else wanted.login
    presence = Presence(exchange, hubs, rules)
    cutting = Cutting(hubs, tokens, rules, meddling, presence)
    statute = Statute(rules, exchange)
    if kept is None:
        _begin(wanted, statute, exchange)
    pacing = Pacing(exchange, hubs, meddling, cutting, presence, machine, wanted.speed)
    hub_door = HubDoor(ground, hubs, tokens, rules)
    calls = Calls(ground, tokens, login)
    rest_door = RestDoor(ground, calls, rules, hubs, cutting, presence, rng)
    return Parts(
        exchange, switches, login, tokens, rules, statute, hubs, pacing, hub_door, rest_door
    )


def _begin(wanted: Wanted, statute: Statute, exchange: Exchange) -> None:
    """What the scenario brings with it; a restart has it in its state."""
    for rule in wanted.rules:
        statute.make(rule)
    for script in wanted.scripts:
        exchange.script(script)


def _exchange(wanted: Wanted, hubs: Hubs, machine: Clock) -> Exchange:
    def sink(event: Event) -> None:
        if isinstance(event, MarketEvent):
            hubs.market_event(event)
        else:
            hubs.user_event(event)

    folder = wanted.state
    if folder is not None and read_state(folder) is not None:
        return load_exchange(folder, sink, machine)
    return Exchange(wanted.setup, sink, machine)
