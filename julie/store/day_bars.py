"""The bars of each live day, the venue's where they differ: `bars/live/2025-06-03/ES.parquet`.

Each writing holds the whole day so far, also the minutes before a restart, which the journal has.
The files are read like any other bars: `julie data info` with their path.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa

from julie.core.taken import TakenBar
from julie.store.parquet import write_parquet


def day_folder(data_dir: Path, day: date) -> Path:
    """Where the bars of a trading day lie."""
    return data_dir / "bars" / "live" / day.isoformat()


def write_day(
    data_dir: Path, day: date, bars: Mapping[str, Sequence[TakenBar]], *, simulated: bool
) -> list[Path]:
    """Write the day's minutes of each instrument; returns the files."""
    files = {
        day_folder(data_dir, day) / f"{symbol}.parquet": _columns(symbol_bars)
        for symbol, symbol_bars in bars.items()
        if symbol_bars
    }
    write_parquet(files, simulated=simulated)
    return list(files)


def _columns(bars: Sequence[TakenBar]) -> dict[str, object]:
    by_time = {bar.ts: bar for bar in bars}
    ordered = [by_time[ts] for ts in sorted(by_time)]

    def numbers(name: str) -> object:
        return np.array([getattr(bar, name) for bar in ordered], dtype=np.float64)

    return {
        "ts": pa.array([bar.ts for bar in ordered], type=pa.timestamp("ns", tz="UTC")),
        **{name: numbers(name) for name in ("open", "high", "low", "close", "volume")},
        "contract": pa.array([bar.contract for bar in ordered], type=pa.string()),
        "backfilled": pa.array([bar.backfilled for bar in ordered], type=pa.bool_()),
    }
