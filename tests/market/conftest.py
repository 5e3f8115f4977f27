"""Bars for the columns: random walks on the exchange's own minutes, real bars if present."""

import os
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from julie.core.calendar import load_calendar
from julie.core.instruments import INSTRUMENTS
from julie.core.news import NewsTimes
from julie.core.sessions import session_of_minute
from julie.market.columns.column import Column
from julie.market.columns.frame import Buffer
from julie.market.columns.graph import Graph
from julie.market.tables import market_tables

Series = dict[str, Buffer]
Run = Callable[..., dict[Column, Buffer]]
TICK = 0.25
MINUTE_NS = 60_000_000_000


@pytest.fixture(scope="session")
def tables() -> dict[str, Buffer]:
    """The calendar's, the sessions' and instruments' tables, news at 08:30 and a bucket table."""
    calendar = load_calendar()
    news = NewsTimes(times_ns=calendar.open_ns + 870 * MINUTE_NS, days=calendar.day)
    made = market_tables(calendar, session_of_minute, INSTRUMENTS.values(), news)
    return made | {"stops": np.arange(320) / 4.0}


@pytest.fixture(scope="session")
def walk() -> Callable[..., Series]:
    """Days of one-minute bars: a random walk on the grid with quiet and wild hours, and holes."""

    def make(days: int, seed: int = 1, first: str = "2024-11-11", holes: float = 0.0) -> Series:
        chance, calendar = np.random.default_rng(seed), load_calendar()
        begin = int(np.searchsorted(calendar.day, np.datetime64(first, "D").astype(int)))
        spans = [
            np.arange(calendar.open_ns[k], calendar.close_ns[k], MINUTE_NS)
            for k in range(begin, begin + days)
        ]
        ts = np.concatenate(spans)
        ts = ts[chance.random(len(ts)) >= holes]
        n = len(ts)
        wild = 1.0 + np.sin(np.arange(n) / 97.0) ** 2 * 3.0
        steps = np.rint(chance.standard_normal(n) * wild * 2.0)
        close = 5000.0 + TICK * np.cumsum(steps)
        opened = np.concatenate([[5000.0], close[:-1]]) + TICK * chance.integers(-1, 2, n)
        high = np.maximum(opened, close) + TICK * chance.integers(0, 6, n)
        low = np.minimum(opened, close) - TICK * chance.integers(0, 6, n)
        volume = chance.integers(0, 900, n).astype(float)
        return {
            "ts": ts, "open": opened, "high": high, "low": low, "close": close, "volume": volume,
            "shift": np.zeros(n),
        }  # fmt: skip

    return make


@pytest.fixture(scope="session")
def run(tables: dict[str, Buffer]) -> Run:
    """Columns over a series, appended in blocks that end at `cuts`."""

    def advance(
        wanted: Iterable[Column], series: Series, cuts: Iterable[int] = (), bar_s: int = 60
    ) -> dict[Column, Buffer]:
        columns, n = tuple(wanted), len(series["ts"])
        edges = [0, *cuts, n] if cuts else [*range(0, n, 65_536), n]
        longest = max(b - a for a, b in pairwise(edges))
        graph = Graph({"ES": columns, "NQ": ()}, {"ES": bar_s, "NQ": bar_s}, tables, longest)
        frame = graph.frame("ES")
        out = {c: np.empty(n, np.int8 if c.flag else np.float64) for c in columns}
        for a, b in pairwise(edges):
            rows = {name: values[a:b] for name, values in series.items()}
            if frame.free() < len(rows["ts"]) or graph.frame("NQ").free() < len(rows["ts"]):
                graph.roll()
            graph.append("NQ", rows)
            graph.append("ES", rows)
            start = frame.start
            graph.advance()
            for c in columns:
                out[c][a:b] = graph.buffer("ES", c)[start : frame.fill]
        return out

    return advance


@pytest.fixture(scope="session")
def es() -> Series:
    """The real one-minute bars of ES."""
    folder = Path(
        os.environ.get("JULIE_DATA", Path(__file__).parents[2].parent / "shared" / "data")
    )
    file = folder / "es_1m.parquet"
    if not file.exists():
        pytest.skip(f"no {file}: set JULIE_DATA to the folder of the real bars")
    import pyarrow.parquet as pq

    table = pq.read_table(file)
    found = {name: table[name].to_numpy() for name in ("open", "high", "low", "close")}
    volume = table["volume_est"].to_numpy().astype(float)
    return found | {
        "ts": table["ts"].to_numpy().astype("datetime64[ns]").astype(np.int64),
        "volume": np.where(volume < 0, np.nan, volume),
        "shift": np.zeros(len(volume)),
    }
