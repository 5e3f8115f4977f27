"""What a journal tells a new start: the minutes since the day was closed, pauses, settings."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from julie.core.bookings import ConfigTaken, EquityMarked, TradeClosed
from julie.core.errors import Exit
from julie.core.events import AuditRecord, Command, Decision, Payload
from julie.core.taken import MinuteTaken
from julie.core.zones import MINUTE_NS
from julie.live.folders import (
    ACCOUNT_FILE,
    AnotherAccount,
    AnotherMarket,
    note_account,
    put_aside,
    refuse_ahead,
    refuse_other_account,
    refuse_other_mode,
)
from julie.live.recall import Past, _said, read_past
from julie.store.journal import journal_of
from tests.live.left_journal import BEGAN_NS, empty_minute, leave
from tests.store.journal_parts import KINDS, payload

pytestmark = pytest.mark.tier1


def minute(k: int) -> MinuteTaken:
    return empty_minute(BEGAN_NS + k * MINUTE_NS)


def written(folder: Path, *payloads: Payload, run: str = "sim-1") -> Past:
    """A journal of these facts, and what a start reads in it."""
    return read_past(leave(folder, run, payloads))


def pause(reason: str) -> Command:
    return Command("p", "pause", (("reason", reason),))


def test_a_folder_without_a_journal_has_no_past(tmp_path: Path) -> None:
    assert read_past(tmp_path) == Past()
    assert put_aside(tmp_path) is None


def test_the_minutes_come_back_in_their_order(tmp_path: Path) -> None:
    past = written(tmp_path, ConfigTaken("abc", "{}"), minute(0), minute(1))
    assert [one.ts for one in past.minutes] == [BEGAN_NS, BEGAN_NS + MINUTE_NS]
    assert past.begins_ns == BEGAN_NS
    assert past.newest_ns == BEGAN_NS + MINUTE_NS
    assert past.config_hash == "abc"


def test_a_pause_holds_over_a_restart_until_somebody_resumes(tmp_path: Path) -> None:
    assert written(tmp_path, pause("lunch")).paused == "lunch"
    assert written(tmp_path, Command("f", "flatten"), run="sim-2").paused == "lunch"
    assert written(tmp_path, Command("r", "resume"), run="sim-3").paused == ""


def test_a_market_behind_the_journal_is_refused(tmp_path: Path) -> None:
    past = written(tmp_path, minute(0), minute(9))
    refuse_ahead(tmp_path, past, BEGAN_NS + 10 * MINUTE_NS)
    with pytest.raises(AnotherMarket, match="heard the market up to"):
        refuse_ahead(tmp_path, past, BEGAN_NS)


def test_each_mode_has_a_folder_of_its_own(tmp_path: Path) -> None:
    written(tmp_path, minute(0), run="paper-1")
    refuse_other_mode(tmp_path, "paper")
    with pytest.raises(AnotherMarket, match="belongs to paper, not to live"):
        refuse_other_mode(tmp_path, "live")


def at(api: str, account: int, mode: str = "live") -> Any:
    return SimpleNamespace(
        addresses=SimpleNamespace(api=api), account_id=account, simulated=mode == "sim", mode=mode
    )


def test_a_paper_journal_outlives_the_login(tmp_path: Path) -> None:
    written(tmp_path, minute(0), run="paper-1")
    note_account(tmp_path, at("https://api.topstepx.com", 26282486, "paper"))
    refuse_other_account(tmp_path, at("https://api.topstepx.com", 26282487, "paper"))


def test_a_journal_is_of_one_account(tmp_path: Path) -> None:
    ours = at("https://api.topstepx.com", 26282486)
    others = at("https://api.topstepx.com", 26282487), at("https://api.elsewhere", 26282486)
    note_account(tmp_path, others[0])  # of a journal that was moved away since
    refuse_other_account(tmp_path, ours)
    (tmp_path / ACCOUNT_FILE).unlink()
    written(tmp_path, minute(0), run="live-1")
    refuse_other_account(tmp_path, ours)  # of a program that did not note it
    note_account(tmp_path, ours)
    refuse_other_account(tmp_path, at("https://api.topstepx.com/", 26282486))
    for other in others:
        with pytest.raises(AnotherAccount, match="is of another account") as told:
            refuse_other_account(tmp_path, other)
        assert told.value.exit_code == Exit.JOURNAL
        assert "--data-dir" in told.value.cure
    noted = (tmp_path / ACCOUNT_FILE).read_text(encoding="ascii")
    assert all(word not in noted for word in ("26282486", "topstepx"))


def test_a_simulated_account_is_known_at_any_address(tmp_path: Path) -> None:
    written(tmp_path, minute(0))
    note_account(tmp_path, at("http://127.0.0.1:1", 7, "sim"))
    refuse_other_account(tmp_path, at("http://127.0.0.1:2", 7, "sim"))
    with pytest.raises(AnotherAccount):
        refuse_other_account(tmp_path, at("http://127.0.0.1:1", 8, "sim"))


def test_an_earlier_sample_session_is_put_aside_whole(tmp_path: Path) -> None:
    folder = tmp_path / "sim"
    written(folder, minute(0))
    moved = put_aside(folder)
    assert moved is not None
    assert journal_of(moved).is_file()
    assert not folder.exists()


def test_words_that_came_to_the_disk_are_not_written_twice() -> None:
    minute, decision, closed, marked = (
        next(one for one in map(payload, range(KINDS)) if isinstance(one, kind))
        for kind in (MinuteTaken, Decision, TradeClosed, EquityMarked)
    )
    lines = [marked, minute, decision, closed, marked]
    for count in range(2, len(lines) + 1):
        records = [AuditRecord("r", n, n, n, one) for n, one in enumerate(lines[:count], 1)]
        assert _said(records) == count - 2
