"""Orders of one contract as rows of a small book: an entry, its stop and its target for each leg,
and closes.

Slots are fixed: leg k has its entry at 3k, stop at 3k + 1, target at 3k + 2; a market close of leg
k lies at 6 + k. A stop and target wait (`HELD`) until their entry fills, and are laid from the
fill, as the venue does.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from julie.core.compiled import machine

FREE, WORKING, HELD = 0, 1, 2
ASLEEP = 3  # a bracket leg that wakes with the next bar
MARKET, LIMIT, STOP = 0, 1, 2
SLOTS: Final = 8
CLOSES: Final = 6
CLOSING, PROTECTING, TAKING, ENTERING = 0, 1, 2, 3  # who goes first where one price fills several

ORDER = np.dtype(
    [
        ("state", "i1"),
        ("kind", "i1"),
        ("side", "i1"),
        ("role", "i1"),
        ("qty", "i4"),
        ("price", "i8"),
        ("distance", "i8"),  # of a held stop or target from its entry's fill
        ("slip", "i4"),  # ticks lost when a market or stop order fills
    ],
    align=True,
)

FILL = np.dtype(
    [
        ("slot", "i4"),
        ("qty", "i4"),
        ("tick", "i8"),
        ("slip", "i4"),
        ("phase", "i4"),
        ("fee", "i8"),
        ("fee_told", "i8"),  # the venue said its fee; else the table's is taken
    ],
    align=True,
)


def new_books(instruments: int) -> npt.NDArray[Any]:
    """One empty book an instrument."""
    return np.zeros((instruments, SLOTS), ORDER)


def new_fills() -> npt.NDArray[Any]:
    """Room for the fills of one bar."""
    return np.zeros(SLOTS, FILL)


@machine
def role_of(slot: int) -> int:
    """What an order is for, by its slot."""
    if slot >= CLOSES:
        return CLOSING
    return ENTERING if slot % 3 == 0 else int(slot % 3)


@machine
def set_order(
    book: Any,
    slot: int,
    state: int,
    kind: int,
    side: int,
    qty: int,
    price: int,
    distance: int,
    slip: int,
) -> None:
    """Write one order into its slot."""
    order = book[slot]
    order.state = state
    order.kind = kind
    order.side = side
    order.role = role_of(slot)
    order.qty = qty
    order.price = price
    order.distance = distance
    order.slip = slip


@machine
def place_leg(
    book: Any, leg: int, kind: int, side: int, qty: int, price: int, sl: int, tp: int, slip: int
) -> None:
    """An entry of one leg with its native bracket; distances in ticks from the fill."""
    set_order(book, 3 * leg, WORKING, kind, side, qty, price, 0, slip)
    set_order(book, 3 * leg + 1, HELD, STOP, -side, qty, 0, sl, slip)
    set_order(book, 3 * leg + 2, HELD, LIMIT, -side, qty, 0, tp, 0)


@machine
def cancel_all(book: Any) -> None:
    """Every order off the book."""
    for slot in range(SLOTS):
        book[slot].state = FREE


@machine
def close_leg(book: Any, leg: int, side: int, qty: int, slip: int) -> None:
    """Cancel a leg's stop and target and close it at market."""
    for slot in range(3 * leg, 3 * leg + 3):
        book[slot].state = FREE
    set_order(book, CLOSES + leg, WORKING, MARKET, -side, qty, 0, 0, slip)


@machine
def entry_at_market(book: Any, leg: int) -> None:
    """Turn a waiting limit entry into a market order."""
    book[3 * leg].kind = MARKET


@machine
def move_stop(book: Any, leg: int, price: int) -> bool:
    """Move a leg's stop nearer; a stop that would move away stays where it is."""
    order = book[3 * leg + 1]
    nearer = price > order.price if order.side < 0 else price < order.price
    if (order.state != WORKING and order.state != ASLEEP) or not nearer:
        return False
    order.price = price
    return True
