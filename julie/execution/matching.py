"""The matching engine: which orders a bar fills, at what price, in what sequence.

The bar is walked along one path: open, then the extreme against the open position, then the other,
then the close; without a position O-H-L-C when the bar closed down and O-L-H-C when it closed up.
So a stop comes before a target when both lie in the bar. A stop fills at the worse of stop and
open, a limit only when traded through by a tick (or at a better open), market orders and stops lose
their slippage.

What a price fills is said once, for rows of orders of any number: the books of the desk and the
books of the simulated exchange ask the same functions.
"""

from typing import Any

from julie.core.compiled import machine, number
from julie.execution.orders import (
    ASLEEP,
    CLOSES,
    ENTERING,
    FREE,
    HELD,
    LIMIT,
    MARKET,
    SLOTS,
    STOP,
    WORKING,
)

HOUSE, NEXT_BAR, AS_DRAWN, SIGNAL_CLOSE, NO_REENTRY = 0, 1, 2, 3, 4
FILLS = (
    ("house", "next open, bracket alive on the entry bar, stop first"),
    ("bracket_next_bar", "next open, bracket alive from the bar after the entry, stop first"),
    ("as_drawn", "next open, every bar walked open-high-low-close"),
    ("signal_close", "filled at the close of the signal bar, bracket alive from the next bar"),
    ("no_reentry", "as house, and no new signal on the bar that closed a trade"),
)


@machine
def path(open_side: int, o: int, h: int, low: int, c: int) -> tuple[int, int]:
    """The two turning points between open and close."""
    if open_side > 0 or (open_side == 0 and c >= o):
        return low, h
    return h, low


@machine
def held_side(book: Any) -> int:
    """Side of the position that the working exits protect; 0 = flat."""
    for slot in range(SLOTS):
        order = book[slot]
        if order.state == WORKING and (slot >= CLOSES or slot % 3 != 0):
            return int(-order.side)
    return 0


@machine
def turning_points(
    fills_by: int, open_side: int, o: int, h: int, low: int, c: int
) -> tuple[int, int]:
    """The path's two turning points under a fill rule."""
    if fills_by == AS_DRAWN:
        return h, low
    return path(open_side, o, h, low, c)


@machine
def laid(order: Any, filled: int) -> int:
    """The price of a stop or target that waited for its entry, laid from the entry's fill."""
    sign = 1 if order.kind == STOP else -1
    return int(filled + sign * order.side * order.distance)


@machine
def slipped(order: Any, tick: int) -> int:
    """What an order gets at a price: all but limits lose their slippage."""
    return int(tick if order.kind == LIMIT else tick + order.slip * order.side)


@machine
def settle(book: Any, slot: int, filled: int, wakes: int) -> None:
    """What a fill does to the other orders of its leg: a bracket is laid, or its twin goes."""
    book[slot].state = FREE
    if slot >= CLOSES:
        return
    if slot % 3 != 0:
        book[slot - slot % 3 + 1].state = FREE
        book[slot - slot % 3 + 2].state = FREE
        return
    for child in (slot + 1, slot + 2):
        if book[child].state == HELD:
            book[child].state = wakes
            book[child].price = laid(book[child], filled)


@machine
def _fill(book: Any, slot: int, tick: int, phase: int, wakes: int, fills: Any, n: int) -> int:
    order = book[slot]
    filled = slipped(order, tick)
    fill = fills[n]
    fill.slot, fill.qty, fill.tick, fill.phase = slot, order.qty, filled, phase
    fill.slip = 0 if order.kind == LIMIT else order.slip
    settle(book, slot, filled, wakes)
    return n + 1


@machine
def fills_at(order: Any, tick: int) -> bool:
    """Whether a price fills an order where it stands: any at market, a stop that it reaches, a
    limit that it is better than.
    """
    if order.kind == MARKET:
        return True
    beyond = order.side * (tick - order.price)
    return bool(beyond < 0 if order.kind == LIMIT else beyond >= 0)


