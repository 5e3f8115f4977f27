"""Refusals, partial fills and other hands, with the whole bot: the desk hears of them too."""

from julie.core.bookings import TradeClosed
from julie.core.events import Alarm, Decision, PositionChanged
from julie.core.types import ExitReason, Reason
from julie.core.zones import SECOND_NS
from julie.simgate.exchange.bodies import Truth
from tests.fault.flat_market import OPEN_MINUTE
from tests.fault.frame import Scene
from tests.fault.gate import calls, flat, working
from tests.fault.outcome import Outcome, read_journal
from tests.fault.rows import fault

PLACE = "/api/Order/place"
THREE = "strategies.pulse.contracts=3"
TWO_LEGS = ("strategies.pulse.contracts=2", "strategies.pulse.near=30")
FEW = f"strategies.pulse.last={OPEN_MINUTE + 2}"


def exits(outcome: Outcome) -> list[TradeClosed]:
    """Legs that the desk booked."""
    return outcome.of(TradeClosed)


async def heard(scene: Scene, closes: int = 1) -> None:
    """Play on over closes of minutes, each heard before the next."""
    for _ in range(closes):
        await scene.gate.play_to(58)
        await scene.pass_s(4)


def first_fill(truth: Truth) -> int:
    """When the position began."""
    return truth.fills[0].ns


@fault("V1", cases=("go_on", "cancel"), sets=(THREE, FEW))
async def test_v1_the_desk_hears_what_was_bought(scene: Scene) -> None:
    await scene.ready()
    rule = {"role": "entry"}
    await scene.gate.rule("partial", rule, size=1, seconds=20, then=scene.case)
    await scene.entered()
    whole = 3 if scene.case == "go_on" else 1
    over = lambda truth: scene.held(truth) == whole and not working(truth, "entry")  # noqa: E731
    await scene.until("all bought", over, within_s=60)
    await heard(scene, 2)

    def booked_as_bought(outcome: Outcome) -> None:
        held = [one.qty for one in outcome.of(PositionChanged)]
        assert max(held) == whole

    scene.checks.append(booked_as_bought)


@fault("V3", sets=(f"strategies.pulse.last={OPEN_MINUTE + 8}",))
async def test_v3_a_strategy_refused_three_times_is_off(scene: Scene) -> None:
    await scene.ready()
    await scene.gate.rule("reject", {"role": "entry"}, {"count": 9}, code=3, text="no funds")
    await heard(scene, 7)
    asked = calls(await scene.gate.truth(), PLACE)
    assert len(asked) == 3
    told = [one.payload for one in read_journal(scene.data)]
    reasons = [c.outcome for one in told if isinstance(one, Decision) for c in one.candidates]
    assert Reason.STRATEGY_OFF in reasons
    assert [one.kind for one in told if isinstance(one, Alarm)].count("entry_refused") >= 3
    message = await scene.message("strategy_off")
    assert "pulse: the venue refused 3 of its entries in a row" in message.text

    def told_as_off(outcome: Outcome) -> None:
        assert outcome.status is not None
        assert outcome.status["strategies"]["pulse"].startswith("off today: ")

    scene.checks.append(told_as_off)


@fault("V4", cases=(1, 99), sets=(THREE, FEW))
async def test_v4_a_stop_that_the_venue_dropped(scene: Scene) -> None:
    await scene.ready()
    await scene.gate.rule("reject", {"role": "stop"}, {"count": scene.case})
    if scene.case == 1:
        truth = await scene.entered()
        by_hand = [one for one in truth.orders if one.role == "stop"][1]
        assert by_hand.created_ns - first_fill(truth) <= 3 * SECOND_NS
        await scene.until("protected", scene.protected)
        return
    truth = await scene.until("out", lambda truth: bool(truth.fills) and flat(truth))
    assert truth.fills[-1].ns - first_fill(truth) <= 5 * SECOND_NS
    await scene.state("HALTED")
    await heard(scene)
    assert len([one for one in truth.orders if one.role == "entry"]) == 1


