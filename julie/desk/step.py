"""One bar of one instrument through the desk: stale entries, fills along the path, management.

The batch walk and the event desk call these same functions; they differ only in who brings the bars
and fills.
"""

from typing import Any, NamedTuple

from julie.core.compiled import machine
from julie.core.types import ExitReason, Reason
from julie.desk.book import Out, enter, exit_label, leave, visit
from julie.desk.management import CLOSE, MOVE, manage, past_flat, past_last_entry, withdraw_entry
from julie.execution.matching import turning_points
from julie.execution.orders import (
    CLOSES,
    FREE,
    HELD,
    WORKING,
    cancel_all,
    close_leg,
    entry_at_market,
    move_stop,
    place_leg,
)

GAP = int(ExitReason.GAP)
EXPIRED, WITHDRAWN = int(Reason.EXPIRED), int(Reason.WITHDRAWN)
MARKET, LIMIT = 0, 1
STILL_OPEN = 4  # a phase behind the bar's last


class Moment(NamedTuple):
    """Where in the trading day a bar closes."""

    day: int
    session: int
    minute: int  # of the bar's open, since 18:00
    length: int  # minutes of the trading day
    bar_min: float


class Bar(NamedTuple):
    """One bar in traded ticks."""

    row: int
    ts: int
    close_ns: int
    open: int
    high: int
    low: int
    close: int


class Seen(NamedTuple):
    """What management asks of the bar's row."""

    roll: bool  # the contract ends with this bar or the next
    news: int  # 1 a window is open, 2 positions are to be out
    exits: int  # the open plan's own rule would close it
    atr: float
    swing: float  # last confirmed swing behind the trade, traded points


@machine
def drop_entry(record: Any, book: Any, k: int, reason: int, outcome: Any) -> None:
    """Take a working entry off the book and give its candidate the reason."""
    plan = record.plans[k]
    cancel_all(book)
    plan.state = 0
    outcome[plan.candidate] = -reason


@machine
def _rest_works(plan: Any, book: Any) -> bool:
    """Whether a part of the entry filled and the rest still works."""
    return bool(plan.state == 2 and (book[0].state == WORKING or book[3].state == WORKING))


@machine
def _cancel_rest(plan: Any, book: Any) -> None:
    """What is left of a partly filled entry goes off the book; the plan is what did fill."""
    for leg in range(2):
        if book[3 * leg].state == WORKING:
            book[3 * leg].state = FREE
            for child in range(3 * leg + 1, 3 * leg + 3):
                if book[child].state == HELD:
                    book[child].state = FREE
        plan.qty[leg] = plan.entered[leg]


@machine
def close_plan(record: Any, book: Any, k: int, closing: int) -> None:
    """Market closes for every open leg, stops and targets cancelled."""
    plan = record.plans[k]
    plan.closing = closing
    _cancel_rest(plan, book)
    for leg in range(2):
        if plan.held[leg] > 0:
            close_leg(book, leg, plan.side, plan.held[leg], record.rules[0].slippage)


@machine
def place_plan(record: Any, book: Any, k: int) -> None:
    """An approved plan's entries with their native brackets; a limit loses no slippage."""
    plan, slip = record.plans[k], record.rules[0].slippage
    for leg in range(plan.legs):
        kind = LIMIT if plan.entry_kind == LIMIT else MARKET
        lost = 0 if kind == LIMIT else slip
        place_leg(
            book, leg, kind, plan.side, plan.qty[leg], plan.limit, plan.sl, plan.tp[leg], lost
        )
        book[3 * leg + 1].slip = slip


@machine
def before_bar(record: Any, book: Any, k: int, ts: int, day: int, outcome: Any) -> None:
    """What a new bar finds: a market entry too old, a position that a hole carried past its day."""
    rules, plan = record.rules[0], record.plans[k]
    other_day, market = plan.day != day, plan.entry_kind == MARKET
    aged = market and rules.signal_age_ns > 0 and ts - plan.decided_ns > rules.signal_age_ns
    if _rest_works(plan, book) and (other_day or aged):
        _cancel_rest(plan, book)
    if plan.state == 2 and other_day and rules.flat > 0:
        close_plan(record, book, k, 1 + GAP)
    elif plan.state == 1:
        left_over = other_day and (not market or rules.flat > 0)  # a limit ends with its day
        if left_over or aged:
            drop_entry(record, book, k, EXPIRED if market else WITHDRAWN, outcome)


