"""News: no entry from 20 minutes before high-impact American news to 20 minutes after.

On a day that no valid calendar covers, the times at which news usually comes (08:30 10:00 14:00
14:30 Eastern) are feared instead, from 5 minutes before to 10 after; under `unknown: warn` such
candidates are only marked. `source: fixed` fears these times on every day. From 16:55 for 70
minutes the exchange maintains and reopens: no entry either.
"""

from typing import Literal

import numpy as np

from julie.core.news import FIXED_TIMES
from julie.core.section import key
from julie.defense.base import (
    Candidates,
    Clock,
    Params,
    Reason,
    Verdicts,
    View,
    deny,
    judge,
    scale,
)
from julie.market.columns.events import (
    decision_minute,
    min_since_event,
    min_since_fixed,
    min_to_event,
    min_to_fixed,
    news_known,
)

CALENDAR, FIXED = 0, 1  # source
BLOCK, WARN = 0, 1  # unknown
DAY = 1440


class P(Params):
    """Numbers of the rule."""

    file: str = key("", "calendar of economic news, CSV or JSON; empty = none", "file")
    before_min: float = key(20.0, "no entries so long before an event", "min", ge=0)
    after_min: float = key(20.0, "no entries so long after an event", "min", ge=0)
    source: Literal["calendar", "fixed"] = key(
        "calendar", "fixed = the fixed times on every day, whatever the calendar says"
    )
    unknown: Literal["block", "warn"] = key(
        "block", "days that no calendar covers: block at the fixed times, or only mark"
    )
    fixed_times: tuple[Clock, ...] = key(FIXED_TIMES, "when news usually comes", "ET")
    fixed_before_min: float = key(5.0, "no entries so long before a fixed time", "min", ge=0)
    fixed_after_min: float = key(10.0, "no entries so long after a fixed time", "min", ge=0)
    maintenance: Clock = key("16:55", "the exchange's break begins for us", "ET")
    maintenance_min: float = key(70.0, "and lasts", "min", ge=0)
    flatten_before_min: float = key(
        0.0, "open positions out so long before an event; 0 = they stay", "min", ge=0
    )


@judge(
    name="news",
    params=P,
    numbers=("to_event", "since_event", "before", "after"),
    columns=(
        min_to_event(),
        min_since_event(),
        min_to_fixed(),
        min_since_fixed(),
        news_known(),
        decision_minute(),
    ),
)
def news(c: Candidates, p: View) -> Verdicts:
    fixed = (c.news_known == 0) | (p.source == FIXED)
    feared = (p.unknown == BLOCK) | (p.source == FIXED)
    event = (c.min_to_event <= p.before_min) | (c.min_since_event < p.after_min)
    moment = (c.min_to_fixed <= p.fixed_before_min) | (c.min_since_fixed < p.fixed_after_min)
    near = moment & fixed
    since_break = (c.decision_minute - p.maintenance) % DAY
    about_event = (c.min_to_event, c.min_since_event, p.before_min, p.after_min)
    about_fixed = (c.min_to_fixed, c.min_since_fixed, p.fixed_before_min, p.fixed_after_min)
    about_break = (np.nan, since_break, 0.0, p.maintenance_min)
    return (
        deny(event & ~fixed, Reason.NEWS_BLACKOUT, *about_event)
        .then(deny(near & feared, Reason.NEWS_FIXED_TIME, *about_fixed))
        .then(deny(since_break < p.maintenance_min, Reason.MAINTENANCE, *about_break))
        .then(scale(near, 1.0, Reason.NEWS_FIXED_TIME, *about_fixed))
    )