@machine
def some_at(orders: Any, count: int, tick: int) -> bool:
    """Whether a price fills any working order."""
    found = False
    for row in range(count):
        found = found or (orders[row].state == WORKING and fills_at(orders[row], tick))
    return found


@machine
def first_at(orders: Any, count: int, role: int, start: int, tick: int) -> int:
    """The first working order of a role, from `start` on, that a price fills; -1 = none."""
    for row in range(start, count):
        order = orders[row]
        if order.state == WORKING and order.role == role and fills_at(order, tick):
            return row
    return -1


@machine
def _at_open(book: Any, o: int, phase: int, wakes: int, fills: Any, n: int) -> int:
    """Closes first, then stops, targets and entries that the open itself fills."""
    for role in range(ENTERING + 1):
        if not some_at(book, SLOTS, o):
            return n
        slot = first_at(book, SLOTS, role, number(0), o)
        while slot >= 0:
            n = _fill(book, slot, o, phase, wakes, fills, n)
            slot = first_at(book, SLOTS, role, slot + 1, o)
    return n


@machine
def trigger(order: Any) -> int:
    """The price that fills an order: a stop at its price, a limit one tick beyond."""
    return int(order.price if order.kind == STOP else order.price - order.side)


@machine
def waits_above(order: Any) -> bool:
    """Whether a rising price fills it: buy stops and sell limits."""
    return bool((order.kind == STOP) == (order.side > 0))


@machine
def first_between(orders: Any, count: int, a: int, b: int, rising: bool) -> tuple[int, int]:
    """The working order that a price fills first on its way from `a` to `b`, and where; a stop
    before a limit at one price. (-1, 0) = none.
    """
    best, at = number(-1), number(0)
    for row in range(count):
        order = orders[row]
        if order.state != WORKING or order.kind == MARKET or waits_above(order) != rising:
            continue
        level = trigger(order)
        level = max(level, a) if rising else min(level, a)
        if (level > b) if rising else (level < b):
            continue
        nearer = best < 0 or (level < at if rising else level > at)
        if nearer or (level == at and order.kind == STOP and orders[best].kind != STOP):
            best, at = row, level
    return best, at


@machine
def _travel(book: Any, a: int, b: int, phase: int, wakes: int, fills: Any, n: int) -> int:
    """Fill what lies between two points of the path, nearest first."""
    rising = b > a
    while n < SLOTS:
        best, at = first_between(book, SLOTS, a, b, rising)
        if best < 0:
            return n
        tick = at if book[best].kind == STOP else book[best].price
        n = _fill(book, best, tick, phase, wakes, fills, n)
        a = at
    return n


@machine
def fill_bar(
    book: Any, o: int, h: int, low: int, c: int, fills_by: int, fills: Any
) -> tuple[int, int]:
    """Fill the book along one bar; returns how many rows of `fills` were written, and the side that
    was held from the open on, which set the path.
    """
    for slot in range(SLOTS):
        if book[slot].state == ASLEEP:
            book[slot].state = WORKING
    wakes = ASLEEP if fills_by in (NEXT_BAR, SIGNAL_CLOSE) else WORKING
    n = _at_open(book, o, number(0), wakes, fills, number(0))
    side = held_side(book)
    first, second = turning_points(fills_by, side, o, h, low, c)
    points = (o, first, second, c)
    for phase in range(1, 4):
        n = _travel(book, points[phase - 1], points[phase], phase, wakes, fills, n)
    return n, side


@machine
def reach(book: Any) -> tuple[bool, int, int]:
    """What a bar must touch to fill anything: (a market order works, highest trigger below, lowest
    above).
    """
    now, below, above = False, -(1 << 60), 1 << 60
    for slot in range(SLOTS):
        order = book[slot]
        if order.state == ASLEEP:
            now = True
        if order.state != WORKING:
            continue
        if order.kind == MARKET:
            now = True
        elif waits_above(order):
            above = min(above, trigger(order))
        else:
            below = max(below, trigger(order))
    return now, below, above
