"""The column graph: only what was asked for, each once, inputs before what stands on them.

The graph runs one list of steps over the new rows of every frame. A batch block and a live row go
through the same steps; only the number of rows differs. All kernel states lie in one arena, so a
copy of it (with the fill of each frame) is a point in time to which the graph can return when a bar
is corrected.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from julie.core.unit_watch import Unit
from julie.market.columns import peers, steps, timeframe
from julie.market.columns.column import Column
from julie.market.columns.frame import Buffer, Frame
from julie.market.columns.raw import RAW, TS

BLOCK = 65_536
MARGIN = 64  # rows of the past that rules and judges may look back at
MEMORY_CAP_DAYS = 60
DAY_MINUTES = 1380


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """A moment of the graph: its states and how far each frame was filled."""

    arena: npt.NDArray[np.float64]
    frames: dict[tuple[str, str], tuple[int, int, int]]


class Graph:
    """Columns of one or several instruments over shared time."""

    def __init__(
        self,
        wanted: Mapping[str, Sequence[Column]],
        bar_s: Mapping[str, int],
        tables: Mapping[str, Buffer],
        capacity: int = BLOCK,
    ) -> None:
        self.wanted = {symbol: tuple(columns) for symbol, columns in wanted.items()}
        self._bar_s = dict(bar_s)
        self._tables = tables
        self._capacity = capacity
        self._frames: dict[tuple[str, str], Frame] = {}
        self._steps: list[steps.Step] = []
        self._placed: set[tuple[str, str, Column]] = set()
        self._states: list[tuple[steps.KernelStep | steps.FoldStep, int]] = []
        self.memory_days = 1.0
        self._pad = MARGIN + int(
            max((self._lag(c) for cs in self.wanted.values() for c in cs), default=0)
        )
        for symbol in self.wanted:
            self._frame(symbol, "")
        for symbol, columns in self.wanted.items():
            for column in columns:
                self._place(symbol, "", column)
                self.memory_days = max(
                    self.memory_days, self.memory_of(column, self._bar_s[symbol])
                )
        self.memory_days = min(self.memory_days, float(MEMORY_CAP_DAYS))
        self._arena = np.zeros(sum(size for _, size in self._states))
        self._before = steps.Before()
        self._hand_out_states()

    # building

    def _frame(self, symbol: str, tf: str) -> Frame:
        key = (symbol, tf)
        if key not in self._frames:
            bar_s = timeframe.SECONDS[tf] if tf else self._bar_s[symbol]
            # thin data may complete a higher bar on every base row, and one more is pending
            frame = Frame(symbol, tf, bar_s, self._capacity + bool(tf), self._pad)
            frame.bars = tuple(
                frame.buffer(Column(RAW, index=index), np.int64 if index == 6 else np.float64)
                for index in range(7)
            )
            self._frames[key] = frame
            if tf:
                self._fold(symbol, tf)
        return self._frames[key]

    def _fold(self, symbol: str, tf: str) -> None:
        base, higher = self._frames[symbol, ""], self._frames[symbol, tf]
        for column in timeframe.FOLD_INPUTS:
            self._place(symbol, "", column)
        step = steps.FoldStep(base, higher)
        self._steps.append(step)
        self._states.append((step, timeframe.FOLD_STATE))

    def _place(self, symbol: str, tf: str, column: Column) -> None:
        key = (symbol, tf, column)
        if key in self._placed:
            return
        self._placed.add(key)
        frame = self._frame(symbol, tf)
        if column.kernel is RAW:
            return
        dtype = np.int8 if column.flag else np.float64
        if column.kernel is timeframe.ON:
            higher = self._frame(symbol, column.where)
            self._place(symbol, column.where, column.inputs[0])
            self._steps.append(steps.GatherStep(frame, higher, column, frame.buffer(column, dtype)))
        elif column.kernel is timeframe.NEW:
            higher = self._frame(symbol, column.where)
            self._steps.append(steps.NewBarStep(frame, higher, frame.buffer(column, np.int8)))
        elif column.kernel in (peers.PEER, peers.PEER_AGE):
            other = self._frame(column.where, "")
            self._place(column.where, "", column.inputs[0])
            self._steps.append(steps.PeerStep(frame, other, column, frame.buffer(column, dtype)))
        else:
            self._place_kernel(symbol, tf, column, frame)

    def _place_kernel(self, symbol: str, tf: str, column: Column, frame: Frame) -> None:
        for source in column.inputs:
            self._place(symbol, tf, source)
        kernel = column.kernel
        siblings = [replace(column, index=i) for i in range(len(kernel.outputs))]
        self._placed.update((symbol, tf, s) for s in siblings)
        outs = [frame.buffer(s, np.int8 if s.flag else np.float64) for s in siblings]
        ins = [frame.buffers[source] for source in column.inputs]
        tables = [self._table(frame, name) for name in kernel.tables]
        step = steps.KernelStep(kernel, frame, ins, tables, column.params, outs)
        self._steps.append(step)
        self._states.append((step, int(kernel.state(*column.params))))

    def _table(self, frame: Frame, name: str) -> Buffer:
        if name == "bar_min":
            return np.array([frame.bar_s / 60.0])
        specific = self._tables.get(f"{frame.symbol}:{name}")
        return specific if specific is not None else self._tables[name]

    def _hand_out_states(self) -> None:
        at = 0
        for step, size in self._states:
            step.take_state(self._arena[at : at + size], self._before, at)
            at += size

    def _lag(self, column: Column) -> int:
        own = int(column.kernel.lag(*column.params))
        return max([own, *(self._lag(i) for i in column.inputs)])

    @staticmethod
    def memory_of(column: Column, bar_s: int) -> float:
        """Trading days that the column's value can depend on."""
        if column.kernel is timeframe.ON:
            inner_s = timeframe.SECONDS[column.where]
            return Graph.memory_of(column.inputs[0], inner_s) + inner_s / 60 / DAY_MINUTES
        a_day = max(DAY_MINUTES * 60 / bar_s, 1.0)
        own = float(column.kernel.memory(*column.params, a_day))
        return own + max((Graph.memory_of(i, bar_s) for i in column.inputs), default=0.0)

    # running

    def frame(self, symbol: str, tf: str = "") -> Frame:
        """The rows of an instrument."""
        return self._frames[symbol, tf]

    def buffer(self, symbol: str, column: Column) -> Buffer:
        """The buffer of a placed column of the base timeframe."""
        return self._frames[symbol, ""].buffers[column]

    def append(self, symbol: str, rows: Mapping[str, Buffer]) -> None:
        """Put new bars (`ts open high low close volume shift`, adjusted) behind the last one."""
        frame = self._frames[symbol, ""]
        n = len(rows["ts"])
        if n > frame.free():
            raise ValueError(f"{n} rows do not fit into a block with {frame.free()} free rows")
        for buffer, output in zip(frame.bars, RAW.outputs, strict=True):
            buffer[frame.fill : frame.fill + n] = rows[output.name]
        frame.fill += n

    def append_bar(self, symbol: str, bar: Sequence[float]) -> None:
        """One new bar, `open high low close volume shift ts`, adjusted: what live has."""
        frame = self._frames[symbol, ""]
        for buffer, value in zip(frame.bars, bar, strict=True):
            buffer[frame.fill] = value
        frame.fill += 1

    def advance(self) -> None:
        """Run every step over the rows that are new since the last time."""
        if not self._before.fresh:
            self._before.take(self._arena)
        self._before.fresh = False
        for step in self._steps:
            step()
        for frame in self._frames.values():
            frame.start = frame.fill

    def roll(self) -> None:
        """Make room for the next block."""
        for frame in self._frames.values():
            frame.roll()

    @property
    def full(self) -> bool:
        """Whether an instrument has no room for a row more."""
        return any(f.free() == 0 for (_, tf), f in self._frames.items() if not tf)

    def point(self) -> Point:
        """A copy of the states, to return to when a bar is corrected."""
        fills = {k: (f.start, f.fill, f.first) for k, f in self._frames.items()}
        self._before.arena, self._before.fresh = self._arena.copy(), True
        return Point(self._before.arena, fills)

    def restore(self, point: Point) -> None:
        """Go back to a point of the running block."""
        self._arena[:] = point.arena
        self._before.fresh = False
        for key, (start, fill, first) in point.frames.items():
            frame = self._frames[key]
            if frame.first != first:
                raise ValueError("the point lies in an earlier block")
            frame.start, frame.fill = start, fill
        for step, _ in self._states:
            if isinstance(step, steps.KernelStep):
                step.went_back()

    def units(self) -> Iterator[Unit]:
        """The columns, each of which may fail by itself."""
        return (step.unit for step, _ in self._states if isinstance(step, steps.KernelStep))

    @property
    def last_ts(self) -> dict[str, int]:
        """Open time of each instrument's newest row."""
        found: dict[str, int] = {}
        for (symbol, tf), frame in self._frames.items():
            if not tf and frame.rows:
                found[symbol] = int(frame.buffers[TS][frame.fill - 1])
        return found
