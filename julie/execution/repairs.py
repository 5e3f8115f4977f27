"""What is done about each difference between the venue's record and ours."""

from typing import Final

from julie.core.events import Asked, Intent, OrderState
from julie.core.failpoints import failpoint
from julie.core.timers import sleep
from julie.core.types import ExitReason, Side
from julie.execution.floor import Floor
from julie.execution.plans import Plan, PlanLeg
from julie.execution.reconcile import POSITIONS, Difference, compare
from julie.execution.tags import Role
from julie.execution.venue import VenueStatus, VenueTrade

APART_S: Final = 2.0


async def reconcile(floor: Floor, since_ns: int) -> tuple[Difference, ...] | None:
    """Read, compare, read again where a position differs, act; None = the venue does not say."""
    found = await _read(floor, since_ns)
    if found is None:
        return None
    odd = {one for one in found if one.name in POSITIONS}
    if odd:
        floor.only_time = True
        await sleep(floor.clock, APART_S)
        floor.only_time = False
        again = await _read(floor, since_ns)
        if again is None:
            return None
        found = tuple(one for one in again if one.name not in POSITIONS or one in odd)
    for one in found:
        await _act(floor, one)
        failpoint("K15")
    return found


async def _read(floor: Floor, since_ns: int) -> tuple[Difference, ...] | None:
    account = await floor.ask(floor.venue.account())
    if account is not None:
        floor.book.hear(account)
    if await floor.look(since_ns) is None:
        return None
    positions = await floor.read_positions()
    working = await floor.ask(floor.venue.open_orders())
    if positions is None or working is None or account is None:
        return None
    for row in working:
        floor.book.hear(row)
    return compare(floor.book, positions, working)


async def _act(floor: Floor, one: Difference) -> None:
    if one.name == "missing_leg":  # the guard's own matter
        return
    floor.alarm(one.name, one.text)
    match one.name:
        case "two_desks":
            floor.standing.halt("two_desks", one.text)
        case "orphan_order":
            await _cancel(floor, one)
        case "unknown_position":
            _take_over(floor, one.contract, one.venue)
        case _:
            _fit(floor, one)


async def _cancel(floor: Floor, one: Difference) -> None:
    if one.order_id is not None:
        floor.ledger.note(Asked("cancel", "", str(one.order_id), reason="orphan_order"))
        await floor.ledger.soon()
        await floor.venue.cancel(one.order_id)


def _fit(floor: Floor, one: Difference) -> None:
    """Somebody closed what is ours, or added to it: by the venue's own trades."""
    more = (one.venue - one.ours) * (1 if one.ours > 0 else -1)
    if more > 0:
        _take_over(floor, one.contract, one.venue - one.ours)
        return
    trades = _closed_by(floor, one.contract, -1 if one.ours > 0 else 1)
    if not trades:
        floor.standing.halt("phantom_trade", f"{one.text}; no trade explains it")
        return
    legs = [
        (plan, leg)
        for plan in floor.book.open_plans(one.contract)
        for leg in plan.legs
        if leg.held != 0
    ]
    for (plan, leg), row in zip(legs, trades, strict=False):
        _book_foreign(floor, plan, leg, row)


def _closed_by(floor: Floor, contract: str, side: int) -> list[VenueTrade]:
    rows = floor.book.foreign_trades.values()
    return [row for row in rows if row.contract == contract and row.side == side]


def _book_foreign(floor: Floor, plan: Plan, leg: PlanLeg, row: VenueTrade) -> None:
    """A trade that somebody else made closed a leg of ours."""
    account = floor.book.account
    gone = account is not None and not account.can_trade
    reason = ExitReason.LIQUIDATED if gone else ExitReason.RECONCILE
    intent = Intent(
        plan.key,
        plan.contract,
        row.side,
        row.qty,
        plan.stop_ticks,
        floor.book.next_tag(plan.key, Role.CLOSE, leg.number),
        Role.CLOSE.value,
        leg.number,
        reason=reason,
    )
    floor.ledger.note(intent)
    order = floor.book.plant(intent)
    leg.closing, leg.told = reason, False
    floor.book.foreign_trades.pop(row.id, None)
    floor.book.foreign.pop(row.order_id, None)
    floor.book.waiting[row.order_id].append(row)
    order.life.move(OrderState.SENT)
    floor.book.bind(order, row.order_id)
    if gone:
        floor.standing.halt("liquidated", f"{plan.key} was closed by the firm")


def _take_over(floor: Floor, contract: str, net: int) -> None:
    """A position that nobody of us opened: protect it, close it, or only tell."""
    one = floor.traded.get(contract)
    row = floor.book.positions.get(contract)
    if one is None or row is None or floor.rules.unknown_position == "leave":
        symbol = one.symbol if one is not None else contract
        name = f"unknown_position:{contract}"
        floor.standing.reduce(name, f"{net} of {contract} are not ours", symbol=symbol)
        return
    side = Side.LONG if net > 0 else Side.SHORT
    key = f"{one.symbol}:x{floor.clock.now_ns() // 1_000_000_000}"
    tick = round(row.average / one.tick)
    intent = Intent(
        key,
        contract,
        side,
        abs(net),
        floor.rules.adopted_stop_ticks,
        floor.book.next_tag(key, Role.ENTRY, 0),
        "adopt",
        price_tick=tick,
    )
    floor.ledger.note(intent)
    order = floor.book.plant(intent)
    order.life.hear(VenueStatus.FILLED, abs(net), 0)
    floor.book.told(order, "adopted")
    if floor.rules.unknown_position == "flatten":
        order.leg.closing = ExitReason.RECONCILE
