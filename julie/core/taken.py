"""A minute as the desk takes it: bars, fills, and what forbids entries, in one message.

The desk hears nothing else. It is journaled before the desk answers, so the same minutes fed to a
fresh desk give the same decisions. Bars are traded prices on the grid, fills are ticks, money is
cents, times are ns UTC.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TakenBar:
    """One instrument's bar of the minute; `shift` added to a price gives the adjusted one."""

    contract: str
    ts: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    shift: float = 0.0
    backfilled: bool = False  # fetched afterwards, because the stream had a hole
    traded: str = ""  # the contract that is traded on it; empty = nobody was told another


@dataclass(frozen=True, slots=True)
class LegFill:
    """A fill of one order of the plan, told by its slot (`execution.orders`)."""

    slot: int
    qty: int
    tick: int
    slip: int  # ticks lost against the order's own price
    phase: int  # 0 at the bar's open, 1 to 3 before the 2nd, 3rd, 4th point of its path
    ts: int
    fee_cents: int | None = None  # what the venue took, where it says so


@dataclass(frozen=True, slots=True)
class LegDropped:
    """An entry of the plan, or what was left of it, that is off the book without our asking."""

    slot: int  # 0 or 3
    reason: int  # Reason


@dataclass(frozen=True, slots=True)
class MinuteTaken:
    """All the desk is told of the minute that closed; one place an instrument, in run order."""

    ts: int  # open of the minute
    bars: tuple[TakenBar | None, ...]
    fills: tuple[tuple[LegFill, ...], ...]
    sides: tuple[int, ...]  # held from the open on: sets the path
    closings: tuple[int, ...]  # 0, or 1 + ExitReason of a close that venue or person made
    gates: tuple[int, ...]  # 0, or the Reason why no entry may be sent
    balance_cents: int | None = None  # the venue's, where it differs from ours and governs
    booked_cents: int = 0  # money outside every leg: a voided trade, a position that was not ours
    dropped: tuple[tuple[LegDropped, ...], ...] = ()
    opened: tuple[int, ...] = ()  # opens that were told before; 0 = none: the bar's own
    reset: bool = False  # a person let the breaker go
    # the venue's own bars of the minute before, where they are not what was decided on
    corrected: tuple[TakenBar | None, ...] = ()
