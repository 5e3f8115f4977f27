"""What fills do to our record: a plan opens, a leg closes, streaks run, the account's day turns."""

from typing import Any

from julie.core.compiled import machine
from julie.core.record import BREACH_RING
from julie.core.types import ExitReason, Reason
from julie.defense.circuit_breaker import budget_used, fire
from julie.execution.orders import CLOSES
from julie.risk.account import measure

STOP, TARGET = int(ExitReason.STOP), int(ExitReason.TARGET)
TRAILING_BUDGET, MAXIMUM_LOSS = int(Reason.TRAILING_BUDGET), int(Reason.MAXIMUM_LOSS)
TARGET1, TARGET2 = int(ExitReason.TARGET1), int(ExitReason.TARGET2)


@machine
def breach(record: Any, why: int) -> None:
    """The account is spent: the maximum loss was touched, or its trailing budget is used up."""
    account = record.account[0]
    at = account.breaches % BREACH_RING
    account.breach_day[at], account.breach_why[at] = account.day, why
    account.breaches += 1


@machine
def begin_day(record: Any, day: int) -> None:
    """Turn the trading day: end-of-day balance, fresh counters, fees of the date.

    An account that touched its maximum loss, or ends the day with its trailing budget used up, is
    spent: it begins anew with the new day where the run restarts accounts, else it stands still.
    """
    account, rules = record.account[0], record.rules[0]
    if account.day == day:
        return
    account.high_eod = max(account.high_eod, account.balance)
    began = account.day != 0  # before the first day nothing was measured
    if began and rules.breaker == 1 and account.halted == 0 and budget_used(account, rules):
        breach(record, TRAILING_BUDGET)
        account.halted = 1
    if account.halted == 1 and rules.restart == 1:
        account.halted = 0
        account.balance = account.start
        account.high_eod = account.start
    account.day = day
    account.day_start = account.balance
    account.entries = account.breaker = account.streak = account.wins = account.stopped = 0
    for s in range(len(record.strategies)):
        record.strategies[s].streak = 0
    for k in range(len(record.instruments)):
        for f in range(record.fees.shape[1]):
            if record.fees[k, f, 0] <= day:
                record.instruments[k].fee = record.fees[k, f, 1]
    measure(record)


@machine
def enter(
    record: Any,
    outcome: Any,
    k: int,
    leg: int,
    fill: Any,
    row: int,
    ts: int,
    day: int,
    session: int,
) -> None:
    """An entry leg filled: the plan is open, its stop is laid from the fill."""
    account, plan = record.account[0], record.plans[k]
    if plan.state == 1:
        plan.state = 2
        plan.trade_id = account.plans
        plan.entry_tick, plan.entry_ns, plan.entry_row, plan.entry_slip = (
            fill.tick,
            ts,
            row,
            fill.slip,
        )
        plan.stop = plan.first_stop = fill.tick - plan.side * plan.sl
        plan.stop_reason = STOP
        plan.entry_fee = record.instruments[k].fee
        plan.held[0] = plan.held[1] = 0
        account.plans += 1
        account.entries += 1
        outcome[plan.candidate] = plan.trade_id
        pair = record.pairs[plan.strategy, k]
        pair.last_row = row
        pair.entry_day[0 if plan.side > 0 else 1] = day
        part = day * 8 + session
        pair.trades = pair.trades + 1 if pair.part == part else 1
        pair.part = part
    plan.held[leg] = fill.qty
    plan.worst[leg] = plan.best[leg] = fill.tick
    account.balance -= fill.qty * record.instruments[k].fee


@machine
def visit(plan: Any, leg: int, tick: int) -> None:
    """The path touched a price while the leg was open."""
    if (tick - plan.worst[leg]) * plan.side < 0:
        plan.worst[leg] = tick
    if (tick - plan.best[leg]) * plan.side > 0:
        plan.best[leg] = tick


@machine
def exit_label(plan: Any, slot: int) -> int:
    """Why a leg closed, from the order that filled."""
    if slot >= CLOSES:
        return int(plan.closing - 1)
    if slot % 3 == 1:
        return int(plan.stop_reason)
    if plan.legs == 1:
        return TARGET
    return TARGET1 if slot // 3 == 0 else TARGET2


