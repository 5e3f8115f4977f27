"""What is kept for people while a bot runs, and what a killed one left is made good."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from julie.core.bookings import TradeClosed
from julie.core.bus import Bus
from julie.core.calendar import load_calendar
from julie.core.clock import VirtualClock
from julie.core.events import (
    Alarm,
    AuditRecord,
    BarClosed,
    OrderState,
    OrderUpdate,
    Payload,
    StateChanged,
)
from julie.core.scribe import Scribe
from julie.core.taken import MinuteTaken, TakenBar
from julie.core.tasks import Tasks
from julie.core.types import DeskState
from julie.gateway.redact import Redactor
from julie.live.day_book import Kept
from julie.live.keeper import Keeper, Ways
from julie.live.logs import Logs
from julie.live.notify import Notifier
from julie.store.read import load_bars
from julie.store.status import Status, read_status
from tests.store.test_status import look
from tests.store.test_trades_files import START, leg

pytestmark = pytest.mark.tier1
MINUTE = 60 * 10**9


class Paper:
    """A journal that is a list."""

    def __init__(self) -> None:
        self.records: list[AuditRecord] = []

    def append(self, record: AuditRecord) -> None:
        """Take it."""
        self.records.append(record)

    async def commit(self) -> None: ...


def minute(k: int) -> MinuteTaken:
    """A minute of one instrument."""
    bar = TakenBar("ESU5", START + k * MINUTE, 6000.0, 6001.0, 5999.75, 6000.25, 10.0)
    return MinuteTaken(START + k * MINUTE, (bar,), ((),), (0,), (0,), (0,))


def kept(folder: Path, told: list[Payload], recalled: list[AuditRecord]) -> Paper:
    """Run a keeper over these payloads; returns the journal."""
    paper = Paper()

    async def go() -> None:
        bus, clock = Bus(), VirtualClock(START)
        scribe = Scribe(paper, bus, "sim-1", clock, 1)
        with Logs(folder, "sim", Redactor()) as logs:
            what = Kept(folder, "sim-1", "sim", ("ES",), simulated=True)
            ways = Ways(logs, Notifier("sim", Redactor()))
            keeper = Keeper(what, bus, clock, load_calendar(), ways, status)
            keeper.recall(recalled)
            async with Tasks() as tasks:
                task = tasks.start("keeper", keeper.run())
                await asyncio.sleep(0.05)
                for payload in told:
                    scribe.note(payload)
                async with asyncio.timeout(8):
                    while not (found := read_status(folder)) or not found.message:  # noqa: ASYNC110
                        await asyncio.sleep(0.02)
                task.cancel()

    def status() -> Status:
        return replace(look(), timestamp="2025-06-16T09:30:00-04:00")

    asyncio.run(go())
    return paper


ALARM = Alarm("market_stale", "no quote for 5 s")


def test_everything_lies_where_people_look(tmp_path: Path) -> None:
    halt = StateChanged(DeskState.HALTED, "two desks")
    kept(tmp_path, [minute(0), leg(1, 77.0), ALARM, halt, minute(1)], [])
    status = read_status(tmp_path)
    assert status is not None
    assert not status.is_alive
    assert status.message.startswith("SIM halted: two desks. ")
    assert status.changed.startswith("2025-06-16T09:30:00")
    today = json.loads((tmp_path / "logs" / "trades_today.json").read_text(encoding="utf-8"))
    assert (today["date"], today["summary"]["total_trades"]) == ("2025-06-16", 1)
    assert len((tmp_path / "logs" / "trades.jsonl").read_text(encoding="utf-8").splitlines()) == 1
    bars = load_bars(tmp_path / "bars" / "live" / "2025-06-16" / "ES.parquet", "ES")
    assert bars.ts.tolist() == [START, START + MINUTE]
    log = (tmp_path / "logs" / "bot.log").read_text(encoding="utf-8")
    assert "SIM market_stale: no quote for 5 s. No entries" in log
    assert "trade 1-1 orb long" in (tmp_path / "logs" / "trade.log").read_text(encoding="utf-8")


def test_the_status_is_written_as_soon_as_an_order_works(tmp_path: Path) -> None:
    looks: list[Status] = []

    def status() -> Status:
        looks.append(look(len(looks)))
        return looks[-1]

    async def written(since: int) -> None:
        async with asyncio.timeout(8):  # else it is written each half minute
            while (found := read_status(tmp_path)) is None or found not in looks[since:]:  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    async def go() -> None:
        bus, clock = Bus(), VirtualClock(START)
        scribe = Scribe(Paper(), bus, "sim-1", clock, 1)
        with Logs(tmp_path, "sim", Redactor()) as logs:
            what = Kept(tmp_path, "sim-1", "sim", ("ES",), simulated=True)
            ways = Ways(logs, Notifier("sim", Redactor()))
            keeper = Keeper(what, bus, clock, load_calendar(), ways, status)
            async with Tasks() as tasks:
                task = tasks.start("keeper", keeper.run())
                await written(0)
                since = len(looks)
                scribe.note(OrderUpdate("7", "a-tag", OrderState.WORKING, 0, "", 2, 992))
                await written(since)
                task.cancel()

    asyncio.run(go())


def test_a_restart_goes_on_with_the_day(tmp_path: Path) -> None:
    first = kept(tmp_path, [minute(0), leg(1, 10.0), ALARM], [])
    (tmp_path / "logs" / "trades.jsonl").unlink()  # the killed bot had not written it
    kept(tmp_path, [minute(1), leg(2, -4.0), ALARM], first.records)
    today = json.loads((tmp_path / "logs" / "trades_today.json").read_text(encoding="utf-8"))
    assert today["summary"]["total_pnl"] == 6.0
    lines = (tmp_path / "logs" / "trades.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["tradeId"] for line in lines] == [1, 2]
    bars = load_bars(tmp_path / "bars" / "live" / "2025-06-16" / "ES.parquet", "ES")
    assert len(bars.ts) == 2


def test_a_minute_that_the_venue_corrected_is_kept_as_final(tmp_path: Path) -> None:
    final = BarClosed("ES", "ESU5", START, 60, 6000.0, 6002.5, 5999.75, 6000.5, 12.0)
    first = kept(tmp_path, [minute(0), minute(1), final, ALARM], [])
    for records in ([], first.records):  # and still after a restart
        if records:
            kept(tmp_path, [minute(2), ALARM], records)
        bars = load_bars(tmp_path / "bars" / "live" / "2025-06-16" / "ES.parquet", "ES")
        assert bars.high.tolist()[:2] == [6002.5, 6001.0]
        assert (bars.close[0], bars.volume[0]) == (6000.5, 12.0)


def test_another_day_begins_anew(tmp_path: Path) -> None:
    late = leg(2, 5.0)
    late = replace(late, exit_ts=late.exit_ts + 86_400 * 10**9)
    assert isinstance(late, TradeClosed)
    kept(tmp_path, [minute(0), leg(1, 10.0), late, ALARM], [])
    today = json.loads((tmp_path / "logs" / "trades_today.json").read_text(encoding="utf-8"))
    assert (today["date"], today["summary"]["total_pnl"]) == ("2025-06-17", 5.0)
    assert (tmp_path / "bars" / "live" / "2025-06-16" / "ES.parquet").exists()
