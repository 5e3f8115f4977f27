"""The venue's clock stands in Chicago, ours in New York."""

from julie.core.sessions import minute_since_open
from julie.core.venue_times import VENUE, LastEntry, eastern_clock


def test_chicago_is_an_hour_behind():
    assert eastern_clock("15:00") == "16:00"
    assert eastern_clock("23:30") == "00:30"


def test_the_last_entry_counts_from_the_evening():
    assert LastEntry.at("17:00", 5) == LastEntry(0, 5)
    assert LastEntry(minute_since_open("16:00"), 20) == VENUE
