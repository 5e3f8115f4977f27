"""Our clock is set by the venue's, and only when it is certainly wrong."""

from email.utils import formatdate

import pytest

from julie.core.clock import MachineClock
from julie.core.zones import SECOND_NS
from julie.gateway.skew import SkewGauge, set_right


def answers(gauge: SkewGauge, clock: MachineClock, venue_ahead_ns: int, count: int = 20) -> None:
    """Answers of a venue whose clock is ahead of ours, a third of a second apart."""
    for number in range(count):
        sent = clock.now_ns() + number * SECOND_NS // 3
        venue = sent - clock.skew_ns + venue_ahead_ns
        gauge.seen(formatdate(venue // SECOND_NS, usegmt=True), sent, sent + 2_000_000)


@pytest.mark.parametrize("ahead_s", [-3600.0, -7.0, -1.2, 1.5, 6.0, 3600.0])
def test_a_clock_that_is_wrong_is_set_right_and_told(ahead_s: float) -> None:
    clock, gauge = MachineClock(), SkewGauge()
    ahead_ns = round(ahead_s * SECOND_NS)
    answers(gauge, clock, ahead_ns)
    assert set_right(clock, gauge) == pytest.approx(ahead_ns, abs=0.4 * SECOND_NS)
    answers(gauge, clock, ahead_ns)
    assert set_right(clock, gauge) == pytest.approx(ahead_ns, abs=0.4 * SECOND_NS)


def test_a_clock_that_may_be_right_is_left_alone() -> None:
    clock, gauge = MachineClock(), SkewGauge()
    assert set_right(clock, gauge) == 0
    answers(gauge, clock, 0)
    assert set_right(clock, gauge) == 0
