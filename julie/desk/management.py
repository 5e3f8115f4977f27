"""What the desk does with an open plan at a bar's close: leave it, bring its stop nearer, or close
it.

Management speaks at closes only, live as in the backtest. A stop may only come nearer, by at least
a tick and no closer than 4 ticks to the market; one that would stand on the wrong side of the
market closes the trade.
"""

from typing import Any

from julie.core.compiled import machine
from julie.core.types import ExitReason, Reason

LIQUIDATED, SESSION_END, FLATTEN = (
    int(ExitReason.LIQUIDATED),
    int(ExitReason.SESSION_END),
    int(ExitReason.FLATTEN),
)
STRATEGY_OFF, REVERSAL, TIME = (
    int(ExitReason.STRATEGY_OFF),
    int(ExitReason.REVERSAL),
    int(ExitReason.TIME),
)
BREAKEVEN, TRAIL = int(ExitReason.BREAKEVEN), int(ExitReason.TRAIL)
LIMIT_UNFILLED, WITHDRAWN, EXPIRED = (
    int(Reason.LIMIT_UNFILLED),
    int(Reason.WITHDRAWN),
    int(Reason.EXPIRED),
)
NEAREST = 4  # ticks a moved stop keeps from the market
KEEP, CLOSE, MOVE = 0, 1, 2


@machine
def past_flat(rules: Any, at: Any) -> bool:
    """Whether the account is to be flat (15:05 CT, or before an early close) ere the next close."""
    if rules.flat == 0:
        return False
    limit = min(rules.flat, at.length - rules.early_flat)
    return bool(at.minute + 2 * at.bar_min > limit)


@machine
def past_last_entry(rules: Any, at: Any) -> bool:
    """Whether no entry may be sent from this close on."""
    if rules.last_entry == 0:
        return False
    limit = min(rules.last_entry, at.length - rules.early_last_entry)
    return bool(at.minute + at.bar_min >= limit)


@machine
def tripped(account: Any, rules: Any) -> bool:
    """Whether our circuit breaker ended the account's day."""
    return bool(account.breaker != 0 and rules.breaker == 1)


@machine
def switched_off(record: Any, plan: Any) -> bool:
    """Whether the plan's strategy is off for the day."""
    off = record.strategies[plan.strategy].off_day == record.account[0].day
    return bool(off and record.rules[0].breaker == 1)


@machine
def must_close(record: Any, k: int, row: int, flat: bool, seen: Any) -> int:
    """1 + ExitReason when the plan is to be closed at market, else 0."""
    account, rules, plan = record.account[0], record.rules[0], record.plans[k]
    if account.halted == 1:
        return 1 + LIQUIDATED
    if flat or (seen.roll and rules.flat_by_roll == 1):
        return 1 + SESSION_END
    if account.stopped == 1:
        return 1 + LIQUIDATED
    if tripped(account, rules) and rules.flatten_on_limit == 1:
        return 1 + FLATTEN
    if rules.off_flatten == 1 and switched_off(record, plan):
        return 1 + STRATEGY_OFF
    if seen.news == 2:
        return 1 + FLATTEN
    if seen.exits == 1:
        return 1 + REVERSAL
    if rules.time_stop > 0 and row - plan.entry_row >= rules.time_stop:
        return 1 + TIME
    return 0


@machine
def nearer_stop(record: Any, k: int, close: int, atr: float, swing: float) -> tuple[int, int]:
    """(stop tick, ExitReason label) that the plan's management asks for; the present stop when it
    asks nothing.
    """
    account, rules, plan, one = (
        record.account[0],
        record.rules[0],
        record.plans[k],
        record.instruments[k],
    )
    side, stop, label = plan.side, plan.stop, plan.stop_reason
    gained = (close - plan.entry_tick) * side
    even = (rules.break_even_r > 0 and gained >= rules.break_even_r * plan.sl) or (
        rules.break_even_after_first == 1 and plan.taken == 1
    )
    if even and (plan.entry_tick - stop) * side > 0:
        stop, label = plan.entry_tick, BREAKEVEN
    if rules.tighten_wins > 0 and account.wins >= rules.tighten_wins:
        wanted = plan.entry_tick - side * int(rules.tighten_share * plan.sl + 0.999999)
        if (wanted - stop) * side > 0:
            stop, label = wanted, TRAIL
    if rules.trail == 1 and atr == atr:
        wanted = close - side * int(rules.trail_atr * atr / one.tick + 0.999999)
        if (wanted - stop) * side > 0:
            stop, label = wanted, TRAIL
    elif rules.trail == 2 and swing == swing:
        wanted = round(swing / one.tick) - side * rules.trail_swing_ticks
        if (wanted - stop) * side > 0:
            stop, label = wanted, TRAIL
    return stop, label


@machine
def manage(record: Any, k: int, row: int, close: int, flat: bool, seen: Any) -> tuple[int, int]:
    """(KEEP, 0), (CLOSE, 1 + reason) or (MOVE, stop tick) for the open plan of instrument k."""
    plan = record.plans[k]
    closing = must_close(record, k, row, flat, seen)
    if closing != 0:
        plan.closing = closing
        return CLOSE, closing
    stop, label = nearer_stop(record, k, close, seen.atr, seen.swing)
    if (stop - plan.stop) * plan.side < 1:
        return KEEP, 0
    if (close - stop) * plan.side <= 0:
        plan.closing = 1 + label
        return CLOSE, plan.closing
    if (close - stop) * plan.side < NEAREST:
        stop = close - plan.side * NEAREST
        if (stop - plan.stop) * plan.side < 1:
            return KEEP, 0
    plan.stop = stop
    plan.stop_reason = label
    return MOVE, stop


@machine
def withdraw_entry(record: Any, k: int, row: int, late: bool, roll: bool, blackout: int) -> int:
    """Reason to take a working entry off the book, 0 = leave it; -1 = its time is up, buy at
    market.
    """
    account, rules, plan = record.account[0], record.rules[0], record.plans[k]
    ended = account.halted == 1 or account.stopped == 1 or tripped(account, rules)
    if late or ended or switched_off(record, plan):
        return WITHDRAWN
    if blackout != 0 or (roll and rules.flat_by_roll == 1):
        return WITHDRAWN
    if row >= plan.expires_row:
        return -1 if plan.on_expiry == 1 else LIMIT_UNFILLED
    return 0
