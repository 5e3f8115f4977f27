"""The history that a run began with, kept beside its journal: `bars/warm/RUN/ES.parquet`.

The venue revises and forgets, so a replay reads what the columns were warmed with then, and not
what the venue tells now. Of older runs the newest are kept.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from julie.core.bars import Bars
from julie.core.errors import DataError
from julie.core.instruments import Instrument
from julie.core.zones import SECOND_NS
from julie.live.warm import BASE_S
from julie.store.atomic import atomic
from julie.store.parquet import write_parquet

PRICES: Final = ("open", "high", "low", "close", "volume", "shift")
KEPT_RUNS: Final = 60
FACTS: Final = "run.json"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the run was made of beside its configuration."""

    symbols: list[str]  # heard, in the run's order
    traded: list[str]
    contracts: list[str]  # in which orders were placed at the start
    strategies: list[str]  # asked for by name; empty = those that the configuration enables
    began_ns: int


def folder_of(data_dir: Path, run: str) -> Path:
    """Where a run's history lies."""
    return data_dir / "bars" / "warm" / run


def keep(data_dir: Path, run: str, series: Sequence[Bars], facts: Facts) -> None:
    """Write a run's history down."""
    folder = folder_of(data_dir, run)
    folder.mkdir(parents=True, exist_ok=True)
    write_parquet({folder / f"{one.instrument.symbol}.parquet": _columns(one) for one in series})
    with atomic(folder / FACTS) as part:
        Path(part).write_bytes(msgspec.json.encode(facts))
    runs = sorted(folder.parent.iterdir(), key=lambda one: one.stat().st_mtime_ns)
    for old in runs[:-KEPT_RUNS]:
        shutil.rmtree(old, ignore_errors=True)


def facts_of(data_dir: Path, run: str) -> Facts:
    """What the run was made of."""
    place = folder_of(data_dir, run) / FACTS
    try:
        return msgspec.json.decode(place.read_bytes(), type=Facts)
    except (OSError, msgspec.DecodeError) as error:
        raise DataError(
            f"the history of the run {run} is not kept in {place.parent}",
            f"the newest {KEPT_RUNS} runs of a data folder can be replayed",
        ) from error


def kept(data_dir: Path, run: str, instruments: Sequence[Instrument]) -> list[Bars]:
    """The history that a run began with."""
    return [_bars(folder_of(data_dir, run) / f"{one.symbol}.parquet", one) for one in instruments]


def _columns(bars: Bars) -> dict[str, object]:
    ts = pa.array(bars.ts, type=pa.timestamp("ns", tz="UTC"))
    names = pa.array([bars.contract[k] for k in bars.contract_of.tolist()], type=pa.string())
    return {"ts": ts, **{name: getattr(bars, name) for name in PRICES}, "contract": names}


def _bars(path: Path, instrument: Instrument) -> Bars:
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise DataError(f"{path} cannot be read", "replay another run") from error
    n = table.num_rows
    columns = {name: table[name].to_numpy() for name in PRICES}
    return Bars(
        instrument=instrument,
        base_s=BASE_S,
        ts=table["ts"].cast(pa.int64()).to_numpy(),
        **columns,
        contract=("",),
        contract_of=np.zeros(n, np.int16),
        rolls=np.zeros(0, np.int64),
        roll_estimated=np.zeros(0, np.bool_),
        source=str(path),
        sha256="",
    )


def began_minute(facts: Facts) -> int:
    """The minute in which the run began."""
    return facts.began_ns - facts.began_ns % (60 * SECOND_NS)
