"""Requests that change something: written first, sent once, and their answers read.

Nothing here is sent twice. A yes is not a fill, a no is final for that order, and silence leaves
the order unknown until the venue's own record settles it.
"""

from typing import Final

from julie.core.events import Asked, Intent, OrderState
from julie.core.failpoints import failpoint
from julie.core.types import ExitReason, Side
from julie.execution.floor import Floor
from julie.execution.plans import OwnOrder, Plan, PlanLeg
from julie.execution.tags import Role
from julie.execution.venue import (
    Accepted,
    NewOrder,
    NotSent,
    OrderKind,
    Outcome,
    RefusalCode,
    Refused,
    Unknown,
)

NOT_SENT: Final = "not_sent"
WITHDRAWN: Final = "withdrawn"  # why the desk takes its own entry off


def planted(
    floor: Floor,
    plan: Plan,
    leg: PlanLeg,
    role: Role,
    side: Side,
    qty: int,
    tick: int | None = None,
    reason: ExitReason | None = None,
) -> OwnOrder:
    """A reducing order of an open plan, written down; without a price it works at market."""
    at_price = OrderKind.STOP if role is Role.STOP else OrderKind.LIMIT
    kind = OrderKind.MARKET if tick is None else at_price
    intent = Intent(
        plan.key,
        plan.contract,
        side,
        qty,
        plan.stop_ticks,
        floor.book.next_tag(plan.key, role, leg.number),
        role.value,
        leg.number,
        kind.value,
        tick,
        leg.target_ticks,
        plan.decided_ns,
        reason,
    )
    floor.ledger.note(intent)
    return floor.book.plant(intent)


def leaving(floor: Floor, order: OwnOrder) -> None:
    """The order is about to leave."""
    order.sent_mono, order.sent_ns = floor.now(), floor.clock.now_ns()
    order.known_ns = floor.book.said_ns
    floor.book.settle(order, OrderState.SENT)


async def place(floor: Floor, order: OwnOrder) -> Outcome:
    """Send an order whose intent is written and safe: an entry with its native bracket; whatever
    else there is protects or closes, and goes first.
    """
    leaving(floor, order)
    enters = order.role is Role.ENTRY
    new = NewOrder(
        order.tag,
        order.plan.contract,
        order.side,
        order.qty,
        order.kind,
        order.price_tick,
        stop_ticks=order.plan.stop_ticks if enters else None,
        target_ticks=(order.leg.target_ticks or None) if enters else None,
        urgent=not enters,
    )
    outcome = await floor.venue.place(new)
    failpoint("K3")
    answered(floor, order, outcome)
    failpoint("K4")
    await floor.ledger.soon()
    failpoint("K5")
    return outcome


def answered(floor: Floor, order: OwnOrder, outcome: Outcome) -> None:
    """Read the venue's answer to an order."""
    book = floor.book
    match outcome:
        case Accepted(order_id=number):
            if number is not None:
                book.bind(order, number)
            book.settle(order, OrderState.WORKING)
        case Refused(code=RefusalCode.TAG_IN_USE, text=text):
            book.settle(order, OrderState.UNKNOWN, f"an earlier attempt exists: {text}")
        case Refused(code=code, text=text, order_id=number):
            if number is not None and order.id is None:
                book.bind(order, number)
            order.refused, order.final = True, code is not RefusalCode.RATE_LIMIT
            book.settle(order, OrderState.REJECTED, f"{code.name}: {text or code.value}")
        case Unknown(text=text):
            book.settle(order, OrderState.UNKNOWN, text)
        case NotSent(text=text):
            order.abandoned = True
            book.settle(order, OrderState.CANCELLED, f"{NOT_SENT}: {text}")


async def cancel(floor: Floor, order: OwnOrder, reason: str) -> None:
    """Ask to take an order off the book; what became of it, the venue's rows say."""
    if order.id is None or order.life.ended:
        return
    floor.ledger.note(Asked("cancel", order.tag, str(order.id), reason=reason))
    await floor.ledger.soon()
    order.cancel_mono = floor.now()
    outcome = await floor.venue.cancel(order.id)
    failpoint("K10")
    if not isinstance(outcome, Accepted) and order.alive:
        await floor.look_up(order)


async def move(floor: Floor, order: OwnOrder, tick: int, reason: str) -> Outcome:
    """Ask to move a stop; the old price holds until the venue says otherwise."""
    order.asked_tick, order.asked_mono = tick, floor.now()
    order.moves += 1
    return await _modify(floor, order, Asked("move", order.tag, str(order.id), tick, None, reason))


async def shrink(floor: Floor, order: OwnOrder, qty: int, reason: str) -> Outcome:
    """Ask to make an order smaller."""
    order.asked_qty, order.asked_mono = qty, floor.now()
    return await _modify(floor, order, Asked("shrink", order.tag, str(order.id), None, qty, reason))


async def _modify(floor: Floor, order: OwnOrder, asked: Asked) -> Outcome:
    if order.id is None:
        return NotSent("the order has no number yet")
    floor.ledger.note(asked)
    await floor.ledger.soon()
    outcome = await floor.venue.modify(order.id, price_tick=asked.price_tick, qty=asked.qty)
    failpoint("K9")
    if not isinstance(outcome, Accepted) and order.alive:
        await floor.look_up(order)
    return outcome


async def lay(floor: Floor, plan: Plan, leg: PlanLeg, role: Role, qty: int, tick: int) -> Outcome:
    """Lay a stop, or a target, for contracts of a leg that stand without one."""
    order = planted(floor, plan, leg, role, Side(-plan.side), qty, tick)
    await floor.ledger.soon()
    outcome = await place(floor, order)
    failpoint("K8")
    return outcome


async def sell_out(
    floor: Floor, leg: PlanLeg, plan: Plan, qty: int, whole: bool, reason: ExitReason
) -> OwnOrder:
    """Close contracts of a leg at market, by the venue's own call, which never turns a position."""
    held = leg.held
    side = Side(-plan.side) if held >= 0 else Side(plan.side)
    order = planted(floor, plan, leg, Role.CLOSE, side, qty, None, reason)
    await floor.ledger.soon()
    leaving(floor, order)
    contract = plan.contract
    if whole:
        outcome = await floor.venue.close(contract)
    else:
        outcome = await floor.venue.close_part(contract, qty)
    failpoint("K12")
    answered(floor, order, outcome)
    await floor.ledger.soon()
    return order
