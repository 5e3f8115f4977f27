"""Recorded data through the simulated market: bars over a roll, and quotes of the real feed."""

import os
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from julie.core.zones import MINUTE_NS
from julie.gateway.wire import BarUnit, ContractsAvailable, RetrieveBars, Stamp
from julie.simgate.exchange.events import Event, MarketEvent
from julie.simgate.exchange.exchange import Exchange
from julie.simgate.exchange.setup import Setup, Source

DATA = Path(os.environ.get("JULIE_DATA", Path(__file__).parents[4] / "shared" / "data"))
pytestmark = pytest.mark.tier1


def file(name: str) -> Path:
    if not (DATA / name).exists():
        pytest.skip(f"{DATA / name} is not there (set JULIE_DATA)")
    return DATA / name


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * 10**9


def built(events: list[Event]) -> dict[tuple[str, int], list[float]]:
    """Bars that the prints of the stream add up to."""
    prints: dict[tuple[str, int], list[float]] = defaultdict(list)
    for one in events:
        if isinstance(one, MarketEvent) and one.target == "GatewayTrade":
            prints[one.contract, one.ts // MINUTE_NS * MINUTE_NS].append(one.rows[0].price)  # type: ignore[union-attr]
    return {k: [p[0], max(p), min(p), p[-1]] for k, p in prints.items()}


def recorded(name: str, start: int, end: int) -> dict[int, list[float]]:
    table = pq.read_table(file(name))
    ts = table["ts"].cast(pa.int64()).to_numpy()
    columns = [table[c].to_numpy() for c in ("open", "high", "low", "close")]
    rows = np.flatnonzero((ts >= start) & (ts < end)).tolist()
    return {int(ts[row]): [float(c[row]) for c in columns] for row in rows}


def test_bars_over_a_roll_are_printed_as_recorded_and_the_month_flips_at_the_open() -> None:
    start, end = at("2025-06-13T20:00:00+00:00"), at("2025-06-16T00:00:00+00:00")
    source = Source("bars", "ES", ("MES",), file("es_1m.parquet"))
    events: list[Event] = []
    exchange = Exchange(Setup((source,), start, end, lockstep=True), events.append)
    active: dict[int, str] = {}
    while exchange.advance():
        [row] = exchange.answer(ContractsAvailable(live=False)).contracts  # type: ignore[attr-defined]
        active.setdefault(exchange.now_ns // MINUTE_NS * MINUTE_NS, row.id)
    flip = at("2025-06-15T22:00:00+00:00")
    assert {m for ns, m in active.items() if ns < flip} == {"CON.F.US.MES.M25"}
    assert {m for ns, m in active.items() if ns >= flip} == {"CON.F.US.MES.U25"}
    wanted, found = recorded("es_1m.parquet", start, end), built(events)
    assert len(wanted) > 100
    assert {ns: found[active[ns], ns] for ns in wanted} == wanted
    last = max(ns for ns in wanted if ns < flip)
    assert found["CON.F.US.MES.U25", last][3] - found["CON.F.US.MES.M25", last][3] == 51.75
    asked = RetrieveBars(
        contract_id="CON.F.US.MES.U25", live=False, start_time=Stamp(flip), end_time=Stamp(end),
        unit=BarUnit.MINUTE, unit_number=1, limit=20_000, include_partial_bar=False,
    )  # fmt: skip
    bars = exchange.answer(asked).bars  # type: ignore[attr-defined]
    told = {int(b.t.timestamp()) * 10**9: [b.o, b.h, b.l, b.c] for b in bars}
    over = exchange.now_ns - MINUTE_NS
    assert told == {ns: row for ns, row in wanted.items() if flip <= ns <= over}


def test_weeks_and_months_are_joined_of_their_days() -> None:
    start, end = at("2025-06-16T14:00:00+00:00"), at("2025-06-16T14:05:00+00:00")
    source = Source("bars", "ES", ("MES",), file("es_1m.parquet"))
    exchange = Exchange(Setup((source,), start, end, lockstep=True), list[Event]().append)
    while exchange.advance():
        pass

    def bars(unit: BarUnit, limit: int) -> list[Any]:
        asked = RetrieveBars(
            contract_id="CON.F.US.MES.M25", live=False,
            start_time=Stamp(at("2025-04-30T22:00:00+00:00")), end_time=Stamp(start),
            unit=unit, unit_number=1, limit=limit, include_partial_bar=True,
        )  # fmt: skip
        return list(exchange.answer(asked).bars)  # type: ignore[attr-defined]

    days = bars(BarUnit.DAY, 100)
    _, week, *_ = bars(BarUnit.WEEK, 100)  # the newest is this week's beginning
    inside = [one for one in days if week.t <= one.t < week.t + timedelta(days=6)]
    assert len(inside) == 5
    assert (week.t, week.o, week.c) == (inside[-1].t, inside[-1].o, inside[0].c)
    assert (week.h, week.l) == (max(one.h for one in inside), min(one.l for one in inside))
    assert week.v == sum(one.v for one in inside)
    june, may = bars(BarUnit.MONTH, 2)
    assert (june.t.day, may.t.day) == (1, 30)  # the evening before the first trading day
    assert june.v + may.v == sum(one.v for one in days)


@pytest.mark.parametrize("lockstep", [False, True])
def test_a_change_of_the_last_price_is_a_trade(lockstep: bool) -> None:
    start, end = at("2025-11-04T14:00:00+00:00"), at("2025-11-04T14:40:00+00:00")
    source = Source("ticks", "ES", ("ES",), file("es_quotes_projectx.parquet"))
    events: list[Event] = []
    exchange = Exchange(Setup((source,), start, end, lockstep=lockstep), events.append)
    while exchange.advance():
        pass
    table = pq.read_table(file("es_quotes_projectx.parquet")).sort_by("ts")
    ts, last = table["ts"].cast(pa.int64()).to_numpy(), table["last"].to_numpy()
    wanted: dict[int, list[float]] = defaultdict(list)
    for row in (np.flatnonzero(np.diff(last)) + 1).tolist():
        if start <= ts[row] < end:
            wanted[int(ts[row]) // MINUTE_NS * MINUTE_NS].append(float(last[row]))
    bars = {ns: [p[0], max(p), min(p), p[-1]] for ns, p in wanted.items()}
    assert len(bars) >= 30
    assert {ns: row for (_, ns), row in built(events).items()} == bars
