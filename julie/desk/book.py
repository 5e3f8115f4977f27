"""What fills do to our record: a plan opens, a leg closes, streaks run, the account's day turns."""

from typing import Any, NamedTuple

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


class Out(NamedTuple):
    """A fill that closes contracts of a leg."""

    qty: int
    tick: int
    slip: int
    fee: int
    fee_told: int  # 1 = the venue said its fee, else the table's is taken


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
    """An entry leg filled, or a part of it: the plan is open, its stop is laid from the first fill.

    A fill that wins the race against its cancel opens the plan all the same.
    """
    account, plan = record.account[0], record.plans[k]
    if plan.state != 2:
        plan.state = 2
        if plan.entered[0] + plan.entered[1] == 0:
            _open_plan(record, outcome, k, fill.tick, row, ts, day, session)
    if plan.entered[leg] == 0:
        plan.leg_tick[leg] = plan.worst[leg] = plan.best[leg] = fill.tick
    visit(plan, leg, fill.tick)
    fee = fill.fee if fill.fee_told == 1 else fill.qty * record.instruments[k].fee
    plan.held[leg] += fill.qty
    plan.entered[leg] += fill.qty
    plan.basis[leg] += fill.qty * fill.tick
    plan.slips[leg] += fill.qty * fill.slip
    plan.paid[leg] += fee
    account.balance -= fee


@machine
def _open_plan(
    record: Any, outcome: Any, k: int, tick: int, row: int, ts: int, day: int, session: int
) -> None:
    account, plan = record.account[0], record.plans[k]
    plan.trade_id = account.plans
    plan.entry_tick, plan.entry_ns, plan.entry_row = tick, ts, row
    plan.stop = tick - plan.side * plan.sl
    plan.stop_reason = STOP
    account.plans += 1
    account.entries += 1
    outcome[plan.candidate] = plan.trade_id
    pair = record.pairs[plan.strategy, k]
    pair.last_row = row
    pair.entry_day[0 if plan.side > 0 else 1] = day
    part = day * 8 + session
    pair.trades = pair.trades + 1 if pair.part == part else 1
    pair.part = part


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
def _new_trade(record: Any, k: int, leg: int, reason: int) -> None:
    """Begin the row of a leg that closes."""
    account, plan = record.account[0], record.plans[k]
    row = record.trades[account.legs]
    account.legs += 1
    plan.row[leg] = account.legs
    row.trade_id, row.leg, row.candidate = plan.trade_id, leg, plan.candidate
    row.instrument, row.strategy, row.side, row.mode = k, plan.strategy, plan.side, plan.mode
    row.decided_ns, row.entry_kind, row.exit_reason = plan.decided_ns, plan.entry_kind, reason
    row.entry_ns, row.entry_row, row.entry_tick = plan.entry_ns, plan.entry_row, plan.leg_tick[leg]
    row.stop_tick = plan.leg_tick[leg] - plan.side * plan.sl
    row.target_tick = plan.leg_tick[leg] + plan.side * plan.tp[leg]
    row.session = plan.session
    row.qty = row.basis = row.out = row.slips = row.gross = row.fees = row.tie = 0


@machine
def _write_trade(
    record: Any, k: int, leg: int, reason: int, out: Any, bar: Any, tie: bool
) -> tuple[int, int, int]:
    """A closed leg, or a part of it, as a row of the trade buffer; parts that close for one reason
    are one row. Returns gross, fee of the exit and fees of both sides, in cents.
    """
    plan, one = record.plans[k], record.instruments[k]
    if plan.row[leg] == 0 or record.trades[plan.row[leg] - 1].exit_reason != reason:
        _new_trade(record, k, leg, reason)
    row = record.trades[plan.row[leg] - 1]
    held, qty = plan.held[leg], out.qty
    basis, paid, lost = (
        plan.basis[leg] * qty // held,
        plan.paid[leg] * qty // held,
        plan.slips[leg] * qty // held,
    )
    plan.basis[leg] -= basis
    plan.paid[leg] -= paid
    plan.slips[leg] -= lost
    fee = out.fee if out.fee_told == 1 else qty * one.fee
    gross = (qty * out.tick - basis) * plan.side * one.tick_value
    row.qty += qty
    row.basis += basis
    row.out += qty * out.tick
    row.slips += lost + qty * out.slip
    row.gross += gross
    row.fees += paid + fee
    row.exit_ns, row.exit_row, row.exit_tick = bar.ts, bar.row, out.tick
    row.stop_at_exit = plan.stop
    worth = plan.side * one.tick_value
    row.mae = (plan.worst[leg] * row.qty - row.basis) * worth
    row.mfe = (plan.best[leg] * row.qty - row.basis) * worth
    row.tie = 1 if tie else row.tie
    return int(gross), int(fee), int(paid + fee)


@machine
def leave(
    record: Any, k: int, leg: int, reason: int, out: Any, bar: Any, tie: bool, session: int
) -> None:
    """Contracts of a leg closed: write its trade, book the money, and the plan's end when they were
    the last.
    """
    account, plan = record.account[0], record.plans[k]
    visit(plan, leg, out.tick)
    gross, fee, fees = _write_trade(record, k, leg, reason, out, bar, tie)
    account.balance += gross - fee
    plan.net += gross - fees
    plan.held[leg] -= out.qty
    if leg == 0 and plan.legs == 2 and reason == TARGET1 and plan.held[leg] == 0:
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
    if plan.ended == 1:  # a late part of its entry came and went
        return
    plan.ended = 1
    scratch = one.tick_value * (plan.entered[0] + plan.entered[1])
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
            held, basis = plan.held[0] + plan.held[1], plan.basis[0] + plan.basis[1]
            ticks = ((closes[k] - plan.side) * held - basis) * plan.side
            total += ticks * one.tick_value - held * one.fee
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
            held, basis = plan.held[0] + plan.held[1], plan.basis[0] + plan.basis[1]
            total += (worst[k] * held - basis) * plan.side * one.tick_value
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
