"""What fills do to the book of one plan when they come in parts, late, or where nothing was asked.

A part of an entry wakes stop and target for as many contracts; a part of an exit lessens its twin
by as many. What fills in spite of its cancel is a fill.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from julie.core.record import LEGS, Rows
from julie.core.taken import LegDropped, LegFill
from julie.execution.matching import settle
from julie.execution.orders import CLOSES, FILL, FREE, HELD, MARKET, WORKING, place_leg


def fill_rows(fills: Iterable[LegFill]) -> Rows:
    """Fills as the compiled desk reads them."""
    rows = [
        (
            one.slot,
            one.qty,
            one.tick,
            one.slip,
            one.phase,
            one.fee_cents or 0,
            one.fee_cents is not None,
        )
        for one in fills
    ]
    return np.array(rows, FILL)


def fill_book(book: Rows, plan: Any, fill: Any) -> None:
    """One fill, whole or in part."""
    slot, qty = int(fill["slot"]), int(fill["qty"])
    if slot < CLOSES and slot % 3 == 0:
        _entered(book, plan, slot, qty, int(fill["tick"]))
        return
    order = book[slot]
    if order["state"] != WORKING:
        return
    if qty >= order["qty"]:
        settle(book, slot, int(fill["tick"]), WORKING)
        return
    twins = (slot,) if slot >= CLOSES else (slot - slot % 3 + 1, slot - slot % 3 + 2)
    for twin in twins:
        book[twin]["qty"] -= qty


def _entered(book: Rows, plan: Any, slot: int, qty: int, tick: int) -> None:
    entry, stop, target = book[slot], book[slot + 1], book[slot + 2]
    works = entry["state"] == WORKING
    if not works and stop["state"] == FREE:  # its cancel lost the race
        leg = slot // 3
        place_leg(
            book, leg, MARKET, int(plan["side"]), qty, 0, int(plan["sl"]), int(plan["tp"][leg]), 0
        )
    rest, first = int(entry["qty"]) - qty if works else 0, stop["state"] == HELD
    settle(book, slot, tick, WORKING)
    for child in (stop, target):
        child["qty"] = qty if first else child["qty"] + qty
    if rest > 0:
        entry["state"], entry["qty"] = WORKING, rest


def tidy(book: Rows, plan: Any) -> None:
    """Nothing works for a leg that holds nothing, and no close is for more than is held."""
    for leg in range(LEGS):
        held, close = int(plan["held"][leg]), book[CLOSES + leg]
        close["qty"] = min(close["qty"], held)
        if held == 0 and book[3 * leg]["state"] != WORKING:
            for slot in (3 * leg + 1, 3 * leg + 2, CLOSES + leg):
                book[slot]["state"] = FREE


def drop(book: Rows, plan: Any, dropped: Iterable[LegDropped]) -> None:
    """Entries that the venue refused or took off: the plan is what is left of it."""
    for one in dropped:
        leg = one.slot // 3
        book[one.slot]["state"] = FREE
        for child in (book[one.slot + 1], book[one.slot + 2]):
            if child["state"] == HELD:
                child["state"] = FREE
        plan["qty"][leg] = plan["entered"][leg]


def entry_works(book: Rows) -> bool:
    """Whether any entry is still on the book."""
    return any(book[3 * leg]["state"] == WORKING for leg in range(LEGS))


def close_works(book: Rows) -> bool:
    """Whether a close of ours is on its way."""
    return any(order["state"] == WORKING for order in book[CLOSES:])
