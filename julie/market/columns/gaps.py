"""Fair value gaps: prices that one side ran through without a fight, and where it may return.

Bullish: the low lies above the high of two bars before; the zone between them is live until its far
edge trades. Bearish is the mirror. Where the bar that trades the far edge also closes through it,
the zone flips: an inverse gap of the other side, live until its own far edge trades. A body gap is
the same between bodies, and dies as well when its far edge trades. A zone counts from `min_atr`
times ATR(14) in size, for `max_age` bars; each side keeps its 32 newest and shows the one nearest
to price.
"""

from typing import Any

from julie.core.compiled import compiled
from julie.market.columns.averages import atr
from julie.market.columns.column import Column, Kernel, Mirror, Output
from julie.market.columns.raw import CLOSE, HIGH, LOW, OPEN

NAN = float("nan")
MAX_AGE = 240
FIVE_DAYS = 115  # hours
KEPT = 32
# A list of zones: 0 how many, 1 the far edge that trades first (times side), 2 row of the oldest,
# 3 place of the one nearest to price; then near edge, far edge and row of each, oldest first.
LIST = 4 + 3 * KEPT


@compiled
def _survey(zones: Any, side: float) -> None:
    best = 4
    for i in range(4, 4 + 3 * int(zones[0]), 3):
        if i == 4 or side * zones[i + 1] > zones[1]:
            zones[1] = side * zones[i + 1]
        if side * zones[i] >= side * zones[best]:
            best = i
    zones[2], zones[3] = zones[6], best


@compiled
def _add(zones: Any, near: float, far: float, row: float, side: float) -> None:
    n = int(zones[0])
    if n == KEPT:
        for i in range(4, 1 + 3 * KEPT):
            zones[i] = zones[i + 3]
        n -= 1
    zones[4 + 3 * n], zones[5 + 3 * n], zones[6 + 3 * n] = near, far, row
    zones[0] = n + 1
    _survey(zones, side)


@compiled
def _live(
    zones: Any, flipped: Any, flips: bool, row: float, oldest: float, x: float, close: float,
    side: float,
) -> bool:  # fmt: skip
    """Keep what is alive; what a close ran through joins the other side's inverse zones."""
    if zones[0] == 0.0 or (side * x > zones[1] and row - zones[2] <= oldest):
        return False
    kept, any_flip = 4, False
    for i in range(4, 4 + 3 * int(zones[0]), 3):
        near, far, born = zones[i], zones[i + 1], zones[i + 2]
        if row - born > oldest:
            continue
        if side * x <= side * far:
            if flips and side * close < side * far:
                _add(flipped, far, near, row, -side)
                any_flip = True
            continue
        zones[kept], zones[kept + 1], zones[kept + 2] = near, far, born
        kept += 3
    zones[0] = (kept - 4) // 3
    _survey(zones, side)
    return any_flip


@compiled
def _edge(o: float, h: float, lo: float, c: float, side: float, body: bool) -> float:
    """The end of a bar on one side: its high or low, or that of its body."""
    if side > 0.0:
        return max(o, c) if body else h
    return min(o, c) if body else lo


@compiled
def _show(
    zones: Any, row: float, side: float, low: Any, high: Any, age: Any, t: int
) -> None:  # fmt: skip
    if zones[0] == 0.0:
        low[t] = high[t] = age[t] = NAN
        return
    best = int(zones[3])
    near, far = zones[best], zones[best + 1]
    low[t], high[t] = (far, near) if side > 0.0 else (near, far)
    age[t] = row - zones[best + 2]


