"""Killed at a named instant and started again: P1 to P8 and P10."""

from typing import Any

from julie.core.bookings import TradeClosed
from julie.core.events import Fill, Intent, OrderState, OrderUpdate, StateChanged
from julie.core.zones import MINUTE_NS, SECOND_NS
from julie.simgate.exchange.bodies import Truth
from tests.fault.asking import ASKS_ONCE
from tests.fault.flat_market import PRICE, TICK
from tests.fault.frame import Scene
from tests.fault.gate import calls, working
from tests.fault.outcome import Outcome
from tests.fault.rows import fault

LIMIT = "strategies.pulse.below=4"
EVEN = ("management.break_even.after=r", "management.break_even.r=0.2")


def entries(truth: Truth) -> list[Any]:
    """Entries that came to the venue."""
    return [one for one in truth.orders if one.role == "entry" and not one.foreign]


def last_states(outcome: Outcome, role: str = "entry") -> list[tuple[OrderState, str]]:
    """Where the orders of a role ended, and what was said of it."""
    tags = [one.tag for one in outcome.of(Intent) if one.role == role]
    updates = {one.tag: one for one in outcome.of(OrderUpdate)}
    return [(updates[tag].state, updates[tag].text) for tag in tags]


def one_bracket(outcome: Outcome) -> None:
    """What is held has one stop and one target, and came by one fill."""
    assert len(entries(outcome.truth)) == 1
    assert len(outcome.of(Fill)) == len(outcome.truth.fills)


async def nothing_heard(scene: Scene) -> int:
    """What becomes of the order is not told by the stream before the kill; a rule to drop."""
    return await scene.gate.rule("mute", {"hub": "user"})


async def next_minute(scene: Scene) -> None:
    """Go on past the next close of a minute, and let the desk answer it."""
    await scene.gate.play_to(56)
    await scene.pass_s(8)


@fault("P1", process=True, sets=(ASKS_ONCE,))
async def test_p1_before_the_intent_is_on_disk(scene: Scene) -> None:
    await scene.ready(failpoint="K1:kill")
    await scene.killed()
    await scene.start()
    await scene.reconciled()
    await next_minute(scene)

    def never_was(outcome: Outcome) -> None:
        assert not calls(outcome.truth, "/Order/place")
        assert not outcome.of(Intent)

    scene.checks.append(never_was)


@fault("P2", cases=(1, 30, 600), process=True, sets=(ASKS_ONCE,))
async def test_p2_committed_and_not_sent(scene: Scene) -> None:
    await scene.ready(failpoint="K2:kill")
    await scene.killed()
    await scene.gate.play(float(scene.case))
    await scene.start()
    await scene.reconciled()
    await next_minute(scene)

    def proven_absent(outcome: Outcome) -> None:
        assert not calls(outcome.truth, "/Order/place")
        ((state, text),) = last_states(outcome)
        assert state is OrderState.CANCELLED
        assert text.startswith("not_sent")

    scene.checks.append(proven_absent)


@fault(
    "P3",
    cases=("accepted", "rejected", "lost", "filled"),
    process=True,
    sets=(ASKS_ONCE,),
)
async def test_p3_sent_and_no_answer_read(scene: Scene) -> None:
    sets = () if scene.case == "filled" else (LIMIT,)
    if scene.case == "rejected":
        await scene.gate.rule("reject", {"role": "entry"}, {"count": 1}, code=2)
    if scene.case == "lost":
        await scene.gate.rule("drop_request", {"path": "/api/Order/place"}, {"count": 1})
    muted = await nothing_heard(scene)
    await scene.ready(failpoint="K3:kill", sets=sets)
    await scene.killed()
    await scene.gate.drop_rule(muted)
    await scene.start(sets=sets)
    await scene.reconciled()
    await scene.pass_s(6)
    expected = {
        "accepted": OrderState.WORKING,
        "rejected": OrderState.REJECTED,
        "lost": OrderState.CANCELLED,
        "filled": OrderState.FILLED,
    }[scene.case]
    found = last_states(await scene.outcome())
    assert [state for state, _ in found] == [expected], found

    def bound_to_the_right_order(outcome: Outcome) -> None:
        true = {one.id: one.tag for one in entries(outcome.truth)}
        assert len(true) == (scene.case != "lost")
        tags = {one.tag for one in outcome.of(Intent) if one.role == "entry"}
        bound = {int(one.order) for one in outcome.of(OrderUpdate) if one.tag in tags and one.order}
        assert bound == set(true)

    scene.checks.append(bound_to_the_right_order)


@fault(
    "P3", process=True, sets=(ASKS_ONCE, LIMIT), foreign=True, open_question=True,
    flatten=False,
)  # fmt: skip
async def test_p3_two_orders_that_may_be_ours_halt(scene: Scene) -> None:
    await scene.gate.rule("edit", {"path": "/api/Order/*"}, drop=["customTag"])
    muted = await nothing_heard(scene)
    await scene.ready(failpoint="K3:kill")
    await scene.killed()
    await scene.gate.drop_rule(muted)
    (mine,) = entries(await scene.gate.truth())
    price = PRICE - 4 * TICK
    await scene.gate.account(
        "foreign", contract=scene.contract, side="buy", size=1, type="limit", price=price
    )
    await scene.start()
    await scene.state("HALTED")
    assert any("ambiguous" in one.causes for one in (await scene.outcome()).of(StateChanged))
    truth = await scene.gate.truth()
    assert {one.id for one in working(truth, "entry")} >= {mine.id}
    assert len(calls(truth, "/Order/place")) == 1


