"""Fills of a minute as the desk takes them: where on the bar's path each lies, and what it lost.

The executor knows price, time and order of a fill; when the market opened and turned in the minute
is known here. A market order's loss counts from the minute's open, or from the last print before
it; a stop's from its own price, or from an open beyond it; a limit loses nothing.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from julie.core.record import Rows
from julie.core.taken import LegFill
from julie.core.ticks import to_ticks
from julie.execution.matching import held_side, settle
from julie.execution.orders import LIMIT, STOP, WORKING
from julie.market.aggregator import Built, Course, MinuteAggregator

INSTANT_NS: Final = 1_000_000  # a fill is stamped a little later than the print that made it


def placed(
    fills: Sequence[LegFill], book: Rows, built: Built, aggregator: MinuteAggregator, tick: float
) -> tuple[tuple[LegFill, ...], int]:
    """The fills with phase and slippage, and the side held from the minute's open on."""
    if built.bar is None:
        raise ValueError("a minute without a bar has no path for a fill to lie on")
    book = book.copy()
    opened = to_ticks(built.bar.open, tick)
    at_open, later = _apart(fills, built.course)
    found = []
    for fill in at_open:
        slip = _slip(book[fill.slot], fill.tick, opened, at_open=True)
        found.append(replace(fill, phase=0, slip=slip))
        settle(book, fill.slot, fill.tick, WORKING)
    side = held_side(book)
    low_first = side > 0 or (side == 0 and built.bar.close >= built.bar.open)
    for fill in later:
        course = built.course
        phase = course.phase(fill.ts - INSTANT_NS, low_first=low_first) if course is not None else 1
        at = _price_before(aggregator, fill.ts, built.bar.open)
        slip = _slip(book[fill.slot], fill.tick, to_ticks(at, tick), at_open=False)
        found.append(replace(fill, phase=max(phase, 1), slip=slip))
        settle(book, fill.slot, fill.tick, WORKING)
    return tuple(found), side


def _apart(fills: Sequence[LegFill], course: Course | None) -> tuple[list[LegFill], list[LegFill]]:
    """Fills no later than the minute's first print, and those behind it, each in their order."""
    ordered = sorted(fills, key=lambda fill: fill.ts)
    if course is None:
        return [], ordered
    at_open = [fill for fill in ordered if fill.ts - INSTANT_NS <= course.first_ns]
    return at_open, ordered[len(at_open) :]


def _slip(order: Any, filled: int, market: int, *, at_open: bool) -> int:
    """Ticks lost, counted in the order's own direction."""
    side = int(order["side"])
    if order["kind"] == LIMIT or side == 0:
        return 0
    fair = market
    if order["kind"] == STOP:
        price = int(order["price"])
        fair = market if at_open and side * (market - price) >= 0 else price
    return side * (filled - fair)


def _price_before(aggregator: MinuteAggregator, ts: int, opened: float) -> float:
    """The last print no later than a time."""
    for tick in reversed(aggregator.tape):
        if tick.ts <= ts:
            return tick.price
    return opened
