"""A start reads of a long journal what still matters, and takes no longer for the years before."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from julie.core.bookings import ConfigTaken, DayClosed
from julie.core.events import (
    Command,
    Fill,
    Flattening,
    Intent,
    OrderState,
    OrderUpdate,
    Payload,
    StateChanged,
)
from julie.core.types import DeskState, Side
from julie.core.zones import DAY_NS, MINUTE_NS
from julie.desk.desk import Desk
from julie.desk.keeping import Remembered, pack
from julie.live.recall import Past, read_past
from julie.store.journal import JournalReader
from tests.desk.standing import new_desk
from tests.live.left_journal import BEGAN_NS, empty_minute, leave

pytestmark = pytest.mark.tier1
MINUTES = 60  # of a day


def day_closed(day: int, plan: int = 0) -> DayClosed:
    """The record of a day that ended flat, or with a plan in some state."""
    record = new_desk()
    record.plans[0]["state"] = plan
    beside = Remembered(BEGAN_NS + day * DAY_NS, ["MES"], ["orb"], [], [0], [0], [], [])
    kept = pack(Desk(record, ("MES",)), beside)
    return DayClosed(20_200 + day, 5_000_000, 0, 0, Remembered.layout_of(), kept)


def tag(day: int) -> str:
    return f"julie-{day:08x}-MES.{day}-1-L1"


def intent(day: int) -> Intent:
    return Intent(
        f"MES:{day}", "CON.F.US.MES.M25", Side.LONG, 1, 8, tag=tag(day), role="entry", leg=0,
        kind="market", target_ticks=12,
    )  # fmt: skip


def update(of: str, state: OrderState, number: int) -> OrderUpdate:
    return OrderUpdate(str(number), of, state, 1, "", 1, None)


def a_day(day: int, *, ended: bool = True, plan: int = 0) -> Iterator[Payload]:
    """An entry and what became of it, minutes, and the day's record."""
    yield ConfigTaken(f"config {day}", "{}")
    yield StateChanged(DeskState.ACTIVE, "", ())
    yield intent(day)
    yield update(tag(day), OrderState.WORKING, 10 * day + 1)
    yield Fill(
        str(10 * day + 1), "CON.F.US.MES.M25", Side.LONG, 1, 20_000, 61, tag=tag(day), trade=day + 1
    )
    yield update(tag(day), OrderState.FILLED, 10 * day + 1)
    yield update(f"{tag(day)}-SL", OrderState.WORKING, 10 * day + 2)
    if ended:
        yield update(f"{tag(day)}-SL", OrderState.CANCELLED, 10 * day + 2)
    for k in range(MINUTES):
        yield empty_minute(BEGAN_NS + day * DAY_NS + k * MINUTE_NS)
    yield day_closed(day, plan)


def written(folder: Path, days: Sequence[Sequence[Payload]]) -> Path:
    """A journal with one run a day."""
    for number, day in enumerate(days):
        leave(folder, f"sim-{number}", day, BEGAN_NS + number * DAY_NS)
    return folder


class Work:
    """The steps that the database takes for a reader."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.steps = 0
        begin = JournalReader.__init__

        def counted(reader: JournalReader, path: Path) -> None:
            begin(reader, path)
            connection: Any = reader._connection
            assert isinstance(connection, sqlite3.Connection)
            connection.set_progress_handler(self._step, 1)

        monkeypatch.setattr(JournalReader, "__init__", counted)

    def _step(self) -> int:
        self.steps += 1
        return 0

    def of(self, folder: Path) -> tuple[int, Past]:
        """The steps of a start."""
        self.steps = 0
        past = read_past(folder)
        return self.steps, past


def test_many_days_take_hardly_more_than_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = written(tmp_path / "one", [tuple(a_day(0))])
    many = written(tmp_path / "many", [tuple(a_day(day)) for day in range(40)])
    work = Work(monkeypatch)
    few, _ = work.of(one)
    more, past = work.of(many)
    assert more < few + 40 * 150  # of each older day only its entries' tags, not its minutes
    assert past.records[0].payload == StateChanged(DeskState.ACTIVE, "", ())
    assert len(past.records) == 1
    assert past.today == ()
    assert past.config_hash == "config 39"
    assert past.runs == tuple(f"sim-{day}" for day in range(40))


def test_what_is_still_alive_is_read_from_its_beginning(tmp_path: Path) -> None:
    days = [tuple(a_day(day, ended=day != 2)) for day in range(5)]
    past = read_past(written(tmp_path, days))
    entries = [one.payload for one in past.records if isinstance(one.payload, Intent)]
    assert [one.tag for one in entries] == [tag(2), tag(3), tag(4)]


def test_a_day_that_ended_in_a_position_is_no_beginning(tmp_path: Path) -> None:
    days = [tuple(a_day(day, plan=2 if day >= 3 else 0)) for day in range(5)]
    past = read_past(written(tmp_path, days))
    entries = [one.payload for one in past.records if isinstance(one.payload, Intent)]
    assert [one.tag for one in entries] == [tag(3), tag(4)]


def test_what_holds_till_it_is_taken_back_is_found_in_old_days(tmp_path: Path) -> None:
    halted = StateChanged(DeskState.HALTED, "by hand", ("asked",))
    held = (halted, Flattening("kill switch", done=False), Command("1", "pause", ()))
    quiet = [
        tuple(one for one in a_day(day) if not isinstance(one, StateChanged)) for day in (1, 2, 3)
    ]
    past = read_past(written(tmp_path, [(*tuple(a_day(0))[:-1], *held, day_closed(0)), *quiet]))
    assert [one.payload for one in past.records] == [held[1], halted]  # what follows takes back
    assert past.paused == "by hand"
    assert past.closed == replace(day_closed(3))
