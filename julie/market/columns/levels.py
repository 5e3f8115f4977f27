"""Levels of the clock: high, low, first and last price of a stretch of the trading day.

A stretch is a run of minutes (09:30-16:00), a session (ASIA), or each session in its turn. While it
runs its level develops, afterwards it stands until 18:00. *Prior* is the last such stretch of an
earlier trading day (of an earlier session, where each session counts); one older than a week is
forgotten. The opening, the midnight and the night range show only once they have ended: before
that they are no level.
"""

from typing import Any

from julie.core.compiled import compiled
from julie.core.types import Session
from julie.market.columns.column import Column, Kernel, Mirror, Output
from julie.market.columns.raw import CLOSE, DAY, HIGH, LOW, MINUTE, OPEN, SESSION

NAN = float("nan")
ANY = -1  # whatever session the minute lies in
EACH = -2  # every session is a stretch of its own
# minutes since 18:00 Eastern
EVENING, MIDNIGHT, MIDNIGHT_END, DAY_END = 0, 360, 390, 1440
RTH_OPEN, RANGE_END, RTH_CLOSE = 930, 945, 1320


@compiled
def _stretch(
    state: Any, day: Any, minute: Any, session: Any, o: Any, h: Any, lo: Any, c: Any, bar_min: Any,
    begin: float, end: float, which: float, whole: float,
    high: Any, low: Any, first: Any, last: Any, prior_high: Any, prior_low: Any, prior_last: Any,
    start: int, stop: int,
) -> None:  # fmt: skip
    # state: 0 epoch 1 day 2 bars 3 high 4 low 5 first 6 last; 7 prior day 8 high 9 low 10 last
    for t in range(start, stop):
        epoch = day[t] * 8.0 + (session[t] if which == -2.0 else 0.0)
        if epoch != state[0]:
            if state[2] > 0.0:
                state[7], state[8], state[9], state[10] = state[1], state[3], state[4], state[6]
            state[0], state[1], state[2] = epoch, day[t], 0.0
        if begin <= minute[t] < end and (which < 0.0 or session[t] == which):
            if state[2] == 0.0:
                state[3], state[4], state[5] = h[t], lo[t], o[t]
            state[2] += 1.0
            state[3] = max(state[3], h[t])
            state[4] = min(state[4], lo[t])
            state[6] = c[t]
        shown = state[2] > 0.0 and (whole == 0.0 or minute[t] + bar_min[0] >= end)
        high[t] = state[3] if shown else NAN
        low[t] = state[4] if shown else NAN
        first[t] = state[5] if shown else NAN
        last[t] = state[6] if shown else NAN
        fresh = state[7] > 0.0 and day[t] - state[7] <= 7.0
        prior_high[t] = state[8] if fresh else NAN
        prior_low[t] = state[9] if fresh else NAN
        prior_last[t] = state[10] if fresh else NAN


STRETCH = Kernel(
    "stretch",
    _stretch,
    (
        Output("stretch_high", Mirror.PAIR, "highest price of the stretch so far", "stretch_low"),
        Output("stretch_low", Mirror.PAIR, "lowest price of the stretch so far", "stretch_high"),
        Output("stretch_open", Mirror.ODD, "first price of the stretch"),
        Output("stretch_close", Mirror.ODD, "last price of the stretch so far"),
        Output("prior_stretch_high", Mirror.PAIR, "high of the last stretch", "prior_stretch_low"),
        Output("prior_stretch_low", Mirror.PAIR, "low of the last stretch", "prior_stretch_high"),
        Output("prior_stretch_close", Mirror.ODD, "last price of the last stretch"),
    ),
    state=lambda *_: 11,
    memory=lambda *_: 7.0,  # a prior stretch counts for a week
    tables=("bar_min",),
)


def _of(
    output: str, begin: float, end: float, name: str, which: float = ANY, whole: bool = False
) -> Column:  # fmt: skip
    inputs = (DAY, MINUTE, SESSION, OPEN, HIGH, LOW, CLOSE)
    return STRETCH.column(output, inputs, begin, end, which, float(whole)).named(name)


def _of_session(output: str, which: float, name: str) -> Column:
    return _of(output, EVENING, DAY_END, name, which)


def prior_day_high() -> Column:
    """High of the trading day before (18:00-17:00)."""
    return _of("prior_stretch_high", EVENING, DAY_END, "prior_day_high")


