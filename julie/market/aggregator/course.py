"""When a minute opened and reached its extremes: where on the bar's path a fill lies.

A bar is walked from its open to one extreme, to the other, and to its close. The phase of a fill is
the number of those points that the market had passed: 0 at the open, 1 before the first extreme,
2 between the two, 3 behind both.
"""

from dataclasses import dataclass
from typing import Final

NEVER: Final = 1 << 62


@dataclass(slots=True)
class Course:
    """Times of a minute's first print and of its extremes; ns UTC."""

    first_ns: int
    high_ns: int  # first print at the highest price
    low_ns: int
    high_after_ns: int  # first print at the highest price that is no earlier than the low
    low_after_ns: int

    @classmethod
    def begun(cls, ts: int) -> "Course":
        """A minute of one print."""
        return cls(ts, ts, ts, ts, ts)

    def high(self, ts: int, *, new: bool) -> None:
        """A print at the highest price, or above it."""
        if new:
            self.high_ns = self.high_after_ns = ts
            self.low_after_ns = NEVER
        else:
            self.high_after_ns = min(self.high_after_ns, ts)

    def low(self, ts: int, *, new: bool) -> None:
        """A print at the lowest price, or below it."""
        if new:
            self.low_ns = self.low_after_ns = ts
            self.high_after_ns = NEVER
        else:
            self.low_after_ns = min(self.low_after_ns, ts)

    def phase(self, ts: int, *, low_first: bool) -> int:
        """Where a fill at `ts` lies on a path that goes to the low first, or to the high."""
        first = self.low_ns if low_first else self.high_ns
        second = self.high_after_ns if low_first else self.low_after_ns
        if ts <= self.first_ns:
            return 0
        if ts <= first:
            return 1
        return 2 if ts <= max(first, second) else 3
