"""What makes a market look real, measured on simulated and real minutes and laid side by side.

Returns are log returns of back-adjusted closes of minutes that follow one another; `kurtosis with
gaps` takes every row. Hours are Eastern: the range of a minute in basis points, the volume of a
minute as a share of the sum over all hours. A measure is within when it lies no farther than 25 %
from the real one.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from julie.core.bars import Bars
from julie.core.calendar import load_calendar
from julie.core.zones import MINUTE_NS
from julie.synth.curves import LEG_OF

Floats = npt.NDArray[np.float64]

LAGS: Final = 30
HOURS: Final = 23  # of the trading day; 0 = 18:00 to 18:59 ET
TOLERANCE: Final = 0.25

RETURN_SET: Final = {"ES": "es_1m", "NQ": "nq_1m"}  # by leg
# By symbol: of the micro Nasdaq no real volume was reachable, so it stands beside its mini.
VOLUME_SETS: Final = {
    "ES": ("es_5m_vol", "es_1m_bidask"),
    "MES": ("mes_15m_vol", "mes_1m_vol"),
    "NQ": ("nq_5m_vol",),
    "MNQ": ("nq_5m_vol",),
}


@dataclass(frozen=True, slots=True, eq=False)
class Tape:
    """The columns that the statistics need, of simulated or real bars."""

    ts: npt.NDArray[np.int64]
    high: Floats
    low: Floats
    close: Floats
    shift: Floats
    volume: Floats


@dataclass(frozen=True, slots=True)
class Measure:
    """One statistic beside its real counterpart; `real` is None where there is none."""

    symbol: str
    name: str
    simulated: float
    real: float | None = None
    real_set: str = ""

    @property
    def ratio(self) -> float | None:
        """Simulated over real."""
        return None if not self.real else self.simulated / self.real

    @property
    def within(self) -> bool | None:
        """Whether the two differ by no more than the tolerance."""
        return None if self.ratio is None else abs(self.ratio - 1) <= TOLERANCE


def real_folder() -> Path:
    """Where the real sets lie: JULIE_DATA, else beside the repository."""
    named = os.environ.get("JULIE_DATA")
    beside = Path(__file__).resolve().parents[3] / "shared" / "data"
    return Path(named) if named else beside


def tape_of(bars: Bars) -> Tape:
    """Bars as a tape."""
    return Tape(bars.ts, bars.high, bars.low, bars.close, bars.shift, bars.volume)


def read_tape(file: Path) -> Tape:
    """A real set as a tape."""
    table = pq.read_table(file)
    high, low, close = (table[name].to_numpy() for name in ("high", "low", "close"))
    nothing = np.zeros(len(high))
    return Tape(
        table["ts"].cast(pa.timestamp("ns", "UTC")).cast(pa.int64()).to_numpy(),
        high,
        low,
        close,
        table["adj"].to_numpy() if "adj" in table.column_names else nothing,
        table["volume"].to_numpy().astype(np.float64)
        if "volume" in table.column_names
        else nothing,
    )


def returns(tape: Tape) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Log return of each row but the first, and whether it is that of a single minute."""
    moved = np.diff(np.log(tape.close + tape.shift))
    return moved, np.diff(tape.ts) == MINUTE_NS


def kurtosis(values: Floats) -> float:
    """Fourth moment over the squared second; 3 for a normal distribution."""
    centred = values - values.mean()
    return float(np.mean(centred**4) / np.mean(centred**2) ** 2)


def autocorrelation(values: Floats, lags: int = LAGS) -> Floats:
    """Autocorrelation at lags 1 to `lags`."""
    centred = values - values.mean()
    variance = float(np.mean(centred**2))
    products = (np.mean(centred[lag:] * centred[:-lag]) for lag in range(1, lags + 1))
    return np.fromiter(products, dtype=np.float64, count=lags) / variance


