"""History that the venue tells otherwise than before, noticed at the next start.

What the last run began with, and the minutes that were lived through since, are held against the
history of this start, where both are of the same contract. A minute that we built of prints
ourselves may differ by a tick. Columns are made of the venue's bars as they are now.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from julie.core.bars import Bars
from julie.core.ticks import price_words
from julie.core.zones import eastern_iso
from julie.live.warm import NEAR
from julie.store.contracts import month_code

PRICES: Final = ("open", "high", "low", "close")
LIVED_DAYS: Final = 5
MINUTE: Final = 16  # characters of a time up to its minute


class Known(NamedTuple):
    """Bars as they were told earlier."""

    ts: NDArray[np.int64]
    contract: NDArray[np.object_]
    prices: NDArray[np.float64]  # a row a bar
    within: float  # points by which they may differ


def revisions(data_dir: Path, series: Sequence[Bars]) -> list[str]:
    """A line for every instrument with bars that changed since."""
    found = []
    for bars in series:
        symbol, tick = bars.instrument.symbol, bars.instrument.tick
        changed: dict[int, str] = {}
        for one in _earlier(data_dir, symbol, tick):
            changed |= _differences(one, bars)
        if changed:
            first = min(changed)
            count = f"{len(changed)} bars" if len(changed) > 1 else "one bar"
            at = eastern_iso(first)[:MINUTE].replace("T", " ")
            found.append(f"{symbol}: {count} of the past changed; at {at} {changed[first]}")
    return found


def _earlier(data_dir: Path, symbol: str, tick: float) -> Iterator[Known]:
    warm = data_dir / "bars" / "warm"
    runs = [one for one in warm.glob(f"*/{symbol}.parquet") if one.is_file()]
    if runs:
        yield from _read(max(runs, key=lambda one: one.stat().st_mtime_ns), 0.0)
    for path in sorted((data_dir / "bars" / "live").glob(f"*/{symbol}.parquet"))[-LIVED_DAYS:]:
        yield from _read(path, tick)


def _read(path: Path, within: float) -> Iterator[Known]:
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowInvalid):  # it is written anew; nothing hangs on the old one
        return
    if "contract" not in table.column_names:
        return
    names = np.array([month_code(one, NEAR) for one in table["contract"].to_pylist()], object)
    prices = np.stack([table[name].to_numpy() for name in PRICES], axis=1)
    yield Known(table["ts"].cast(pa.int64()).to_numpy(), names, prices, within)


def _differences(was: Known, bars: Bars) -> dict[int, str]:
    """Bars that differ: open time, and in words how."""
    _, old, new = np.intersect1d(was.ts, bars.ts, assume_unique=True, return_indices=True)
    names = np.array([month_code(one, NEAR) for one in bars.contract], object)
    now = np.stack([getattr(bars, name) for name in PRICES], axis=1)[new]
    then = was.prices[old]
    same = was.contract[old] == names[bars.contract_of[new]]
    apart = np.abs(now - then) > was.within + 1e-9
    return {
        int(bars.ts[new[k]]): _words(then[k], now[k]) for k in np.flatnonzero(same & apart.any(1))
    }


def _words(then: NDArray[np.float64], now: NDArray[np.float64]) -> str:
    parts = [
        f"the {name} was {price_words(before)} and is {price_words(after)}"
        for name, before, after in zip(PRICES, then.tolist(), now.tolist(), strict=True)
        if before != after
    ]
    return ", ".join(parts)
