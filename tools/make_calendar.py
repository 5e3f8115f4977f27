"""Builds julie/core/tables/cme_equity.csv from pandas_market_calendars and the notices.

Run it after an update of the library or of the notices:  python tools/make_calendar.py [--check]
"""

import argparse
import sys
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from julie.core import calendar

LIBRARY_CALENDAR = "CME Globex Equity"


def library_exceptions() -> dict[date, str]:
    """What the library says about each weekday that is not a full trading day."""
    import pandas as pd
    import pandas_market_calendars as market_calendars

    first, last = calendar.FIRST_DAY, calendar.LAST_DAY
    schedule = market_calendars.get_calendar(LIBRARY_CALENDAR).schedule(str(first), str(last))
    closes = schedule["market_close"].dt.tz_convert("America/New_York").dt.strftime("%H:%M")
    found = {day.date(): close for day, close in closes.items()}
    weekdays = (day.date() for day in pd.bdate_range(first, last))
    said = {day: found.get(day, calendar.CLOSED) for day in weekdays}
    return {day: close for day, close in said.items() if close != calendar.REGULAR_CLOSE}


def table() -> tuple[str, tuple[str, ...]]:
    """The text of the table, and what the library and the notices disagree about."""
    notices = calendar.read_exceptions(calendar.NOTICES_FILE)
    settled, messages = calendar.with_notices(library_exceptions(), notices, "the library")
    lines = [
        f"# Weekdays {calendar.FIRST_DAY} to {calendar.LAST_DAY} that are not full trading days.",
        "# Made by tools/make_calendar.py; exceptions of your own go into notices.csv.",
        "date,close_et",
        *(f"{day},{close}" for day, close in sorted(settled.items())),
    ]
    return "\n".join(lines) + "\n", messages


def main() -> int:
    """Write the table, or with --check say whether the one there is equal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare only; exit 9 if unequal")
    made, messages = table()
    for message in messages:
        sys.stderr.write(f"{message}\n")
    if parser.parse_args().check:
        return 0 if calendar.TABLE_FILE.read_text(encoding="utf-8") == made else 9
    calendar.TABLE_FILE.write_text(made, encoding="utf-8", newline="\n")
    sys.stderr.write(f"wrote {calendar.TABLE_FILE}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
