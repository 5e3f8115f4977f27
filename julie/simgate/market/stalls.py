"""What the market is made of: a stall a contract, the pit that fills, what a restart keeps."""

from typing import Protocol

import msgspec

from julie.simgate.market.contracts import Contract
from julie.simgate.market.line import Line
from julie.simgate.market.scripts import MarketScript
from julie.simgate.market.series import Series


class Pit(Protocol):
    """Where orders meet prices: what the market calls when a price stands or moves."""

    def point(self, contract: str, tick: int) -> None:
        """A price stands: everything that it fills fills."""
        ...

    def travel(self, contract: str, a: int, b: int, phase: int) -> None:
        """The price moves from a to b through all that lies between."""
        ...

    def held(self, contract: str) -> int:
        """What the first account holds."""
        ...

    def marked(self, contract: str, tick: int) -> None:
        """A price stands by which open positions are judged."""
        ...

    def second(self, ns: int) -> None:
        """Time went on."""
        ...

    def day_opens(self, ns: int) -> None:
        """A trading day begins."""
        ...

    def flattens(self, ns: int) -> None:
        """The venue wants everybody flat."""
        ...


class MarketState(msgspec.Struct, kw_only=True):
    """What a restart must find again."""

    clock: int
    half: bool = False  # first prints of a minute are out and not matched
    opened_ns: int = 0
    flat_ns: int = 0
    moments: int = 0
    lines: dict[str, Line] = {}
    applied: list[MarketScript] = []


class Stall(msgspec.Struct):
    """A contract with all that it needs to trade."""

    contract: Contract
    place: int
    series: Series
    line: Line
