"""Account arithmetic: the trailing floor, what is left of each limit, position caps in
mini-equivalents.

The maximum loss floor is `min(lock, start - D + max(0, highest end-of-day balance - start))`: it
rises with the best end-of-day balance, never falls, and stops for good at the lock.
"""

from typing import Any

from julie.core.compiled import machine

NO_LIMIT = 1 << 60


@machine
def floor_cents(account: Any, rules: Any) -> int:
    """Balance plus open P&L that must not be touched; very low where there is no such rule."""
    if rules.mll == 0:
        return -NO_LIMIT
    risen = rules.mll_from - rules.mll + max(0, account.high_eod - rules.mll_from)
    return int(min(rules.mll_lock, risen))


@machine
def day_limit_cents(account: Any, rules: Any) -> int:
    """Our own day limit: the nearer of the fixed sum and the share of the day's opening balance."""
    opening = account.day_start + rules.nominal
    by_share = int(opening * rules.day_loss_share) if rules.day_loss_share > 0 else NO_LIMIT
    fixed = rules.day_loss if rules.day_loss > 0 else NO_LIMIT
    return min(fixed, by_share)


@machine
def cap_tenths(account: Any, rules: Any, scaling: Any) -> int:
    """Contracts the account may hold, in tenths of a mini; a scaling plan looks at the day's
    opening balance.
    """
    if rules.cap_tenths == 0:
        return NO_LIMIT
    cap = rules.cap_tenths if len(scaling) == 0 else scaling[0, 1]
    for k in range(len(scaling)):
        if account.day_start - rules.mll_from >= scaling[k, 0]:
            cap = scaling[k, 1]
    return int(cap)


@machine
def planned(plan: Any) -> int:
    """Contracts a plan holds or is about to hold."""
    return plan.held[0] + plan.held[1] + unfilled(plan) if plan.state != 0 else 0


@machine
def unfilled(plan: Any) -> int:
    """Contracts of the entry that have not filled yet."""
    return int(plan.qty[0] + plan.qty[1] - plan.entered[0] - plan.entered[1])


@machine
def measure(record: Any) -> None:
    """Write every distance that judges and gate compare with; after each fill and approval."""
    account, rules = record.account[0], record.rules[0]
    account.equity = account.balance + account.open_pnl
    account.floor = floor_cents(account, rules)
    account.day_net = account.equity - account.day_start
    account.day_limit = day_limit_cents(account, rules)
    account.cap = cap_tenths(account, rules, record.scaling)
    used = 0
    for k in range(len(record.plans)):
        used += planned(record.plans[k]) * record.instruments[k].tenths
    account.used = used


@machine
def at_stops(record: Any) -> int:
    """What the open positions come to if every one of them is stopped, cost of exit taken off."""
    total = 0
    for k in range(len(record.plans)):
        plan, one = record.plans[k], record.instruments[k]
        if plan.state == 2:
            held, basis = plan.held[0] + plan.held[1], plan.basis[0] + plan.basis[1]
            total += (plan.stop * held - basis) * plan.side * one.tick_value - held * one.fee
    return total


@machine
def reserved_loss(record: Any) -> int:
    """Loss to the stop of entries that were approved and have not filled yet."""
    total = 0
    for k in range(len(record.plans)):
        plan, one = record.plans[k], record.instruments[k]
        if plan.state != 0:
            total += unfilled(plan) * (plan.sl * one.tick_value + 2 * one.fee)
    return total


@machine
def loss_left(record: Any) -> int:
    """The largest loss that no limit forbids (our day limit, the venue's, the trailing floor), were
    every open position stopped and every working entry filled and stopped.
    """
    account, rules = record.account[0], record.rules[0]
    balance = account.balance + at_stops(record) - reserved_loss(record)
    day_net = balance - account.day_start
    left = account.day_limit + day_net if rules.breaker == 1 else NO_LIMIT
    if rules.dll > 0:
        left = min(left, rules.dll + day_net)
    if rules.mll > 0:
        left = min(left, balance - account.floor)
    return int(left)
