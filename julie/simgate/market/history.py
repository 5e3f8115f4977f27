"""History by REST: bars of a contract up to the virtual clock, newest first.

What was printed in the run comes from the tape, what lies before it from the series. Minutes
without a trade have no bar. Hours are aligned to the day of UTC, days to the trading day's open,
weeks and months begin with their first trading day that is there. Seconds are those of the tape:
the newest 7,200 with a print, none from before the run, and no script revises them.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

import numpy as np

from julie.core.zones import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS
from julie.gateway.wire import BarRow, BarsReply, BarUnit, RetrieveBars
from julie.gateway.wire.codes import BarsCode
from julie.simgate.market.market import Market
from julie.simgate.market.stalls import Stall

MOST: Final = 20_000
_UNITS: Final = {
    BarUnit.SECOND: SECOND_NS,
    BarUnit.MINUTE: MINUTE_NS,
    BarUnit.HOUR: HOUR_NS,
    BarUnit.DAY: DAY_NS,
    BarUnit.WEEK: 7 * DAY_NS,
    BarUnit.MONTH: 31 * DAY_NS,
}
_EVENING: Final = 12 * HOUR_NS  # a trading day opens on the evening before its date
Row = tuple[int, int, int, int, int, int]  # time, open, high, low, close, volume


def retrieve(market: Market, asked: RetrieveBars) -> BarsReply:
    """Serve History/retrieveBars."""
    stall = market.stalls.get(asked.contract_id)
    if stall is None:
        return _no(BarsCode.CONTRACT_NOT_FOUND)
    if asked.unit not in _UNITS:
        return _no(BarsCode.UNIT_INVALID)
    if asked.unit_number < 1:
        return _no(BarsCode.UNIT_NUMBER_INVALID)
    if not 0 < asked.limit <= MOST:
        return _no(BarsCode.LIMIT_INVALID)
    length = _UNITS[asked.unit] * asked.unit_number
    found: list[Row] = []
    if not asked.live:
        rows_of = _seconds if asked.unit is BarUnit.SECOND else _minutes
        rows = rows_of(market, stall, int(asked.start_time) - length, int(asked.end_time))
        found = list(_joined(market, rows, length, asked.unit))
    now = _clock(market, stall)
    kept = [
        row
        for row in found
        if asked.start_time <= row[0] <= asked.end_time
        and (asked.include_partial_bar or row[0] + length <= now)
    ]
    return BarsReply(
        success=True, bars=tuple(_bar(stall, row) for row in kept[: -asked.limit - 1 : -1])
    )


def _clock(market: Market, stall: Stall) -> int:
    line = stall.line
    return line.frozen_from if market.now_ns < line.frozen_ns else market.now_ns


def _no(code: BarsCode) -> BarsReply:
    return BarsReply(success=False, error_code=code)


def _bar(stall: Stall, row: Row) -> BarRow:
    price = stall.contract.price
    return BarRow(
        t=datetime.fromtimestamp(row[0] // SECOND_NS, UTC),
        o=price(row[1]),
        h=price(row[2]),
        l=price(row[3]),
        c=price(row[4]),
        v=row[5],
    )


def _minutes(market: Market, stall: Stall, start: int, end: int) -> Iterator[Row]:
    """Base bars and printed minutes between two times, oldest first, revised where a script did."""
    line, now = stall.line, _clock(market, stall)
    since = line.since_ns or now
    for row in _recorded(stall, start, min(end, since - 1, now - 1)):
        if (changed := _revised(stall, row)) is not None:
            yield changed
    for minute in sorted(line.tape):
        if max(start, since) <= minute <= min(end, now):
            tape = line.tape[minute]
            row = (minute, tape.open, tape.high, tape.low, tape.close, tape.volume)
            if (changed := _revised(stall, row)) is not None:
                yield changed


def _seconds(market: Market, stall: Stall, start: int, end: int) -> Iterator[Row]:
    """Printed seconds between two times, oldest first."""
    until = min(end, _clock(market, stall))
    for second in sorted(stall.line.seconds):
        if start <= second <= until:
            tape = stall.line.seconds[second]
            yield second, tape.open, tape.high, tape.low, tape.close, tape.volume


def _recorded(stall: Stall, start: int, end: int) -> Iterator[Row]:
    series, base = stall.series, stall.series.product.base
    first, last = np.searchsorted(series.ts, (start, end + 1)).tolist()
    months = np.asarray(base, dtype=np.int64)[series.month[first:last]]
    lift = base[stall.place] - months
    near = np.abs(series.month[first:last] - stall.place) <= 1
    columns = (series.open, series.high, series.low, series.close)
    parts = [(column[first:last] + lift)[near].tolist() for column in columns]
    yield from zip(
        series.ts[first:last][near].tolist(),
        *parts,
        series.volume[first:last][near].tolist(),
        strict=True,
    )


def last_close(stall: Stall, now: int) -> int | None:
    """Where the contract stood at the end of the newest whole bar before the run's first print."""
    closed = np.searchsorted(stall.series.ts, now - stall.series.base_ns, side="right")
    since = int(stall.series.ts[max(int(closed) - 1, 0)])
    rows = list(_recorded(stall, since, since)) if closed else []
    return rows[-1][4] if rows else None


def _revised(stall: Stall, row: Row) -> Row | None:
    change = stall.line.revised.get(row[0])
    if change is None:
        return row
    high, low, close, missing = change
    ns, o, h, lo, c, v = row
    return None if missing else (ns, o, h + high, lo + low, c + close, v)


def _span(market: Market, ns: int, length: int, unit: BarUnit) -> tuple[int, tuple[int, ...]]:
    """When a bar begins whose first minute this is, and what all of its minutes have in common."""
    if unit in (BarUnit.SECOND, BarUnit.MINUTE, BarUnit.HOUR):
        start = ns // length * length
        return start, (start,)
    start = market.hours.begun(ns).open_ns
    day = datetime.fromtimestamp((start + _EVENING) // SECOND_NS, UTC)
    if unit is BarUnit.WEEK:
        return start, tuple(day.isocalendar()[:2])
    return start, (day.year, day.month) if unit is BarUnit.MONTH else (start,)


def _joined(market: Market, rows: Iterator[Row], length: int, unit: BarUnit) -> Iterator[Row]:
    """Bars of a length from shorter ones."""
    out: Row | None = None
    before: tuple[int, ...] = ()
    for row in rows:
        start, span = _span(market, row[0], length, unit)
        if out is None or span != before:
            if out is not None:
                yield out
            out, before = (start, *row[1:]), span
        else:
            high, low = max(out[2], row[2]), min(out[3], row[3])
            out = (out[0], out[1], high, low, row[4], out[5] + row[5])
    if out is not None:
        yield out
