"""The frame portfolio of the benchmark: six strategies, nine judges, a year of two instruments."""

from pathlib import Path
from typing import Final

from benchmarks.case import data_folder
from julie.backtest.runner import Request
from julie.core.bars import Bars
from julie.core.config import Loaded
from julie.core.news import NewsTimes
from julie.settings import Settings, default_tree, load_settings
from julie.store.read import load_several
from julie.strategies.catalogue import catalogue
from julie.synth import Simulated, generate, write

YEAR: Final = 252  # trading days
SEED: Final = 1
SIX: Final = (
    "liquidity_sweep", "orb", "regime_adaptive", "sma_cross", "smooth_trend_asia",
    "value_area_breakout",
)  # fmt: skip


def settings_of() -> Loaded[Settings]:
    """The configuration as it ships."""
    return load_settings(default_tree(), (), (), True)


def request_of(series: tuple[Bars, ...], traded: tuple[str, ...], *, vix: bool) -> Request:
    """The frame portfolio over these bars."""
    settings = settings_of().tree
    table = settings.instrument_table()
    strategies = tuple(catalogue()[name] for name in SIX)
    products = tuple(table[symbol] for symbol in traded)
    return Request(series, products, strategies, settings, NewsTimes(), has_vix=vix)


def simulated_year() -> Simulated:
    """A generated year: volume and peer are there."""
    return generate(days=YEAR, seed=SEED)


def year_request() -> Request:
    """The portfolio over the generated year of MES and MNQ."""
    made = simulated_year()
    return request_of(tuple(made.bars.values()), tuple(made.bars), vix=True)


def pair_request(
    series: tuple[Bars, ...] | None = None, traded: tuple[str, ...] = ("MES", "MNQ")
) -> Request:
    """The portfolio over real bars: unless told, the eight months of es_1m and nq_1m."""
    if series is None:
        files = [data_folder() / "es_1m.parquet", data_folder() / "nq_1m.parquet"]
        series = load_several(files, ["ES", "NQ"], mapping={"volume": "volume_est"})
    return request_of(series, traded, vix=False)


def write_year(folder: Path) -> list[tuple[Path, str]]:
    """The generated year as files; each with its symbol."""
    made = simulated_year()
    written = [file for file in write(made, folder) if file.suffix == ".parquet"]
    return [(file, symbol) for file in written for symbol in made.bars if symbol in file.name]