@fault("V9", sets=(THREE, FEW))
async def test_v9_both_legs_filled_is_booked_as_reconcile(scene: Scene) -> None:
    await scene.ready()
    await scene.entered()
    await scene.gate.rule("both", {"role": "target"})
    await scene.gate.market("gap", points=12.0)
    turned = lambda truth: len(truth.fills) == 4 and flat(truth)  # noqa: E731
    await scene.until("turned back", turned, within_s=15)
    await scene.state("HALTED")
    await heard(scene)

    def one_trade_by_reconcile(outcome: Outcome) -> None:
        (leg,) = exits(outcome)
        assert leg.exit_reason == ExitReason.RECONCILE.word
        assert leg.qty == 3
        earned = sum(one.pnl or 0.0 for one in outcome.truth.fills)
        assert round(leg.gross - earned, 2) == 0.0

    scene.checks.append(one_trade_by_reconcile)


@fault("V14", sets=(f"strategies.pulse.first={OPEN_MINUTE + 1}",), foreign=True)
async def test_v14_a_position_of_somebody_else_keeps_the_desk_out(scene: Scene) -> None:
    await scene.ready()
    await scene.gate.account("foreign", contract=scene.contract, side="buy", size=2)
    await scene.until("protected", scene.protected, within_s=10)
    await heard(scene, 2)
    truth = await scene.gate.truth()
    assert [one for one in truth.orders if one.role == "entry" and not one.foreign] == []
    message = await scene.message("unknown_position")
    assert "2 at 5000.25" in message.text


@fault("V15", cases=("one leg", "two legs"), foreign=True, sets=(FEW,))
async def test_v15_what_somebody_closed_is_booked(scene: Scene) -> None:
    legs = TWO_LEGS if scene.case == "two legs" else (THREE,)
    await scene.ready(sets=legs)
    await scene.until("in", lambda truth: scene.protected(truth) and scene.held(truth) > 1)
    await scene.pass_s(4)
    await scene.gate.account("foreign_close", contract=scene.contract)
    await scene.until("flat", flat, within_s=10)
    await heard(scene)

    def every_leg_at_the_venues_price(outcome: Outcome) -> None:
        out = next(one for one in outcome.truth.fills if one.foreign)
        closed = exits(outcome)[: len(legs)]
        assert [one.exit_reason for one in closed] == [ExitReason.RECONCILE.word] * len(legs)
        assert {one.exit_price for one in closed} == {out.price}

    scene.checks.append(every_leg_at_the_venues_price)


@fault("V18", cases=("one leg", "two legs"), sets=(FEW,), flatten=False)
async def test_v18_after_a_liquidation_nothing_is_sent(scene: Scene) -> None:
    await scene.ready(sets=TWO_LEGS if scene.case == "two legs" else (THREE,))
    await scene.until("in", lambda truth: scene.protected(truth) and scene.held(truth) > 1)
    await scene.pass_s(4)
    before = len(calls(await scene.gate.truth(), PLACE))
    await scene.gate.account("liquidate")
    await scene.state("HALTED", within_s=10)
    await scene.until("flat", flat)
    await heard(scene, 2)
    assert len(calls(await scene.gate.truth(), PLACE)) == before

    def booked_as_liquidated(outcome: Outcome) -> None:
        reasons = {one.exit_reason for one in exits(outcome)}
        assert reasons == {ExitReason.LIQUIDATED.word}

    scene.checks.append(booked_as_liquidated)


@fault("V19", cases=("event", "silent"))
async def test_v19_no_entries_without_trading_rights(scene: Scene) -> None:
    await scene.ready()
    silent = scene.case == "silent"
    await scene.gate.account("can_trade", value=False, silent=silent)
    await scene.state("REDUCING", within_s=35 if silent else 3)
    before = calls(await scene.gate.truth(), PLACE)
    await heard(scene, 2)
    assert calls(await scene.gate.truth(), PLACE) == before
    assert silent or not before
    await scene.gate.account("can_trade", value=True, silent=silent)
    await scene.state("ACTIVE", within_s=35)
    await scene.until("in again", scene.protected)
