"""Volatility regime: are the last minutes quiet or wild for this part of the day?

The deviation of the last returns (New York 120, London 90, Asia 60 bars) is ranked among the same
session's bars of the last 20 completed days. Below 5 the market is asleep (ultra low), below 35
low, above 85 high. A regime once entered is left only 2 points beyond its edge; each session begins
without that memory. Returns are of traded prices; a roll is none.
"""

import math
from typing import Any

from julie.core.compiled import compiled
from julie.market.columns.column import MISSING, Column, Kernel, Mirror, Output
from julie.market.columns.extremes import stdev
from julie.market.columns.percentile import percentile
from julie.market.columns.raw import CLOSE, SESSION, SESSION_OPEN, SHIFT

NAN = float("nan")
ASIA_BARS, LONDON_BARS, NEW_YORK_BARS = 60, 90, 120


@compiled
def _change(state: Any, close: Any, shift: Any, out: Any, start: int, stop: int) -> None:
    for t in range(start, stop):
        out[t] = (close[t] - close[t - 1]) / (close[t - 1] - shift[t - 1])


@compiled
def _by_session(
    state: Any, asia: Any, london: Any, new_york: Any, session: Any, out: Any, start: int, stop: int
) -> None:
    for t in range(start, stop):
        s = session[t]
        out[t] = asia[t] if s == 0 else (london[t] if s == 1 else new_york[t])


@compiled
def _regime(state: Any, rank: Any, session_open: Any, out: Any, start: int, stop: int) -> None:
    # state: 0 the regime of the row before, -1 none
    edges, stay = (5.0, 35.0, 85.0), 2.0
    last = int(state[0]) - 1
    for t in range(start, stop):
        if math.isnan(rank[t]):
            last, out[t] = -1, MISSING
            continue
        if session_open[t] == 1:
            last = -1
        now = 0
        for k in range(3):
            edge = edges[k]
            if last >= 0:
                edge += stay if last <= k else -stay
            # the upper edge itself is not yet high, a lower edge is no longer below
            if rank[t] > edge or (rank[t] == edge and k < 2):
                now = k + 1
        last = out[t] = now
    state[0] = last + 1


CHANGE = Kernel(
    "change",
    _change,
    (Output("change", Mirror.EVEN, "close over the close before, minus 1, of traded prices"),),
    lag=lambda: 1,
    memory=lambda a_day: 1.0 / a_day,
)
BY_SESSION = Kernel(
    "return_sd",
    _by_session,
    (
        Output(
            "return_sd",
            Mirror.EVEN,
            "deviation of the last 60 returns in Asia, 90 in London, 120 in New York",
        ),
    ),
)
REGIME = Kernel(
    "vol_regime",
    _regime,
    (
        Output(
            "vol_regime",
            Mirror.EVEN,
            "0 ultra low, 1 low, 2 normal, 3 high: vol_percentile below 5, below 35, above 85",
            flag=True,
        ),
    ),
    state=lambda: 1,
    memory=lambda a_day: 1.0,
)


def return_sd() -> Column:
    """Standard deviation of the last returns, over the session's own window."""
    change = CHANGE.column("change", (CLOSE, SHIFT))
    windows = (ASIA_BARS, LONDON_BARS, NEW_YORK_BARS)
    return BY_SESSION.column("return_sd", (*(stdev(change, n) for n in windows), SESSION))


def vol_percentile() -> Column:
    """Rank of the last returns' deviation in the same session of 20 days, 0 to 100."""
    return percentile(return_sd())


def vol_regime() -> Column:
    """Volatility regime: 0 ultra low, 1 low, 2 normal, 3 high."""
    return REGIME.column("vol_regime", (vol_percentile(), SESSION_OPEN))
