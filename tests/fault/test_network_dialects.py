"""Orders settled where the venue's searches show no tags: by what they look like. N1, P3."""

from julie.core.events import Intent, OrderState, OrderUpdate
from julie.core.zones import SECOND_NS
from tests.fault.asking import ASKS_ONCE
from tests.fault.frame import Scene
from tests.fault.gate import calls, working
from tests.fault.network_seen import (
    ONCE,
    PLACE,
    accepted,
    at_first,
    entry,
    ready,
    told,
    told_of,
)
from tests.fault.outcome import Outcome
from tests.fault.rows import fault

LIMIT = (ASKS_ONCE, "strategies.pulse.below=8")
TAGLESS = {"tags_in_search": False}
SETTLED_S = 5.0


@fault("N1", sets=LIMIT, dialect=TAGLESS)
async def test_n1_an_answer_lost_where_searches_show_no_tags(scene: Scene) -> None:
    await ready(scene)
    await scene.gate.rule("mute", {"hub": "user"}, {"for_s": 20})  # its rows bear tags
    await scene.gate.rule("drop_response", PLACE, ONCE)
    await scene.until("working", lambda truth: bool(working(truth, "entry")), within_s=10)
    await scene.pass_s(8)

    def found_by_its_looks(outcome: Outcome) -> None:
        tag = entry(outcome).tag
        assert accepted(outcome) == [tag]
        assert len(calls(outcome.truth, PLACE["path"])) == 1
        states = told(outcome, tag)
        works = at_first(states, OrderState.WORKING)
        assert 0 <= works - at_first(states, OrderState.UNKNOWN) <= SETTLED_S * SECOND_NS

    scene.checks.append(found_by_its_looks)


@fault("P3", cases=("accepted", "lost", "filled"), process=True, dialect=TAGLESS)
async def test_p3_sent_and_no_answer_read_where_searches_show_no_tags(scene: Scene) -> None:
    sets = (ASKS_ONCE,) if scene.case == "filled" else LIMIT
    if scene.case == "lost":
        await scene.gate.rule("drop_request", PLACE, ONCE)
    muted = await scene.gate.rule("mute", {"hub": "user"})
    await scene.ready(failpoint="K3:kill", sets=sets)
    await scene.killed()
    await scene.gate.drop_rule(muted)
    await scene.start(sets=sets)
    await scene.reconciled()
    await scene.pass_s(6)

    def bound_to_the_right_order(outcome: Outcome) -> None:
        expected = {
            "accepted": OrderState.WORKING,
            "lost": OrderState.CANCELLED,
            "filled": OrderState.FILLED,
        }[scene.case]
        (intent,) = [one for one in outcome.of(Intent) if one.role == "entry"]
        assert expected in [one.state for one in told_of(outcome, intent.tag)]
        true = {one.id for one in outcome.truth.orders if one.role == "entry"}
        mine = [one for one in outcome.of(OrderUpdate) if one.tag == intent.tag and one.order]
        assert {int(one.order) for one in mine} == true
        assert len(true) == (scene.case != "lost")

    scene.checks.append(bound_to_the_right_order)
