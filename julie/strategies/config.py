"""Section `strategies`: what may be set about any strategy, besides its own numbers.

The keys of one strategy stand flat beside each other: these, and the fields of its Params. Its
defaults are what its file states.
"""

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from julie.core.params import Params
from julie.core.section import Section, key


class StrategySection(Section):
    """One strategy."""

    params_class: ClassVar[type[Params]] = Params

    enabled: bool = key(True, "whether it trades")
    tier: int = key(2, "1 outranks 2 outranks 3 when two speak at one close", ge=1, le=3)
    sizing: Literal["risk", "fixed"] = key(
        "risk", "contracts by the risk budget, or a fixed number"
    )
    contracts: int = key(1, "for `sizing: fixed`", "contracts", ge=1)
    usd_at_risk: float = key(0.0, "own risk budget a trade; 0 = the account's share", "USD", ge=0)
    cooldown: int = key(15, "wait from its last entry", "base bars", ge=0)
    once_a_day: bool = key(False, "one entry a side and trading day")
    max_trades_per_session: int = key(0, "0 = no cap", "trades", ge=0)
    defense: Any = key(None, "judge: {its numbers} | observe | off, for this strategy alone")

    @property
    def params(self) -> Params:
        """The numbers of its rule."""
        names = self.params_class.model_fields
        return self.params_class(**{name: getattr(self, name) for name in names})


class StrategiesSection(Section):
    """All strategies by name; the fields are made from the catalogue."""

    def __getitem__(self, name: str) -> StrategySection:
        section: StrategySection = getattr(self, name)
        return section

    def names(self) -> Iterator[str]:
        """Every strategy there is."""
        yield from type(self).model_fields

    def enabled(self) -> tuple[str, ...]:
        """Those that trade."""
        return tuple(name for name in self.names() if self[name].enabled)
