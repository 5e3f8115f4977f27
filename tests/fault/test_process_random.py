"""P9: killed at random instants of a busy session and started again; all invariants at the end.

The seed draws when, and what the market does meanwhile. At least a third of the kills meets an
order or a position in flight; behind which failpoint each one fell is printed.
"""

import os
from collections import Counter
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from tests.fault.frame import Scenario, Scene, run_fault
from tests.fault.gate import working
from tests.fault.invariants import agrees, assert_invariants
from tests.fault.kills import (
    Life,
    cleared,
    drawn,
    fell,
    lived,
    prepared,
    taken_up,
    trail_of,
    trailing,
)
from tests.fault.rows import played

KILLS: Final = int(os.environ.get("JULIE_KILLS", "5"))  # a life of the gateway
SEEDS: Final = range(*map(int, os.environ.get("JULIE_KILL_SEEDS", "1:6").split(":")))
IN_FLIGHT: Final = 0.3
SEEN: Final = ("leg_refused",)  # a stop taken off by hand, and the price beyond it: closed instead
BUSY: Final = (
    "defense.order=[session]",  # a row of losses is what it is made for
    "strategies.pulse.contracts=2",
    "strategies.pulse.stop=12",
    "strategies.pulse.target=16",
    "strategies.pulse.near=8",
    "execution.entries_a_day=500",
    "management.break_even.after=r",
    "management.break_even.r=0.2",
)


LIMIT: Final = ("strategies.pulse.below=2", "strategies.pulse.expires=1")
LIMIT_SEEDS: Final = 3  # every third enters by limits, which work for a bar


async def nothing_lost(scene: Scene) -> None:
    """A life has found all that the dead ones left."""
    found = await scene.settled()
    if scene.bot.alive and not agrees(found):
        assert_invariants(found)


async def one_life(scene: Scene, life: Life, number: int) -> None:
    """Started, let to trade, and killed, wherever that falls."""
    twice = await cleared(scene, life)
    await scene.start(failpoint=life.death.failpoint, environ=trailing(scene, number))
    if await taken_up(scene, *SEEN):
        await nothing_lost(scene)
        await prepared(scene, life, twice=twice)
    await lived(scene, life)


async def killed_again_and_again(scene: Scene) -> None:
    """So many lives, each ended by `kill -9`."""
    chance = np.random.default_rng(scene.seed)
    where, flying = Counter[str](), 0
    for number in range(KILLS):
        life = drawn(chance)
        await one_life(scene, life, number)
        truth = await scene.gate.truth()
        flying += bool(truth.positions or working(truth))
        where[fell(trail_of(scene, number), life.death)] += 1
        if life.dead_gap:
            await scene.gate.market("gap", points=life.dead_gap)
        if life.dead_s:
            await scene.gate.play(life.dead_s)
    await scene.start()
    assert await taken_up(scene, *SEEN)
    await scene.reconciled()
    told = " ".join(f"{name}:{where[name]}" for name in sorted(where, key=lambda k: (len(k), k)))
    scene.told_at_end.append(f"seed {scene.seed}: {KILLS} kills, {flying} in flight, {told}")
    assert flying >= IN_FLIGHT * KILLS


@pytest.mark.tier3
@pytest.mark.timeout(120 + 40 * KILLS)
@pytest.mark.parametrize("seed", SEEDS)
def test_p9_killed_at_random(tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    sets = BUSY if seed % LIMIT_SEEDS else (*BUSY, *LIMIT)
    scenario = Scenario(killed_again_and_again, process=True, sets=sets)
    outcome = played(run_fault(scenario, seed, tmp_path))
    with capsys.disabled():
        print("\n" + "\n".join(outcome.told_at_end))  # noqa: T201 - the histogram is asked for
    assert_invariants(outcome)