@compiled
def _gaps(
    state: Any, o: Any, h: Any, lo: Any, c: Any, atr14: Any,
    least: float, oldest: float, body: float,
    bull_low: Any, bull_high: Any, bull_age: Any, bear_low: Any, bear_high: Any, bear_age: Any,
    ibull_low: Any, ibull_high: Any, ibull_age: Any,
    ibear_low: Any, ibear_high: Any, ibear_age: Any,
    new: Any, flipped: Any, size: Any, start: int, stop: int,
) -> None:  # fmt: skip
    # state: 0 row 1 size of the newest gap 2 its row; four lists of zones
    bull, bear = state[3 : 3 + LIST], state[3 + LIST : 3 + 2 * LIST]
    ibull, ibear = state[3 + 2 * LIST : 3 + 3 * LIST], state[3 + 3 * LIST : 3 + 4 * LIST]
    bodies = body > 0.0
    for t in range(start, stop):
        state[0] += 1.0
        row = state[0]
        _live(ibull, ibear, False, row, oldest, lo[t], c[t], 1.0)
        _live(ibear, ibull, False, row, oldest, h[t], c[t], -1.0)
        down = _live(bull, ibear, True, row, oldest, lo[t], c[t], 1.0)
        up = _live(bear, ibull, True, row, oldest, h[t], c[t], -1.0)
        flipped[t] = int(up) - int(down)
        new[t] = 0
        for side in (1.0, -1.0):
            near = _edge(o[t], h[t], lo[t], c[t], -side, bodies)
            far = _edge(o[t - 2], h[t - 2], lo[t - 2], c[t - 2], side, bodies)
            wide = side * (near - far)
            if wide > 0.0 and (least == 0.0 or wide >= least * atr14[t]):
                _add(bull if side > 0.0 else bear, near, far, row, side)
                new[t], state[1], state[2] = side, wide, row
        _show(bull, row, 1.0, bull_low, bull_high, bull_age, t)
        _show(bear, row, -1.0, bear_low, bear_high, bear_age, t)
        _show(ibull, row, 1.0, ibull_low, ibull_high, ibull_age, t)
        _show(ibear, row, -1.0, ibear_low, ibear_high, ibear_age, t)
        size[t] = state[1] if state[2] > 0.0 and row - state[2] <= oldest else NAN


def _zone(kind: str, word: str) -> tuple[Output, ...]:
    sides = (("bull", "bear", "bullish"), ("bear", "bull", "bearish"))
    return tuple(
        made
        for side, other, name in sides
        for made in (
            Output(f"{kind}_{side}_low", Mirror.PAIR, f"bottom of the nearest {name} {word}",
                   f"{kind}_{other}_high"),
            Output(f"{kind}_{side}_high", Mirror.PAIR, f"top of the nearest {name} {word}",
                   f"{kind}_{other}_low"),
            Output(f"{kind}_{side}_age", Mirror.PAIR_EVEN, f"bars since the nearest {name} {word}",
                   f"{kind}_{other}_age"),
        )
    )  # fmt: skip


GAPS = Kernel(
    "fvg",
    _gaps,
    (
        *_zone("fvg", "gap"),
        *_zone("ifvg", "inverse gap"),
        Output("fvg_new", Mirror.ODD, "+1, -1 on the bar that leaves a gap", flag=True),
        Output("ifvg_new", Mirror.ODD, "+1, -1 on the bar that flips a gap", flag=True),
        Output("fvg_size", Mirror.EVEN, "height of the newest gap"),
    ),
    state=lambda *_: 3 + 4 * LIST,
    lag=lambda *_: 2,
    memory=lambda least, oldest, body, a_day: 1.0 + 2.5 * oldest / a_day,
)


def _gap(output: str, min_atr: float, max_age: int, body: bool = False) -> Column:
    # a gap of any size does not lean on the long memory of an average
    usual = atr(14) if min_atr > 0.0 else CLOSE
    return GAPS.column(output, (OPEN, HIGH, LOW, CLOSE, usual), min_atr, max_age, float(body))


def _body_gap(output: str, min_atr: float, max_age: int) -> Column:
    column = _gap(output, min_atr, max_age, body=True)
    return column.named(f"body_gap_{output[4:]}({min_atr:g}, {max_age})")


def fvg_bull_low(min_atr: float = 0.0, max_age: int = MAX_AGE) -> Column:
    """Bottom of the nearest live bullish gap."""
    return _gap("fvg_bull_low", min_atr, max_age)


def fvg_bull_high(min_atr: float = 0.0, max_age: int = MAX_AGE) -> Column:
    """Top of the nearest live bullish gap."""
    return _gap("fvg_bull_high", min_atr, max_age)


