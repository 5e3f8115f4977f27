"""Bars, walked second by second: the open, then the one path to low, high and close."""

from typing import TYPE_CHECKING, Final

from julie.core.zones import SECOND_NS
from julie.execution.matching import path
from julie.simgate.market.line import begin
from julie.simgate.market.stalls import Stall

if TYPE_CHECKING:
    from julie.simgate.market.market import Market

_HALF_NS: Final = SECOND_NS // 2


def open_bar(market: "Market", stall: Stall, ns: int) -> bool:
    """A bar that starts now sends its open, which is to be matched."""
    line, series = stall.line, stall.series
    row = series.row_at(ns) if ns % series.base_ns == 0 else -1
    if row < 0 or ns < line.dead_ns or ns < line.halted_ns:
        return False
    up = market.offset(stall, int(series.month[row]))
    o, h, low, c = (
        int(column[row]) + up for column in (series.open, series.high, series.low, series.close)
    )
    volume = int(series.volume[row])
    if line.bars:
        o, h, low, c, volume = line.bars.pop(0)
    seconds = series.base_ns // SECOND_NS
    line.walk = begin(ns, (o, h, low, c), volume, seconds, market.setup.habits.prints_per_bar)
    line.jump = False
    line.moved(o)
    market.tell_quote(stall, ns)
    market.tell_print(stall, line.walk.prints[0], ns)
    return True


def match_open(market: "Market", stall: Stall) -> None:
    """What the open fills, fills; what is held then turns the path to the high or the low first."""
    line = stall.line
    if line.last is None:
        return
    market.pit.point(line.id, line.last)
    walk = line.walk
    if walk is not None and not walk.settled:
        o, h, low, c = walk.bar
        first, second = path(market.pit.held(line.id), o, h, low, c)
        walk.points, walk.settled = (o, int(first), int(second), c), True
    market.pit.marked(line.id, line.last)


def walk_second(market: "Market", stall: Stall, ns: int) -> None:
    """One second along the bar."""
    line = stall.line
    walk = line.walk
    if walk is None or ns < line.dead_ns or ns < line.halted_ns:
        line.jump |= walk is not None
        return
    second = (ns - walk.start_ns) // SECOND_NS
    if second > walk.turns[3]:
        line.walk = None
        return
    tick, phase = walk.at(second)
    if line.jump:
        market.leap(stall, tick)
    elif line.last is not None and tick != line.last:
        market.moment_ns = ns - _HALF_NS
        market.pit.travel(line.id, line.last, tick, phase)
        market.moment_ns = ns
        line.moved(tick)
        market.pit.marked(line.id, tick)
    if second in walk.prints:
        market.tell_quote(stall, ns)
        market.tell_print(stall, walk.prints[second], ns)
