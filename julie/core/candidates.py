"""The candidate table: one row a candidate trade, a struct of arrays that every judge and rule of
risk shares.

Batch fills it with the whole run, live with the 0-5 candidates of this close; the functions are the
same. Distances are in the trade's own direction: a stop distance is positive for longs and shorts
alike.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from julie.core.types import BracketSource, EntryKind, OnExpiry

Array = npt.NDArray[Any]

NO_EXPIRY = -1
FEW: Final = 16  # candidates of one close

FIELDS: Final[dict[str, Any]] = {
    "row": np.int64,  # row of the instrument's series that decided
    "ts": np.int64,  # open time of that bar, ns UTC
    "instrument": np.int8,  # place in the run's list of instruments
    "strategy": np.int16,  # place in the run's list of strategies
    "side": np.int8,  # +1 / -1
    "style": np.int8,
    "structural": np.bool_,
    "tier": np.int8,
    "session": np.int8,
    "confidence": np.float64,
    "ref_close": np.float64,  # traded close of the deciding bar, points
    "source": np.int8,  # BracketSource the strategy declares
    "stop_pts": np.float64,  # own stop distance from the reference; NaN = none
    "target_pts": np.float64,  # own target distance; NaN = none
    "target_r": np.float64,  # own target as a multiple of the final stop; NaN = none
    "least_stop_pts": np.float64,  # structure that a table's stop must clear; NaN = none
    "min_r": np.float64,  # refuse below this reward to risk
    "first_target_pts": np.float64,  # nearer target of the first leg; NaN = one leg
    "entry_kind": np.int8,
    "limit_pts": np.float64,  # limit entry: how much better than the close; 0 = market
    # life of a limit entry in base bars; NO_EXPIRY = until the day's last entry time
    "expires_bars": np.int32,
    "on_expiry": np.int8,
    "sl_ticks": np.int32,  # what risk.brackets lays; 0 until then
    "tp_ticks": np.int32,
    "tp1_ticks": np.int32,  # 0 = one leg
}


BLANK: Final[dict[str, float]] = {  # a market entry without a bracket
    **dict.fromkeys(
        ("stop_pts", "target_pts", "target_r", "least_stop_pts", "first_target_pts"), float("nan")
    ),
    "confidence": 0.5,
    "source": int(BracketSource.DYNAMIC),
    "entry_kind": int(EntryKind.MARKET),
    "on_expiry": int(OnExpiry.CANCEL),
    "expires_bars": NO_EXPIRY,
}


@dataclass(slots=True, eq=False)
class Candidates:
    """Rows of candidate trades with the columns that judges asked for."""

    data: dict[str, Array]
    columns: dict[str, Array] = field(default_factory=dict)
    notes: dict[str, Array] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Array:
        found = self.data.get(name)
        if found is None:
            found = self.columns.get(name)
        if found is None:
            raise AttributeError(f"the candidate table has no column {name!r}")
        return found

    def __getitem__(self, name: str) -> Array:
        found: Array = getattr(self, name)
        return found

    def __len__(self) -> int:
        return len(self.data["row"])

    def column_or(self, name: str, default: float) -> Array:
        """A column, or a constant where nobody asked for it."""
        return self.columns[name] if name in self.columns else np.full(len(self), default)

    def take(self, index: Array | slice) -> Candidates:
        """The rows at `index` (positions, a mask or a range), in that order."""
        return Candidates(
            *({k: v[index] for k, v in getattr(self, f.name).items()} for f in fields(self))
        )

    def sorted_by_time(self) -> Candidates:
        """By close, then instrument, then strategy, long before short: the order in which the desk
        sees them.
        """
        order = np.lexsort((-self.side, self.strategy, self.instrument, self.ts))
        if len(order) <= FEW and order.tolist() == list(range(len(order))):
            return self  # as live brings them
        return self.take(order)


def empty(n: int = 0) -> Candidates:
    """A table of `n` blank rows: market entries without a bracket."""
    data = {name: np.zeros(n, dtype) for name, dtype in FIELDS.items()}
    for name, value in BLANK.items():
        data[name].fill(value)
    return Candidates(data)


def concatenate(tables: list[Candidates]) -> Candidates:
    """Several tables as one; a column that a table lacks is NaN there."""
    if len(tables) < 2:
        return tables[0] if tables else empty()

    def joined(parts: list[dict[str, Array]]) -> dict[str, Array]:
        if all(part.keys() == parts[0].keys() for part in parts):
            return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        names = list(dict.fromkeys(name for part in parts for name in part))
        return {
            name: np.concatenate(
                [
                    part[name] if name in part else np.full(len(t), np.nan)
                    for part, t in zip(parts, tables, strict=True)
                ]
            )
            for name in names
        }

    return Candidates(
        joined([t.data for t in tables]),
        joined([t.columns for t in tables]),
        joined([t.notes for t in tables]),
    )
