"""Faults that meet: pairs and triples laid over one trade, at instants of the seed.

At the end all invariants hold, whatever came together. A run that breaks one tells its seed, what
was asked of the gateway, the seconds round it, and how it is played again.
"""

import os
from dataclasses import replace
from typing import Final

import numpy as np

from julie.core.zones import SECOND_NS
from tests.fault.disks import disk
from tests.fault.frame import Scene
from tests.fault.injections import LASTS_S, OF_A_PROCESS, Deed, Stage, closed, overlaid
from tests.fault.kills import taken_up
from tests.fault.rows import fault

ROUNDS: Final = int(os.environ.get("JULIE_COMBINED", "3"))
SPREAD_S: Final = 14.0  # from before the entry leaves until it is filled and managed
SEEN: Final = ("stop_touched", "leg_refused", "turned", "left_open", "phantom_trade")
SHAPES: Final = (
    (),
    ("strategies.pulse.below=4", "strategies.pulse.expires=2"),
    ("strategies.pulse.near=12",),
)


def command(seed: int, number: int) -> str:
    """Plays it again."""
    return (
        f"JULIE_FAULT_SEED={seed} python -m pytest -q tests/fault/test_nightly_combined.py"
        f" -k 'round{number}'"
    )


async def together(scene: Scene) -> None:
    """One draw of the seed."""
    number = int(scene.case.removeprefix("round"))
    chance = np.random.default_rng((scene.seed, number))
    deeds = overlaid(chance)
    elsewhere, others = bool(OF_A_PROCESS & set(deeds)), closed in deeds
    scene.scenario = replace(scene.scenario, process=elsewhere, foreign=others)
    names = " + ".join(one.__name__ for one in deeds)
    scene.told_at_end.append(names)
    print(f"{names}; again: {command(scene.seed, number)}")  # noqa: T201 - shown where it fails
    shape, side = SHAPES[int(chance.integers(len(SHAPES)))], int(chance.choice((1, -1)))
    at = sorted(float(one) for one in chance.uniform(0.0, SPREAD_S, len(deeds)))
    order: list[Deed] = [deeds[int(k)] for k in chance.permutation(len(deeds))]
    with disk() as found:
        await scene.ready(sets=(*shape, f"strategies.pulse.side={side}"))
        began = await scene.gate.now_ns()
        for due, deed in zip(at, order, strict=True):
            await scene.pass_s(max(due - (await scene.gate.now_ns() - began) / SECOND_NS, 0.0))
            await deed(Stage(scene, chance, found))
        await scene.pass_s(LASTS_S)
    assert await taken_up(scene, *SEEN), scene.process.said.read_text("utf-8")[-2000:]
    await scene.safe("nothing bare", lambda truth: not scene.held(truth) or scene.protected(truth))


@fault(
    "combined",
    nightly=True,
    cases=tuple(f"round{k}" for k in range(ROUNDS)),
    sets=("strategies.pulse.contracts=3", "strategies.pulse.stop=16"),
)
async def test_faults_that_meet(scene: Scene) -> None:
    await together(scene)
