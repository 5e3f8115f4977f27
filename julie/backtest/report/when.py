"""Moments in words: Eastern wall-clock time with its offset, as ISO has it."""

import numpy as np
import numpy.typing as npt

from julie.core.zones import MINUTE_NS, SECOND_NS, eastern


def eastern_times(ts_ns: npt.NDArray[np.int64]) -> list[str]:
    """Moments such as `2025-06-03T09:31:00-04:00`; milliseconds only where there are any."""
    ts = np.asarray(ts_ns, dtype=np.int64)
    if not len(ts):
        return []
    local = eastern().local(ts)
    unit, size = ("s", SECOND_NS) if not np.any(ts % SECOND_NS) else ("ms", SECOND_NS // 1000)
    clocks = np.datetime_as_string((local // size).astype(f"datetime64[{unit}]"))
    offsets, which = np.unique((local - ts) // MINUTE_NS, return_inverse=True)
    words = [_offset(int(minutes)) for minutes in offsets]
    return [f"{clock}{words[k]}" for clock, k in zip(clocks.tolist(), which.tolist(), strict=True)]


def eastern_time(ts_ns: int) -> str:
    """One moment."""
    return eastern_times(np.array([ts_ns], dtype=np.int64))[0]


def _offset(minutes: int) -> str:
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02d}:{rest:02d}"
