"""P13: the machine's wall clock is set while the bot runs; what only counts is left alone."""

import asyncio
import re
from contextlib import ExitStack
from unittest.mock import patch

from julie.core.clock import SteadyClock
from julie.core.events import StateChanged
from julie.core.taken import MinuteTaken
from julie.core.zones import MINUTE_NS, SECOND_NS
from julie.live import chores
from tests.fault.frame import Scene
from tests.fault.gate import calls
from tests.fault.outcome import Outcome, read_journal, read_messages
from tests.fault.rows import fault

HOUR_S = 3600.0
NEVER_S = 1e9
PROMPT_S = 0.05  # of the wall
OFTEN = ("gateway.user_check_s=5", "execution.reconcile_s=5")


class SetClock(SteadyClock):
    """A machine's clock that shows the market's time, and that somebody sets."""

    __slots__ = ("_at", "_now_ns", "_speed", "jump_s")

    def __init__(self, now_ns: int, speed: float) -> None:
        super().__init__()
        self._now_ns, self._speed = now_ns, speed
        self._at: int | None = None
        self.jump_s = 0.0

    def begin(self, now_ns: int) -> None:
        """The market has begun to move, or has leapt: of the skew we know what we knew."""
        known = self.skew_ns
        self._now_ns, self._at = now_ns, self.mono_ns()
        self.measured(known)

    def wall_ns(self) -> int:
        since = 0 if self._at is None else self.mono_ns() - self._at
        return self._now_ns + since + round(self.jump_s * SECOND_NS)

    def mono_ns(self) -> int:
        return round(super().mono_ns() * self._speed)


async def until_it_moves(scene: Scene, made: list[SetClock]) -> None:
    """The market moves from the first who listens on; with it our clock."""
    began = await scene.gate.now_ns()
    await scene.until("moving", lambda truth: bool(made) and truth.clock > began)
    await begun(scene, made[0])
    made[0].measured(0)  # what was measured while it stood means nothing


async def begun(scene: Scene, clock: SetClock) -> None:
    """Our clock shows the market's time, asked for in a moment in which nothing held us up."""
    loop = asyncio.get_running_loop()
    while True:
        asked = loop.time()
        now_ns = await scene.gate.now_ns()
        if loop.time() - asked < PROMPT_S:
            clock.begin(now_ns)
            return


async def played_to(scene: Scene, clock: SetClock, second: float) -> None:
    """What lies before that second of the minute is over at once, for our clock as well."""
    await scene.gate.pause()
    await scene.gate.play_to(second)
    await begun(scene, clock)
    await scene.gate.pause(paused=False)


def closed_early(scene: Scene, now_ns: int) -> list[int]:
    """Minutes that the desk took before they were over."""
    return [
        one.payload.ts
        for one in read_journal(scene.data, "MinuteTaken")
        if isinstance(one.payload, MinuteTaken) and one.payload.ts + MINUTE_NS > now_ns
    ]


def told_skew(scene: Scene) -> bool:
    """Whether the person read how far the clock is off, as it truly is."""
    told = [one.text for one in read_messages(scene.data) if one.code == "clock_skew"]
    found = [one for text in told for one in re.findall(r"is ([0-9.]+) s (ahead|behind)", text)]
    skews = [float(far) * (1 if way == "ahead" else -1) for far, way in found]
    return any(abs(skew + scene.case) < 1.0 for skew in skews)


@fault("P13", cases=(HOUR_S, -HOUR_S, 3.0, -3.0), speed=3, sets=OFTEN)
async def test_p13_the_wall_clock_is_set(scene: Scene) -> None:
    made: list[SetClock] = []

    def clock(speed: float | str, now_ns: int) -> SetClock:
        made.append(SetClock(now_ns, float(speed)))
        return made[-1]

    with ExitStack() as patched:
        patched.enter_context(patch("julie.live.place.sim_clock", clock))
        patched.enter_context(patch.object(chores, "SKEW_S", NEVER_S))  # not while it stands
        await scene.start()
        await until_it_moves(scene, made)
        await scene.reconciled()
        await scene.pass_s(12)  # answers in several of its seconds: the skew is known
        await scene.gate.breaks()
        patched.enter_context(patch.object(chores, "SKEW_S", 0.5))
        made[0].jump_s = scene.case
        await scene.told("told with the skew", lambda: told_skew(scene))
        early = closed_early(scene, await scene.gate.now_ns())
        if abs(scene.case) > 5:
            await scene.state("REDUCING")
        await played_to(scene, made[0], 56)
        if abs(scene.case) > 5:
            await scene.pass_s(10)
            assert not calls(await scene.gate.truth(), "/Order/place")
        else:
            await scene.until("in a position", scene.protected, within_s=130)
        early += closed_early(scene, await scene.gate.now_ns())
    assert not early, f"closed early: {early}"

    def no_storm(outcome: Outcome) -> None:
        known = [one.ns for one in outcome.truth.requests]
        assert len(known) < 20 + 8 * (known[-1] - known[0]) / SECOND_NS
        reduced = [one for one in outcome.of(StateChanged) if one.reason.startswith("clock_skew:")]
        assert bool(reduced) == (abs(scene.case) > 5)

    scene.checks.append(no_storm)
