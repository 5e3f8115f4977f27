"""Permission is a type: the two kinds of thing a broker accepts.

`Approved[Entry]` can be made by risk alone. Whatever protects or closes is `Reducing`: its quantity
is never above the position, and a stop that moves can only move nearer. There is no third kind, for
an operator's command neither.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

from julie.core.seal import SEAL, Seal
from julie.core.types import EntryKind, ExitReason, OnExpiry, Side

T = TypeVar("T")


class Approved(Generic[T]):
    """What has passed every limit; only the seal of risk makes one."""

    __slots__ = ("_value",)

    def __init__(self, value: T, seal: Seal) -> None:
        if seal is not SEAL:
            raise TypeError("an approval is made by risk alone")
        self._value = value

    @property
    def value(self) -> T:
        """What was approved."""
        return self._value


@dataclass(frozen=True, slots=True)
class Leg:
    """Part of an entry with a target of its own."""

    qty: int
    target_ticks: int

    def __post_init__(self) -> None:
        if self.qty < 1 or self.target_ticks < 1:
            raise ValueError(f"a leg has a quantity and a target distance, got {self}")


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry with its bracket; distances in ticks are laid from the fill."""

    intent: str
    symbol: str
    contract: str
    side: Side
    kind: EntryKind
    stop_ticks: int
    legs: tuple[Leg, ...]
    decided_ns: int
    limit_tick: int | None = None
    on_expiry: OnExpiry = OnExpiry.CANCEL

    def __post_init__(self) -> None:
        if self.stop_ticks < 1 or not self.legs:
            raise ValueError(f"an entry has a stop and at least one leg, got {self}")
        if (self.kind is EntryKind.LIMIT) != (self.limit_tick is not None):
            raise ValueError(f"a limit entry has a limit price and no other has one, got {self}")

    @property
    def qty(self) -> int:
        """Contracts of all legs."""
        return sum(leg.qty for leg in self.legs)


@dataclass(frozen=True, slots=True)
class Position:
    """Contracts held of one contract, as the broker says."""

    symbol: str
    contract: str
    side: Side
    qty: int

    def __post_init__(self) -> None:
        if self.qty < 1:
            raise ValueError(f"a position holds contracts, got {self}")


@dataclass(frozen=True, slots=True)
class Close:
    """Sell out of a position, or a part of it, at market."""

    position: Position
    qty: int
    reason: ExitReason

    def __post_init__(self) -> None:
        if not 1 <= self.qty <= self.position.qty:
            raise ValueError(f"cannot close {self.qty} of {self.position.qty} contracts")


@dataclass(frozen=True, slots=True)
class Protect:
    """Lay a missing stop, and target, for a position or a part of it."""

    position: Position
    qty: int
    stop_tick: int
    target_tick: int | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.qty <= self.position.qty:
            raise ValueError(f"cannot protect {self.qty} of {self.position.qty} contracts")


@dataclass(frozen=True, slots=True)
class NearerStop:
    """Move a working stop nearer to the market; farther cannot be said."""

    order: str
    position: Position
    from_tick: int
    to_tick: int

    def __post_init__(self) -> None:
        if (self.to_tick - self.from_tick) * self.position.side <= 0:
            raise ValueError(f"{self.to_tick} is not nearer than {self.from_tick}")


@dataclass(frozen=True, slots=True)
class CancelEntry:
    """Take a working entry, or what is left of it, off the book."""

    order: str
    contract: str


Reducing = Close | Protect | NearerStop | CancelEntry
