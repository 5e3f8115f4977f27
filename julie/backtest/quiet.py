"""Quiet stretches: bars on which nothing can happen to what is open. The walk passes over them.

Between its entry and the bar that reaches its stop or target a plain bracket needs nobody. A
stretch ends before the next candidate, before a bar that touches an order, and where the day, the
contract or the venue's time ends, a news window wants positions out or the rule's own exit speaks.
While prices stay inside the brackets the account cannot lose more than at the stops. So where the
stops could reach a limit, or management acts with the bars, every bar is walked instead.
"""

from typing import Any

from julie.core.compiled import machine
from julie.desk.book import visit
from julie.desk.management import past_flat
from julie.desk.step import Moment
from julie.execution.matching import reach


@machine
def _acts_at_closes(account: Any, rules: Any) -> bool:
    """Whether management may have something to say at any close."""
    moves = rules.break_even_r > 0 or rules.break_even_after_first == 1 or rules.trail != 0
    leaves = rules.time_stop > 0 or rules.off_flatten == 1
    ended = account.halted == 1 or account.stopped == 1
    ended = ended or (account.breaker != 0 and rules.flatten_on_limit == 1)
    return bool(moves or leaves or ended)


@machine
def _waits(plan: Any, book: Any) -> bool:
    """Whether the plan is absent, or open with nothing working but its stops and targets."""
    now, _, _ = reach(book)
    return bool(plan.state == 0 or (plan.state == 2 and plan.closing == 0 and not now))


@machine
def _least_equity(record: Any, marks: Any) -> tuple[int, int]:
    """The least that balance and positions can come to inside the brackets: at extremes, at closes.

    An instrument without a bar keeps the marks of its last one.
    """
    extremes = closes = record.account[0].balance
    for k in range(len(record.plans)):
        plan, one = record.plans[k], record.instruments[k]
        if plan.state == 2:
            held, side, entry = plan.held[0] + plan.held[1], plan.side, plan.entry_tick
            worst = min(plan.stop * side, marks.worst[k] * side) - entry * side
            close = min(plan.stop * side, marks.closes[k] * side) - entry * side - 1
            extremes += held * worst * one.tick_value
            closes += held * (close * one.tick_value - one.fee)
    return extremes, closes


@machine
def _limits_hold(record: Any, marks: Any) -> bool:
    """Whether no limit is reached inside the brackets: the venue's two, and our breaker's."""
    account, rules = record.account[0], record.rules[0]
    extremes, closes = _least_equity(record, marks)
    day_net = closes - account.day_start
    if rules.mll > 0 and extremes <= account.floor:
        return False
    if rules.dll > 0 and -day_net >= rules.dll:
        return False
    if rules.breaker == 0 or account.breaker != 0:
        return True
    left = (closes - account.floor) / rules.mll if rules.mll > 0 else 1.0
    return bool(
        -day_net < account.day_limit
        and (rules.trailing_used == 0 or 1.0 - left < rules.trailing_used)
    )


@machine
def _untouched(record: Any, book: Any, m: Any, k: int, first: int, until: int) -> int:
    """The first step from `first` on whose bar asks something of the plan, at most `until`."""
    plan = record.plans[k]
    _, below, above = reach(book)
    rolls = record.rules[0].flat_by_roll == 1
    which = record.strategies[plan.strategy].exits
    side = 0 if plan.side > 0 else 1
    for step in range(first, until):
        row = m.row_of[k, step]
        if row < 0:
            continue
        at = m.first[k] + row
        if m.low[at] <= below or m.high[at] >= above or m.news[at] == 2:
            return step
        if (rolls and m.roll[at] != 0) or (which >= 0 and m.exits[which, side, at] == 1):
            return step
    return until


@machine
def _same_day(record: Any, m: Any, first: int, until: int, bar_min: float) -> int:
    """The first step of another trading day or of flat time, at most `until`."""
    account, rules = record.account[0], record.rules[0]
    for step in range(first, until):
        at = Moment(m.day[step], m.session[step], m.minute[step], m.length[step], bar_min)
        if at.day != account.day or past_flat(rules, at):
            return step
    return until


@machine
def _look_back(record: Any, m: Any, k: int, first: int, until: int, marks: Any) -> None:
    """What the trade has seen on the way: its best and worst price, and the last bar's marks."""
    plan = record.plans[k]
    low, high, last = 1 << 60, -(1 << 60), -1
    for step in range(first, until):
        row = m.row_of[k, step]
        if row >= 0:
            last = m.first[k] + row
            low, high = min(low, m.low[last]), max(high, m.high[last])
    if last < 0:
        return
    for leg in range(2):
        if plan.held[leg] > 0:
            visit(plan, leg, low)
            visit(plan, leg, high)
    marks.closes[k] = m.close[last]
    marks.worst[k] = m.low[last] if plan.side > 0 else m.high[last]


@machine
def pass_over(
    record: Any, books: Any, m: Any, first: int, until: int, marks: Any, bar_min: float
) -> int:
    """Go on to the first step, from `first` to `until`, that has to be walked."""
    if first >= until or _acts_at_closes(record.account[0], record.rules[0]):
        return first
    for k in range(len(books)):
        if not _waits(record.plans[k], books[k]):
            return first
    if not _limits_hold(record, marks):
        return first
    for k in range(len(books)):
        if record.plans[k].state == 2:
            until = _untouched(record, books[k], m, k, first, until)
    until = _same_day(record, m, first, until, bar_min)
    for k in range(len(books)):
        if record.plans[k].state == 2:
            _look_back(record, m, k, first, until, marks)
    return until
