"""A small market on the real calendar, for tests that need files of bars."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from julie.core.calendar import load_calendar
from julie.core.instruments import instrument
from julie.store.rows import Rows

Market = Callable[..., Rows]


@pytest.fixture(scope="session")
def market() -> Market:
    """Makes bars of whole trading days: rising times, prices on the grid, volume."""

    def make(
        first: str = "2025-06-02",
        days: int = 5,
        base_s: int = 60,
        *,
        symbol: str = "ES",
        seed: int = 1,
        contract: str | None = None,
        level: int = 24_000,
        minutes: tuple[int, int] | None = None,
    ) -> Rows:
        calendar = load_calendar()
        place = calendar.place_of(date.fromisoformat(first))
        assert place >= 0, f"{first} is no trading day"
        step = base_s * 10**9
        opens = calendar.open_ns[place : place + days]
        closes = calendar.close_ns[place : place + days]
        if minutes is not None:
            closes = np.minimum(closes, opens + minutes[1] * 60 * 10**9)
            opens = opens + minutes[0] * 60 * 10**9
        ts = np.concatenate([np.arange(o, c, step) for o, c in zip(opens, closes, strict=True)])
        n, chance = len(ts), np.random.default_rng(seed)
        close = level + np.cumsum(chance.integers(-4, 5, n))
        start = np.append(level, close[:-1])
        high = np.maximum(start, close) + chance.integers(0, 4, n)
        low = np.minimum(start, close) - chance.integers(0, 4, n)
        tick = np.float64(instrument(symbol).tick)
        return Rows(
            ts=ts,
            open=start * tick,
            high=high * tick,
            low=low * tick,
            close=close * tick,
            volume=chance.integers(1, 5000, n).astype(float),
            contracts=(contract,) if contract else (),
            contract_of=np.zeros(n if contract else 0, dtype=np.int32),
            adj=None,
            adj_factor=None,
            columns=(),
            source="made",
            sha256="",
        )

    return make


@pytest.fixture
def saved(tmp_path: Path) -> Callable[..., Path]:
    """Writes bars as parquet with columns of choice changed, added or (None) left out."""

    def save(rows: Rows, name: str = "es.parquet", **changed: object) -> Path:
        columns: dict[str, object] = {
            "ts": pa.array(rows.ts, type=pa.timestamp("ns", tz="UTC")),
            "open": rows.open,
            "high": rows.high,
            "low": rows.low,
            "close": rows.close,
            "volume": rows.volume,
        }
        if rows.named:
            columns["contract"] = [rows.contracts[k] for k in rows.contract_of]
        columns |= changed
        kept = {key: value for key, value in columns.items() if value is not None}
        path = tmp_path / name
        pq.write_table(pa.table(kept), path)
        return path

    return save
