"""Rows of bars as they were read: times in UTC, numbers as floats, nothing judged yet."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """One table of bars. `contract_of` indexes `contracts`; both are empty where none is named.

    `adj` is the file's own constant per contract (adjusted = price + adj), `adj_factor` its ratio.
    """

    ts: Ints
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats | None
    contracts: tuple[str, ...]
    contract_of: Codes
    adj: Floats | None
    adj_factor: Floats | None
    columns: tuple[str, ...]  # every column of the file
    source: str
    sha256: str
    simulated: bool = False
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.ts)

    @property
    def named(self) -> bool:
        """Whether the rows say which contract they belong to."""
        return len(self.contracts) > 0

    def take(self, where: Ints | Bools | slice) -> "Rows":
        """The chosen rows, in the order given."""
        return replace(
            self,
            ts=self.ts[where],
            open=self.open[where],
            high=self.high[where],
            low=self.low[where],
            close=self.close[where],
            volume=None if self.volume is None else self.volume[where],
            contract_of=self.contract_of[where] if self.named else self.contract_of,
            adj=None if self.adj is None else self.adj[where],
            adj_factor=None if self.adj_factor is None else self.adj_factor[where],
        )

    def noted(self, *sentences: str) -> "Rows":
        """The same rows with more said about them."""
        return replace(self, notes=(*self.notes, *sentences))

    def instance_of(self) -> Ints:
        """A number for each row that is equal for rows of one contract; 0 where none is named."""
        if not self.named:
            return np.zeros(len(self), dtype=np.int64)
        return self.contract_of.astype(np.int64)


def _joined(parts: Sequence[Floats | None]) -> Floats | None:
    if all(part is None for part in parts):
        return None
    lengths_known = [part for part in parts if part is not None]
    if len(lengths_known) != len(parts):
        return None
    return np.concatenate(lengths_known)


def join(parts: Sequence[Rows], source: str, sha256: str) -> Rows:
    """Several tables under one another; contracts of equal name are one contract."""
    names = list(dict.fromkeys(name for part in parts for name in (part.contracts or ("",))))
    codes = []
    for part in parts:
        own = np.array([names.index(name) for name in (part.contracts or ("",))], dtype=np.int32)
        of = part.contract_of if part.named else np.zeros(len(part), dtype=np.int32)
        codes.append(own[of])
    named = any(part.named for part in parts)
    first = parts[0]
    return Rows(
        ts=np.concatenate([part.ts for part in parts]),
        open=np.concatenate([part.open for part in parts]),
        high=np.concatenate([part.high for part in parts]),
        low=np.concatenate([part.low for part in parts]),
        close=np.concatenate([part.close for part in parts]),
        volume=_with_missing(parts),
        contracts=tuple(names) if named else (),
        contract_of=np.concatenate(codes) if named else np.empty(0, dtype=np.int32),
        adj=_joined([part.adj for part in parts]),
        adj_factor=_joined([part.adj_factor for part in parts]),
        columns=first.columns,
        source=source,
        sha256=sha256,
        simulated=any(part.simulated for part in parts),
        notes=tuple(dict.fromkeys(note for part in parts for note in part.notes)),
    )


def _with_missing(parts: Sequence[Rows]) -> Floats | None:
    if all(part.volume is None for part in parts):
        return None
    return np.concatenate(
        [np.full(len(part), np.nan) if part.volume is None else part.volume for part in parts]
    )
