"""Series for the strategies: the real bars if present, and a random month; all asked once."""

import os
from pathlib import Path

import numpy as np
import pytest

from julie.core.calendar import load_calendar
from julie.core.candidates import Array, Candidates
from julie.regime.vol import vol_regime
from julie.strategies.base import Strategy
from julie.strategies.catalogue import catalogue
from julie.strategies.evaluate import Speaker
from tests.strategies.asking import TICK, Series, candidates, speakers, values


def _real(name: str, symbol: str, volume: str = "", base_s: int = 60) -> Series:
    beside = Path(__file__).parents[2].parent / "shared" / "data"
    file = Path(os.environ.get("JULIE_DATA", beside)) / f"{name}.parquet"
    if not file.exists():
        pytest.skip(f"no {file}: set JULIE_DATA to the folder of the real bars")
    import pyarrow.parquet as pq

    table = pq.read_table(file)
    bars = {column: table[column].to_numpy() for column in table.column_names}
    shift = bars.get("adj", np.zeros(len(table)))
    traded = bars[volume].astype(float) if volume else np.full(len(table), np.nan)
    return Series(
        ts=bars["ts"].astype("datetime64[ns]").astype(np.int64),
        volume=np.where(traded < 0, np.nan, traded),
        shift=shift,
        symbol=symbol,
        base_s=base_s,
        **{price: bars[price] + shift for price in ("open", "high", "low", "close")},
    )


@pytest.fixture(scope="session")
def es() -> Series:
    """ES, 168 days of one-minute bars with an estimated volume."""
    return _real("es_1m", "ES", "volume_est")


@pytest.fixture(scope="session")
def es_5m() -> Series:
    """ES in bars of five minutes, the same days."""
    return _real("es_5m_vol", "ES", "volume", 300)


@pytest.fixture(scope="session")
def nq_long() -> Series:
    """NQ of 2019 and 2020, without volume."""
    whole = _real("nq_1m_long", "NQ")
    first, last = (np.datetime64(day, "ns").astype(int) for day in ("2019-01-01", "2021-01-01"))
    inside = slice(*np.searchsorted(whole.ts, (first, last)))
    return Series(symbol="NQ", **whole.rows(inside.start, inside.stop))


@pytest.fixture(scope="session")
def walk() -> Series:
    """A random month: trends and lulls on the exchange's own minutes, prices on the grid."""
    chance, calendar = np.random.default_rng(7), load_calendar()
    begin = int(np.searchsorted(calendar.day, np.datetime64("2024-09-16", "D").astype(int)))
    ts = np.concatenate(
        [
            np.arange(calendar.open_ns[k], calendar.close_ns[k], 60_000_000_000)
            for k in range(begin, begin + 32)
        ]
    )
    n = len(ts)
    wild = 1.0 + 2.0 * np.sin(np.arange(n) / 371.0) ** 2
    drift = 0.35 * np.sin(np.arange(n) / 53.0)
    close = 5000.0 + TICK * np.cumsum(np.rint((chance.standard_normal(n) + drift) * wild))
    opened = np.concatenate([[5000.0], close[:-1]])
    wick = np.abs(chance.standard_normal((2, n))) * wild
    return Series(
        ts=ts,
        open=opened,
        high=np.maximum(opened, close) + TICK * np.rint(wick[0]),
        low=np.minimum(opened, close) - TICK * np.rint(wick[1]),
        close=close,
        volume=chance.integers(1, 900, n).astype(float),
        shift=np.zeros(n),
    )


@pytest.fixture(scope="session")
def portfolio() -> list[Strategy]:
    """Every strategy of the package."""
    return list(catalogue().values())


@pytest.fixture(scope="session")
def everybody(portfolio: list[Strategy]) -> list[Speaker]:
    """Every strategy, asked on ES."""
    return speakers(portfolio)


@pytest.fixture(scope="session")
def on_es(es: Series, everybody: list[Speaker]) -> Candidates:
    """What everybody says on the real bars."""
    return candidates(everybody, es)


@pytest.fixture(scope="session")
def on_walk(walk: Series, everybody: list[Speaker]) -> Candidates:
    """What everybody says on the random month."""
    return candidates(everybody, walk)


@pytest.fixture(scope="session")
def regime_of_es(es: Series) -> Array:
    """The volatility regime of the real bars, which no shift of prices may alter."""
    return values(vol_regime(), es)


@pytest.fixture(scope="session")
def regime_of_walk(walk: Series) -> Array:
    """The volatility regime of the random month."""
    return values(vol_regime(), walk)
