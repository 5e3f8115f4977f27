"""P9: killed at random instants of a busy session and started again; all invariants at the end.

The seed draws when, and what the market does meanwhile. At least a third of the kills meets an
order or a position in flight; where in the order's life each one fell is printed.
"""

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from julie.core.events import (
    Asked,
    AuditRecord,
    Decision,
    Fill,
    Intent,
    OrderState,
    OrderUpdate,
    StateChanged,
)
from tests.fault.frame import Scenario, Scene, run_fault
from tests.fault.gate import working
from tests.fault.invariants import assert_invariants
from tests.fault.outcome import read_journal
from tests.fault.rows import played

KILLS: Final = int(os.environ.get("JULIE_KILLS", "5"))  # a life of the gateway
SEEDS: Final = range(*map(int, os.environ.get("JULIE_KILL_SEEDS", "1:6").split(":")))
IN_FLIGHT: Final = 0.3
BUSY: Final = (
    "strategies.pulse.contracts=2",
    "strategies.pulse.stop=12",
    "strategies.pulse.target=16",
    "strategies.pulse.near=8",
    "execution.entries_a_day=500",
    "management.break_even.after=r",
    "management.break_even.r=0.2",
)


# The failpoint that lies before the line which a life wrote last; the first that fits.
BEHIND: Final[tuple[tuple[str, type, Callable[[Any], bool]], ...]] = (
    ("K2", Intent, lambda one: one.role == "entry"),
    ("K12", Intent, lambda one: one.role == "close"),
    ("K8", Intent, lambda one: True),
    ("K3", OrderUpdate, lambda one: one.state is OrderState.SENT),
    ("K6", OrderUpdate, lambda one: one.state is OrderState.FILLED),
    ("K5", OrderUpdate, lambda one: True),
    ("K7", Fill, lambda one: True),
    ("K9", Asked, lambda one: one.verb in ("move", "shrink")),
    ("K11", Asked, lambda one: one.verb == "close"),
    ("K10", Asked, lambda one: True),
    ("K1", Decision, lambda one: True),
    ("rest", StateChanged, lambda one: one.reason.endswith("over")),
    ("K15", StateChanged, lambda one: True),
)


def instant(records: list[AuditRecord]) -> str:
    """Where in an order's life a kill fell."""
    for record in reversed(records):
        for name, kind, fits in BEHIND:
            if isinstance(record.payload, kind) and fits(record.payload):
                return name
    return "start"


async def killed_again_and_again(scene: Scene) -> None:
    """So many lives, each ended by `kill -9`."""
    chance = np.random.default_rng(scene.seed)
    met, flying = Counter[str](), 0
    await scene.ready()
    for _ in range(KILLS):
        busy = chance.random() < 0.7  # the instants at which a minute's orders leave
        await scene.pass_s(float(chance.uniform(2.9, 4.6) if busy else chance.uniform(3.0, 12.0)))
        if not busy:
            await scene.gate.market("gap", points=float(chance.choice([-3.5, -1.0, 1.0, 3.0, 4.5])))
            await scene.pass_s(float(chance.uniform(0.0, 3.0)))
        truth = await scene.gate.truth()
        flying += bool(truth.positions or working(truth))
        await scene.kill()
        records = read_journal(scene.data)
        met[instant([one for one in records if one.run == records[-1].run])] += 1
        await scene.start()
        await scene.reconciled()
        await scene.gate.play_to(57)
    told = " ".join(f"{name}:{count}" for name, count in sorted(met.items()))
    scene.told_at_end.append(f"seed {scene.seed}: {KILLS} kills, {flying} in flight, {told}")
    assert flying >= IN_FLIGHT * KILLS


@pytest.mark.tier3
@pytest.mark.timeout(120 + 40 * KILLS)
@pytest.mark.parametrize("seed", SEEDS)
def test_p9_killed_at_random(tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    scenario = Scenario(killed_again_and_again, process=True, sets=BUSY)
    outcome = played(run_fault(scenario, seed, tmp_path))
    with capsys.disabled():
        print("\n" + "\n".join(outcome.told_at_end))  # noqa: T201 - the histogram is asked for
    assert_invariants(outcome)
