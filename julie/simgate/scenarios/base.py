"""What a scenario says; whatever it leaves out a flag or the default says."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from julie.simgate.exchange.setup import AccountSetup, Source
from julie.simgate.market.scripts import MarketScript
from julie.simgate.server.rule_types import Rule


@dataclass(frozen=True, slots=True)
class Scenario:
    """A run by name; times are Eastern wall-clock times of the trading day."""

    about: str
    sources: tuple[Source, ...] = ()
    day: date | None = None
    days: int = 1
    start: str | None = None
    until: str | None = None
    rules: tuple[Rule, ...] = ()
    scripts: tuple[MarketScript, ...] = ()
    dialect: dict[str, Any] = field(default_factory=dict)
    accounts: tuple[AccountSetup, ...] = ()
