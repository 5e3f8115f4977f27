"""The journal: what a commit acknowledges is there, in order, once, and costs the loop nothing."""

import asyncio
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from julie.core.errors import Exit
from julie.core.events import Alarm, AuditRecord, Payload
from julie.core.ports import Journal
from julie.core.tasks import Tasks
from julie.core.types import Reason
from julie.store.journal import (
    JournalBehind,
    JournalError,
    JournalHeld,
    JournalReader,
    RawRecord,
    SqliteJournal,
    Wanted,
    journal_of,
)
from julie.store.journal import journal as journal_module
from julie.store.journal import writer as writer_module
from julie.store.journal.kinds import HEARD, KINDS, encode
from julie.store.journal.spread import TABLES
from julie.store.journal.verify import verify
from tests.store.journal_parts import KINDS as MADE
from tests.store.journal_parts import MINUTE_NS, RUN, opened, payload, record, written


def read(folder: Path, wanted: Wanted = Wanted()) -> list[AuditRecord | RawRecord]:  # noqa: B008
    with JournalReader.of(folder) as reader:
        return list(reader.records(wanted))


def bits(one: AuditRecord | RawRecord) -> tuple[object, ...]:
    """A record with its payload as bytes: NaN does not equal itself."""
    assert isinstance(one, AuditRecord)
    return one.run, one.seq, one.ts_exchange, one.ts_local, one.kind, encode(one.payload)


def test_every_kind_comes_back_as_it_was(tmp_path: Path) -> None:
    assert {type(payload(n)) for n in range(MADE)} == set(get_args(Payload))
    written(tmp_path, 3 * MADE)
    assert [bits(one) for one in read(tmp_path)] == [bits(record(n + 1)) for n in range(3 * MADE)]


def test_it_is_a_journal_as_the_port_says(tmp_path: Path) -> None:
    async def use(journal: Journal) -> None:
        journal.append(record(1))
        await journal.commit()

    async def run() -> None:
        journal = opened(tmp_path)
        await use(journal)
        await journal.close()

    asyncio.run(run())
    assert [one.seq for one in read(tmp_path)] == [1]


@settings(max_examples=12, deadline=None)
@given(st.lists(st.sampled_from(["append", "append", "commit", "reopen"]), max_size=40))
def test_any_order_of_appends_and_commits_reads_back_alike(steps: list[str]) -> None:
    async def run(folder: Path) -> int:
        journal = opened(folder)
        for step in steps:
            if step == "append":
                journal.append(record(journal.next_seq))
            elif step == "commit":
                await journal.commit()
                assert journal.waiting == 0
            else:
                await journal.close()
                journal = opened(folder)
        await journal.close()
        return journal.next_seq - 1

    with tempfile.TemporaryDirectory() as place:
        count = asyncio.run(run(Path(place)))
        first, second = read(Path(place)), read(Path(place))
        assert [bits(one) for one in first] == [bits(one) for one in second]
        assert [bits(one) for one in first] == [bits(record(n + 1)) for n in range(count)]
        assert verify(journal_of(Path(place))).faults == ()


def test_a_number_out_of_turn_is_refused(tmp_path: Path) -> None:
    async def run() -> None:
        journal = opened(tmp_path)
        journal.append(record(1))
        for wrong in (record(1), record(3), record(2, "other")):
            with pytest.raises(ValueError, match="comes next"):
                journal.append(wrong)
        journal.append(record(2))
        await journal.close()
        with pytest.raises(JournalError, match="closed"):
            journal.append(record(3))

    asyncio.run(run())
    assert [one.seq for one in read(tmp_path)] == [1, 2]


def test_many_commits_share_a_flush(tmp_path: Path) -> None:
    async def act(journal: SqliteJournal) -> None:
        for _ in range(5):
            journal.append(record(journal.next_seq))
            await journal.commit()

    async def run() -> int:
        journal = opened(tmp_path)
        async with Tasks() as tasks:
            for n in range(100):
                tasks.start(f"act {n}", act(journal))
        assert journal.waiting == 0
        await journal.close()
        return journal.flushes

    assert asyncio.run(run()) < 50  # of 500 commits
    assert len(read(tmp_path)) == 500


