"""The network round an order: answers lost, calls too many, and what became of the order."""

from julie.core.events import Intent, OrderState, OrderUpdate
from julie.core.zones import SECOND_NS
from julie.simgate.exchange.bodies import Truth
from tests.fault.asking import ASKS_ONCE
from tests.fault.flat_market import TICK
from tests.fault.frame import Scene
from tests.fault.gate import calls, working
from tests.fault.network_seen import (
    CANCEL,
    MODIFY,
    ONCE,
    PLACE,
    SPREAD_NS,
    accepted,
    at_first,
    entry,
    journal,
    ready,
    told,
    told_of,
)
from tests.fault.outcome import Outcome, read_journal
from tests.fault.rows import fault

LIMIT = ("strategies.pulse.below=8", ASKS_ONCE)
SETTLED_S = 5.0


@fault("N1", cases=("hub tells", "hub is mute"), sets=LIMIT)
async def test_n1_an_answer_lost_after_the_order_was_accepted(scene: Scene) -> None:
    await ready(scene)
    if scene.case == "hub is mute":
        await scene.gate.rule("mute", {"hub": "user"}, {"for_s": 20})
    await scene.gate.rule("drop_response", PLACE, ONCE)
    await scene.until("working", lambda truth: bool(working(truth, "entry")), within_s=10)
    await scene.pass_s(8)

    def settled_from_the_venue(outcome: Outcome) -> None:
        tag = entry(outcome).tag
        assert accepted(outcome) == [tag]
        states = told(outcome, tag)
        works = at_first(states, OrderState.WORKING)
        if scene.case == "hub is mute":  # else the hub told before anybody could wonder
            assert 0 <= works - at_first(states, OrderState.UNKNOWN) <= SETTLED_S * SECOND_NS

    scene.checks.append(settled_from_the_venue)


@fault("N2")
async def test_n2_a_request_lost_before_it_arrived(scene: Scene) -> None:
    await ready(scene)
    await scene.gate.rule("drop_request", PLACE, ONCE)
    lost = await scene.until("lost", lambda truth: any(one.status == 0 for one in truth.requests))
    dropped_ns = lost.requests[-1].ns

    def told() -> dict[OrderState, int]:
        (tag,) = {one.tag for one in journal(scene, Intent)}
        rows = [(one.payload, one.ts_exchange) for one in read_journal(scene.data, "OrderUpdate")]
        ours = [(row, ts) for row, ts in rows if isinstance(row, OrderUpdate) and row.tag == tag]
        return {row.state: ts for row, ts in ours}

    await scene.told("abandoned", lambda: OrderState.CANCELLED in told(), within_s=15)
    truth = await scene.gate.truth()
    assert len(calls(truth, "/api/Order/search", dropped_ns)) >= 2
    apart_ns = told()[OrderState.CANCELLED] - told()[OrderState.UNKNOWN]
    assert apart_ns >= 2 * SECOND_NS, "absence needs two readings two seconds apart"
    await scene.gate.play_to(56)  # the signal still holds at the next close
    await scene.until("protected", scene.protected)

    def one_entry_under_a_new_tag(outcome: Outcome) -> None:
        first, second = [one for one in outcome.of(Intent) if one.role == "entry"]
        assert accepted(outcome) == [second.tag] != [first.tag]

    scene.checks.append(one_entry_under_a_new_tag)


@fault("N3", cases=("hub tells", "hub is mute"))
async def test_n3_an_order_filled_at_once_whose_answer_is_lost(scene: Scene) -> None:
    await ready(scene)
    if scene.case == "hub is mute":
        await scene.gate.rule("mute", {"hub": "user"}, {"for_s": 20})
    await scene.gate.rule("drop_response", PLACE, ONCE)
    await scene.until("protected", scene.protected, within_s=10)
    await scene.pass_s(6)

    def its_legs_were_looked_at(outcome: Outcome) -> None:
        (fill,) = [one for one in outcome.truth.fills if one.role == "entry"]
        (stop,) = [one for one in outcome.truth.orders if one.role == "stop"]
        seen = [
            one.ts_exchange
            for one in outcome.journal
            if isinstance(one.payload, OrderUpdate)
            and one.payload.order == str(stop.id)
            and one.payload.state is OrderState.WORKING
        ]
        assert seen, "the stop was never seen"
        assert seen[0] - fill.ns <= 2 * SECOND_NS + SPREAD_NS

    scene.checks.append(its_legs_were_looked_at)


CANCELS = ("answer lost", "request lost", "filled meanwhile")


