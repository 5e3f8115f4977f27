"""The rule in one plain loop, under any peer's fill rule; it shares no code with an engine.

Prices and distances are whole ticks. A limit fills when the price trades a tick through it, at the
open where the bar opens beyond; a stop fills at the worse of stop and open.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

FIELDS: Final = ("side", "entry_row", "entry", "exit_row", "exit")


@dataclass(frozen=True, slots=True)
class FillRule:
    """What engines do differently."""

    words: str
    at_close: bool = False  # the entry fills at the close of the signal's bar, not the next open
    late: bool = False  # stop and target live from the bar after the entry's
    drawn: bool = False  # the bar is walked open, high, low, close, not the stop first
    pause: bool = False  # no new signal on the bar that closed a trade
    blind: bool = False  # a stop in the bar comes first even where the bar opens beyond the target
    exact: bool = False  # stop and target fill at their own price, even where the open lies beyond


RULES: Final = {
    "backtesting": FillRule("next open, bracket alive on the entry bar, stop first"),
    "backtrader": FillRule("next open, bracket alive from the bar after, stop first", late=True),
    "nautilus": FillRule(
        "signal's close, bracket alive from the next bar, walked open-high-low-close; exits at "
        "their own price over a gap; where a bar closes on the low that stopped a long out, the "
        "next entry fills at that stop",
        at_close=True,
        drawn=True,
        exact=True,
    ),
    "vectorbt": FillRule(
        "signal's close, bracket alive from the next bar, stop first even where the bar opens "
        "beyond the target, no signal on an exit's bar",
        at_close=True,
        pause=True,
        blind=True,
    ),
}


@dataclass(frozen=True, slots=True)
class Bars:
    """Prices in ticks as plain lists, and the signal of each row."""

    open: Sequence[int]
    high: Sequence[int]
    low: Sequence[int]
    close: Sequence[int]
    signal: Sequence[int]


@dataclass(slots=True)
class Open:
    """A trade that runs."""

    side: int
    row: int
    price: int
    stop: int
    target: int


def signals(close: Any, fast: int, slow: int) -> list[int]:
    """1 where the fast average closes above the slow one, -1 where below; seeded with the first."""
    found, gap_before = [0] * len(close), 0.0
    quick = idle = close[0]
    for row, price in enumerate(close.tolist()):
        quick += 2.0 / (fast + 1.0) * (price - quick)
        idle += 2.0 / (slow + 1.0) * (price - idle)
        gap = quick - idle
        if row >= slow and (gap > 0.0 >= gap_before or gap < 0.0 <= gap_before):
            found[row] = 1 if gap > 0.0 else -1
        gap_before = gap
    return found


def exit_price(trade: Open, o: int, h: int, low: int, rule: FillRule) -> int | None:
    """Where the bar closes the trade, or None."""
    side = trade.side
    if side * (o - trade.stop) <= 0:
        return trade.stop if rule.exact else o
    stopped = low <= trade.stop if side > 0 else h >= trade.stop
    if side * (o - trade.target) > 0 and not (rule.blind and stopped):
        return trade.target if rule.exact else o
    reached = h > trade.target if side > 0 else low < trade.target
    target_first = rule.drawn and side > 0  # the high comes before the low
    if reached and (target_first or not stopped):
        return trade.target
    return trade.stop if stopped else None


def replay(
    bars: Bars, stops: Sequence[int], targets: Sequence[int], rule: FillRule
) -> list[tuple[int, int, int, int, int]]:
    """Closed trades as (side, entry row, entry tick, exit row, exit tick)."""
    trades = []
    running: Open | None = None
    waiting = 0  # row of a signal that fills at this open, + 1
    for row, o in enumerate(bars.open):
        left: Open | None = None
        if waiting:
            running = _entered(bars, stops, targets, waiting - 1, row, o)
            waiting = 0
        if running is not None and not (rule.late and running.row == row):
            price = exit_price(running, o, bars.high[row], bars.low[row], rule)
            if price is not None:
                trades.append((running.side, running.row, running.price, row, price))
                running, left = None, running
        if running is not None or not bars.signal[row] or (left and rule.pause):
            continue
        if rule.at_close:
            running = _entered(bars, stops, targets, row, row, bars.close[row])
            running.price = _close(bars, row, left, rule)
        else:
            waiting = row + 1
    return trades


def _close(bars: Bars, row: int, left: Open | None, rule: FillRule) -> int:
    """Where an entry at the close fills; its bracket is laid from the close all the same."""
    o, low, close = bars.open[row], bars.low[row], bars.close[row]
    if rule.exact and left and left.side > 0 and low == close and low <= left.stop < o:
        return left.stop
    return close


def _entered(
    bars: Bars, stops: Sequence[int], targets: Sequence[int], signal: int, row: int, price: int
) -> Open:
    side = bars.signal[signal]
    return Open(side, row, price, price - side * stops[signal], price + side * targets[signal])


def booked(trades: Any, bars: Bars, targets: Sequence[int], rule: FillRule) -> Any:
    """A peer's fills of targets as our fill rule books them.

    A limit of ours fills when the price trades a tick through it, a peer's at its touch. So peers
    are given targets one tick farther, and a fill there is booked at the target itself.
    """
    side, entry_row, entry, exit_row, price = np.asarray(trades, np.int64).T
    signal = entry_row if rule.at_close else entry_row - 1
    beyond = side * (price - entry) == np.asarray(targets)[signal] + 1
    gapped = side * np.asarray(bars.open)[exit_row] >= side * price
    return np.column_stack(
        (side, entry_row, entry, exit_row, np.where(beyond & ~gapped, price - side, price))
    )


def agreeing(one: Any, other: Any) -> tuple[int, int]:
    """(trades that are equal row by row, trades of the longer list)."""
    a, b = (np.asarray(x, np.int64).reshape(-1, len(FIELDS)) for x in (one, other))
    same = min(len(a), len(b))
    return int((a[:same] == b[:same]).all(axis=1).sum()), max(len(a), len(b))
