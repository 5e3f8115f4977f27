"""The flat market round the daily break of a roll week: an afternoon's end and an evening."""

import csv
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from tests.fault.flat_market import PRICE, TICK, VOLUME

DAY: Final = date(2025, 6, 12)  # Thursday of the week in which either month may lead
SPANS: Final = (  # minutes of UTC on the days before and on it: all ends at 17:00 Eastern
    (datetime(2025, 6, 11, 18, 0, tzinfo=UTC), 180),
    (datetime(2025, 6, 12, 18, 0, tzinfo=UTC), 180),
    (datetime(2025, 6, 12, 22, 0, tzinfo=UTC), 60),
)


def write_evening() -> Path:
    """The bars as a file of its own."""
    file = Path(tempfile.mkdtemp(prefix="julie-evening-")) / "MES.csv"
    with file.open("w", newline="", encoding="utf-8") as lines:
        out = csv.writer(lines)
        out.writerow(["timestamp", "open", "high", "low", "close", "volume"])
        for first, count in SPANS:
            for minute in range(count):
                ts = first + timedelta(minutes=minute)
                out.writerow([ts.isoformat(), PRICE, PRICE + TICK, PRICE - TICK, PRICE, VOLUME])
    return file


def words(start: str) -> tuple[str, ...]:
    """Words of `julie simgate` for this market from a time of the afternoon on."""
    return (
        *("--data", str(write_evening()), "--symbol", "MES", "--date", str(DAY), "--days", "2"),
        *("--from", start, "--until", "18:50"),
    )
