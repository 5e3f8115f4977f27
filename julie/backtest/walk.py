"""The batch walk: the desk over a whole run, bar by bar where something can happen.

While nothing is open it goes from candidate to candidate; quiet stretches are passed over.

A step is one close on the time line that all instruments share. Within it: fills of the bar, then
the marks, then management, then the decisions, whose orders meet the next bar.
"""

from typing import Any, NamedTuple

from julie.backtest.quiet import pass_over
from julie.core.compiled import machine, number
from julie.core.types import ExitReason, Reason
from julie.desk.book import Out, begin_day, leave, watch
from julie.desk.decide import decide
from julie.desk.step import (
    Bar,
    Moment,
    Seen,
    after_bar,
    before_bar,
    drop_entry,
    place_plan,
    take_fills,
)
from julie.execution.matching import (
    NO_REENTRY,
    SIGNAL_CLOSE,
    fill_bar,
    held_side,
    reach,
)

FLATTEN = int(ExitReason.FLATTEN)
NO_NEXT_BAR, CONTRACT_INACTIVE = int(Reason.NO_NEXT_BAR), int(Reason.CONTRACT_INACTIVE)
MINUTE_NS = 60_000_000_000.0


class Market(NamedTuple):
    """Bars of all instruments on the shared time line, prices in traded ticks."""

    first: Any  # i8 [instruments + 1] first element of each instrument in the row arrays, their end
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
    news: Any  # i1 [rows] 1 = a news window is open, 2 = positions are to be out
    exits: Any  # i1 [strategies with exits, 2, rows]
    bar_ns: int


class Marks(NamedTuple):
    """Last closes and adverse extremes by instrument, and room for the fills of a bar."""

    closes: Any
    worst: Any
    fills: Any


@machine
def _bar_of(m: Any, k: int, row: int) -> Bar:
    at = m.first[k] + row
    ts = m.ts[at]
    return Bar(row, ts, ts + m.bar_ns, m.open[at], m.high[at], m.low[at], m.close[at])


@machine
def _seen(record: Any, m: Any, k: int, row: int) -> Seen:
    at = m.first[k] + row
    plan = record.plans[k]
    which = record.strategies[plan.strategy].exits
    side = 0 if plan.side > 0 else 1
    exits = m.exits[which, side, at] if plan.state == 2 and which >= 0 else 0
    swing = m.swing_down[at] if plan.side > 0 else m.swing_up[at]
    return Seen(m.roll[at] != 0, m.news[at], exits, m.atr[at], swing)


@machine
def _trade(record: Any, books: Any, m: Any, s: int, at: Any, marks: Any, outcome: Any) -> None:
    """The bars of one step on every instrument with orders or a position."""
    for k in range(len(books)):
        row = m.row_of[k, s]
        if row < 0 or record.plans[k].state == 0:
            continue
        bar, book = _bar_of(m, k, row), books[k]
        held = record.plans[k].side
        before_bar(record, book, k, bar.ts, at.day, outcome)
        side = held_side(book)
        now, below, above = reach(book)
        n = 0
        if now or bar.low <= below or bar.high >= above:
            fills_by = record.rules[0].fills
            n, side = fill_bar(book, bar.open, bar.high, bar.low, bar.close, fills_by, marks.fills)
        take_fills(record, book, k, marks.fills, n, bar, side, at, outcome)
        marks.closes[k] = bar.close
        marks.worst[k] = bar.low if held > 0 else bar.high


@machine
def _manage(record: Any, books: Any, m: Any, s: int, at: Any, outcome: Any) -> None:
    """Management at the step's close on every instrument with orders or a position."""
    for k in range(len(books)):
        row = m.row_of[k, s]
        if row >= 0 and record.plans[k].state != 0:
            bar, seen = _bar_of(m, k, row), _seen(record, m, k, row)
            after_bar(record, books[k], k, bar, at, seen, outcome)