@machine
def _visit_path(plan: Any, leg: int, first: int, last: int, bar: Any, turns: Any) -> None:
    """The points of the path that a leg saw between two phases: open, two turns, close."""
    for phase in range(first, last):
        if phase == 0:
            visit(plan, leg, bar.open)
        elif phase == 3:
            visit(plan, leg, bar.close)
        else:
            visit(plan, leg, turns[phase - 1])


@machine
def _tied(plan: Any, leg: int, bar: Any) -> bool:
    """Whether stop and target both lay in the bar that closed the leg."""
    target = (plan.leg_tick[leg] + plan.side * plan.tp[leg]) * plan.side
    if plan.side > 0:
        return bool(bar.low <= plan.stop and bar.high > target)
    return bool(bar.high >= plan.stop and -bar.low > target)


@machine
def take_fills(
    record: Any, book: Any, k: int, fills: Any, n: int, bar: Any, side: int, at: Any, outcome: Any
) -> None:
    """Book the fills of one bar in their sequence, with the prices each leg saw on the path."""
    plan = record.plans[k]
    turns = turning_points(record.rules[0].fills, side, bar.open, bar.high, bar.low, bar.close)
    since0 = since1 = 0
    for f in range(n):
        fill = fills[f]
        leg = fill.slot - CLOSES if fill.slot >= CLOSES else fill.slot // 3
        if fill.slot < CLOSES and fill.slot % 3 == 0:
            if plan.held[leg] == 0:  # a later part saw no less than the first
                since0 = fill.phase if leg == 0 else since0
                since1 = fill.phase if leg == 1 else since1
            enter(record, outcome, k, leg, fill, bar.row, bar.ts, at.day, at.session)
        elif plan.held[leg] > 0:  # what closes more than is held is no trade of this plan
            _visit_path(plan, leg, since0 if leg == 0 else since1, fill.phase, bar, turns)
            settled = fill.phase == 0 or fill.slot >= CLOSES  # the open decided, not the rule
            reason, tie = exit_label(plan, fill.slot), not settled and _tied(plan, leg, bar)
            out = Out(min(fill.qty, plan.held[leg]), fill.tick, fill.slip, fill.fee, fill.fee_told)
            leave(record, k, leg, reason, out, bar, tie, at.session)
    if plan.state == 2:
        for leg in range(2):
            if plan.held[leg] > 0:
                _visit_path(plan, leg, since0 if leg == 0 else since1, STILL_OPEN, bar, turns)
    elif plan.ended == 1:
        _cancel_rest(plan, book)


@machine
def _working_entry(record: Any, book: Any, k: int, bar: Any, at: Any, seen: Any, out: Any) -> None:
    """A working entry at a close: leave it, take it off, or turn it into a market order."""
    rules, plan = record.rules[0], record.plans[k]
    late = past_last_entry(rules, at) or past_flat(rules, at)
    reason = withdraw_entry(record, k, bar.row, late, seen.roll, seen.news)
    if reason > 0:
        drop_entry(record, book, k, reason, out)
    elif reason < 0:
        plan.entry_kind = MARKET
        plan.decided_ns = bar.close_ns
        for leg in range(plan.legs):
            entry_at_market(book, leg)
            book[3 * leg].slip = rules.slippage


@machine
def after_bar(record: Any, book: Any, k: int, bar: Any, at: Any, seen: Any, outcome: Any) -> None:
    """Management at the close, applied to the book."""
    plan = record.plans[k]
    if plan.state == 1:
        _working_entry(record, book, k, bar, at, seen, outcome)
        return
    flat = past_flat(record.rules[0], at)
    if _rest_works(plan, book):
        late = flat or past_last_entry(record.rules[0], at)
        if withdraw_entry(record, k, bar.row, late, seen.roll, seen.news) != 0:
            _cancel_rest(plan, book)
    if plan.state == 2 and plan.closing == 0:
        action, value = manage(record, k, bar.row, bar.close, flat, seen)
        if action == CLOSE:
            close_plan(record, book, k, value)
        elif action == MOVE:
            for leg in range(2):
                if plan.held[leg] > 0:
                    move_stop(book, leg, value)
