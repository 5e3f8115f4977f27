"""Orders whose answer never came: settled from the venue's own record, never by guessing.

An order is looked for by its tag. Where the venue's searches show no tags, by its fingerprint:
contract, side, size, kind, price and time; two that fit halt the desk, because a person must say
which. It was never sent only when two complete readings, two seconds apart and after the last
news, both lack it, and the position has no contract that it would explain.
"""

from typing import Final

from julie.core.events import OrderState
from julie.core.tasks import Tasks
from julie.core.zones import SECOND_NS
from julie.execution.floor import Floor
from julie.execution.plans import OwnOrder
from julie.execution.sending import NOT_SENT, cancel
from julie.execution.tags import Role
from julie.execution.venue import OrderKind, VenueOrder, VenueStatus
from julie.execution.whose import came_of

APART_S: Final = 2.0
STOP_APART_S: Final = 1.5  # a stop too many goes off again, one too few costs
NEWS_S: Final = 0.75  # an entry at market has filled by then: asked by number, once
STUCK_S: Final = 5.0  # no word after so long: asked by number
UNSEEN_S: Final = 3.0  # a close that was taken shows its market order by then
HELD_UP_S: Final = 15.0  # still pending: cancelled
ANSWER_S: Final = 12.0  # an order that is still being sent is not a matter for searches


def unsettled(floor: Floor, contract: str) -> list[OwnOrder]:
    """Orders of a contract that nobody has spoken of."""
    return [
        order
        for order in floor.book.orders(contract)
        if order.life.state is OrderState.UNKNOWN
        or (order.life.state is OrderState.SENT and floor.since(order.sent_mono) > ANSWER_S)
        or _unseen_close(floor, order)
    ]


def _unseen_close(floor: Floor, order: OwnOrder) -> bool:
    """A close that the venue took, and whose market order nobody has seen."""
    lost = order.role is Role.CLOSE and order.id is None and order.life.state is OrderState.WORKING
    return lost and floor.since(order.sent_mono) > UNSEEN_S


async def settle_unknown(floor: Floor, contract: str) -> bool:
    """Read the venue's record and settle what it shows; whether something is still open."""
    open_ones = unsettled(floor, contract)
    if not open_ones:
        return False
    heard = floor.book.heard
    began = min(min(one.sent_ns, one.known_ns or one.sent_ns) for one in open_ones)
    rows = await floor.look(began)
    if rows is None:
        return True
    quiet = floor.book.heard == heard  # what is settled below is no news of the venue's
    for order in [one for one in open_ones if one.life.state in _OPEN and one.alive]:
        _settle(floor, order, rows, quiet=quiet)
    return bool(unsettled(floor, contract))


_OPEN: Final = (OrderState.UNKNOWN, OrderState.SENT, OrderState.WORKING)


def _settle(floor: Floor, order: OwnOrder, rows: list[VenueOrder], *, quiet: bool) -> None:
    alike = [] if floor.tags_shown and order.tag else _alike(floor, order, rows)
    if len(alike) > 1:
        numbers = ", ".join(str(row.id) for row in alike)
        floor.standing.halt("ambiguous", f"{order.tag} may be any of the orders {numbers}")
        return
    if alike:
        row = alike[0]
        floor.book.foreign.pop(row.id, None)
        floor.book.bind(order, row.id)
        floor.book.hear(row)
        return
    if not quiet or not _explained(floor, order.plan.contract):
        order.absent_mono = 0
    elif not order.absent_mono:
        order.absent_mono = floor.now()
    elif floor.since(order.absent_mono) >= (STOP_APART_S if order.role is Role.STOP else APART_S):
        order.abandoned = True
        floor.book.settle(order, OrderState.CANCELLED, f"{NOT_SENT}: the venue has no such order")


def claimed(floor: Floor, contract: str) -> bool:
    """Whether what the venue holds may be ours, or is about to meet an entry of ours: one on its
    way, or whose number we do not know yet, so that it may be one of somebody's. Until that is
    settled it is nobody's to take over.
    """
    orders = list(floor.book.orders(contract))
    if any(_on_its_way(floor, order) for order in orders):
        return True
    if floor.tags_shown or floor.standing.holds("ambiguous"):
        return False
    rows = list(floor.book.foreign.values())
    lost = [one for one in orders if one.alive and one.id is None]
    return any(_alike(floor, order, rows) for order in lost if order.tag)


def _on_its_way(floor: Floor, order: OwnOrder) -> bool:
    sent = order.role is Role.ENTRY and order.life.state is OrderState.SENT
    return sent and floor.since(order.sent_mono) < ANSWER_S


def _explained(floor: Floor, contract: str) -> bool:
    """Whether what the venue holds is what our plans hold."""
    return floor.book.venue_net(contract) == floor.book.net(contract)


def _alike(floor: Floor, order: OwnOrder, rows: list[VenueOrder]) -> list[VenueOrder]:
    """Orders without a tag that look like this one."""
    return [
        row
        for row in rows
        if row.tag is None
        and row.id not in floor.book.by_id
        and row.id not in floor.book.spent
        and row.parent_id is None
        and row.contract == order.plan.contract
        and (row.side, row.qty, row.kind) == (order.side, order.qty, order.kind)
        and row.price_tick in (None, order.price_tick)
        and came_of(order, row.created_ns - 1)  # at one time with it: heard before it left
        and row.created_ns <= order.sent_ns + 60 * SECOND_NS
    ]


async def ask_the_stuck(floor: Floor, contract: str) -> None:
    """An accepted order that the venue does not show: asked for by number, then cancelled."""
    untold = [one for one in floor.book.orders(contract) if _untold(floor, one)]
    if untold:
        await _ask_of(floor, untold)
    for order in list(floor.book.orders(contract)):
        silent = order.alive and order.id is not None and not order.shown
        if not silent or order.life.state is OrderState.UNKNOWN or _waits(order):
            continue
        age = floor.since(order.sent_mono)
        if age > STUCK_S and floor.since(order.asked_mono) > STUCK_S:
            order.asked_mono = floor.now()
            await floor.look_up(order)
        held_up = age > HELD_UP_S and order.alive and not order.shown
        if held_up and not order.cancel_mono:
            floor.alarm("order_stuck", f"{order.tag} is pending for {age:.0f} s and is cancelled")
        if held_up and floor.since(order.cancel_mono) > STUCK_S:
            await cancel(floor, order, "stuck")


async def _ask_of(floor: Floor, untold: list[OwnOrder]) -> None:
    """Entries that nobody tells of may stand there without their brackets."""
    async with Tasks() as tasks:
        for order in untold:
            order.asked_mono = floor.now()
            tasks.start(f"news of {order.tag}", floor.look_up(order))


def _untold(floor: Floor, order: OwnOrder) -> bool:
    """Whether an entry at market was taken, and its fill should have been told by now; one that
    the venue holds back is known to wait.
    """
    market = order.role is Role.ENTRY and order.kind is OrderKind.MARKET
    waits = order.life.status is VenueStatus.PENDING or not order.alive or order.id is None
    first = not waits and not order.asked_mono
    return market and first and floor.since(order.sent_mono) > NEWS_S


def _waits(order: OwnOrder) -> bool:
    """A leg that waits for its entry is not stuck."""
    return order.native and order.leg.entering
