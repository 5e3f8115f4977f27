"""The bucket of a row, and what a table says about it: history sorted by season and hour.

A bucket is quarter of the year, week of the month, weekday of the trading day and session: 320
in all, numbered as in core.sessions. `bucket_value(stops)` looks the row's bucket up in the table
that the run was handed; outside the traded sessions there is no bucket.
"""

import math
from functools import cache
from typing import Any

from julie.core.compiled import compiled
from julie.market.columns.column import Column, Kernel, Mirror, Output
from julie.market.columns.raw import DAY, SESSION

NAN = float("nan")


@compiled
def _bucket(state: Any, day: Any, session: Any, out: Any, start: int, stop: int) -> None:
    # state: 0 day, 1 its first bucket, -1 on a weekend
    for t in range(start, stop):
        if day[t] != state[0]:
            # the civil calendar, counted in 400-year cycles from 1 March of the year 0
            z = int(day[t]) + 719_468
            of_cycle = z - z // 146_097 * 146_097
            year = (of_cycle - of_cycle // 1460 + of_cycle // 36_524 - of_cycle // 146_096) // 365
            of_year = of_cycle - (365 * year + year // 4 - year // 100)
            month = (5 * of_year + 2) // 153
            of_month = of_year - (153 * month + 2) // 5
            quarter = (month + 2) % 12 // 3
            weekday = (int(day[t]) + 3) % 7
            first = ((quarter * 4 + min(of_month // 7, 3)) * 5 + weekday) * 4
            state[0], state[1] = day[t], float(first if weekday < 5 else -1)
        traded = 0 <= session[t] < 4 and state[1] >= 0.0
        out[t] = state[1] + session[t] if traded else NAN


@compiled
def _bucket_value(state: Any, bucket: Any, table: Any, out: Any, start: int, stop: int) -> None:
    for t in range(start, stop):
        out[t] = NAN if math.isnan(bucket[t]) else table[int(bucket[t])]


BUCKET = Kernel(
    "bucket",
    _bucket,
    (Output("bucket", Mirror.EVEN, "0-319: quarter, week of the month, weekday, session"),),
    state=lambda: 2,
)


@cache
def _lookup(table: str) -> Kernel:
    return Kernel(
        "bucket_value",
        _bucket_value,
        (Output("bucket_value", Mirror.EVEN, "what the table says about the row's bucket"),),
        tables=(table,),
    )


def bucket() -> Column:
    """Number of the row's bucket, 0 to 319."""
    return BUCKET.column("bucket", (DAY, SESSION))


def bucket_value(table: str) -> Column:
    """What a table of 320 numbers says about the row's bucket."""
    return Column(_lookup(table), (bucket(),), where=table)
