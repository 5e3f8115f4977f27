"""The kill switch against a target, and what our own code may not do: V13, V26, V27."""

from pathlib import Path

import numpy as np
import pytest

from julie.core.permits import Close
from julie.core.tasks import Tasks
from julie.core.types import DeskState, ExitReason, Reason
from tests.fault.rows import row
from tests.fault.venue_play import play
from tests.fault.venue_scene import LONG, Scene

pytestmark = [pytest.mark.tier2, pytest.mark.timeout(120)]

SEEDS = range(2)
ROUNDS = 3


async def crossed(scene: Scene, chance: np.random.Generator) -> None:
    """Flatten while the target fills: by the cancel, or between it and the close."""
    way = int(chance.integers(3))
    if way == 0:
        await scene.rule("race", {"role": "target"})
    elif way == 1:
        late = float(chance.uniform(0.0, 0.05))
        await scene.rule("delay", {"path": "/api/Position/*"}, seconds=late, scope={"count": 3})
        await scene.prints((float(chance.uniform(0.1, 3.0)), 5012.0, 5))
    else:
        await scene.rule("delay", {"path": "/api/Order/cancel"}, seconds=0.2, scope={"count": 1})
        await scene.prints((0.5, 5012.0, 5))
    async with Tasks() as group:
        group.start("flatten", scene.executor.flatten("thrown by a test"))
    await scene.until(scene.flat)
    await scene.sim("rules", method="DELETE")
    await scene.pause(4)  # what was laid into the market is over


@row("V13")
@pytest.mark.parametrize("seed", SEEDS)
def test_v13_a_flatten_that_crosses_a_target_never_turns_the_position(
    tmp_path: Path, seed: int
) -> None:
    async def act(scene: Scene) -> None:
        chance = np.random.default_rng(seed)
        for _ in range(ROUNDS):
            legs = ((2, 40),) if chance.random() < 0.5 else ((1, 40), (1, 40))
            await scene.open(legs=legs)
            await crossed(scene, chance)
            scene.executor.standing.resume("the next round")
            await scene.until(lambda: scene.executor.gate("MES") is Reason.NONE)
        truth = await scene.truth()
        net, nets = 0, []
        for fill in truth["fills"]:
            net += fill["side"] * fill["size"]
            nets.append(net)
        assert min(nets) == 0
        await scene.must_hold()

    play(act, tmp_path)


@row("V26")
def test_v26_an_order_too_large_or_doubled_is_never_sent(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        scene.submit(scene.entry(legs=((10_000, 40),)))
        await scene.until(lambda: len(scene.alarms("not_sent")) == 1)
        assert await scene.requests("/Order/place") == []
        (dropped,) = scene.executor.take_dropped()
        assert dropped.reason is Reason.POSITION_CAP
        scene.submit(*(scene.entry() for _ in range(5)))
        await scene.until(lambda: len(scene.alarms("not_sent")) == 5)
        assert [one.reason for one in scene.executor.take_dropped()] == [Reason.POSITION_OPEN] * 4
        assert len(await scene.requests("/Order/place")) == 1
        scene.submit(scene.entry(age_s=91))
        await scene.until(lambda: len(scene.alarms("not_sent")) == 6)
        await scene.must_hold()
        assert await scene.net() == 1

    play(act, tmp_path)


@row("V27")
@pytest.mark.parametrize("limit", ["a minute", "a day"])
def test_v27_a_loop_of_entries_is_stopped(tmp_path: Path, limit: str) -> None:
    async def act(scene: Scene) -> None:
        for _ in range(6):
            scene.submit(scene.entry())
            scene.submit(Close(scene.position(1, LONG), 1, ExitReason.TIME))
            await scene.until(lambda: scene.executor.idle)
            await scene.until(scene.flat)
            await scene.until(lambda: not scene.executor.book.open_plans())
        assert len(await scene.orders("entry")) == 3
        reasons = {one.reason for one in scene.executor.take_dropped()}
        if limit == "a day":
            assert scene.executor.state is DeskState.HALTED
            assert Reason.ENTRIES_A_DAY in reasons
        else:
            assert reasons == {Reason.ENTRY_RATE}
        await scene.must_hold()

    rules = {"entries_a_day": 3} if limit == "a day" else {"entries_a_minute": 3}
    play(act, tmp_path, **rules)
