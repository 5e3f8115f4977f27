"""Minutes since the last closed day, parted by the settings under which they were decided."""

from julie.core.bookings import ConfigTaken
from julie.core.events import AuditRecord
from julie.core.taken import MinuteTaken
from julie.live.lives import Life, lives_of, parted

MINUTE = 60_000_000_000
CONFIGS = {
    "a": ConfigTaken("one", "{}"),
    "b": ConfigTaken("one", "{}"),
    "c": ConfigTaken("two", "{}"),
}


def heard(run: str, minute: int) -> AuditRecord:
    taken = MinuteTaken(minute * MINUTE, (), (), (), (), ())
    return AuditRecord(run, minute, minute * MINUTE, minute * MINUTE, taken)


def spans(lives: tuple[Life, ...]) -> list[tuple[str, str, list[int]]]:
    return [
        (one.run, one.config.hash, [minute.ts // MINUTE for minute in one.minutes]) for one in lives
    ]


RECORDS = [heard("a", 1), heard("a", 2), heard("b", 3), heard("c", 4), heard("c", 5), heard("d", 6)]


def test_runs_under_the_same_settings_are_one_life_with_the_newest_history() -> None:
    assert spans(lives_of(RECORDS, CONFIGS)) == [
        ("b", "one", [1, 2, 3]),
        ("c", "two", [4, 5]),
        ("d", "", [6]),
    ]


def test_what_was_heard_last_under_our_settings_is_our_own() -> None:
    lives = lives_of(RECORDS[:5], CONFIGS)
    before, mine = parted(lives, "two")
    assert spans(before) == [("b", "one", [1, 2, 3])]
    assert [minute.ts // MINUTE for minute in mine] == [4, 5]


def test_other_settings_take_over_all_that_was_heard() -> None:
    lives = lives_of(RECORDS[:5], CONFIGS)
    assert parted(lives, "one") == (lives, ())
    assert parted((), "one") == ((), ())


def test_settings_that_nobody_wrote_down_are_taken_for_ours() -> None:
    before, mine = parted(lives_of(RECORDS, CONFIGS), "two")
    assert [one.config.hash for one in before] == ["one", "two"]
    assert len(mine) == 1