@machine
def _write_trade(
    record: Any, k: int, leg: int, reason: int, tick: int, slip: int, bar: Any, tie: bool
) -> int:
    """A closed leg as a row of the trade buffer; returns its gross in cents."""
    account, plan, one = record.account[0], record.plans[k], record.instruments[k]
    qty = plan.held[leg]
    worth = plan.side * qty * one.tick_value
    gross = (tick - plan.entry_tick) * worth
    row = record.trades[account.legs]
    account.legs += 1
    row.trade_id, row.leg, row.candidate = plan.trade_id, leg, plan.candidate
    row.instrument, row.strategy, row.side, row.mode = k, plan.strategy, plan.side, plan.mode
    row.qty, row.decided_ns, row.entry_kind = qty, plan.decided_ns, plan.entry_kind
    row.entry_ns, row.entry_row, row.entry_tick = plan.entry_ns, plan.entry_row, plan.entry_tick
    row.exit_ns, row.exit_row, row.exit_tick, row.exit_reason = bar.ts, bar.row, tick, reason
    row.stop_tick = plan.first_stop
    row.target_tick = plan.entry_tick + plan.side * plan.tp[leg]
    row.stop_at_exit = plan.stop
    row.slippage_ticks = plan.entry_slip + slip
    row.gross, row.fees = gross, qty * (plan.entry_fee + one.fee)
    row.mae = (plan.worst[leg] - plan.entry_tick) * worth
    row.mfe = (plan.best[leg] - plan.entry_tick) * worth
    row.session, row.tie = plan.session, 1 if tie else 0
    return int(gross)


@machine
def leave(
    record: Any,
    k: int,
    leg: int,
    reason: int,
    tick: int,
    slip: int,
    bar: Any,
    tie: bool,
    session: int,
) -> None:
    """A leg closed at `tick`: write its trade, book the money, and the plan's end when it was the
    last leg.
    """
    account, plan, one = record.account[0], record.plans[k], record.instruments[k]
    visit(plan, leg, tick)
    gross = _write_trade(record, k, leg, reason, tick, slip, bar, tie)
    qty = plan.held[leg]
    account.balance += gross - qty * one.fee
    plan.net += gross - qty * (plan.entry_fee + one.fee)
    plan.held[leg] = 0
    if leg == 0 and plan.legs == 2 and reason == TARGET1:
        plan.taken = 1
    if plan.held[0] + plan.held[1] == 0:
        _end_plan(record, k, bar.close_ns, session)


@machine
def _end_plan(record: Any, k: int, close_ns: int, session: int) -> None:
    """Streaks of account, strategy and side; within a tick x size of nothing is a scratch and
    changes none.
    """
    account, rules, plan, one = (
        record.account[0],
        record.rules[0],
        record.plans[k],
        record.instruments[k],
    )
    rule = record.strategies[plan.strategy]
    plan.state = 0
    scratch = one.tick_value * (plan.qty[0] + plan.qty[1])
    at = 0 if plan.side > 0 else 1
    if plan.net > scratch:
        account.streak = 0
        account.wins += 1
        rule.streak = 0
        one.streak[at] = 0
    elif plan.net < -scratch:
        account.wins = 0
        account.streak += 1
        rule.streak += 1
        one.streak[at] += 1
        if rules.streak_strategy > 0 and rule.streak >= rules.streak_strategy:
            rule.off_day = account.day
        if rules.off_losses > 0 and one.streak[at] >= rules.off_losses:
            one.off_part[at] = account.day * 8 + session
            one.streak[at] = 0
        elif rules.pause_losses > 0 and one.streak[at] >= rules.pause_losses:
            one.paused_until[at] = close_ns + rules.pause_ns


@machine
def mark(record: Any, closes: Any) -> None:
    """Open P&L of every plan at the adverse quote (the close, a tick worse), cost of exit taken
    off.
    """
    total = 0
    for k in range(len(record.plans)):
        plan, one = record.plans[k], record.instruments[k]
        if plan.state == 2:
            held = plan.held[0] + plan.held[1]
            points = (closes[k] - plan.side - plan.entry_tick) * plan.side
            total += held * (points * one.tick_value - one.fee)
    record.account[0].open_pnl = total
    measure(record)
    fire(record.account[0], record.rules[0])


@machine
def touches_floor(record: Any, worst: Any) -> bool:
    """Whether balance and open P&L at the adverse extremes reached the venue's maximum loss."""
    account, rules = record.account[0], record.rules[0]
    if rules.mll == 0 or account.halted == 1:
        return False
    total = account.balance
    for k in range(len(record.plans)):
        plan, one = record.plans[k], record.instruments[k]
        if plan.state == 2:
            total += (
                (plan.held[0] + plan.held[1])
                * (worst[k] - plan.entry_tick)
                * plan.side
                * one.tick_value
            )
    return bool(total <= account.floor)


@machine
def watch(record: Any, closes: Any, worst: Any) -> None:
    """What every close asks of the account after its fills: marks, our limits and the venue's."""
    account, rules = record.account[0], record.rules[0]
    if touches_floor(record, worst):
        account.halted = 1
        breach(record, MAXIMUM_LOSS)
    mark(record, closes)
    if rules.dll > 0 and -account.day_net >= rules.dll:
        account.stopped = 1
