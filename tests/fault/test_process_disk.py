"""A disk that is full or slow: P11 and P12. Commit comes before an entry, exits go on without."""

import asyncio

from julie.core.events import Alarm, Flattening, Intent
from julie.store.journal import journal_of
from julie.store.journal.verify import verify
from tests.fault.asking import ASKS_ONCE
from tests.fault.disks import disk
from tests.fault.frame import Scene
from tests.fault.gate import calls, flat
from tests.fault.outcome import Outcome
from tests.fault.rows import fault

GAP_S = 0.5  # of the wall: a loop that stands still that long waits for a disk


def nothing_lost(outcome: Outcome) -> None:
    """The records that waited in memory are in the journal, without a gap."""
    assert verify(journal_of(outcome.folder)).faults == ()


@fault("P11")
async def test_p11_a_full_disk_lets_nothing_be_entered(scene: Scene) -> None:
    with disk() as found:
        await scene.ready()
        found.full = True
        await scene.gate.breaks()
        halted = await scene.message("halted")
        assert "journal_unwritable" in halted.text
        assert "MB free" in halted.text
        await scene.pass_s(20)
        assert not calls(await scene.gate.truth(), "/Order/place")
        found.full = False
        await scene.entered()
    scene.checks.append(nothing_lost)


@fault("P11", sets=(ASKS_ONCE, "strategies.pulse.leave=931"))
async def test_p11_exits_go_on_without_a_disk(scene: Scene) -> None:
    with disk() as found:
        await scene.ready()
        await scene.entered()
        found.full = True
        await scene.gate.breaks()
        await scene.gate.play_to(56)
        await scene.until("out", flat, within_s=30)
        assert found.refused
        found.full = False
        await scene.told("written", lambda: not verify(journal_of(scene.data)).faults)

    def closed_in_the_journal(outcome: Outcome) -> None:
        nothing_lost(outcome)
        assert [one.role for one in outcome.of(Intent)] == ["entry", "close"]

    scene.checks.append(closed_in_the_journal)


@fault("P12", cases=(2.0, 40.0), sets=(ASKS_ONCE, "execution.max_signal_age_s=20"))
async def test_p12_a_slow_disk_delays_an_entry_or_drops_it(scene: Scene) -> None:
    gaps: list[float] = []

    async def heart() -> None:
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            await asyncio.sleep(0.05)
            gaps.append(loop.time() - began - 0.05)

    with disk() as found:
        await scene.ready()
        found.slow_s = scene.case / scene.gate.speed
        await scene.gate.breaks()
        beating = scene.tasks.start("heart", heart())
        if scene.case < 20:
            await scene.until("in a position", scene.protected)
        else:
            await scene.message("not_sent")
            await scene.pass_s(30)
            assert not calls(await scene.gate.truth(), "/Order/place")
        beating.cancel()
        found.slow_s = 0.0
    assert max(gaps) < GAP_S

    def said(outcome: Outcome) -> None:
        kinds = {one.kind for one in outcome.of(Alarm)}
        assert ("not_sent" in kinds) == (scene.case > 20)
        assert outcome.of(Flattening)

    scene.checks.append(said)
