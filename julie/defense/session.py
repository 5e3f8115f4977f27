"""Session: every strategy trades its own hours, and nobody close to the venue's end of day.

Denied: a bar outside trading hours; a session or a time of day that is not the strategy's (its
window names the first and the last minute of entries); from 15:00 Chicago on, and within 20 minutes
of an early close (`management.times`). Times are those of the bar's close, when the entry would go
out.
"""

import numpy as np

from julie.defense.base import Candidates, Reason, Session, Verdicts, View, deny, judge
from julie.market.columns.events import decision_minute
from julie.market.columns.raw import DAY_MINUTES

CLOSED = int(Session.CLOSED)


@judge(
    name="session",
    columns=(decision_minute(), DAY_MINUTES.named("day_minutes")),
    numbers=("minute", "limit"),
)
def session(c: Candidates, p: View) -> Verdicts:
    minute, length = c.decision_minute, c.day_minutes
    end = np.minimum(c.last_entry, length - c.early_last_entry)
    closed = (c.session == CLOSED) | (minute > length)
    outside = (minute < c.window_start) | (minute >= c.window_stop + 1)
    return (
        deny(closed, Reason.SESSION_CLOSED, minute, length)
        .then(deny(c.own_session == 0, Reason.SESSION_NOT_MINE, minute))
        .then(deny(outside, Reason.OUTSIDE_WINDOW, minute, c.window_stop))
        .then(deny(minute >= end, Reason.LAST_ENTRY_TIME, minute, end))
    )
