"""Netting: what a fill does to a position and to the money.

One net position an account and contract. An addition averages the price, a closing fill keeps the
average; a fill larger than the position closes it and opens the other side, as two trades.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from julie.simgate.exchange.state import Holding


@dataclass(frozen=True, slots=True)
class Part:
    """One trade row of a fill; `pnl` in cents on a closing part."""

    size: int
    pnl: int | None


def apply(holding: Holding, side: int, size: int, tick: int, tick_cents: int) -> Iterator[Part]:
    """Book a fill; yields its one or two parts, each once the position stands so."""
    closing = min(size, abs(holding.net)) if holding.net * side < 0 else 0
    if closing:
        yield Part(closing, _close(holding, side, closing, tick, tick_cents))
    if size > closing:
        _add(holding, side, size - closing, tick)
        yield Part(size - closing, None)


def _add(holding: Holding, side: int, size: int, tick: int) -> None:
    held = abs(holding.net)
    if held == 0:
        holding.cost, holding.shares, holding.carry = 0, 1, 0
    # the average is cost / shares ticks; joined to a common number of shares
    cost = holding.cost * held + tick * size * holding.shares
    shares = (held + size) * holding.shares
    carry = holding.carry * (held + size)
    holding.net += side * size
    holding.cost, holding.shares, holding.carry = _reduced(cost, shares, carry)


def _reduced(cost: int, shares: int, carry: int) -> tuple[int, int, int]:
    """The same average in the smallest numbers that keep the carry whole."""
    if cost % shares == 0 and carry % shares == 0:
        return cost // shares, 1, carry // shares
    return cost, shares, carry


def _close(holding: Holding, side: int, size: int, tick: int, tick_cents: int) -> int:
    """Profit of the part closed, in whole cents; the fraction is carried."""
    exact = -side * (tick * holding.shares - holding.cost) * size * tick_cents + holding.carry
    pnl = (2 * exact + holding.shares) // (2 * holding.shares)
    holding.carry = exact - pnl * holding.shares
    holding.net += side * size
    if holding.net == 0:
        holding.carry = 0
    return pnl


def average(holding: Holding) -> float:
    """The average price in ticks."""
    return holding.cost / holding.shares


def open_profit(holding: Holding, tick: int, tick_cents: int) -> int:
    """Profit in cents were the position closed at a price, rounded down."""
    exact = (tick * holding.shares - holding.cost) * holding.net * tick_cents
    return exact // holding.shares
