"""P13: the machine's wall clock is set while the bot runs; what only counts is left alone."""

from unittest.mock import patch

from julie.core.clock import MachineClock
from julie.core.taken import MinuteTaken
from julie.core.zones import MINUTE_NS, SECOND_NS
from julie.live import chores
from tests.fault.frame import Scene
from tests.fault.gate import calls
from tests.fault.outcome import Outcome, read_journal
from tests.fault.rows import fault

HOUR_S = 3600.0
OFTEN = ("gateway.user_check_s=5", "execution.reconcile_s=5")


class SetClock(MachineClock):
    """A machine's clock that shows the market's time, and that somebody sets."""

    __slots__ = ("_at", "_now_ns", "_speed", "jump_s")

    def __init__(self, now_ns: int, speed: float) -> None:
        super().__init__()
        self._now_ns, self._speed = now_ns, speed
        self._at: int | None = None
        self.jump_s = 0.0

    def begin(self, now_ns: int) -> None:
        """The market has begun to move."""
        self._now_ns, self._at = now_ns, self.mono_ns()

    def now_ns(self) -> int:
        since = 0 if self._at is None else self.mono_ns() - self._at
        return self._now_ns + since + round(self.jump_s * SECOND_NS) + self.skew_ns

    def mono_ns(self) -> int:
        return round(super().mono_ns() * self._speed)


async def until_it_moves(scene: Scene, made: list[SetClock]) -> None:
    """The market moves from the first who listens on; with it our clock."""
    began = await scene.gate.now_ns()
    truth = await scene.until("moving", lambda truth: bool(made) and truth.clock > began)
    made[0].begin(truth.clock)


@fault(
    "P13", cases=(HOUR_S, -HOUR_S, 3.0, -3.0), speed=3, sets=("strategies.pulse.first=931", *OFTEN)
)
async def test_p13_the_wall_clock_is_set(scene: Scene) -> None:
    made: list[SetClock] = []

    def clock(speed: float | str, now_ns: int) -> SetClock:
        made.append(SetClock(now_ns, float(speed)))
        return made[-1]

    early: list[int] = []
    with patch("julie.live.place.sim_clock", clock), patch.object(chores, "SKEW_S", 0.5):
        await scene.gate.play_to(30)
        await scene.start()
        await until_it_moves(scene, made)
        await scene.reconciled()
        await scene.gate.breaks()
        made[0].jump_s = scene.case
        message = await scene.message("clock_skew")
        now = await scene.gate.now_ns()
        early += [
            one.payload.ts
            for one in read_journal(scene.data, "MinuteTaken")
            if isinstance(one.payload, MinuteTaken) and one.payload.ts + MINUTE_NS > now
        ]
        assert "s" in message.text
        if abs(scene.case) > 5:
            await scene.state("REDUCING")
            await scene.pass_s(70)
            assert not calls(await scene.gate.truth(), "/Order/place")
        else:
            await scene.safe("in a position", scene.protected, within_s=200)
    assert not early, f"closed early: {early}"

    def no_storm(outcome: Outcome) -> None:
        assert len(outcome.truth.requests) < 200

    scene.checks.append(no_storm)
