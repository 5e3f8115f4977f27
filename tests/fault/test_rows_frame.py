"""Three rows to copy: an answer lost, a kill with the entry working, a gap through the stop."""

from julie.core.events import Intent, OrderState, OrderUpdate
from tests.fault.frame import Scene
from tests.fault.outcome import Outcome
from tests.fault.rows import fault


@fault("N1")
async def test_n1_an_answer_lost_after_the_order_was_accepted(scene: Scene) -> None:
    await scene.ready()
    await scene.gate.rule("drop_response", {"path": "/api/Order/place"}, {"count": 1})
    await scene.until("protected", scene.protected, within_s=10)

    def settled_from_the_venue(outcome: Outcome) -> None:
        (entry,) = [one for one in outcome.of(Intent) if one.role == "entry"]
        states = [one.state for one in outcome.of(OrderUpdate) if one.tag == entry.tag]
        assert OrderState.REJECTED not in states
        assert sum(one.role == "entry" for one in outcome.truth.orders) == 1

    scene.checks.append(settled_from_the_venue)


@fault("P5", process=True)
async def test_p5_a_kill_with_the_entry_filled_while_dead(scene: Scene) -> None:
    await scene.ready(failpoint="K5:kill")
    await scene.killed()
    await scene.until("filled", lambda truth: scene.held(truth) == 1)
    await scene.start()
    await scene.reconciled()
    await scene.until("protected", scene.protected)


@fault("M1")
async def test_m1_a_gap_through_the_stop(scene: Scene) -> None:
    await scene.ready()
    await scene.entered()
    await scene.gate.market("gap", points=-20.0)
    await scene.until("out", lambda truth: not scene.held(truth))
