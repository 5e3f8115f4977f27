"""Whether silence of the market's stream is a fault, by the exchange's calendar.

In liquid hours a few seconds without a message mean that we are deaf, and a few more that the
connection must be made anew; in thin hours more is allowed; in the break, before the open and in
the first minute none is a fault. A market that is closed without notice is silent too, so new
connections for silence keep minutes apart.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from julie.core.calendar import Calendar, minutes_of
from julie.core.zones import DAY_NS, MINUTE_NS, SECOND_NS, eastern
from julie.gateway.config import FreshnessSection

LOST_TIMES: Final = 2.0  # one contract silent for so many times the limit: its subscription is lost


@dataclass(frozen=True, slots=True)
class Allowed:
    """Seconds of silence until a stream is stale, and until its connection is made anew."""

    stale_s: float
    rebuild_s: float


class Freshness:
    """The rule about silence."""

    def __init__(self, calendar: Calendar, section: FreshnessSection) -> None:
        self._calendar = calendar
        self._section = section
        self._liquid = minutes_of(section.liquid_from), minutes_of(section.liquid_to)

    def allowed(self, now_ns: int) -> Allowed | None:
        """What is allowed at an exchange time; None where silence is no fault."""
        at = np.array([now_ns], np.int64)
        day = int(self._calendar.index_of(at)[0])
        if day < 0:
            return None
        section = self._section
        opened_ns = int(self._calendar.open_ns[day])
        if now_ns < opened_ns + round(section.opening_s * SECOND_NS):
            return None
        minute = int(eastern().local(at)[0]) % DAY_NS // MINUTE_NS
        first, last = self._liquid
        if first <= minute < last:
            return Allowed(section.stale_s, section.rebuild_s)
        return Allowed(section.thin_stale_s, section.thin_rebuild_s)

    def since_ns(self, now_ns: int) -> int:
        """From when on silence counts: not before the first minute of the trading day is over."""
        day = int(self._calendar.index_of(np.array([now_ns], np.int64))[0])
        if day < 0:
            return now_ns
        return int(self._calendar.open_ns[day]) + round(self._section.opening_s * SECOND_NS)

    @property
    def rebuild_gap_ns(self) -> int:
        """Between two new connections for silence."""
        return round(self._section.rebuild_gap_s * SECOND_NS)