def prior_day_low() -> Column:
    """Low of the trading day before (18:00-17:00)."""
    return _of("prior_stretch_low", EVENING, DAY_END, "prior_day_low")


def prior_rth_high() -> Column:
    """High of 09:30-16:00 of the last day that had it."""
    return _of("prior_stretch_high", RTH_OPEN, RTH_CLOSE, "prior_rth_high")


def prior_rth_low() -> Column:
    """Low of 09:30-16:00 of the last day that had it."""
    return _of("prior_stretch_low", RTH_OPEN, RTH_CLOSE, "prior_rth_low")


def prior_rth_close() -> Column:
    """Last price before 16:00 of the last day that had regular hours."""
    return _of("prior_stretch_close", RTH_OPEN, RTH_CLOSE, "prior_rth_close")


def prior_session_high() -> Column:
    """High of the session before this one."""
    return _of_session("prior_stretch_high", EACH, "prior_session_high")


def prior_session_low() -> Column:
    """Low of the session before this one."""
    return _of_session("prior_stretch_low", EACH, "prior_session_low")


def session_high() -> Column:
    """High of the running session so far."""
    return _of_session("stretch_high", EACH, "session_high")


def session_low() -> Column:
    """Low of the running session so far."""
    return _of_session("stretch_low", EACH, "session_low")


def prior_ny_pm_high() -> Column:
    """High of the New York afternoon of an earlier day."""
    return _of_session("prior_stretch_high", Session.NY_PM, "prior_ny_pm_high")


def prior_ny_pm_low() -> Column:
    """Low of the New York afternoon of an earlier day."""
    return _of_session("prior_stretch_low", Session.NY_PM, "prior_ny_pm_low")


def asia_high() -> Column:
    """High of this day's Asian session: developing, then fixed."""
    return _of_session("stretch_high", Session.ASIA, "asia_high")


def asia_low() -> Column:
    """Low of this day's Asian session: developing, then fixed."""
    return _of_session("stretch_low", Session.ASIA, "asia_low")


def london_high() -> Column:
    """High of this day's London session: developing, then fixed."""
    return _of_session("stretch_high", Session.LONDON, "london_high")


def london_low() -> Column:
    """Low of this day's London session: developing, then fixed."""
    return _of_session("stretch_low", Session.LONDON, "london_low")


def overnight_high() -> Column:
    """High of 18:00-09:29: developing, then fixed."""
    return _of("stretch_high", EVENING, RTH_OPEN, "overnight_high")


def overnight_low() -> Column:
    """Low of 18:00-09:29: developing, then fixed."""
    return _of("stretch_low", EVENING, RTH_OPEN, "overnight_low")


def night_high() -> Column:
    """High of 18:00-09:29 once it has ended."""
    return _of("stretch_high", EVENING, RTH_OPEN, "night_high", whole=True)


def night_low() -> Column:
    """Low of 18:00-09:29 once it has ended."""
    return _of("stretch_low", EVENING, RTH_OPEN, "night_low", whole=True)


def midnight_high() -> Column:
    """High of 00:00-00:30 once it has ended."""
    return _of("stretch_high", MIDNIGHT, MIDNIGHT_END, "midnight_high", whole=True)


def midnight_low() -> Column:
    """Low of 00:00-00:30 once it has ended."""
    return _of("stretch_low", MIDNIGHT, MIDNIGHT_END, "midnight_low", whole=True)


def opening_high() -> Column:
    """High of the opening range 09:30-09:45 once it has ended."""
    return _of("stretch_high", RTH_OPEN, RANGE_END, "opening_high", whole=True)


def opening_low() -> Column:
    """Low of the opening range 09:30-09:45 once it has ended."""
    return _of("stretch_low", RTH_OPEN, RANGE_END, "opening_low", whole=True)


def day_high() -> Column:
    """High of the trading day so far."""
    return _of("stretch_high", EVENING, DAY_END, "day_high")


def day_low() -> Column:
    """Low of the trading day so far."""
    return _of("stretch_low", EVENING, DAY_END, "day_low")


def day_open_price() -> Column:
    """First price of the trading day."""
    return _of("stretch_open", EVENING, DAY_END, "day_open_price")


def ny_open_price() -> Column:
    """First price from 09:30 on."""
    return _of("stretch_open", RTH_OPEN, RTH_CLOSE, "ny_open_price")
