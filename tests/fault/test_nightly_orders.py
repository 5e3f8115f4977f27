"""Closes that get lost or cross a fill, over and over with the seed's chances: N6, V13.

After every round nothing is held, no close was larger than what was held, and none turned it round.
A round has a venue of its own: to wait until the calls of a minute are free again takes longer.
"""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from julie.core.permits import Close
from julie.core.tasks import Tasks
from julie.core.types import ExitReason, Side
from tests.fault.flat_market import PRICE
from tests.fault.rows import row, seed_of
from tests.fault.venue_play import play
from tests.fault.venue_scene import LONG, SHORT, Scene

pytestmark = [pytest.mark.tier4, pytest.mark.timeout(900)]

ROUNDS: Final = int(os.environ.get("JULIE_ROUNDS", "50"))
PATHS: Final = ("/api/Position/*lose*", "/api/Order/cancel", "/api/Order/*", "/api/Position/*")
Round = Callable[[Scene, np.random.Generator, Side, int], Awaitable[None]]


async def lost(scene: Scene, chance: np.random.Generator) -> None:
    """Calls on the way out get lost, before they are carried out or behind it."""
    for _ in range(int(chance.integers(1, 3))):
        deed = str(chance.choice(("drop_request", "drop_response")))
        path, count = str(chance.choice(PATHS)), int(chance.integers(1, 3))
        await scene.rule(deed, {"path": path}, scope={"count": count, "for_s": 20})


async def thrown(scene: Scene) -> None:
    """The kill switch, to its end."""
    async with Tasks() as group:
        group.start("flatten", scene.executor.flatten("thrown by a test"))


async def n6_round(scene: Scene, chance: np.random.Generator, side: Side, qty: int) -> None:
    """The answer to a close, or the close itself, is lost."""
    await lost(scene, chance)
    if chance.random() < 0.3:
        away = float(chance.choice((-8.0, -4.0, 6.0, 12.0)))
        await scene.prints((float(chance.uniform(0.1, 3.0)), PRICE + away, 5))
    if chance.random() < 0.5:
        scene.submit(Close(scene.position(qty, side), qty, ExitReason.TIME))
    else:
        await thrown(scene)


async def v13_round(scene: Scene, chance: np.random.Generator, side: Side, qty: int) -> None:
    """A target or stop fills somewhere between the first cancel and the close."""
    del qty
    deed = int(chance.integers(3))
    if deed == 0:
        role = str(chance.choice(("target", "stop")))
        await scene.rule("race", {"role": role}, scope={"count": 1, "for_s": 20})
    else:
        path = str(chance.choice(("/api/Order/cancel", "/api/Position/*")))
        late = float(chance.uniform(0.0, 1.0))
        await scene.rule("delay", {"path": path}, seconds=late, scope={"count": 3, "for_s": 20})
        beyond = float(chance.choice((12.0, 12.0, -7.0))) * int(side)
        await scene.prints((float(chance.uniform(0.05, 3.0)), PRICE + beyond, 5))
    await thrown(scene)


async def rested(scene: Scene) -> None:
    """It is over, whatever was still laid into the market."""
    await scene.until(scene.flat)
    await scene.sim("rules", method="DELETE")
    await scene.pause(3.5)
    await scene.settled()
    await scene.until(lambda: not scene.executor.book.open_plans())


def never_turned(truth: dict[str, Any], side: Side) -> None:
    """What was held only went down to nothing, and no close asked for more."""
    net = 0
    for fill in truth["fills"]:
        net += fill["side"] * fill["size"]
        assert net * int(side) >= 0, truth["fills"]
    assert net == 0


async def played(scene: Scene, one: Round, number: int) -> None:
    """In and out, with the chances of this round."""
    chance = np.random.default_rng((seed_of(), number))
    side, two = LONG if chance.random() < 0.5 else SHORT, bool(chance.random() < 0.5)
    qty = int(chance.integers(1, 4))
    legs = ((qty, 40), (qty, 40)) if two else ((qty, 40),)
    await scene.open(side=side, legs=legs)
    await one(scene, chance, side, sum(size for size, _ in legs))
    await rested(scene)
    never_turned(await scene.truth(), side)
    await scene.must_hold()


@pytest.mark.parametrize(
    "way", [pytest.param(n6_round, marks=row("N6")), pytest.param(v13_round, marks=row("V13"))]
)
def test_a_way_out_never_turns_the_position(
    tmp_path: Path, request: pytest.FixtureRequest, way: Round
) -> None:
    request.node.user_properties.append(("seed", seed_of()))
    request.node.user_properties.append(("told", f"{ROUNDS} rounds"))
    for number in range(ROUNDS):
        folder = tmp_path / str(number)  # a venue of its own, whose calls are not used up yet
        folder.mkdir()

        async def act(scene: Scene, number: int = number) -> None:
            await played(scene, way, number)

        try:
            play(act, folder, reconcile_s=30)
        except AssertionError as error:
            error.add_note(f"round {number} of seed {seed_of()}")
            raise
