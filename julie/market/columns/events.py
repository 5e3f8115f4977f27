"""What the clock knows ahead: minutes to and since news, holiday rows, the minute of decision.

A bar is decided on at its close, so all of these are measured from there. Calendars are published
before the day they speak of; where no calendar covers a trading day, the fixed times at which
news usually comes stand in for it. News minutes are infinite where no event lies on that side.
"""

from typing import Any

import numpy as np

from julie.core.compiled import compiled
from julie.market.columns.column import Column, Kernel, Mirror, Output
from julie.market.columns.raw import DAY, MINUTE, TS


@compiled
def _decision(state: Any, minute: Any, bar_min: Any, out: Any, start: int, stop: int) -> None:
    for t in range(start, stop):
        out[t] = minute[t] + bar_min[0]


@compiled
def _news(
    state: Any,
    ts: Any,
    day: Any,
    minute: Any,
    news_ns: Any,
    news_days: Any,
    fixed: Any,
    bar_min: Any,
    to_event: Any,
    since_event: Any,
    to_fixed: Any,
    since_fixed: Any,
    known: Any,
    start: int,
    stop: int,
) -> None:
    minute_ns = 60_000_000_000.0
    bar_ns = int(bar_min[0] * minute_ns)
    n, days = len(news_ns), len(news_days)
    ahead = np.searchsorted(news_ns, ts[start] + bar_ns)
    d = np.searchsorted(news_days, day[start])
    for t in range(start, stop):
        now = ts[t] + bar_ns
        while ahead < n and news_ns[ahead] < now:
            ahead += 1
        to_event[t] = (news_ns[ahead] - now) / minute_ns if ahead < n else np.inf
        since_event[t] = (now - news_ns[ahead - 1]) / minute_ns if ahead > 0 else np.inf
        if to_event[t] == 0.0:
            since_event[t] = 0.0
        m = minute[t] + bar_min[0]
        to_fixed[t] = np.inf
        since_fixed[t] = np.inf
        for k in range(len(fixed)):
            if fixed[k] >= m:
                to_fixed[t] = min(to_fixed[t], fixed[k] - m)
            if fixed[k] <= m:
                since_fixed[t] = min(since_fixed[t], m - fixed[k])
        while d < days and news_days[d] < day[t]:
            d += 1
        known[t] = 1 if d < days and news_days[d] == day[t] else 0


@compiled
def _holiday(
    state: Any,
    day: Any,
    minute: Any,
    days: Any,
    rows: Any,
    effects: Any,
    froms: Any,
    tos: Any,
    bar_min: Any,
    effect: Any,
    row: Any,
    start: int,
    stop: int,
) -> None:
    k = np.searchsorted(days, day[start])
    for t in range(start, stop):
        while k < len(days) and days[k] < day[t]:
            k += 1
        effect[t], row[t] = 0, 0
        m = minute[t] + bar_min[0]
        j = k
        while j < len(days) and days[j] == day[t]:
            if froms[j] <= m < tos[j] and effects[j] > effect[t]:
                effect[t], row[t] = effects[j], rows[j]
            j += 1


DECISION = Kernel(
    "decision",
    _decision,
    (Output("decision_minute", Mirror.EVEN, "minutes from 18:00 Eastern to the bar's close"),),
    tables=("bar_min",),
)
NEWS = Kernel(
    "news",
    _news,
    (
        Output(
            "min_to_event", Mirror.EVEN, "minutes from the bar's close to the next high-impact news"
        ),
        Output("min_since_event", Mirror.EVEN, "minutes since the last high-impact news"),
        Output("min_to_fixed", Mirror.EVEN, "minutes to the day's next fixed news time"),
        Output("min_since_fixed", Mirror.EVEN, "minutes since the day's last fixed news time"),
        Output(
            "news_known",
            Mirror.EVEN,
            "1 on trading days that a valid news calendar covers",
            flag=True,
        ),
    ),
    tables=("news_ns", "news_days", "news_fixed", "bar_min"),
)
HOLIDAY = Kernel(
    "holiday",
    _holiday,
    (
        Output("holiday_effect", Mirror.EVEN, "0 none, 1 context, 2 deny, 3 closed", flag=True),
        Output(
            "holiday_row", Mirror.EVEN, "number of the holiday row that holds, 0 = none", flag=True
        ),
    ),
    tables=(
        "holiday_day",
        "holiday_row",
        "holiday_effect",
        "holiday_from",
        "holiday_to",
        "bar_min",
    ),
)


def decision_minute() -> Column:
    """Minutes from 18:00 Eastern to the bar's close, when it is decided on."""
    return DECISION.column("decision_minute", (MINUTE,)).named("decision_minute")


def _news_column(output: str) -> Column:
    return NEWS.column(output, (TS, DAY, MINUTE)).named(output)


def min_to_event() -> Column:
    """Minutes to the next high-impact news of the calendar."""
    return _news_column("min_to_event")


def min_since_event() -> Column:
    """Minutes since the last high-impact news of the calendar."""
    return _news_column("min_since_event")


def min_to_fixed() -> Column:
    """Minutes to the day's next fixed news time."""
    return _news_column("min_to_fixed")


def min_since_fixed() -> Column:
    """Minutes since the day's last fixed news time."""
    return _news_column("min_since_fixed")


def news_known() -> Column:
    """1 where a valid news calendar covers the trading day."""
    return _news_column("news_known")


def holiday_effect() -> Column:
    """What the holiday table does to entries at this bar's close."""
    return HOLIDAY.column("holiday_effect", (DAY, MINUTE)).named("holiday_effect")


def holiday_row() -> Column:
    """Which row of the holiday table holds at this bar's close."""
    return HOLIDAY.column("holiday_row", (DAY, MINUTE)).named("holiday_row")
