"""The graph's steps: each runs one compiled loop over the rows that are new in its frame."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from julie.core.unit_watch import Unit, gaps
from julie.market.columns.column import MISSING, Column, Kernel
from julie.market.columns.frame import Buffer, Frame
from julie.market.columns.peers import PEER, join, join_age
from julie.market.columns.raw import CLOCK, RAW, TS
from julie.market.columns.timeframe import (
    BAR_COLUMNS,
    DAY_COLUMNS,
    BarRows,
    DayRows,
    completed,
    fold_rows,
    gather,
)


class Step(Protocol):
    """Something the graph does to the new rows."""

    def __call__(self) -> None: ...


@dataclass(slots=True, eq=False)
class Before:
    """All states as they were before the rows that are being computed."""

    arena: Buffer = field(default_factory=lambda: np.zeros(0))
    fresh: bool = False  # it is a point's, taken since rows were computed last
    _own: Buffer = field(default_factory=lambda: np.zeros(0))

    def take(self, arena: Buffer) -> None:
        """Copy them, always to the same place: live has a point of each minute, batch has none."""
        if len(self._own) != len(arena):
            self._own = np.empty_like(arena)
        self._own[:] = arena
        self.arena = self._own


class KernelStep:
    """A kernel over its frame's new rows.

    Where it raises its outputs have no value, its state stays as it was before, and who reads it is
    silent. Without the clock nobody knows the session of a row, so that ends whatever runs.
    """

    __slots__ = (
        "_advance", "_args", "_at", "_before", "_frame", "_outs", "_state", "kernel", "unit",
    )  # fmt: skip

    def __init__(
        self,
        kernel: Kernel,
        frame: Frame,
        ins: Sequence[Buffer],
        tables: Sequence[Buffer],
        params: Sequence[float],
        outs: Sequence[Buffer],
    ) -> None:
        if kernel.advance is None:
            raise ValueError(f"{kernel.name} has no loop")
        self.kernel = kernel
        self._advance = kernel.advance
        self._frame = frame
        self._args = (*ins, *tables, *params, *outs)
        self._outs = outs
        self._state: Buffer = np.zeros(0)
        self._before, self._at = Before(), 0
        numbers = f"({', '.join(f'{one:g}' for one in params)})" if params else ""
        where = f"{frame.symbol} {frame.timeframe}".strip()
        self.unit = Unit("column", f"{kernel.name}{numbers} of {where}")

    def take_state(self, state: Buffer, before: Before, at: int) -> None:
        """The kernel's part of the arena, and where it lies."""
        self._state, self._before, self._at = state, before, at

    def __call__(self) -> None:
        frame = self._frame
        if frame.start >= frame.fill:
            return
        known = None
        if not self.unit.failed:
            try:
                self._advance(self._state, *self._args, frame.start, frame.fill)
                return
            except Exception as error:
                if self.kernel is CLOCK:
                    raise
                self._state[:] = self._before.arena[self._at : self._at + len(self._state)]
                known = error
        self._in_pieces(frame, known)

    def _in_pieces(self, frame: Frame, known: Exception | None) -> None:
        pieces = self.unit.pieces(self._some, frame.buffers[TS], frame.start, frame.fill, known)
        for start, stop in gaps(pieces, frame.start, frame.fill):
            for out in self._outs:
                out[start:stop] = MISSING if out.dtype == np.int8 else np.nan

    def _some(self, start: int, stop: int) -> None:
        before = self._state.copy()
        try:
            self._advance(self._state, *self._args, start, stop)
        except Exception:
            self._state[:] = before
            raise

    def went_back(self) -> None:
        """Rows behind the frame's fill are to come again."""
        if self.unit.failed:
            self.unit.forget_after(int(self._frame.buffers[TS][self._frame.fill - 1]))


class FoldStep:
    """Base rows into the bars of a higher timeframe."""

    __slots__ = ("_args", "_base", "_higher", "_state", "seen")

    def __init__(self, base: Frame, higher: Frame) -> None:
        self._base, self._higher = base, higher
        self.seen = base.buffer(Column(RAW, index=6, where=higher.timeframe), np.int64)
        self._args = (
            BarRows(*(base.buffers[c] for c in BAR_COLUMNS)),
            DayRows(*(base.buffers[c] for c in DAY_COLUMNS)),
            higher.bar_s / 60.0,
            base.bar_s / 60.0,
            BarRows(*(higher.buffers[c] for c in BAR_COLUMNS)),
            self.seen,
        )
        self._state: Buffer = np.zeros(0)

    def take_state(self, state: Buffer, before: Before, at: int) -> None:
        """The running bar."""
        del before, at  # it does not fail
        self._state = state

    def __call__(self) -> None:
        base, higher = self._base, self._higher
        if base.start < base.fill:
            rows = (base.start, base.fill, higher.fill, higher.rows)
            given: tuple[Any, ...] = (self._state, *self._args, *rows)
            higher.fill = int(fold_rows(*given))


class GatherStep:
    """A higher timeframe's column onto the base rows."""

    __slots__ = ("_base", "_empty", "_higher", "_out", "_seen", "_x")

    def __init__(self, base: Frame, higher: Frame, column: Column, out: Buffer) -> None:
        self._base, self._higher, self._out = base, higher, out
        self._x = higher.buffers[column.inputs[0]]
        self._seen = base.buffers[Column(RAW, index=6, where=higher.timeframe)]
        self._empty = float(MISSING) if column.flag else float("nan")

    def __call__(self) -> None:
        base, higher = self._base, self._higher
        gather(
            self._x,
            self._seen,
            self._out,
            self._empty,
            base.start,
            base.fill,
            higher.first - higher.pad,
        )


class NewBarStep:
    """Where a higher bar completed."""

    __slots__ = ("_base", "_out", "_seen")

    def __init__(self, base: Frame, higher: Frame, out: Buffer) -> None:
        self._base, self._out = base, out
        self._seen = base.buffers[Column(RAW, index=6, where=higher.timeframe)]

    def __call__(self) -> None:
        base = self._base
        before = int(self._seen[base.start - 1])
        completed(self._seen, self._out, base.start, base.fill, before)


class PeerStep:
    """Another instrument's column as of each row."""

    __slots__ = ("_age", "_empty", "_frame", "_other", "_out", "_x")

    def __init__(self, frame: Frame, other: Frame, column: Column, out: Buffer) -> None:
        self._frame, self._other, self._out = frame, other, out
        self._age = column.kernel is not PEER
        self._x = other.buffers[column.inputs[0]]
        self._empty = float(MISSING) if column.flag else float("nan")

    def __call__(self) -> None:
        frame, other = self._frame, self._other
        ts, peer_ts = frame.buffers[TS], other.buffers[TS]
        if self._age:
            join_age(ts, peer_ts, self._out, frame.start, frame.fill, other.fill)
        else:
            join(ts, peer_ts, self._x, self._out, self._empty, frame.start, frame.fill, other.fill)