@machine
def _left_on(record: Any, k: int, ts: int) -> bool:
    """Whether a trade of the instrument ended on the bar that opened at `ts`."""
    for j in range(record.account[0].legs - 1, -1, -1):
        left = record.trades[j]
        if left.exit_ns != ts:
            return False
        if left.instrument == k:
            return True
    return False


@machine
def _barred(record: Any, m: Any, k: int, row: int) -> int:
    """Why no entry can follow this row: no bar comes, or the contract ends; 0 = one can."""
    at = m.first[k] + row
    if at + 1 >= m.first[k + 1]:
        return NO_NEXT_BAR
    if record.rules[0].fills == NO_REENTRY and _left_on(record, k, m.ts[at]):
        return NO_NEXT_BAR
    return CONTRACT_INACTIVE if record.rules[0].flat_by_roll == 1 and m.roll[at] != 0 else 0


@machine
def _decide(record: Any, books: Any, t: Any, m: Any, first: int, at: Any, marks: Any) -> int:
    """The candidates of one step from row `first` on; returns the first row of a later step."""
    n, lo, s = len(t.step), first, t.step[first]
    while lo < n and t.step[lo] == s:
        k, hi = t.instrument[lo], lo
        while hi < n and t.step[hi] == s and t.instrument[hi] == k:
            hi += 1
        row = m.row_of[k, s]
        if decide(record, t, lo, hi, at, _barred(record, m, k, row)) >= 0:
            marks.closes[k] = m.close[m.first[k] + row]
            place_plan(record, books[k], k)
            if record.rules[0].fills == SIGNAL_CLOSE:
                _at_close(record, books[k], k, m, row, at, marks, t.outcome)
        lo = hi
    return lo


@machine
def _at_close(
    record: Any, book: Any, k: int, m: Any, row: int, at: Any, marks: Any, outcome: Any
) -> None:
    """Other engines' fill at the signal's own close."""
    bar = _bar_of(m, k, row)
    c = bar.close
    point = Bar(bar.row, bar.ts, bar.close_ns, c, c, c, c)
    n, side = fill_bar(book, c, c, c, c, SIGNAL_CLOSE, marks.fills)
    take_fills(record, book, k, marks.fills, n, point, side, at, outcome)


@machine
def _busy(record: Any) -> bool:
    open_plans = 0
    for k in range(len(record.plans)):
        open_plans += record.plans[k].state != 0
    return bool(open_plans)


@machine
def walk(record: Any, books: Any, t: Any, m: Any, marks: Any) -> None:
    """Run every step; answers go into the table's outcome columns and the record's trades."""
    steps, n = len(m.day), len(t.step)
    ci, s = number(0), number(0)
    bar_min = m.bar_ns / MINUTE_NS
    while s < steps:
        busy = _busy(record)
        if busy:
            s = pass_over(record, books, m, s, t.step[ci] if ci < n else steps - 1, marks, bar_min)
        elif ci < n:
            s = max(s, t.step[ci])
        else:
            break
        at = Moment(m.day[s], m.session[s], m.minute[s], m.length[s], bar_min)
        begin_day(record, at.day)
        if busy:
            _trade(record, books, m, s, at, marks, t.outcome)
            watch(record, marks.closes, marks.worst)
            _manage(record, books, m, s, at, t.outcome)
        if ci < n and t.step[ci] == s:
            ci = _decide(record, books, t, m, ci, at, marks)
        s += 1


@machine
def close_out(record: Any, books: Any, t: Any, m: Any) -> None:
    """The run ends: working entries are dropped, open legs closed at the last close."""
    slip = record.rules[0].slippage
    for k in range(len(books)):
        plan = record.plans[k]
        bar = _bar_of(m, k, m.first[k + 1] - m.first[k] - 1)
        if plan.state == 1:
            drop_entry(record, books[k], k, NO_NEXT_BAR, t.outcome)
        elif plan.state == 2:
            for leg in range(2):
                if plan.held[leg] > 0:
                    tick = bar.close - plan.side * slip
                    out = Out(plan.held[leg], tick, slip, number(0), number(0))
                    leave(record, k, leg, FLATTEN, out, bar, False, plan.session)
