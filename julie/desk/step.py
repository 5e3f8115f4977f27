"""One bar of one instrument through the desk: stale entries, fills along the path, and what
management orders.

The batch walk and the event desk call these same functions; they differ only in who brings the bars
and fills.
"""

from typing import Any

from julie.core.compiled import machine
from julie.core.types import ExitReason, Reason
from julie.desk.book import enter, exit_label, leave, visit
from julie.desk.management import CLOSE, MOVE, manage, past_flat, past_last_entry, withdraw_entry
from julie.execution.matching import turning_points
from julie.execution.orders import (
    CLOSES,
    cancel_all,
    close_leg,
    entry_at_market,
    move_stop,
    place_leg,
)

GAP = int(ExitReason.GAP)
EXPIRED, WITHDRAWN = int(Reason.EXPIRED), int(Reason.WITHDRAWN)
MARKET = 0


@machine
def drop_entry(record: Any, book: Any, k: int, reason: int, outcome: Any) -> None:
    """Take a working entry off the book and give its candidate the reason."""
    plan = record.plans[k]
    cancel_all(book)
    plan.state = 0
    outcome[plan.candidate] = -reason


@machine
def close_plan(record: Any, book: Any, k: int, closing: int, slip: int) -> None:
    """Market closes for every open leg, stops and targets cancelled."""
    plan = record.plans[k]
    plan.closing = closing
    for leg in range(2):
        if plan.held[leg] > 0:
            close_leg(book, leg, plan.side, plan.held[leg], slip)


@machine
def place_plan(record: Any, book: Any, k: int) -> None:
    """An approved plan's entries with their native brackets; a limit's distance is that of the
    market's reference.
    """
    plan, slip = record.plans[k], record.rules[0].slippage
    for leg in range(plan.legs):
        kind = 1 if plan.entry_kind == 1 else MARKET
        lost = 0 if kind == 1 else slip
        place_leg(
            book, leg, kind, plan.side, plan.qty[leg], plan.limit, plan.sl, plan.tp[leg], lost
        )
        book[3 * leg + 1].slip = slip


@machine
def before_bar(record: Any, book: Any, k: int, ts: int, day: int, outcome: Any) -> None:
    """What a new bar finds: a market entry grown too old, a position that a hole carried past its
    day.
    """
    rules, plan = record.rules[0], record.plans[k]
    if plan.state == 1:
        if plan.day != day and rules.flat > 0:
            drop_entry(record, book, k, WITHDRAWN if plan.entry_kind == 1 else EXPIRED, outcome)
        elif (
            plan.entry_kind == MARKET
            and rules.signal_age_ns > 0
            and ts - plan.decided_ns > rules.signal_age_ns
        ):
            drop_entry(record, book, k, EXPIRED, outcome)
    elif plan.state == 2 and plan.day != day and rules.flat > 0:
        close_plan(record, book, k, 1 + GAP, rules.slippage)


@machine
def _visit_path(
    plan: Any, leg: int, first: int, last: int, o: int, p1: int, p2: int, c: int
) -> None:
    """The turning points of the path that a leg saw between two phases."""
    for phase in range(first, last):
        tick = o if phase == 0 else (p1 if phase == 1 else (p2 if phase == 2 else c))
        visit(plan, leg, tick)


@machine
def take_fills(
    record: Any,
    book: Any,
    k: int,
    fills: Any,
    n: int,
    row: int,
    ts: int,
    close_ns: int,
    o: int,
    h: int,
    l: int,
    c: int,
    side: int,
    day: int,
    session: int,
    outcome: Any,  # noqa: E741
) -> None:
    """Book the fills of one bar in their sequence, with the prices each leg saw on the path."""
    plan = record.plans[k]
    p1, p2 = turning_points(record.rules[0].fills, side, o, h, l, c)
    since0 = since1 = 0
    for f in range(n):
        fill = fills[f]
        leg = fill.slot - CLOSES if fill.slot >= CLOSES else fill.slot // 3
        if fill.slot < CLOSES and fill.slot % 3 == 0:
            enter(record, outcome, k, leg, fill, row, ts, day, session)
            if leg == 0:
                since0 = fill.phase
            else:
                since1 = fill.phase
        else:
            since = since0 if leg == 0 else since1
            _visit_path(plan, leg, since, fill.phase, o, p1, p2, c)
            target = plan.entry_tick + plan.side * plan.tp[leg]
            low, high = (l, h) if plan.side > 0 else (-h, -l)
            tie = low <= plan.stop * plan.side and high > target * plan.side
            reason = exit_label(plan, fill.slot)
            leave(
                record,
                k,
                leg,
                reason,
                fill.tick,
                fill.slip,
                row,
                ts,
                close_ns,
                1 if tie else 0,
                session,
            )
    if plan.state == 2:
        for leg in range(2):
            if plan.held[leg] > 0:
                _visit_path(plan, leg, since0 if leg == 0 else since1, 4, o, p1, p2, c)


@machine
def after_bar(
    record: Any,
    book: Any,
    k: int,
    row: int,
    close: int,
    minute: int,
    length: int,
    bar_min: float,
    roll: bool,
    blackout: int,
    exits: int,
    atr: float,
    swing: float,
    outcome: Any,
) -> None:
    """Management at the close, applied to the book."""
    rules, plan = record.rules[0], record.plans[k]
    if plan.state == 1:
        late = past_last_entry(rules, minute, length, bar_min)
        reason = withdraw_entry(record, k, row, late, roll, blackout)
        if reason > 0:
            drop_entry(record, book, k, reason, outcome)
        elif reason < 0:
            plan.entry_kind = MARKET
            for leg in range(plan.legs):
                entry_at_market(book, leg)
                book[3 * leg].slip = rules.slippage
    elif plan.state == 2 and plan.closing == 0:
        flat = past_flat(rules, minute, length, bar_min)
        action, value = manage(record, k, row, close, flat, roll, blackout, exits, atr, swing)
        if action == CLOSE:
            close_plan(record, book, k, value, rules.slippage)
        elif action == MOVE:
            for leg in range(2):
                if plan.held[leg] > 0:
                    move_stop(book, leg, value)
