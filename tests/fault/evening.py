"""The flat market round the daily break of a roll week, and the hour before an early close."""

import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from julie.core.zones import SECOND_NS
from tests.fault.flat_market import write_flat

Spans = tuple[tuple[int, int, int], ...]  # days from the day, hour of UTC, minutes
DAY: Final = date(2025, 6, 12)  # Thursday of the week in which either month may lead
SPANS: Final[Spans] = (  # an afternoon ends at 17:00 Eastern
    (-1, 18, 180),
    (0, 18, 180),
    (0, 22, 60),
)
EARLY_DAY: Final = date(2025, 7, 3)  # closes at 13:15 Eastern
EARLY_SPANS: Final[Spans] = ((-1, 16, 75), (0, 16, 75))


def at(hour: int, day: date = DAY) -> int:
    """An hour of UTC on that day, ns."""
    return int(datetime(day.year, day.month, day.day, hour, tzinfo=UTC).timestamp()) * SECOND_NS


def write_evening(day: date, spans: Spans = SPANS) -> Path:
    """The bars as a file of its own."""
    file = Path(tempfile.mkdtemp(prefix="julie-evening-")) / "MES.csv"
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return write_flat(
        file,
        [(midnight + timedelta(days=away, hours=hour), count) for away, hour, count in spans],
    )


def words(start: str, day: date = DAY) -> tuple[str, ...]:
    """Words of `julie simgate` for this market from a time of the afternoon on."""
    return (
        *("--data", str(write_evening(day)), "--symbol", "MES", "--date", str(day), "--days", "2"),
        *("--from", start, "--until", "18:50"),
    )


def early_words(start: str) -> tuple[str, ...]:
    """The same for the hour before an early close."""
    return (
        *("--data", str(write_evening(EARLY_DAY, EARLY_SPANS)), "--symbol", "MES"),
        *("--date", str(EARLY_DAY), "--from", start, "--until", "13:14"),
    )
