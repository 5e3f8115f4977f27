"""The flat market round the daily break of a roll week: an afternoon's end and an evening."""

import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from tests.fault.flat_market import write_flat

DAY: Final = date(2025, 6, 12)  # Thursday of the week in which either month may lead
SPANS: Final = (  # days from it, hour of UTC, minutes: an afternoon ends at 17:00 Eastern
    (-1, 18, 180),
    (0, 18, 180),
    (0, 22, 60),
)


def write_evening(day: date) -> Path:
    """The bars as a file of its own."""
    file = Path(tempfile.mkdtemp(prefix="julie-evening-")) / "MES.csv"
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return write_flat(
        file,
        [(midnight + timedelta(days=away, hours=hour), count) for away, hour, count in SPANS],
    )


def words(start: str, day: date = DAY) -> tuple[str, ...]:
    """Words of `julie simgate` for this market from a time of the afternoon on."""
    return (
        *("--data", str(write_evening(day)), "--symbol", "MES", "--date", str(day), "--days", "2"),
        *("--from", start, "--until", "18:50"),
    )
