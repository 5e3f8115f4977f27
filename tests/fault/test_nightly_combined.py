"""Faults that meet: pairs and triples laid over one trade, at instants of the seed.

At the end all invariants hold, whatever came together. A run that breaks one tells its seed, what
was asked of the gateway, the seconds round it, and how it is played again.
"""

import os
import signal
from dataclasses import replace
from typing import Final

import numpy as np

from julie.core.types import DeskState
from julie.core.zones import MINUTE_NS, SECOND_NS
from julie.simgate.exchange.bodies import Truth
from tests.fault import evening
from tests.fault.disks import disk
from tests.fault.frame import Scene
from tests.fault.gate import flat, working
from tests.fault.injections import (
    LASTS_S,
    OF_A_PROCESS,
    Deed,
    Stage,
    closed,
    expired,
    overlaid,
    too_many,
)
from tests.fault.kills import taken_up
from tests.fault.loaded import WALL
from tests.fault.outcome import Outcome
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
    await scene.until("nothing bare", lambda truth: not scene.held(truth) or scene.protected(truth))


@fault(
    "combined",
    nightly=True,
    cases=tuple(f"round{k}" for k in range(ROUNDS)),
    sets=("strategies.pulse.contracts=3", "strategies.pulse.stop=16"),
)
async def test_faults_that_meet(scene: Scene) -> None:
    await together(scene)


ROLL: Final = ("account.profile=plain", "defense.order=[session]")  # no flat time before it
EVENING_NS: Final = evening.at(22)  # the first trading day of the new month
ORDERS: Final = ((), ("strategies.pulse.below=8", "strategies.pulse.expires=500"))


def of_month(truth: Truth, month: str) -> bool:
    """Whether anything is held or works in a month."""
    held = [one.contract for one in truth.positions if one.net]
    return any(name.endswith(month) for name in [*held, *(o.contract for o in working(truth))])


@fault(
    "combined", nightly=True, process=True, sets=ROLL, gate_words=evening.words("16:00")
)  # fmt: skip
async def test_asleep_over_the_end_of_the_token_and_the_roll(scene: Scene) -> None:
    """H10 + N11 + M15."""
    chance = np.random.default_rng((scene.seed, 15))
    wall, limit = scene.folder / "ahead.txt", bool(chance.random() < 0.5)
    await scene.ready(sets=ORDERS[limit], environ={WALL: str(wall)})
    role = "entry" if limit else "stop"
    await scene.until("at work", lambda truth: bool(working(truth, role)))
    began = await scene.gate.now_ns()
    scene.process.send(signal.SIGSTOP)
    await scene.gate.rule("half_open")  # nobody speaks to who sleeps
    with disk() as found:
        await expired(Stage(scene, chance, found))
    await scene.gate.market("roll", symbol="MES")
    wakes_ns = EVENING_NS + round(float(chance.uniform(30, 900)) * SECOND_NS)
    for due in (EVENING_NS - 90 * MINUTE_NS, wakes_ns):  # the break is leapt over at once
        await scene.gate.play((due - await scene.gate.now_ns()) / SECOND_NS)
    slept_s = (await scene.gate.now_ns() - began) / SECOND_NS
    wall.write_text(f"{slept_s} {slept_s}", encoding="ascii")
    scene.process.send(signal.SIGCONT)
    await scene.message("slept")
    await scene.until("out of the old month", lambda truth: not of_month(truth, "M25"), 240)
    await scene.state(DeskState.ACTIVE.name, 120)
    await scene.gate.play_to(56)
    await scene.until("in the new month", lambda truth: of_month(truth, "U25"), 240)

    def each_in_its_month(outcome: Outcome) -> None:
        for one in outcome.truth.orders:
            if one.role == "entry":
                late = one.created_ns > EVENING_NS
                assert one.contract.endswith("U25" if late else "M25"), one

    scene.checks.append(each_in_its_month)


@fault("combined", nightly=True, gate_words=evening.early_words("12:50"))
async def test_the_flat_time_of_an_early_close_while_nothing_can_be_read(scene: Scene) -> None:
    """M12 + V25 + N7."""
    chance = np.random.default_rng((scene.seed, 12))
    limit = bool(chance.random() < 0.5)
    flat_ns = evening.at(17, evening.EARLY_DAY)  # a quarter of an hour before 13:15 Eastern
    await scene.ready(sets=ORDERS[limit])
    await scene.until("at work", lambda truth: bool(working(truth)))
    while (left_s := (flat_ns - await scene.gate.now_ns()) / SECOND_NS) > 75:
        await scene.gate.play_to(58)
        await scene.pass_s(4)
    await scene.gate.play(max(left_s - float(chance.uniform(2, 8)), 0.0))
    with disk() as found:
        for _ in range(3):
            await too_many(Stage(scene, chance, found))
            await scene.pass_s(float(chance.uniform(1, 6)))
    truth = await scene.until("flat", flat, within_s=90)
    assert max(one.updated_ns for one in truth.orders) <= flat_ns + 60 * SECOND_NS
    await scene.pass_s(70)
    entries = [one for one in (await scene.gate.truth()).orders if one.role == "entry"]
    assert entries
    assert all(one.created_ns < flat_ns - 4 * MINUTE_NS for one in entries)
