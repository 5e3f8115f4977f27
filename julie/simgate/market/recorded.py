"""Recorded ticks, played as they came: each quote and print at its own moment."""

from typing import TYPE_CHECKING

from julie.core.zones import MINUTE_NS, SECOND_NS
from julie.simgate.market.series import NONE
from julie.simgate.market.stalls import Stall

if TYPE_CHECKING:
    from julie.simgate.market.market import Market


def first_print(market: "Market", stall: Stall, ns: int) -> bool:
    """Recorded ticks of a minute up to its first print, to be matched; whether it has one."""
    while (row := _next_row(market, stall, ns + MINUTE_NS - 1)) >= 0:
        if _play_row(market, stall, row):
            return True
    return False


def play_second(market: "Market", stall: Stall, ns: int) -> None:
    """The quote as it stands, then all that was recorded in this second."""
    if heard_until(stall) < ns:
        market.tell_quote(stall, ns)
    while (row := _next_row(market, stall, ns + SECOND_NS - 1)) >= 0:
        if _play_row(market, stall, row) and stall.line.last is not None:
            market.pit.point(stall.line.id, stall.line.last)
            market.pit.marked(stall.line.id, stall.line.last)


def heard_until(stall: Stall) -> int:
    """When the newest recorded row was played; 0 = none, or it plays bars."""
    row, ticks = stall.line.tick_row, stall.series.ticks
    return int(ticks.ts[row - 1]) if ticks is not None and row > 0 else 0


def _next_row(market: "Market", stall: Stall, until: int) -> int:
    ticks, line = stall.series.ticks, stall.line
    assert ticks is not None  # noqa: S101 - the caller has looked
    if line.tick_row < 0:
        line.tick_row = int(ticks.ts.searchsorted(market.setup.start_ns))
    row = line.tick_row
    if row >= len(ticks.ts) or int(ticks.ts[row]) > until:
        return -1
    line.tick_row += 1
    return row


def _play_row(market: "Market", stall: Stall, row: int) -> bool:
    """One recorded event goes out; whether it was a print."""
    ticks, line = stall.series.ticks, stall.line
    assert ticks is not None  # noqa: S101 - the caller has looked
    ns, last, up = int(ticks.ts[row]), int(ticks.last[row]), market.offset(stall, 0)
    if ns < line.dead_ns or ns < line.halted_ns:
        return False
    market.begin_moment(ns)
    if last != NONE:
        line.moved(last + up)
        line.sold = bool(ticks.sell[row])
    if int(ticks.bid[row]) != NONE and int(ticks.ask[row]) != NONE:
        line.bid, line.ask = int(ticks.bid[row]) + up, int(ticks.ask[row]) + up
    market.tell_quote(stall, ns)
    if last == NONE:
        return False
    market.tell_print(stall, int(ticks.size[row]), ns)
    return True
