"""The batch walk: the desk over a whole run, step by step where something is open, from candidate
to candidate else.

A step is one close on the time line that all instruments share. Within it: fills of the bar, then
the marks, then management, then the decisions, whose orders meet the next bar.
"""

from typing import Any, NamedTuple

from julie.core.compiled import machine
from julie.core.types import ExitReason, Reason
from julie.desk.book import begin_day, breach, leave, mark, touches_floor
from julie.desk.decide import decide
from julie.desk.step import after_bar, before_bar, drop_entry, place_plan, take_fills
from julie.execution.matching import NO_REENTRY, SIGNAL_CLOSE, fill_bar, held_side, reach

FLATTEN = int(ExitReason.FLATTEN)
NO_NEXT_BAR, MAXIMUM_LOSS = int(Reason.NO_NEXT_BAR), int(Reason.MAXIMUM_LOSS)


class Market(NamedTuple):
    """Bars of all instruments on the shared time line, prices in traded ticks."""

    first: Any  # i8 [instruments] first element of each instrument in the row arrays
    row_of: Any  # i4 [instruments, steps] row of the step, -1 = no bar
    day: Any  # i4 [steps]
    minute: Any  # i2 [steps] minutes since 18:00
    length: Any  # i2 [steps] minutes of the trading day
    session: Any  # i1 [steps]
    ts: Any  # i8 [rows] bar opens
    open: Any
    high: Any
    low: Any
    close: Any
    atr: Any  # f8 [rows] points
    swing_up: Any  # f8 [rows] last confirmed swing high, traded points
    swing_down: Any
    roll: Any  # i1 [rows] 1 = a contract ends with the next bar, 2 = with this one
    blackout: Any  # i1 [rows] a news window is open
    exits: Any  # i1 [strategies with exits, 2, rows]
    bar_ns: int


@machine
def _bar(
    record: Any,
    book: Any,
    k: int,
    at: int,
    row: int,
    m: Any,
    day: int,
    session: int,
    fills: Any,
    outcome: Any,
) -> None:
    """One bar of one instrument with orders or a position: its fills."""
    ts = m.ts[at]
    before_bar(record, book, k, ts, day, outcome)
    o, h, l, c = m.open[at], m.high[at], m.low[at], m.close[at]  # noqa: E741
    now, below, above = reach(book)
    n = 0
    side = held_side(book)
    if now or l <= below or h >= above:
        for f in range(len(book)):
            order = book[f]
            if order.state == 1 and order.kind == 0 and f < 6:
                side = order.side
        n = fill_bar(book, o, h, l, c, record.rules[0].fills, fills)
    take_fills(
        record, book, k, fills, n, row, ts, ts + m.bar_ns, o, h, l, c, side, day, session, outcome
    )


@machine
def _at_close(
    record: Any,
    book: Any,
    k: int,
    at: int,
    row: int,
    m: Any,
    day: int,
    session: int,
    fills: Any,
    outcome: Any,
) -> None:
    """Other engines' fill at the signal's own close."""
    c, ts = m.close[at], m.ts[at]
    n = fill_bar(book, c, c, c, c, SIGNAL_CLOSE, fills)
    take_fills(
        record,
        book,
        k,
        fills,
        n,
        row,
        ts,
        ts + m.bar_ns,
        c,
        c,
        c,
        c,
        record.plans[k].side,
        day,
        session,
        outcome,
    )


@machine
def _exit_flag(record: Any, m: Any, k: int, at: int) -> int:
    plan = record.plans[k]
    which = record.strategies[plan.strategy].exits
    return m.exits[which, 0 if plan.side > 0 else 1, at] if plan.state == 2 and which >= 0 else 0


@machine
def walk(record: Any, books: Any, t: Any, m: Any, fills: Any, closes: Any, worst: Any) -> None:
    """Run every step; answers go into the table's outcome columns and the record's trades."""
    steps, instruments, n = len(m.day), len(books), len(t.step)
    ci, s = 0, 0
    bar_min = m.bar_ns / 60_000_000_000
    fills_by = record.rules[0].fills
    while s < steps:
        active = False
        for k in range(instruments):
            active = active or record.plans[k].state != 0
        if not active:
            if ci >= n:
                break
            s = max(s, t.step[ci])
        day, session = m.day[s], m.session[s]
        begin_day(record, day)
        open_before = record.account[0].open_pnl != 0
        if active:
            for k in range(instruments):
                row = m.row_of[k, s]
                if row < 0 or record.plans[k].state == 0:
                    continue
                at = m.first[k] + row
                was = record.plans[k].side
                _bar(record, books[k], k, at, row, m, day, session, fills, t.outcome)
                closes[k] = m.close[at]
                worst[k] = m.low[at] if was > 0 else m.high[at]
            if touches_floor(record, worst):
                record.account[0].halted = 1
                breach(record, MAXIMUM_LOSS)
            mark(record, closes)
            for k in range(instruments):
                row = m.row_of[k, s]
                if row < 0 or record.plans[k].state == 0:
                    continue
                at = m.first[k] + row
                up = record.plans[k].side > 0
                swing = m.swing_down[at] if up else m.swing_up[at]
                after_bar(
                    record,
                    books[k],
                    k,
                    row,
                    m.close[at],
                    m.minute[s],
                    m.length[s],
                    bar_min,
                    m.roll[at] != 0,
                    m.blackout[at],
                    _exit_flag(record, m, k, at),
                    m.atr[at],
                    swing,
                    t.outcome,
                )
        elif open_before:
            mark(record, closes)
        while ci < n and t.step[ci] == s:
            hi = ci
            k = t.instrument[ci]
            while hi < n and t.step[hi] == s and t.instrument[hi] == k:
                hi += 1
            row = m.row_of[k, s]
            at = m.first[k] + row
            last = row < 0 or at + 1 >= (m.first[k + 1] if k + 1 < instruments else len(m.ts))
            stop_here = record.rules[0].flat_by_roll == 1 and m.roll[at] != 0
            barred = 1 if last else (2 if stop_here else 0)
            if fills_by == NO_REENTRY and record.account[0].legs > 0:
                left = record.trades[record.account[0].legs - 1]
                barred = 1 if left.exit_row == row and left.instrument == k else barred
            if decide(record, t, ci, hi, day, session, barred) >= 0:
                closes[k] = m.close[at]
                place_plan(record, books[k], k)
                if fills_by == SIGNAL_CLOSE:
                    _at_close(record, books[k], k, at, row, m, day, session, fills, t.outcome)
            ci = hi
        s += 1


@machine
def close_out(record: Any, books: Any, t: Any, m: Any) -> None:
    """The run ends: working entries are dropped, open legs closed at the last close."""
    for k in range(len(books)):
        plan = record.plans[k]
        end = (m.first[k + 1] if k + 1 < len(books) else len(m.ts)) - 1
        if plan.state == 1:
            drop_entry(record, books[k], k, NO_NEXT_BAR, t.outcome)
        elif plan.state == 2:
            slip = record.rules[0].slippage
            for leg in range(2):
                if plan.held[leg] > 0:
                    tick = m.close[end] - plan.side * slip
                    close_ns = m.ts[end] + m.bar_ns
                    leave(
                        record,
                        k,
                        leg,
                        FLATTEN,
                        tick,
                        slip,
                        end - m.first[k],
                        m.ts[end],
                        close_ns,
                        0,
                        plan.session,
                    )
