"""History before the first live minute: bars of every contract month, joined over its rolls.

The venue serves each contract alone, so the months that led within the window are fetched and
rolled as files are: the contract of a day by the volume of the day before, never back, and on the
last day the one that is traded now. Prices of older months are shifted by what both months show at
the roll; without a common bar, by the gap, which is told.
"""

import hashlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from julie.core.bars import Bars
from julie.core.calendar import Calendar
from julie.core.errors import DataError
from julie.core.instruments import MONTH_CODES, Instrument
from julie.core.zones import DAY_NS, MINUTE_NS
from julie.gateway.errors import CallRefused
from julie.gateway.wire import BarRow
from julie.gateway.wire.codes import BarsCode
from julie.store.contracts import delivery, month_code
from julie.store.read import bars_of
from julie.store.rows import Rows, join

LOG: Final = logging.getLogger(__name__)
BASE_S: Final = 60
NEAR: Final = 2025  # contract names here bear two digits of their year
LED_BEFORE: Final = timedelta(days=45)  # a month is not led by a contract that ended long before
Fetch = Callable[[str, int, int], Awaitable[Sequence[BarRow]]]  # contract id, first and last open


@dataclass(frozen=True, slots=True)
class Watched:
    """An instrument whose stream is listened to, under its contract of today."""

    instrument: Instrument
    contract: str


def window_start(calendar: Calendar, now_ns: int, days: int) -> int:
    """The open of the trading day so many days before the one of now."""
    return int(calendar.open_ns[max(calendar.begun(now_ns) - days, 0)])


def months_of(watched: Watched, start_ns: int) -> tuple[str, ...]:
    """The contracts that may have led since `start_ns`, oldest first, today's last."""
    instrument, now = watched.instrument, watched.contract
    end = delivery(now, NEAR)
    if end is None or now != instrument.contract_id(now.rsplit(".", 1)[-1]):
        return (now,)
    first = date(1970, 1, 1) + timedelta(days=start_ns // DAY_NS) - LED_BEFORE + timedelta(days=30)
    found = [now]
    year, month = end
    while len(found) < 4:
        year, month = _month_before(instrument.cycle, year, month)
        if date(year, month, 28) < first:
            break
        code = f"{MONTH_CODES[month - 1]}{year % 100:02d}"
        found.append(instrument.contract_id(code))
    return tuple(reversed(found))


def _month_before(cycle: str, year: int, month: int) -> tuple[int, int]:
    months = sorted(MONTH_CODES.index(code) + 1 for code in cycle)
    earlier = [one for one in months if one < month]
    return (year, earlier[-1]) if earlier else (year - 1, months[-1])


async def history(
    watched: Watched,
    calendar: Calendar,
    start_ns: int,
    end_ns: int,
    fetch: Fetch,
    kept: Rows | None,
) -> Bars:
    """Closed minutes from `start_ns` to before `end_ns`: what is kept here, the rest fetched."""
    parts = [] if kept is None else [_within(kept, start_ns, end_ns)]
    for contract in months_of(watched, start_ns):
        known = _known_to(parts, contract)
        first = max(start_ns, known + MINUTE_NS)
        rows = await _of_month(fetch, watched, contract, first, end_ns - MINUTE_NS)
        if rows:
            parts.append(rows_of(contract, rows))
    parts = [part for part in parts if len(part)]
    if not parts:
        raise DataError(
            f"{watched.instrument.symbol}: neither this machine nor the venue has bars of"
            f" {watched.contract}",
            "see that the contract trades; `julie contract` shows the active one",
        )
    return joined(parts, watched, calendar)


async def _of_month(
    fetch: Fetch, watched: Watched, contract: str, first_ns: int, last_ns: int
) -> Sequence[BarRow]:
    """The bars of a month; of one that is over the venue may have forgotten even the name."""
    try:
        return await fetch(contract, first_ns, last_ns)
    except CallRefused as error:
        if not forgotten(error, watched, contract):
            raise
        return ()


def forgotten(error: CallRefused, watched: Watched, contract: str) -> bool:
    """Whether a month but today's is unknown to the venue: it has no bars then, and the log says
    so.
    """
    unknown = error.code == BarsCode.CONTRACT_NOT_FOUND.name and contract != watched.contract
    if unknown:
        symbol = watched.instrument.symbol
        LOG.warning("%s: the venue does not know %s any more; no bars of it", symbol, contract)
    return unknown


def joined(parts: Sequence[Rows], watched: Watched, calendar: Calendar) -> Bars:
    """Rows of several months as one series that ends in today's contract."""
    rows = join([_by_month(part) for part in parts], watched.contract, _digest(parts))
    rows = _leading_today(rows, month_code(watched.contract, NEAR), calendar)
    volumes = rows.volume is not None and bool(np.any(rows.volume > 0))
    return bars_of(rows, watched.instrument, BASE_S, "volume" if volumes else "rows")


def stored(folder: Path, symbol: str) -> Rows | None:
    """The bars of an instrument that were brought in earlier, if there are any."""
    places = (folder / symbol, folder / "bars" / symbol)
    if not any(one.is_dir() for one in places) and not any(folder.glob("*.parquet")):
        return None
    from julie.store.dataset import read_dataset  # heavy, and most starts have none

    try:
        return read_dataset(folder, symbol)
    except DataError:  # nothing was brought in: the venue has it all
        return None


def rows_of(contract: str, bars: Sequence[BarRow]) -> Rows:
    """The venue's bars as rows of one contract."""
    n = len(bars)
    made = {
        name: np.fromiter((getattr(bar, name) for bar in bars), np.float64, n) for name in "ohlcv"
    }
    ts = np.fromiter((round(bar.t.timestamp()) for bar in bars), np.int64, n) * 1_000_000_000
    return Rows(
        ts=ts,
        open=made["o"],
        high=made["h"],
        low=made["l"],
        close=made["c"],
        volume=made["v"],
        contracts=(contract,),
        contract_of=np.zeros(n, np.int32),
        adj=None,
        adj_factor=None,
        columns=("t", "o", "h", "l", "c", "v"),
        source=contract,
        sha256="",
    )


def _within(rows: Rows, start_ns: int, end_ns: int) -> Rows:
    return rows.take((rows.ts >= start_ns) & (rows.ts < end_ns))


def _known_to(parts: Sequence[Rows], contract: str) -> int:
    """The newest minute of a contract that lies here already."""
    wanted, newest = month_code(contract, NEAR), 0
    for part in map(_by_month, parts):
        if wanted in part.contracts:
            own = part.ts[part.contract_of == part.contracts.index(wanted)]
            newest = max(newest, int(own.max()) if len(own) else 0)
    return newest


def _by_month(rows: Rows) -> Rows:
    """The same rows with contracts named by their month, however the source calls them."""
    return replace(rows, contracts=tuple(month_code(name, NEAR) for name in rows.contracts))


def _leading_today(rows: Rows, contract: str, calendar: Calendar) -> Rows:
    """From the open of the newest day on only the contract that is traded now."""
    newest = calendar.open_ns[np.maximum(calendar.index_of(rows.ts.max(keepdims=True)), 0)][0]
    led = rows.contract_of == rows.contracts.index(contract)
    return rows.take((rows.ts < newest) | led)


def _digest(parts: Sequence[Rows]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.ts.tobytes())
        digest.update(part.close.tobytes())
    return digest.hexdigest()
