"""Live = backtest: a session on the simulated gateway gives the backtest's trades."""

import asyncio
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from julie.backtest.harvest import trade_columns
from julie.backtest.result import Coded
from julie.backtest.runner import run
from julie.core.bookings import TradeClosed
from julie.core.calendar import load_calendar
from julie.core.events import AuditRecord, Decision
from julie.core.instruments import INSTRUMENTS
from julie.live import wanted
from julie.live.compose import Ended, simulated
from julie.live.portfolio import asked_for
from julie.live.sim import end_child, start_child
from julie.settings import Settings, default_tree, load_settings
from julie.store.journal import JournalReader, Wanted
from julie.store.read import load_bars
from julie.synth import sample

DAY = date(2025, 2, 27)
UNTIL = 17 * 60  # minutes since 18:00: 11:00 Eastern
TOLD = frozenset(TradeClosed.__dataclass_fields__) - {"contract", "hmm_state"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Generated bars up to 11:00 of the day."""
    bars, calendar = sample(tmp_path / "made").bars["MES"], load_calendar()
    place = calendar.place_of(DAY)
    first = int(np.searchsorted(bars.ts, calendar.open_ns[place - 32]))
    last = int(np.searchsorted(bars.ts, calendar.open_ns[place] + UNTIL * 60_000_000_000))
    prices = {n: getattr(bars, n)[first:last] for n in ("open", "high", "low", "close", "volume")}
    ts = pa.array(bars.ts[first:last], pa.timestamp("ns", tz="UTC"))
    found = tmp_path / "mes.parquet"
    pq.write_table(pa.table({"ts": ts, **prices, "contract": ["MESH25"] * (last - first)}), found)
    return found


async def traded(file: Path, settings: Settings, folder: Path) -> Ended:
    words = ("--data", str(file), "--symbol", "MES", "--date", str(DAY), "--until", "11:00")
    child, ready = await start_child((*words, "--speed", "lockstep"))
    try:
        return await simulated(wanted.Wanted("sim", "lockstep", settings, folder), ready)
    finally:
        await end_child(child)


@pytest.mark.tier3
@pytest.mark.timeout(300)
def test_a_session_in_lockstep_is_the_backtests(file: Path, tmp_path: Path) -> None:
    settings = load_settings(default_tree()).tree
    asked = asked_for(settings, [INSTRUMENTS["MES"]], [])
    batch = run(replace(asked, series=(load_bars(file, "MES"),), first_day=DAY))
    folder = tmp_path / "bot"
    ended = asyncio.run(traded(file, settings, folder))
    assert ended.minutes > 900
    with JournalReader.of(folder) as reader:
        records = [one for one in reader.records(Wanted()) if isinstance(one, AuditRecord)]
    decided = [
        (one.strategy, int(one.side), one.sl_ticks, one.tp_ticks)
        for record in records
        if isinstance(record.payload, Decision)
        for one in record.payload.candidates
    ]
    c, names = batch.judged.candidates, [one.name for one in batch.facts.strategies]
    rows = zip(c.strategy, c.side, c.sl_ticks, c.tp_ticks, strict=True)
    wanted = [(names[int(s)], int(side), int(sl), int(tp)) for s, side, sl, tp in rows]
    assert len(wanted) >= 10
    assert decided == wanted
    closed = [one.payload for one in records if isinstance(one.payload, TradeClosed)]
    days = load_calendar().day[load_calendar().index_of(batch.line.ts)].astype(np.int32)
    theirs = trade_columns(batch.record, batch.judged, batch.facts, days)
    assert len(closed) >= 1
    for name in TOLD:
        column = theirs[name]
        told = (
            [column.names[code] if code >= 0 else None for code in column.codes.tolist()]
            if isinstance(column, Coded)
            else np.asarray(column).tolist()
        )
        assert [getattr(one, name) for one in closed] == told, name
