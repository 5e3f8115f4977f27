"""The rows of one instrument on one timeframe: buffers with a margin of earlier rows before them.

A buffer holds `pad` rows of the past and then the running block. When a block is full its last
`pad` rows become the margin of the next one, so memory does not grow with years. Live and batch use
the same buffers; live appends one row, batch a whole block.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from julie.market.columns.column import MISSING, Column

Buffer = npt.NDArray[Any]


@dataclass(slots=True, eq=False, weakref_slot=True)
class Frame:
    """Buffers of one instrument on one timeframe."""

    symbol: str
    timeframe: str  # "" = the bars as they come
    bar_s: int
    capacity: int
    pad: int
    buffers: dict[Column, Buffer] = field(default_factory=dict)
    bars: tuple[Buffer, ...] = ()  # of the bars: open high low close volume shift ts
    start: int = 0  # first row not yet computed
    fill: int = 0  # first free row of the buffers
    first: int = 0  # absolute number of the row that lies at `pad`

    def __post_init__(self) -> None:
        self.start = self.fill = self.pad

    def buffer(self, column: Column, dtype: Any = np.float64) -> Buffer:
        """The column's buffer, made on first demand; the margin before the first row is missing."""
        if column not in self.buffers:
            empty: Any = np.nan if dtype is np.float64 else (MISSING if dtype is np.int8 else 0)
            self.buffers[column] = np.full(self.pad + self.capacity, empty, dtype)
        return self.buffers[column]

    @property
    def rows(self) -> int:
        """How many rows this frame has seen in all."""
        return self.first + self.fill - self.pad

    def roll(self) -> None:
        """Keep the last `pad` rows as the margin of the next block."""
        shift = self.fill - self.pad
        if shift == 0:
            return
        for buffer in self.buffers.values():
            buffer[: self.pad] = buffer[shift : self.fill].copy()
        self.first += shift
        self.start -= shift
        self.fill = self.pad

    def free(self) -> int:
        """Rows that still fit."""
        return self.pad + self.capacity - self.fill
