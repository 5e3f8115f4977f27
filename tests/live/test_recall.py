"""What a journal tells a new start: the minutes since the day was closed, pauses, settings."""

import asyncio
from pathlib import Path

import pytest

from julie.core.bookings import ConfigTaken
from julie.core.bus import Bus
from julie.core.clock import VirtualClock
from julie.core.events import Command, Payload
from julie.core.scribe import Scribe
from julie.core.taken import MinuteTaken
from julie.core.zones import MINUTE_NS
from julie.live.folders import AnotherMarket, put_aside, refuse_ahead, refuse_other_mode
from julie.live.recall import Past, read_past
from julie.store.journal import SqliteJournal, journal_of

pytestmark = pytest.mark.tier1
START = 1_745_328_600_000_000_000
START -= START % MINUTE_NS


def minute(k: int) -> MinuteTaken:
    return MinuteTaken(START + k * MINUTE_NS, (None,), ((),), (0,), (0,), (0,))


def written(folder: Path, *payloads: Payload, run: str = "sim-1") -> Past:
    """A journal of these facts, and what a start reads in it."""

    async def write() -> None:
        clock = VirtualClock(START)
        journal = SqliteJournal.open(folder, run, clock)
        try:
            scribe = Scribe(journal, Bus(), run, clock, journal.next_seq)
            for payload in payloads:
                scribe.note(payload)
            await scribe.commit()
        finally:
            await journal.close()

    asyncio.run(write())
    return read_past(folder)


def pause(reason: str) -> Command:
    return Command("p", "pause", (("reason", reason),))


def test_a_folder_without_a_journal_has_no_past(tmp_path: Path) -> None:
    assert read_past(tmp_path) == Past()
    assert put_aside(tmp_path) is None


def test_the_minutes_come_back_in_their_order(tmp_path: Path) -> None:
    past = written(tmp_path, ConfigTaken("abc", "{}"), minute(0), minute(1))
    assert [one.ts for one in past.minutes] == [START, START + MINUTE_NS]
    assert past.begins_ns == START
    assert past.newest_ns == START + MINUTE_NS
    assert past.config_hash == "abc"


def test_a_pause_holds_over_a_restart_until_somebody_resumes(tmp_path: Path) -> None:
    assert written(tmp_path, pause("lunch")).paused == "lunch"
    assert written(tmp_path, Command("f", "flatten"), run="sim-2").paused == "lunch"
    assert written(tmp_path, Command("r", "resume"), run="sim-3").paused == ""


def test_a_market_behind_the_journal_is_refused(tmp_path: Path) -> None:
    past = written(tmp_path, minute(0), minute(9))
    refuse_ahead(tmp_path, past, START + 10 * MINUTE_NS)
    with pytest.raises(AnotherMarket, match="heard the market up to"):
        refuse_ahead(tmp_path, past, START)


def test_each_mode_has_a_folder_of_its_own(tmp_path: Path) -> None:
    written(tmp_path, minute(0), run="paper-1")
    refuse_other_mode(tmp_path, "paper")
    with pytest.raises(AnotherMarket, match="belongs to paper, not to live"):
        refuse_other_mode(tmp_path, "live")


def test_an_earlier_sample_session_is_put_aside_whole(tmp_path: Path) -> None:
    folder = tmp_path / "sim"
    written(folder, minute(0))
    moved = put_aside(folder)
    assert moved is not None
    assert journal_of(moved).is_file()
    assert not folder.exists()
