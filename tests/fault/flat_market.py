"""A market in which nothing happens by itself: bars of MES around one price, for two days.

What moves is moved by the test: `gap`, `ticks`, `bars`. Hours are those of the liquid session, so
a silent stream is a fault.
"""

import csv
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

DAY: Final = date(2025, 6, 5)
OPEN_MINUTE: Final = 930  # 09:30 Eastern, in minutes since 18:00
PRICE: Final = 5000.0
TICK: Final = 0.25
VOLUME: Final = 100


def write_flat(file: Path, spans: Iterable[tuple[datetime, int]], spread: float = TICK) -> Path:
    """Bars around the one price, `spread` to either side: so many minutes from each time on."""
    with file.open("w", newline="", encoding="utf-8") as lines:
        out = csv.writer(lines)
        out.writerow(["timestamp", "open", "high", "low", "close", "volume"])
        for first, minutes in spans:
            for minute in range(minutes):
                ts = first + timedelta(minutes=minute)
                out.writerow([ts.isoformat(), PRICE, PRICE + spread, PRICE - spread, PRICE, VOLUME])
    return file


def write_bars(folder: Path, minutes: int = 240) -> Path:
    """The bars of the day as a file; the day before is the history."""
    first = datetime(DAY.year, DAY.month, DAY.day, 13, 0, tzinfo=UTC)
    spans = [(first - timedelta(back), minutes + 30) for back in (1, 0)]
    return write_flat(folder / "MES.csv", spans)
