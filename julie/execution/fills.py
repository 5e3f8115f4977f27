"""Fills as the desk takes them: whole legs, by slot, in the minute in which they became whole.

The desk's leg enters once and leaves once. So an entry is told when its order is over, with the
contracts that it bought, and an exit when nothing of the leg is held any more, under the order that
sold the last of it. Each price is a fill of its own, so that the money is the venue's to the cent;
only of a leg that was turned round the mean is told, on the grid, and what was bought back counts
against what was sold. What an entry that was given up for lost buys beside a later plan is not
told: the desk would book it to that one.
"""

from dataclasses import dataclass
from typing import Final

from julie.core.events import OrderState
from julie.core.taken import LegFill
from julie.core.types import ExitReason, Reason
from julie.execution.book import Book
from julie.execution.plans import OwnOrder, Plan, PlanLeg
from julie.execution.tags import Role
from julie.execution.venue import VenueTrade

CLOSES: Final = 6  # slot of the first leg's market close, as in `execution.orders`
_PLACE: Final = {Role.ENTRY: 0, Role.STOP: 1, Role.TARGET: 2}


@dataclass(frozen=True, slots=True)
class Dropped:
    """An entry, or a leg of it, that did not come to the venue, was refused there or taken off."""

    symbol: str
    plan: str
    slot: int
    reason: Reason
    text: str


def take(book: Book, symbol: str, end_ns: int) -> tuple[tuple[LegFill, ...], int]:
    """What became whole before `end_ns` and was not told yet, in the order of its times; and 0, or
    1 + ExitReason of a close that the desk did not ask for.

    Slippage and phase are laid on the bar's path where the path is known.
    """
    found: list[LegFill] = []
    closing = 0
    for plan in book.live:
        if plan.symbol != symbol or plan.adopted:
            continue
        if _given_up(plan) and _replaced(book, plan):
            book.disown(plan)
            continue
        for leg in plan.legs:
            found += _entered(leg, end_ns)
            left = _left(leg, end_ns)
            found += left
            if left and left[0].slot >= CLOSES and not leg.told:
                closing = 1 + (ExitReason.RECONCILE if leg.closing is None else leg.closing)
    return tuple(sorted(found, key=lambda fill: (fill.ts, fill.slot))), closing


def _given_up(plan: Plan) -> bool:
    """Whether an entry filled after the desk was told that it never will."""
    late = [leg for leg in plan.legs if leg.entered and leg.drop_told and not leg.entry_told]
    return bool(late) and all(leg in late or leg.all_told for leg in plan.legs)


def _replaced(book: Book, plan: Plan) -> bool:
    """Whether the desk has taken another plan of the instrument since: fills go by its slots."""
    return any(
        one.symbol == plan.symbol and not one.adopted and one.decided_ns > plan.decided_ns
        for one in book.plans.values()
    )


def all_told(book: Book) -> bool:
    """Whether the desk has heard of all that its legs bought and sold."""
    return all(
        leg.exit_told or not leg.entered
        for plan in book.live
        if not plan.adopted
        for leg in plan.legs
    )


def dropped(book: Book) -> list[Dropped]:
    """Entries that ended unfilled without the desk's asking, or the rest of them; each once, and
    no sooner than what they had bought.
    """
    found = []
    for plan in book.live:
        for leg in plan.legs:
            entries = list(leg.of(Role.ENTRY))
            over = not leg.drop_told and not plan.adopted and not leg.entering
            if not over or not entries or (leg.entered and not leg.entry_told):
                continue
            last = entries[-1]
            if last.withdrawn or not last.life.ended or last.filled >= last.qty:
                continue
            leg.drop_told = True
            slot = 3 * leg.number
            found.append(Dropped(plan.symbol, plan.key, slot, _why(last), last.said))
    return found


def _why(order: OwnOrder) -> Reason:
    """Why an entry is off the book."""
    if order.why is not Reason.NONE:
        return order.why
    if order.refused or order.life.state is OrderState.REJECTED:
        return Reason.REJECTED
    if order.abandoned:
        return Reason.NOT_SENT
    return Reason.EXPIRED if order.life.state is OrderState.EXPIRED else Reason.WITHDRAWN


def _entered(leg: PlanLeg, end_ns: int) -> list[LegFill]:
    orders = list(leg.of(Role.ENTRY))
    begun = any(order.filled for order in leg.orders if order.role is not Role.ENTRY)
    if leg.entry_told or not leg.entered or (leg.entering and not begun):
        return []
    fills = _summed(orders, 3 * leg.number, end_ns)
    leg.entry_told = bool(fills)
    return fills


def _left(leg: PlanLeg, end_ns: int) -> list[LegFill]:
    if leg.exit_told or not leg.entry_told or leg.held != 0 or leg.entering:
        return []
    orders = [order for order in leg.orders if order.role is not Role.ENTRY and order.filled]
    last = max(orders, key=lambda order: max((t.ts for t in order.trades), default=0))
    k = leg.number
    slot = CLOSES + k if last.role is Role.CLOSE else 3 * k + _PLACE[last.role]
    fills = _summed(orders, slot, end_ns)
    leg.exit_told = bool(fills)
    return fills


def _summed(orders: list[OwnOrder], slot: int, end_ns: int) -> list[LegFill]:
    """All trades of these orders, those of one price as one fill; none while one of them is still
    on its way here.
    """
    if any(order.traded < order.life.filled for order in orders):
        return []
    trades: list[VenueTrade] = [t for o in orders for t in o.trades if not t.voided]
    qty = sum(int(trade.side) * trade.qty for trade in trades)
    if not qty or max(trade.ts for trade in trades) >= end_ns:
        return []
    ts = max(trade.ts for trade in trades)
    if len({trade.side for trade in trades}) > 1:  # turned round and bought back
        paid = sum(int(trade.side) * trade.qty * trade.price_tick for trade in trades)
        fee = sum(trade.fee_cents for trade in trades)
        return [LegFill(slot, abs(qty), round(paid / qty), 0, 0, ts, fee)]
    parts: dict[int, list[VenueTrade]] = {}
    for trade in sorted(trades, key=lambda one: one.ts):
        parts.setdefault(trade.price_tick, []).append(trade)
    return [
        LegFill(slot, sum(t.qty for t in some), tick, 0, 0, ts, sum(t.fee_cents for t in some))
        for tick, some in parts.items()
    ]
