"""The time line that all instruments of a run share, and their bars in traded ticks along it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from julie.core.bars import Bars
from julie.core.calendar import Calendar
from julie.core.errors import DataError
from julie.core.instruments import Instrument
from julie.core.ticks import grid

MINUTE_NS = 60_000_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """Steps (closes) of a run: which row each instrument closes on them."""

    ts: npt.NDArray[np.int64]  # open of the bars that close on the step
    row_of: npt.NDArray[np.int32]  # instruments x steps, -1 = no bar
    day: npt.NDArray[np.int32]
    minute: npt.NDArray[np.int16]
    length: npt.NDArray[np.int16]
    session: npt.NDArray[np.int8]

    def step_of(self, ts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The steps on which bars with these opens close."""
        return np.searchsorted(self.ts, ts)

    def until(self, steps: int) -> "Timeline":
        """The first steps alone."""
        return Timeline(
            self.ts[:steps],
            np.ascontiguousarray(self.row_of[:, :steps]),
            self.day[:steps],
            self.minute[:steps],
            self.length[:steps],
            self.session[:steps],
        )


def timeline(
    series: Sequence[Bars], calendar: Calendar, session_of_minute: npt.NDArray[np.int8]
) -> Timeline:
    """The union of all instruments' closes."""
    lengths = {bars.base_s for bars in series}
    if len(lengths) > 1:
        raise DataError(
            f"the files have bars of {', '.join(f'{s} s' for s in sorted(lengths))}",
            "give instruments of one bar length to a run",
        )
    ts = _union([bars.ts for bars in series])
    row_of = np.full((len(series), len(ts)), -1, np.int32)
    for k, bars in enumerate(series):
        steps = slice(None) if len(bars) == len(ts) else np.searchsorted(ts, bars.ts)
        row_of[k, steps] = np.arange(len(bars), dtype=np.int32)
    place = calendar.index_of(ts)
    minute = ((ts - calendar.open_ns[place]) // MINUTE_NS).astype(np.int16)
    length = ((calendar.close_ns[place] - calendar.open_ns[place]) // MINUTE_NS).astype(np.int16)
    return Timeline(
        ts, row_of, calendar.day[place].astype(np.int32), minute, length, session_of_minute[minute]
    )


def _union(parts: Sequence[npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
    """All times of several rising series, each once."""
    joined = parts[0]
    for part in parts[1:]:
        both = np.sort(np.concatenate((joined, part)), kind="stable")  # merges what is in order
        joined = both[np.concatenate(([True], both[1:] != both[:-1]))]
    return joined


def traded_ticks(
    series: Sequence[Bars], traded: Sequence[Instrument]
) -> Mapping[str, npt.NDArray[np.int64]]:
    """Prices of all instruments behind one another, in ticks of what is traded."""
    for bars, one in zip(series, traded, strict=True):
        if bars.instrument.tick != one.tick:
            raise DataError(
                f"{one.symbol} cannot be traded on {bars.instrument.symbol}: their ticks differ",
                "trade an instrument with the same tick",
            )
    return {
        name: np.concatenate(
            [grid(getattr(b, name), one.tick) for b, one in zip(series, traded, strict=True)]
        )
        for name in ("open", "high", "low", "close")
    }


def roll_flags(bars: Bars) -> npt.NDArray[np.int8]:
    """1 on the last but one bar of a contract, 2 on its last: a market close there still fills in
    the contract.
    """
    flags = np.zeros(len(bars), np.int8)
    for row in bars.rolls:
        flags[max(row - 2, 0)] = 1
        flags[row - 1] = 2
    return flags