def test_what_nobody_waits_for_is_written_soon(tmp_path: Path) -> None:
    async def run() -> list[AuditRecord | RawRecord]:
        journal = opened(tmp_path)
        journal.append(record(1))
        for _ in range(500):
            await asyncio.sleep(0.01)
            if not journal.waiting:
                break
        found = read(tmp_path)
        await journal.close()
        return found

    assert len(asyncio.run(run())) == 1


def test_a_slow_disk_does_not_hold_up_the_loop(tmp_path: Path) -> None:
    async def run() -> tuple[float, bool]:
        journal = opened(tmp_path)
        loop = asyncio.get_running_loop()
        with closing(sqlite3.connect(journal.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")  # the disk takes nothing for a while
            journal.append(record(1))
            async with Tasks() as tasks:
                commit = tasks.start("commit", journal.commit())
                worst, last = 0.0, loop.time()
                for _ in range(60):
                    journal.append(record(journal.next_seq))
                    await asyncio.sleep(0.005)
                    worst, last = max(worst, loop.time() - last), loop.time()
                waited = not commit.done()
                other.execute("ROLLBACK")
        await journal.close()
        return worst, waited

    worst, waited = asyncio.run(run())
    assert waited
    assert worst < 0.2
    assert len(read(tmp_path)) == 61


def test_what_waits_in_memory_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "LIMIT", 400)

    async def run() -> None:
        journal = opened(tmp_path)
        with closing(sqlite3.connect(journal.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            for _ in range(400):
                journal.append(record(journal.next_seq))
            with pytest.raises(JournalBehind, match="400 records wait"):
                journal.append(record(journal.next_seq))
            assert journal.next_seq == 401
            other.execute("ROLLBACK")
        for _ in range(1_000):
            await journal.room()
            journal.append(record(journal.next_seq))
            assert journal.waiting <= 201
        await journal.close()

    asyncio.run(run())
    assert [one.seq for one in read(tmp_path)] == list(range(1, 1_401))


def test_large_records_are_bounded_by_their_size(tmp_path: Path) -> None:
    async def run() -> int:
        journal = opened(tmp_path)
        with closing(sqlite3.connect(journal.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            large = Alarm("test", "x" * (8 << 20))
            for seq in range(1, 9):
                journal.append(AuditRecord(RUN, seq, seq, seq, large))
            taken = journal.waiting
            with pytest.raises(JournalBehind):
                journal.append(AuditRecord(RUN, 9, 9, 9, large))
            other.execute("ROLLBACK")
        await journal.close()
        return taken

    assert asyncio.run(run()) == 8


def test_a_cancelled_wait_leaves_the_others_waiting(tmp_path: Path) -> None:
    async def run() -> bool:
        journal = opened(tmp_path)
        with closing(sqlite3.connect(journal.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            journal.append(record(1))
            async with Tasks() as tasks:
                gone = tasks.start("gone", journal.commit())
                stays = tasks.start("stays", journal.commit())
                await asyncio.sleep(0)
                gone.cancel()
                await asyncio.sleep(0.01)
                other.execute("ROLLBACK")
        await journal.close()
        return gone.cancelled() and stays.done() and not stays.cancelled()

    assert asyncio.run(run())


def test_one_writer_a_folder(tmp_path: Path) -> None:
    async def run() -> str:
        journal = opened(tmp_path)
        with pytest.raises(JournalHeld) as told:
            opened(tmp_path, "second")
        assert told.value.exit_code == Exit.ANOTHER_INSTANCE
        await journal.close()
        await opened(tmp_path).close()
        return str(told.value)

    told = asyncio.run(run())
    assert f"run {RUN}" in told
    assert "pid " in told
    assert "since 2025-06-15T" in told


def test_runs_have_numbers_of_their_own(tmp_path: Path) -> None:
    written(tmp_path, 5, "one")
    written(tmp_path, 4, "two")
    written(tmp_path, 2, "one")
    with JournalReader.of(tmp_path) as reader:
        assert [(run.name, run.records) for run in reader.runs()] == [("one", 7), ("two", 4)]
    order = [(one.run, one.seq) for one in read(tmp_path)]
    assert order[4:7] == [("one", 5), ("two", 1), ("two", 2)]
    assert order[-1] == ("one", 7)
    assert [one.seq for one in read(tmp_path, Wanted(run="two"))] == [1, 2, 3, 4]


def test_records_are_found_by_kind_time_and_age(tmp_path: Path) -> None:
    written(tmp_path, 60)
    fills = read(tmp_path, Wanted(kinds=("Fill", "Alarm"), last=3))
    assert [(one.kind, one.seq) for one in fills] == [("Fill", 40), ("Alarm", 43), ("Fill", 58)]
    between = read(tmp_path, Wanted(since_ns=10 * MINUTE_NS, until_ns=13 * MINUTE_NS))
    assert [one.seq for one in between] == [10, 11, 12]


def test_recovery_reads_the_last_day_and_the_inputs_behind_it(tmp_path: Path) -> None:
    written(tmp_path, 33, "monday")  # its last day row is record 31
    written(tmp_path, 6, "tuesday")
    with JournalReader.of(tmp_path) as reader:
        day = reader.last_day()
        assert day is not None
        todays = list(reader.records(Wanted(behind=day.id, inputs=True)))
    assert (day.id, day.closed.day, len(day.closed.record)) == (31, 20_031, 256)
    assert [(one.run, one.seq) for one in todays] == [
        ("monday", 32), ("tuesday", 3), ("tuesday", 4),
    ]  # fmt: skip


def test_a_journal_without_a_day_gives_all_inputs(tmp_path: Path) -> None:
    written(tmp_path, 5)
    with JournalReader.of(tmp_path) as reader:
        assert reader.last_day() is None
        assert [one.seq for one in reader.records(Wanted(inputs=True))] == [3, 4]


def test_the_tables_hold_what_the_records_say(tmp_path: Path) -> None:
    path = written(tmp_path, 2 * MADE)
    with closing(sqlite3.connect(path)) as connection:
        ask = connection.execute
        candidates = ask("SELECT candidate, strategy, outcome FROM candidates").fetchall()
        assert candidates[:2] == [(1, "orb", Reason.NEWS_BLACKOUT), (2, "sma", 0)]
        verdicts = ask("SELECT judge, code FROM verdicts WHERE candidate = 1").fetchall()
        assert verdicts == [("session", 1), ("chop", 3)]
        assert ask('SELECT "order", price_tick FROM fills').fetchall()[0] == ("o4", 24_004)
        trade = ask("SELECT net, exit_reason, stop_at_exit, tie, vol_regime FROM trades").fetchone()
        assert trade == (392.44, "target", None, 0, None)
        assert ask("SELECT count(*) FROM inputs").fetchone() == (10,)
        for table in (one for tables in TABLES.values() for one in tables):
            assert ask(f"SELECT count(*) FROM {table.name}").fetchone()[0] >= 2  # noqa: S608


def test_every_kind_has_a_place() -> None:
    silent = {
        "StateChanged",
        "Alarm",
        "Flattening",
        "BalanceAnchored",
    }  # records alone, not heard by the desk, no table
    assert {kind.__name__ for kind in TABLES} | HEARD | silent == set(KINDS)


def folded(folder: Path) -> int:
    """Records that are in the journal itself, without its write-ahead file."""
    place = f"{journal_of(folder).as_uri()}?immutable=1"
    with closing(sqlite3.connect(place, uri=True)) as alone:
        try:
            return int(alone.execute("SELECT count(*) FROM records").fetchone()[0])
        except sqlite3.DatabaseError:  # not even the tables, or it is being folded in just now
            return 0


@pytest.mark.parametrize("waits", [False, True])
def test_the_write_ahead_file_is_folded_in_while_the_bot_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waits: bool
) -> None:
    """When nobody waits, and at last however busy it is."""
    monkeypatch.setattr(writer_module, "FOLD_AT" if waits else "FOLD_AFTER", 20)

    async def run() -> None:
        journal, n = opened(tmp_path), 0
        async with asyncio.timeout(30):
            while not folded(tmp_path):
                for _ in range(10):
                    journal.append(record(n := n + 1))
                if waits:
                    await journal.commit()
                else:
                    await asyncio.sleep(0.3)
        assert folded(tmp_path) >= 20
        await journal.close()
        assert len(read(tmp_path)) == n

    asyncio.run(run())