def fvg_bull_age(min_atr: float = 0.0, max_age: int = MAX_AGE) -> Column:
    """Bars since the making of the nearest live bullish gap."""
    return _gap("fvg_bull_age", min_atr, max_age)


def fvg_bear_low(min_atr: float = 0.0, max_age: int = MAX_AGE) -> Column:
    """Bottom of the nearest live bearish gap."""
    return _gap("fvg_bear_low", min_atr, max_age)


def fvg_bear_high(min_atr: float = 0.0, max_age: int = MAX_AGE) -> Column:
    """Top of the nearest live bearish gap."""
    return _gap("fvg_bear_high", min_atr, max_age)


def fvg_bear_age(min_atr: float = 0.0, max_age: int = MAX_AGE) -> Column:
    """Bars since the making of the nearest live bearish gap."""
    return _gap("fvg_bear_age", min_atr, max_age)


def ifvg_bull_low(min_atr: float = 0.0, max_age: int = MAX_AGE) -> Column:
    """Bottom of the nearest inverse gap that now is bullish."""
    return _gap("ifvg_bull_low", min_atr, max_age)


def ifvg_bull_high(min_atr: float = 0.0, max_age: int = MAX_AGE) -> Column:
    """Top of the nearest inverse gap that now is bullish."""
    return _gap("ifvg_bull_high", min_atr, max_age)


def ifvg_bull_age(min_atr: float = 0.0, max_age: int = MAX_AGE) -> Column:
    """Bars since the making of the nearest inverse gap that now is bullish."""
    return _gap("ifvg_bull_age", min_atr, max_age)


def ifvg_bear_low(min_atr: float = 0.0, max_age: int = MAX_AGE) -> Column:
    """Bottom of the nearest inverse gap that now is bearish."""
    return _gap("ifvg_bear_low", min_atr, max_age)


def ifvg_bear_high(min_atr: float = 0.0, max_age: int = MAX_AGE) -> Column:
    """Top of the nearest inverse gap that now is bearish."""
    return _gap("ifvg_bear_high", min_atr, max_age)


def ifvg_bear_age(min_atr: float = 0.0, max_age: int = MAX_AGE) -> Column:
    """Bars since the making of the nearest inverse gap that now is bearish."""
    return _gap("ifvg_bear_age", min_atr, max_age)


def fvg_new(min_atr: float = 0.0, max_age: int = MAX_AGE) -> Column:
    """+1 or -1 on the bar that leaves a gap."""
    return _gap("fvg_new", min_atr, max_age)


def ifvg_new(min_atr: float = 0.0, max_age: int = MAX_AGE) -> Column:
    """+1 or -1 on the bar that flips a gap to that side."""
    return _gap("ifvg_new", min_atr, max_age)


def fvg_size(min_atr: float = 0.0, max_age: int = MAX_AGE) -> Column:
    """Height in points of the newest gap."""
    return _gap("fvg_size", min_atr, max_age)


def body_gap_bull_low(min_atr: float = 0.5, max_age: int = FIVE_DAYS) -> Column:
    """Bottom of the nearest live bullish gap between bodies; write it `on` 60m."""
    return _body_gap("fvg_bull_low", min_atr, max_age)


def body_gap_bull_high(min_atr: float = 0.5, max_age: int = FIVE_DAYS) -> Column:
    """Top of the nearest live bullish gap between bodies; write it `on` 60m."""
    return _body_gap("fvg_bull_high", min_atr, max_age)


def body_gap_bear_low(min_atr: float = 0.5, max_age: int = FIVE_DAYS) -> Column:
    """Bottom of the nearest live bearish gap between bodies; write it `on` 60m."""
    return _body_gap("fvg_bear_low", min_atr, max_age)


def body_gap_bear_high(min_atr: float = 0.5, max_age: int = FIVE_DAYS) -> Column:
    """Top of the nearest live bearish gap between bodies; write it `on` 60m."""
    return _body_gap("fvg_bear_high", min_atr, max_age)
