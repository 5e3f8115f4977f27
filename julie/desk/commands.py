"""What the desk asks of a broker: found by comparing its book of orders before and after a
decision.

The desk's rules write into a book; whoever trades it (matching engine, paper, gateway) must only be
told the difference. An entry goes out as `Approved[Entry]`, everything else as `Reducing`: there is
no third kind.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from julie.core.permits import (
    Approved,
    CancelEntry,
    Close,
    Entry,
    Leg,
    NearerStop,
    Position,
    Reducing,
)
from julie.core.record import DeskRecord, Rows
from julie.core.types import EntryKind, ExitReason, OnExpiry, Side
from julie.execution.orders import CLOSES, FREE, MARKET, WORKING
from julie.risk.approval import approve

Order = Approved[Entry] | Reducing


def order_name(symbol: str, trade: int, slot: int) -> str:
    """The name by which desk and broker know an order: instrument, plan and slot."""
    return f"{symbol}:{trade}:{slot}"


def new_orders(
    record: DeskRecord, before: Rows, after: Rows, k: int, symbol: str, contract: str, plan_id: int
) -> Sequence[Order]:
    """The orders that turn the book `before` into the book `after`, reductions first."""
    if before.tobytes() == after.tobytes():
        return ()
    plan = record.plans[k]
    found: list[Order] = []
    for leg in range(2):
        found += _leg_changes(plan, before, after, leg, symbol, contract, plan_id)
    fresh = after[0]["state"] == WORKING and before[0]["state"] == FREE
    late = after[0]["state"] == WORKING and before[0]["kind"] != after[0]["kind"] and not fresh
    if late:  # a limit whose time is up is bought at market: another order
        names = [order_name(symbol, plan_id, 3 * leg) for leg in range(int(plan["legs"]))]
        found += [CancelEntry(name, contract) for name in names]
    if fresh or late:
        found.append(_entry(plan, after, symbol, contract, plan_id))
    return found


def _leg_changes(
    plan: Any, before: Rows, after: Rows, leg: int, symbol: str, contract: str, plan_id: int
) -> list[Reducing]:
    entry, stop, close = 3 * leg, 3 * leg + 1, CLOSES + leg
    found: list[Reducing] = []
    if before[entry]["state"] == WORKING and after[entry]["state"] == FREE:
        found.append(CancelEntry(order_name(symbol, plan_id, entry), contract))
    held = sum(int(o["qty"]) for o in before[1:CLOSES:3] if o["state"] == WORKING)
    side = Side(-int(before[stop]["side"])) if before[stop]["state"] == WORKING else None
    if (
        side is not None
        and after[stop]["state"] == WORKING
        and after[stop]["price"] != before[stop]["price"]
    ):
        position = Position(symbol, contract, side, held)
        name = order_name(symbol, plan_id, stop)
        found.append(
            NearerStop(name, position, int(before[stop]["price"]), int(after[stop]["price"]))
        )
    if after[close]["state"] == WORKING and before[close]["state"] == FREE and side is not None:
        position = Position(symbol, contract, side, held)
        found.append(
            Close(position, int(after[close]["qty"]), ExitReason(int(plan["closing"]) - 1))
        )
    return found


def _entry(plan: Any, book: Rows, symbol: str, contract: str, plan_id: int) -> Approved[Entry]:
    legs = tuple(
        Leg(int(book[3 * k]["qty"]), int(book[3 * k + 2]["distance"]))
        for k in range(int(plan["legs"]))
    )
    kind = EntryKind.MARKET if book[0]["kind"] == MARKET else EntryKind.LIMIT
    return approve(
        Entry(
            intent=order_name(symbol, plan_id, 0),
            symbol=symbol,
            contract=contract,
            side=Side(int(plan["side"])),
            kind=kind,
            stop_ticks=int(plan["sl"]),
            legs=legs,
            decided_ns=int(plan["decided_ns"]),
            limit_tick=int(plan["limit"]) if kind is EntryKind.LIMIT else None,
            on_expiry=OnExpiry(int(plan["on_expiry"])),
        )
    )


def copy_book(book: Rows) -> Rows:
    """A book to compare with."""
    return np.array(book)
