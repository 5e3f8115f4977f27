"""A leg on its way out at market that is not through yet.

A close that does not come through is asked for again, at first each second, then every ten. Where
the venue refuses it, the market being halted, the stop goes back to its place and the exit works as
a limit beside it, at the last price, moved through the market once it trades again, each ten
seconds, and a person is told each minute; of the two the one that fills makes the other go, or
smaller. Where the stop is refused as well, the market has run through it: then it is asked for each
second.
"""

from typing import Final

from julie.core.types import ExitReason, Side
from julie.execution.closing import close_leg, sell
from julie.execution.floor import Floor
from julie.execution.hurry import look
from julie.execution.plans import OwnOrder, Plan, PlanLeg
from julie.execution.sending import move, place, planted, shrink
from julie.execution.tags import Role
from julie.execution.venue import OrderKind

AGAIN_S: Final = 1.0
RETRY_S: Final = 10.0  # between tries of a close that does not come through
LATER_S: Final = 5.0  # between looks at one that works for long
QUICK: Final = 3  # tries before that
TOLD_S: Final = 60.0
THROUGH: Final = 2  # ticks beyond a market that trades again


def refused(leg: PlanLeg) -> bool:
    """Whether the venue said no to the last close, and would again."""
    last = next(reversed(list(leg.of(Role.CLOSE))), None)
    return last is not None and last.refused and last.final


def close_failed(leg: PlanLeg) -> bool:
    """Whether the last close is certain not to be at work: refused, or never sent."""
    last = next(reversed(list(leg.of(Role.CLOSE))), None)
    return last is not None and not last.filled and (last.refused or last.abandoned)


def _bare(leg: PlanLeg) -> bool:
    """No stop can be laid either, the market being through its price: it trades, and the close is
    asked for without patience.
    """
    stops = list(leg.of(Role.STOP))
    return leg.bare and bool(stops) and stops[-1].refused and stops[-1].final


async def on_its_way(floor: Floor, plan: Plan, leg: PlanLeg) -> None:
    """Look after a close that was asked for."""
    closes = list(leg.of(Role.CLOSE))
    working = [order for order in closes if order.alive]
    if refused(leg) or any(order.kind is OrderKind.LIMIT for order in working):
        _tell(floor, plan, leg)
    if working:
        await _wait(floor, plan, leg, working[-1])
        return
    waited = floor.since(closes[-1].sent_mono) if closes else float("inf")
    patient = (refused(leg) or len(closes) >= QUICK) and not _bare(leg)
    if waited < (RETRY_S if patient else AGAIN_S):
        return
    await look(floor, plan.contract, floor.look(plan.born_ns))
    if leg.held <= 0:
        return
    if refused(leg) and not _bare(leg):
        await _as_limit(floor, plan, leg)
    elif leg.alive(Role.STOP):
        await close_leg(floor, plan, leg, leg.why_closing)
    else:
        await sell(floor, plan, leg)


async def _wait(floor: Floor, plan: Plan, leg: PlanLeg, order: OwnOrder) -> None:
    rests = order.kind is OrderKind.LIMIT and order.shown
    if rests and order.left > leg.held and floor.since(order.asked_mono) > AGAIN_S:
        await shrink(floor, order, order.filled + leg.held, "the stop sold the rest")
        return
    if order.kind is OrderKind.LIMIT and floor.since(order.asked_mono) > RETRY_S:
        await _follow(floor, plan, order)
        return
    age = floor.since(order.sent_mono)
    pause = AGAIN_S if age < RETRY_S else LATER_S
    if age > AGAIN_S and floor.since(leg.looked_mono) > pause:
        leg.looked_mono = floor.now()
        await look(floor, plan.contract, floor.look(plan.born_ns))


async def _as_limit(floor: Floor, plan: Plan, leg: PlanLeg) -> None:
    """The exit as a limit at the last price; without one the close is asked for again."""
    tick = floor.prices.get(plan.contract)
    if tick is None:
        await sell(floor, plan, leg)
        return
    side, reason = Side(-plan.side), ExitReason(leg.why_closing)
    qty = min(leg.held, floor.book.venue_net(plan.contract) * int(plan.side))
    if qty < 1:
        return
    order = planted(floor, plan, leg, Role.CLOSE, side, qty, tick, reason)
    order.asked_mono = floor.now()
    await floor.ledger.soon()
    await place(floor, order)


async def _follow(floor: Floor, plan: Plan, order: OwnOrder) -> None:
    """The market trades again: the limit goes to where it fills, which a market that stands at its
    limit refuses.
    """
    tick = floor.prices.get(plan.contract, order.asked_mono)
    order.asked_mono = floor.now()
    if tick is None or order.price_tick == tick + THROUGH * order.side:
        return
    await move(floor, order, tick + THROUGH * order.side, "the exit follows the market")
    order.asked_tick = None


def _tell(floor: Floor, plan: Plan, leg: PlanLeg) -> None:
    if floor.since(leg.told_mono) < TOLD_S:
        return
    leg.told_mono = floor.now()
    floor.alarm(
        "cannot_exit",
        f"cannot exit: halted; {plan.key} holds {leg.held} of {plan.contract} behind its stop, and "
        "tries on as a limit",
    )
