"""The venue's past is another one at the next start: M10."""

import numpy as np

from julie.core.events import Alarm
from julie.core.zones import DAY_NS, MINUTE_NS, eastern_iso
from tests.fault.frame import Scene
from tests.fault.outcome import Outcome
from tests.fault.rows import fault


@fault("M10", nightly=True, process=True)
async def test_m10_a_bar_of_yesterday_was_revised(scene: Scene) -> None:
    chance = np.random.default_rng(scene.seed)
    await scene.start()
    await scene.reconciled()
    await scene.kill()
    await scene.start()
    await scene.reconciled()
    assert not (await scene.outcome()).alarms("history_revised")
    await scene.kill()
    now = await scene.gate.now_ns()
    ts = now - now % MINUTE_NS - DAY_NS + int(chance.integers(0, 120)) * MINUTE_NS
    ticks = int(chance.choice((-3, -1, 1, 3)))
    await scene.gate.market(
        "revised", ts=ts, close_ticks=ticks, high_ticks=max(ticks, 0), low_ticks=min(ticks, 0)
    )
    await scene.start()
    await scene.reconciled()
    at = eastern_iso(ts)[:16].replace("T", " ")

    def named(outcome: Outcome) -> None:
        (told,) = [one.text for one in outcome.of(Alarm) if one.kind == "history_revised"]
        assert f"MES: one bar of the past changed; at {at}" in told
        assert "the close was 5000 and is" in told

    scene.checks.append(named)
