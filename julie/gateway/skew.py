"""How far this machine's clock is from the venue's, from the Date header of its answers.

The header tells whole seconds, so each answer gives an interval that must hold the difference; the
intervals of many answers, laid over one another, narrow it to a few hundredths. An interval that no
longer meets the others means that a clock was set: measuring begins anew.
"""

from email.utils import parsedate_to_datetime

from julie.core.clock import MachineClock
from julie.core.zones import SECOND_NS


class SkewGauge:
    """Venue time minus our time."""

    __slots__ = ("_high_ns", "_low_ns")

    def __init__(self) -> None:
        self._low_ns: int | None = None
        self._high_ns = 0

    def seen(self, date: str, sent_ns: int, received_ns: int) -> None:
        """Take the Date header of an answer to a request sent and received at these times."""
        try:
            stamped = parsedate_to_datetime(date)
        except ValueError:
            return  # a proxy's fancy; the venue's own servers write the standard form
        start_ns = round(stamped.timestamp()) * SECOND_NS
        low, high = start_ns - received_ns, start_ns + SECOND_NS - sent_ns
        if self._low_ns is None or low > self._high_ns or high < self._low_ns:
            self._low_ns, self._high_ns = low, high
        else:
            self._low_ns, self._high_ns = max(low, self._low_ns), min(high, self._high_ns)

    def forget(self) -> None:
        """Begin anew: our clock was set."""
        self._low_ns, self._high_ns = None, 0

    @property
    def off(self) -> bool:
        """Whether our clock is certainly wrong: no difference of nought is possible."""
        return self._low_ns is not None and not self._low_ns <= 0 <= self._high_ns

    @property
    def skew_ns(self) -> int | None:
        """The middle of what is possible; None before the first answer."""
        return None if self._low_ns is None else (self._low_ns + self._high_ns) // 2

    @property
    def uncertainty_ns(self) -> int:
        """Half of what is possible."""
        return 0 if self._low_ns is None else (self._high_ns - self._low_ns) // 2


def set_right(clock: MachineClock, gauge: SkewGauge) -> int:
    """Correct the clock that the gauge measured, where it is certainly wrong.

    Returns how far the machine's own clock is from the venue's, as far as it is known.
    """
    skew_ns = gauge.skew_ns
    if skew_ns is not None and gauge.off:
        clock.measured(clock.skew_ns + skew_ns)
        gauge.forget()
    return clock.skew_ns
