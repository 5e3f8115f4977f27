"""A series of bars of one instrument: traded prices, volume, contract and the shift of each row.

Adjusted price = traded + `shift`. Orders, fills and reports use traded prices; columns use adjusted
ones.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from julie.core.instruments import Instrument

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """Closed bars, oldest first; `ts` is the bar's open in ns UTC."""

    instrument: Instrument
    base_s: int
    ts: Ints
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    shift: Floats
    contract: tuple[str, ...]
    contract_of: npt.NDArray[np.int16]
    rolls: Ints
    roll_estimated: npt.NDArray[np.bool_]
    source: str
    sha256: str
    simulated: bool = False
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        n = len(self.ts)
        columns = (self.open, self.high, self.low, self.close, self.volume, self.shift)
        if any(len(column) != n for column in columns) or len(self.contract_of) != n:
            raise ValueError("bars: columns differ in length")
        if n > 1 and not bool(np.all(self.ts[1:] > self.ts[:-1])):
            raise ValueError("bars: timestamps must rise strictly")

    def __len__(self) -> int:
        return len(self.ts)

    @property
    def base_ns(self) -> int:
        """Length of a bar in ns."""
        return self.base_s * 1_000_000_000

    @property
    def has_volume(self) -> bool:
        """Whether any row carries a volume."""
        return bool(np.any(np.isfinite(self.volume)))

    def rows(self, start: int, stop: int) -> "Bars":
        """The rows `start` to `stop`, with the rolls that lie inside."""
        inside = (self.rolls > start) & (self.rolls < stop)
        return replace(
            self,
            ts=self.ts[start:stop],
            open=self.open[start:stop],
            high=self.high[start:stop],
            low=self.low[start:stop],
            close=self.close[start:stop],
            volume=self.volume[start:stop],
            shift=self.shift[start:stop],
            contract_of=self.contract_of[start:stop],
            rolls=self.rolls[inside] - start,
            roll_estimated=self.roll_estimated[inside],
        )
