"""What a check compared and where it found a difference."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from julie.backtest.result import Coded, Column

MOST_SHOWN = 5


@dataclass(slots=True)
class Findings:
    """Counts of what was compared, and the differences in words."""

    counts: dict[str, int] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)
    hidden: int = 0

    def count(self, what: str, n: int) -> None:
        """So many more of something were compared."""
        self.counts[what] = self.counts.get(what, 0) + n

    def differ(self, words: str) -> None:
        """One more difference."""
        if len(self.differences) < MOST_SHOWN * 4:
            self.differences.append(words)
        else:
            self.hidden += 1

    def take(self, other: "Findings") -> None:
        """Another check's findings as part of this one."""
        for what, n in other.counts.items():
            self.count(what, n)
        for words in other.differences:
            self.differ(words)
        self.hidden += other.hidden

    @property
    def total(self) -> int:
        """How many differences there are."""
        return len(self.differences) + self.hidden


def unequal(a: npt.NDArray[Any], b: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Rows on which two arrays differ; NaN equals NaN."""
    n = min(len(a), len(b))
    extra = np.arange(n, max(len(a), len(b)))
    a, b = a[:n], b[:n]
    same = np.asarray(a == b)
    if a.dtype.kind == "f":
        same |= np.isnan(a) & np.isnan(b)
    return np.concatenate([np.flatnonzero(~same), extra])


def plain(column: Column) -> npt.NDArray[Any]:
    """A record column as values that can be compared."""
    return np.array(column.words(), dtype=str) if isinstance(column, Coded) else np.asarray(column)


def compare_columns(
    what: str, batch: dict[str, Any], live: dict[str, Any], found: Findings
) -> None:
    """Compare two sets of record columns field by field."""
    for name in batch.keys() | live.keys():
        if name not in batch or name not in live:
            found.differ(f"{what}.{name} exists on one side only")
            continue
        a, b = plain(batch[name]), plain(live[name])
        rows = unequal(a, b)
        for row in rows[:MOST_SHOWN]:
            left = a[row] if row < len(a) else "nothing"
            right = b[row] if row < len(b) else "nothing"
            found.differ(f"{what}.{name} row {row}: batch {left}, live {right}")
        found.hidden += max(len(rows) - MOST_SHOWN, 0)
