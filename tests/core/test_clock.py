"""A machine's clock that is set under the program, and one that was asleep."""

from julie.core.clock import SteadyClock
from julie.core.zones import SECOND_NS


class Machine(SteadyClock):
    """A machine whose clocks a test moves."""

    __slots__ = ("mono", "wall")

    def __init__(self) -> None:
        super().__init__()
        self.wall, self.mono = 1_000 * SECOND_NS, 5 * SECOND_NS

    def wall_ns(self) -> int:
        return self.wall

    def mono_ns(self) -> int:
        return self.mono

    def passes(self, wall_s: float, mono_s: float) -> None:
        """So much of both."""
        self.wall += round(wall_s * SECOND_NS)
        self.mono += round(mono_s * SECOND_NS)


def test_a_clock_that_is_set_does_not_set_the_programs() -> None:
    clock = Machine()
    assert clock.now_ns() == 1_000 * SECOND_NS
    clock.passes(3_601, 1)
    assert clock.now_ns() == 1_001 * SECOND_NS
    assert clock.skew_ns == -3_600 * SECOND_NS
    clock.passes(-3_599, 1)
    assert clock.now_ns() == 1_002 * SECOND_NS
    assert clock.skew_ns == 0


def test_small_corrections_are_followed() -> None:
    clock = Machine()
    clock.now_ns()
    clock.passes(1.2, 1.0)
    assert clock.now_ns() == clock.wall
    clock.passes(1.4, 1.0)
    assert clock.now_ns() == clock.wall
    assert clock.skew_ns == 0


def test_after_a_sleep_it_is_late_until_it_is_measured() -> None:
    clock = Machine()
    clock.now_ns()
    clock.passes(1_800, 0)
    assert clock.now_ns() == 1_000 * SECOND_NS
    late_ns = clock.wall - clock.now_ns()
    clock.measured(clock.skew_ns + late_ns)  # as the exchange's time shows
    assert clock.now_ns() == clock.wall
    assert clock.skew_ns == 0
    clock.passes(60, 60)
    assert clock.now_ns() == clock.wall