@fault("N4", cases=CANCELS, sets=(*LIMIT, "strategies.pulse.expires=1"))
async def test_n4_a_cancel_without_an_answer(scene: Scene) -> None:
    await ready(scene)
    await scene.until("working", lambda truth: bool(working(truth, "entry")))
    if scene.case == "filled meanwhile":
        await scene.gate.rule("race", {"role": "entry"})
    lost = "drop_request" if scene.case == "request lost" else "drop_response"
    await scene.gate.rule(lost, CANCEL, ONCE)
    await scene.gate.play_to(56)
    if scene.case == "filled meanwhile":
        await scene.until("protected", scene.protected, within_s=20)
    else:
        await scene.until("off", lambda truth: not working(truth, "entry"), within_s=30)
    await scene.pass_s(4)

    def the_journal_ends_as_the_truth(outcome: Outcome) -> None:
        state = told(outcome, entry(outcome).tag)[-1][1]
        filled = scene.case == "filled meanwhile"
        assert state is (OrderState.FILLED if filled else OrderState.CANCELLED)

    scene.checks.append(the_journal_ends_as_the_truth)


@fault(
    "N5",
    cases=("answer lost", "request lost"),
    sets=(
        ASKS_ONCE,
        "management.break_even.after=r",
        "management.break_even.r=0.5",
    ),
)
async def test_n5_a_stop_move_without_an_answer(scene: Scene) -> None:
    await ready(scene)
    before = await scene.entered()
    (stop,) = working(before, "stop")
    await scene.gate.market("gap", points=4.0)
    lost = "drop_request" if scene.case == "request lost" else "drop_response"
    await scene.gate.rule(lost, MODIFY, ONCE)
    await scene.gate.play_to(56)

    def moved(truth: Truth) -> bool:
        return any(one.id == stop.id and one.price > stop.price for one in truth.orders)

    await scene.until("moved", moved, within_s=20)
    await scene.pass_s(3)

    def the_stop_is_where_the_journal_says(outcome: Outcome) -> None:
        told = [one for one in outcome.of(OrderUpdate) if one.order == str(stop.id)]
        true = next(one for one in outcome.truth.orders if one.id == stop.id)
        prices = [one.price_tick for one in told if one.price_tick is not None]
        assert true.price is not None
        assert prices[-1] == round(true.price / TICK)
        assert prices == sorted(prices), "a stop never moves away"

    scene.checks.append(the_stop_is_where_the_journal_says)


@fault("N8", sets=(ASKS_ONCE,))
async def test_n8_an_entry_too_many_is_dropped(scene: Scene) -> None:
    await ready(scene)
    await scene.gate.rule("status", PLACE, ONCE, status=429)
    told = await scene.message("entry_refused", within_s=10)
    assert "too many calls" in told.text
    await scene.pass_s(10)

    def never_sent_again(outcome: Outcome) -> None:
        assert outcome.truth.orders == []
        assert len(calls(outcome.truth, PLACE["path"])) == 1
        assert told_of(outcome, entry(outcome).tag)[-1].state is OrderState.REJECTED
        assert len(outcome.alarms("entry_refused")) == 1

    scene.checks.append(never_sent_again)


@fault("N8", sets=(ASKS_ONCE,))
async def test_n8_a_stop_too_many_is_laid_all_the_same(scene: Scene) -> None:
    await ready(scene)
    await scene.gate.rule("reject", {"role": "stop"}, text="no stops just now")
    await scene.gate.rule("status", {**PLACE, "role": "stop"}, ONCE, status=429)
    await scene.until("in", lambda truth: bool(truth.positions))
    await scene.until("protected", scene.protected, within_s=8)


@fault("N8", sets=(*LIMIT, "strategies.pulse.expires=1"))
async def test_n8_a_cancel_too_many_is_asked_for_again(scene: Scene) -> None:
    await ready(scene)
    await scene.until("working", lambda truth: bool(working(truth, "entry")))
    await scene.gate.rule("status", CANCEL, ONCE, status=429)
    await scene.gate.play_to(59)
    await scene.until("asked", lambda truth: bool(calls(truth, CANCEL["path"])))
    await scene.until("off", lambda truth: not working(truth, "entry"), within_s=10)


@fault("N8", sets=(ASKS_ONCE, "strategies.pulse.leave=931"))
async def test_n8_a_close_too_many_comes_through(scene: Scene) -> None:
    await ready(scene)
    await scene.entered()
    await scene.gate.rule("status", {"path": "/api/Position/*close*"}, ONCE, status=429)
    await scene.gate.play_to(59)
    await scene.until("flat", lambda truth: bool(truth.fills) and not truth.positions, within_s=12)
