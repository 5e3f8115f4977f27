"""The clock of the day as tables: how far a minute moves and how much it trades, hour by hour.

The five-minute rows of tables/curves.csv are averages fitted on real sets
(tools/fit_synth_curves.py). Some minutes stand out of their five: the opens, the numbers at 08:30
and 10:00, the closing auction.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from julie.core.sessions import minute_since_open
from julie.synth.plan import MINUTES_A_DAY

Floats = npt.NDArray[np.float64]

_FILE = Path(__file__).resolve().parent / "tables" / "curves.csv"

# The prices of a micro are those of its mini; what differs is how many trade.
LEG_OF: Final = {"ES": "ES", "MES": "ES", "NQ": "NQ", "MNQ": "NQ"}

# A minute over the mean of its five minutes, in range and in volume; medians of the real sets.
_LOUD_MINUTES: Final = (
    ("18:00", 1.9, 1.8),
    ("19:00", 1.3, 1.3),
    ("20:00", 1.4, 1.4),
    ("01:30", 1.3, 1.3),
    ("03:00", 1.35, 1.4),
    ("04:00", 1.3, 1.3),
    ("07:00", 1.4, 1.4),
    ("08:30", 1.6, 1.6),
    ("09:30", 1.3, 1.4),
    ("10:00", 1.4, 1.3),
    ("15:50", 1.45, 1.5),
    ("15:59", 1.5, 2.7),
    ("16:00", 1.65, 2.4),
    ("16:59", 1.3, 1.3),
)


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """Averages by minute since 18:00 ET, 1,380 values each."""

    range_bp: dict[str, Floats]  # by leg: mean range of a minute in basis points
    volume: dict[str, Floats]  # by symbol: mean contracts of a minute


def _loudness(column: int) -> Floats:
    loud = np.ones(MINUTES_A_DAY)
    for row in _LOUD_MINUTES:
        loud[minute_since_open(row[0])] = row[column]
    fives = loud.reshape(-1, 5)
    return np.asarray((fives / fives.mean(axis=1, keepdims=True)).ravel())


@cache
def load_curves() -> Curves:
    """The fitted tables, spread over single minutes."""
    with _FILE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))

    def column(name: str, loud: Floats) -> Floats:
        return np.asarray(np.repeat([float(row[name]) for row in rows], 5) * loud)

    ranges, volumes = _loudness(1), _loudness(2)
    return Curves(
        range_bp={leg: column(f"{leg.lower()}_range_bp", ranges) for leg in ("ES", "NQ")},
        volume={symbol: column(f"{symbol.lower()}_volume", volumes) for symbol in LEG_OF},
    )
