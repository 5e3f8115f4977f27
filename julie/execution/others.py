"""What somebody else closed of ours, booked from the venue's own trades.

A person at the platform, or the firm, closes a position with one order, whatever legs we held it
in. Its newest trades against the position are shared out among the legs, as far as the venue holds
less than we. What of a trade closed a leg is booked under a number of its own: the order stays
somebody else's, whatever trades it has besides.
"""

from collections.abc import Iterator
from dataclasses import replace

from julie.core.events import Intent, OrderState
from julie.core.types import ExitReason
from julie.core.zones import SECOND_NS
from julie.execution.book import part_number
from julie.execution.floor import Floor
from julie.execution.plans import Plan, PlanLeg
from julie.execution.reconcile import Difference
from julie.execution.surplus import EXTRA_S
from julie.execution.tags import Role, read_tag
from julie.execution.venue import VenueTrade
from julie.execution.whose import CLOSE_SLACK_NS


def explained(floor: Floor, one: Difference) -> bool:
    """Whether trades of somebody else that nothing was made of yet are just the difference."""
    book = floor.book
    rows = [row for row in book.foreign_trades.values() if row.contract == one.contract]
    tags = [book.foreign[row.order_id].tag for row in rows if row.order_id in book.foreign]
    if not rows or any(read_tag(tag) for tag in tags):  # a desk's, perhaps our own of before
        return False
    return sum(int(row.side) * row.qty for row in rows) == one.venue - one.ours


def taken_over(floor: Floor, contract: str) -> None:
    """The trades of a position that was taken over explain nothing else any more."""
    trades = floor.book.foreign_trades
    for row in [row for row in trades.values() if row.contract == contract]:
        del trades[row.id]


def book_closed(floor: Floor, one: Difference) -> bool:
    """Book what is missing; False where no trade explains it."""
    sign = 1 if one.ours > 0 else -1
    missing = min((one.ours - one.venue) * sign, abs(one.ours))
    legs = [
        (plan, leg)
        for plan in floor.book.open_plans(one.contract)
        for leg in plan.legs
        if leg.held * int(plan.side) * sign > 0
    ]
    shares = list(_shared(_trades(floor, one.contract, -sign, legs), legs, missing))
    if sum(part.qty for _, _, _, part in shares) < missing:
        return False
    gone = floor.book.account is not None and not floor.book.account.can_trade
    for plan, leg, row, part in shares:
        _book(floor, plan, leg, row, part, gone=gone)
    if gone:
        _tell_liquidated(floor, [plan for plan, *_ in shares])
    return True


def _trades(
    floor: Floor, contract: str, side: int, legs: list[tuple[Plan, PlanLeg]]
) -> list[VenueTrade]:
    """Trades that could have closed it, the newest first: since its entry left, for what somebody
    did while it was on its way met it at the venue.
    """
    born = min((_entered_ns(plan) for plan, _ in legs), default=0)
    rows = [
        row
        for row in floor.book.foreign_trades.values()
        if row.contract == contract and row.side == side and row.ts >= born
    ]
    return sorted(rows, key=lambda row: (row.ts, row.id), reverse=True)


def _entered_ns(plan: Plan) -> int:
    entries = [one for one in plan.orders if one.role is Role.ENTRY and one.trades]
    bought = min((trade.ts for one in entries for trade in one.trades), default=0)
    left = min((one.sent_ns - CLOSE_SLACK_NS for one in entries if one.sent_ns), default=bought)
    return min(bought, left)


def _shared(
    trades: list[VenueTrade], legs: list[tuple[Plan, PlanLeg]], missing: int
) -> Iterator[tuple[Plan, PlanLeg, VenueTrade, VenueTrade]]:
    """Plan, leg, trade, and the part of it that closes contracts of the leg."""
    held = [abs(leg.held) for _, leg in legs]
    for row in trades:
        taken, number, most = 0, 0, min(row.qty, missing)
        for k, (plan, leg) in enumerate(legs):
            qty = min(most - taken, held[k])
            if qty:
                yield plan, leg, row, _part(row, taken, qty, number)
                held[k], taken, number = held[k] - qty, taken + qty, number + 1
        missing -= taken


def _part(row: VenueTrade, taken: int, qty: int, number: int) -> VenueTrade:
    def share(cents: int) -> int:
        return cents * (taken + qty) // row.qty - cents * taken // row.qty

    pnl = None if row.pnl_cents is None else share(row.pnl_cents)
    name = part_number(row.id, number)
    return replace(row, id=name, qty=qty, fee_cents=share(row.fee_cents), pnl_cents=pnl)


def _book(
    floor: Floor, plan: Plan, leg: PlanLeg, row: VenueTrade, part: VenueTrade, *, gone: bool
) -> None:
    whole = part.qty == abs(leg.held)
    reason = ExitReason.LIQUIDATED if gone else leg.why_closing
    intent = Intent(
        plan.key,
        plan.contract,
        row.side,
        part.qty,
        plan.stop_ticks,
        floor.book.next_tag(plan.key, Role.CLOSE, leg.number),
        Role.CLOSE.value,
        leg.number,
        reason=reason if whole else None,
    )
    floor.ledger.note(intent)
    order = floor.book.plant(intent)
    leg.told = leg.told and not whole
    if whole:  # nobody else takes its legs off
        leg.extra_mono = floor.now() - round(EXTRA_S * SECOND_NS)
    order.life.move(OrderState.SENT)
    floor.book.take_part(order, part)


def _tell_liquidated(floor: Floor, plans: list[Plan]) -> None:
    keys = list(dict.fromkeys(plan.key for plan in plans))
    trades = [
        trade for plan in plans if plan.key in keys for one in plan.orders for trade in one.trades
    ]
    rows = {trade.id: trade for trade in trades}.values()
    cents = sum((row.pnl_cents or 0) - row.fee_cents for row in rows)
    account = floor.book.account
    rule = "" if account is None else floor.standing.firms_rule(account.balance_cents)
    floor.standing.halt(
        "liquidated",
        f"{', '.join(keys)} closed by the firm, {cents / 100:+,.2f} USD, and trading rights taken;"
        f" {rule}",
    )
