"""A trade played on a copy of the record, so that no function waits to be loaded on the first one.

What is compiled lies on the disk and is read when it is first called, some dozen milliseconds each:
in a session that would be at a close, with an order behind it.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from julie.core.candidates import empty
from julie.core.record import DeskRecord
from julie.core.taken import LegFill
from julie.core.zones import MINUTE_NS
from julie.desk.desk import Closed, Desk, Opening, Traded
from julie.desk.parts import fill_rows
from julie.desk.pipeline import Judged, Pipeline
from julie.desk.step import Bar, Moment, Seen, place_plan
from julie.execution.matching import held_side

PRICE: Final = 4_000  # ticks; any will do
STOP: Final = 8


def rehearse(
    pipeline: Pipeline, record: DeskRecord, symbols: Sequence[str], bar_ns: int
) -> DeskRecord:
    """Ask, enter, fill and manage once; returns the copy on which it was done."""
    copy, n = DeskRecord(*(np.array(part) for part in record)), len(symbols)
    desk = Desk(copy, symbols)
    day = int(copy.account[0]["day"])
    at = Moment(day, 0, 600, 1380, bar_ns / MINUTE_NS)
    bar = Bar(0, 0, bar_ns, PRICE, PRICE + 1, PRICE - 1, PRICE)
    bars, free = [bar] * n, [0] * n
    judged = _judged(pipeline, bar_ns)
    copy.plans[:], copy.account["legs"] = np.zeros_like(copy.plans), 0  # whatever is open now
    desk.handle(Closed(bars, [None] * n, free, judged, at))
    plan = copy.plans[0]
    plan["state"], plan["side"], plan["legs"], plan["candidate"] = 1, 1, 1, 0
    plan["qty"], plan["sl"], plan["tp"] = (1, 0), STOP, (STOP, STOP)
    plan["entry_kind"], plan["expires_row"] = 0, 1 << 60
    place_plan(copy, desk.books[0], 0)
    desk.handle(Opening(0, bar.ts, day))
    fills = fill_rows([LegFill(0, 1, PRICE, 0, 0, bar.ts)])
    desk.handle(Traded(0, bar, fills, 1, at))
    seen = [Seen(False, 0, 0, 1.0, float("nan")), *[None] * (n - 1)]
    desk.handle(Closed(bars, seen, free, None, at))
    held_side(desk.books[0])
    return copy


def _judged(pipeline: Pipeline, bar_ns: int) -> Judged:
    """One candidate of whom nothing is known."""
    table = empty(1)
    table.columns |= {name: np.full(1, np.nan) for name in pipeline.gathered}
    return pipeline.judge([table], bar_ns)