@fault("P4", process=True, sets=(ASKS_ONCE,))
async def test_p4_the_answer_is_read_and_not_written(scene: Scene) -> None:
    await scene.ready(failpoint="K4:kill")
    await scene.killed()
    await scene.start()
    await scene.reconciled()
    await scene.until("protected", scene.protected)
    scene.checks.append(one_bracket)


@fault("P5", process=True, sets=(ASKS_ONCE, LIMIT, "strategies.pulse.leave=932"))
async def test_p5_the_entry_fills_while_dead(scene: Scene) -> None:
    await scene.ready(failpoint="K5:kill")
    await scene.killed()
    await scene.gate.market("gap", points=-1.25)
    await scene.until("filled", lambda truth: scene.held(truth) == 1)
    await scene.start()
    await scene.reconciled()
    await scene.until("protected", scene.protected)
    await scene.gate.play_to(56)
    await scene.until("out as the plan says", lambda truth: not scene.held(truth))
    await next_minute(scene)

    def as_if_alive(outcome: Outcome) -> None:
        one_bracket(outcome)
        booked = next(one for one in outcome.journal if isinstance(one.payload, Fill))
        assert booked.ts_exchange == outcome.truth.fills[0].ns
        (trade,) = outcome.of(TradeClosed)
        assert (trade.strategy, trade.exit_reason) == ("pulse", "reversal")
        assert trade.entry_ts // MINUTE_NS == outcome.truth.fills[0].ns // MINUTE_NS

    scene.checks.append(as_if_alive)


@fault("P6", cases=("K6", "K7"), process=True, sets=(ASKS_ONCE,))
async def test_p6_between_the_fill_and_its_legs(scene: Scene) -> None:
    await scene.ready(failpoint=f"{scene.case}:kill")
    await scene.killed()
    await scene.start()
    await scene.reconciled()
    await scene.until("protected", scene.protected)
    await scene.pass_s(6)
    truth = await scene.gate.truth()
    assert [len(working(truth, role)) for role in ("stop", "target")] == [1, 1]
    scene.checks.append(one_bracket)


@fault("P6", process=True, sets=(ASKS_ONCE,))
async def test_p6_in_the_middle_of_a_leg_repair(scene: Scene) -> None:
    await scene.gate.rule("reject", {"role": "stop"}, {"count": 1})
    await scene.ready(failpoint="K8:kill")
    await scene.killed()
    await scene.start()
    await scene.reconciled()
    await scene.until("protected", scene.protected)
    await scene.pass_s(6)
    truth = await scene.gate.truth()
    assert len(working(truth, "stop")) == 1
    scene.checks.append(one_bracket)


@fault("P7", cases=("done", "not_done"), process=True, sets=(ASKS_ONCE, *EVEN))
async def test_p7_during_a_stop_move(scene: Scene) -> None:
    await scene.ready(failpoint="K9:kill")
    truth = await scene.entered()
    (stop,) = working(truth, "stop")
    if scene.case == "not_done":
        await scene.gate.rule("drop_request", {"path": "/api/Order/modify"}, {"count": 1})
    await scene.gate.market("gap", points=3.0)
    await scene.gate.play_to(56)
    await scene.killed()
    await scene.start()
    await scene.reconciled()
    await scene.pass_s(6)
    truth = await scene.gate.truth()
    (now,) = working(truth, "stop")
    moved = scene.case == "done"
    assert (now.price > stop.price) if moved else (now.price >= stop.price)

    def the_venues_stop_holds(outcome: Outcome) -> None:
        updates = [one for one in outcome.of(OrderUpdate) if one.order == str(now.id)]
        prices = [one.price_tick for one in updates if one.price_tick is not None]
        assert prices == sorted(prices)

    scene.checks.append(the_venues_stop_holds)


@fault("P8", cases=("K10", "K11", "K12"), process=True, sets=(ASKS_ONCE,), speed=2)
async def test_p8_in_the_middle_of_flatten(scene: Scene) -> None:
    await scene.ready(failpoint=f"{scene.case}:kill")
    await scene.entered()
    await scene.flatten()
    await scene.killed()
    await scene.start()
    truth = await scene.until("flat", lambda truth: not truth.positions and not working(truth))
    logins = [one.ns for one in truth.requests if one.path.endswith("loginKey")]
    flat_ns = max(one.ns for one in truth.fills)
    assert flat_ns - logins[-1] <= 5 * SECOND_NS or flat_ns < logins[-1]


@fault("P10", process=True, sets=(ASKS_ONCE,), foreign=True)
async def test_p10_killed_again_while_it_reconciles(scene: Scene) -> None:
    await scene.ready(failpoint="K5:kill")
    await scene.killed()
    await scene.until("filled", lambda truth: scene.held(truth) == 1)
    await scene.gate.account("foreign_close", contract=scene.contract)
    await scene.start(failpoint="K15:kill")
    await scene.killed()
    await scene.start()
    await scene.reconciled()
    await scene.until("nothing left", lambda truth: not truth.positions and not working(truth))

    def closed_once(outcome: Outcome) -> None:
        assert len(entries(outcome.truth)) == 1
        assert len(outcome.of(Fill)) == len(outcome.truth.fills) == 2

    scene.checks.append(closed_once)
