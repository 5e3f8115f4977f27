"""One instance of each kernel: the audit also covers columns that no enabled strategy asks for."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from julie.core.bars import Bars
from julie.core.sessions import BUCKETS
from julie.market.columns.column import Column, walk
from julie.regime.catalogue import CONSTRUCTORS, parse

# Bucket tables are files of the calibration; the audit reads an invented one, since only the lookup
# is on trial.
EXAMPLE_TABLES: Final = {"stops": np.arange(float(BUCKETS))}


def all_columns(series: Sequence[Bars]) -> dict[str, tuple[Column, ...]]:
    """Every column of the catalogue at its example; peers only where the run has them."""
    symbols = {bars.instrument.symbol for bars in series}
    found: dict[str, tuple[Column, ...]] = {}
    for bars in series:
        made = [parse(_written(name, entry.example)) for name, entry in CONSTRUCTORS.items()]
        found[bars.instrument.symbol] = tuple(c for c in made if _peers(c) <= symbols)
    return found


def _written(name: str, example: str) -> str:
    return f"{name}({example})" if example else name


def _peers(column: Column) -> set[str]:
    return {c.where for c in walk(column) if c.kernel.name in ("peer", "peer_age")}