def correlation(one: Tape, other: Tape) -> float:
    """Correlation of the minutes that both have, each following a minute that both have."""
    _, mine, its = np.intersect1d(one.ts, other.ts, return_indices=True)
    first, second = np.log(one.close + one.shift)[mine], np.log(other.close + other.shift)[its]
    inside = np.diff(one.ts[mine]) == MINUTE_NS
    return float(np.corrcoef(np.diff(first)[inside], np.diff(second)[inside])[0, 1])


def by_hour(tape: Tape, values: Floats) -> Floats:
    """Mean of the values in each hour of the trading day; 0 where there are none."""
    hour = load_calendar().minute_of(tape.ts) // 60
    traded = hour < HOURS
    sums = np.bincount(hour[traded], values[traded], HOURS)
    return np.asarray(sums / np.maximum(np.bincount(hour[traded], minlength=HOURS), 1))


def range_by_hour(tape: Tape) -> Floats:
    """Mean range of a minute in basis points."""
    return by_hour(tape, (tape.high - tape.low) / tape.close * 1e4)


def volume_by_hour(tape: Tape) -> Floats:
    """Share of each hour in the volume of an average day, in percent."""
    mean = by_hour(tape, tape.volume)
    return np.asarray(100 * mean / mean.sum())


def hour_name(hour: int) -> str:
    """The Eastern hour, such as 09:00."""
    return f"{(hour + 18) % 24:02d}:00"


def _return_measures(tape: Tape) -> Iterator[tuple[str, float]]:
    moved, single = returns(tape)
    for lag, value in enumerate(autocorrelation(np.abs(moved[single])), start=1):
        yield f"autocorrelation of |r|, lag {lag}", float(value)
    yield "kurtosis", kurtosis(moved[single])
    yield "kurtosis with gaps", kurtosis(moved)
    for hour, value in enumerate(range_by_hour(tape)):
        yield f"range {hour_name(hour)} (bp)", float(value)


def _volume_measures(tape: Tape) -> Iterator[tuple[str, float]]:
    for hour, value in enumerate(volume_by_hour(tape)):
        yield f"volume {hour_name(hour)} (% of day)", float(value)


def _beside(
    symbol: str, mine: Iterator[tuple[str, float]], real: Mapping[str, float], real_set: str
) -> list[Measure]:
    return [
        Measure(symbol, name, value, real.get(name), real_set if name in real else "")
        for name, value in mine
    ]


def _real(folder: Path, name: str) -> Tape | None:
    file = folder / f"{name}.parquet"
    return read_tape(file) if file.is_file() else None


def compare(bars: Mapping[str, Bars], folder: Path | None = None) -> list[Measure]:
    """Every statistic of simulated bars, beside the real one where the real sets are present."""
    folder = real_folder() if folder is None else folder
    tapes = {symbol: tape_of(series) for symbol, series in bars.items()}
    real_legs = {leg: _real(folder, name) for leg, name in RETURN_SET.items()}
    found: list[Measure] = []
    for symbol, tape in tapes.items():
        leg = LEG_OF[symbol]
        real = real_legs[leg]
        known = dict(_return_measures(real)) if real is not None else {}
        found += _beside(symbol, _return_measures(tape), known, RETURN_SET[leg])
        sets = [(name, _real(folder, name)) for name in VOLUME_SETS[symbol]]
        present = [(name, real) for name, real in sets if real is not None]
        for name, real in present:
            found += _beside(symbol, _volume_measures(tape), dict(_volume_measures(real)), name)
        if not present:
            found += _beside(symbol, _volume_measures(tape), {}, "")
    pair = [next((s for s in tapes if LEG_OF[s] == leg), None) for leg in RETURN_SET]
    if pair[0] is not None and pair[1] is not None:
        both = real_legs["ES"], real_legs["NQ"]
        real_value = None if both[0] is None or both[1] is None else correlation(both[0], both[1])
        value = correlation(tapes[pair[0]], tapes[pair[1]])
        named = "es_1m with nq_1m" if real_value is not None else ""
        found.append(Measure("/".join(map(str, pair)), "correlation", value, real_value, named))
    return found
