"""Bars of one minute go on together: when all watched instruments have closed it, or a second of
exchange time after its end.

An instrument that is later than that is left out of the minute; its bar is counted and lost for
this decision, because what was decided without it stands.
"""

from collections.abc import Sequence
from typing import NamedTuple

from julie.core.zones import MINUTE_NS
from julie.market.aggregator.minute import GRACE_NS, Built, MinuteAggregator


class Together(NamedTuple):
    """A minute of all instruments; None where one has no bar."""

    ts: int
    minutes: tuple[Built | None, ...]


class MinuteBarrier:
    """Gathers the closed minutes of several instruments."""

    def __init__(self, aggregators: Sequence[MinuteAggregator]) -> None:
        self._aggregators = tuple(aggregators)
        self._waiting: dict[int, list[Built | None]] = {}
        self._passed = -1  # newest minute that went on
        self.left_behind = 0

    def closed(self, place: int, minutes: Sequence[Built]) -> None:
        """Minutes that an instrument has closed."""
        for one in minutes:
            if one.ts <= self._passed:
                self.left_behind += 1
                continue
            row = self._waiting.setdefault(one.ts, [None] * len(self._aggregators))
            row[place] = one

    def ready(self, now_ns: int) -> list[Together]:
        """The minutes that go on now, oldest first."""
        found: list[Together] = []
        for ts in sorted(self._waiting):
            everybody = all(one.open_from > ts for one in self._aggregators)
            if not everybody and now_ns < ts + MINUTE_NS + GRACE_NS:
                break
            found.append(Together(ts, tuple(self._waiting.pop(ts))))
            self._passed = ts
        return found

    @property
    def waiting(self) -> int:
        """Minutes of which an instrument is still missing."""
        return len(self._waiting)
