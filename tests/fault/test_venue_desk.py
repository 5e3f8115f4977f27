"""Account, money, hours and throttles, as the whole bot keeps them: V20 to V25."""

from typing import Any, TypeVar

from julie.core.bookings import EquityMarked, TradeClosed
from julie.core.events import Alarm, BalanceAnchored, Decision, Fill, Intent
from julie.core.types import Reason
from julie.core.zones import MINUTE_NS, SECOND_NS
from julie.simgate.exchange.bodies import Truth
from tests.fault.flat_market import OPEN_MINUTE
from tests.fault.frame import Scene
from tests.fault.gate import calls, flat, working
from tests.fault.outcome import Outcome, read_journal
from tests.fault.rows import fault

P = TypeVar("P")
PLACE = "/api/Order/place"
NAME = "PRAC-V2-645601-47191819"  # of the account: never shown whole


def journal(scene: Scene, kind: type[P]) -> list[P]:
    """Payloads of one kind as the journal holds them now."""
    return [one.payload for one in read_journal(scene.data) if isinstance(one.payload, kind)]


def outcomes(scene: Scene) -> list[Reason]:
    """What became of the candidates so far."""
    return [one.outcome for told in journal(scene, Decision) for one in told.candidates]


async def minutes(scene: Scene, count: int) -> None:
    """Play on over so many closes; each is heard before the next one."""
    for _ in range(count):
        await scene.gate.play_to(58)
        await scene.pass_s(4)


@fault("V20", cases=("gone", "two alike"), flatten=False)
async def test_v20_an_account_that_is_not_there_is_never_replaced(scene: Scene) -> None:
    await scene.gate.account("add", name="EXPR-V2-1-2")
    if scene.case == "gone":
        await scene.gate.account("rename", visible=False)
    else:
        row: dict[str, Any] = {"id": scene.gate.ready.account_id, "name": NAME, "balance": 50000.0}
        rows = [{**row, "canTrade": True, "isVisible": True, "simulated": True}] * 2
        body = {"accounts": rows, "success": True, "errorCode": 0, "errorMessage": None}
        await scene.gate.rule("body", {"path": "/api/Account/search"}, json=body)
    await scene.start()
    assert await scene.bot.gone() == 3
    told = str(getattr(scene.bot, "error", ""))
    assert NAME not in told
    assert ("EXPR" if scene.case == "gone" else "PRAC") in told
    assert calls(await scene.gate.truth(), PLACE) == []


@fault(
    "V21",
    sets=("defense.circuit_breaker.day_loss_usd=400", f"strategies.pulse.first={OPEN_MINUTE + 2}"),
    foreign=True,
)
async def test_v21_the_venues_balance_governs_the_breaker(scene: Scene) -> None:
    await scene.ready()
    await minutes(scene, 1)
    await scene.gate.account("balance", dollars=-450.0, relative=True)
    await scene.message("balance_differs", within_s=70)
    await scene.told("denied", lambda: Reason.DAY_LOSS in outcomes(scene), within_s=200)
    truth = await scene.gate.truth()
    assert calls(truth, PLACE) == []
    marks = journal(scene, EquityMarked)
    assert marks[-1].balance_cents - marks[0].balance_cents == -45_000


@fault(
    "V21",
    process=True,
    sets=("defense.circuit_breaker.day_loss_usd=400", f"strategies.pulse.first={OPEN_MINUTE + 2}"),
    foreign=True,
)
async def test_v21_what_was_lost_before_a_start_counts_after_it(scene: Scene) -> None:
    await scene.ready()
    await scene.told("compared", lambda: bool(journal(scene, BalanceAnchored)), within_s=90)
    await scene.kill()
    await scene.gate.account("balance", dollars=-450.0, relative=True)
    await scene.start()
    await scene.message("balance_differs", within_s=200)
    await scene.told("denied", lambda: Reason.DAY_LOSS in outcomes(scene), within_s=200)
    assert calls(await scene.gate.truth(), PLACE) == []
    marks = journal(scene, EquityMarked)
    assert marks[-1].balance_cents - marks[0].balance_cents == -45_000


@fault(
    "V21",
    sets=("defense.circuit_breaker.day_loss_usd=400", f"strategies.pulse.first={OPEN_MINUTE + 2}"),
    foreign=True,
)
async def test_v21_what_the_day_cost_before_the_first_start_counts(scene: Scene) -> None:
    await scene.gate.pause()
    await by_hand(scene, "buy")
    await scene.gate.market("gap", points=-10.0)
    await scene.gate.play(2)
    await by_hand(scene, "sell")
    await scene.gate.pause(paused=False)
    lost = (await scene.gate.truth()).fills[-1].pnl
    assert lost is not None
    await scene.ready()
    await scene.message("earlier_trades", within_s=90)
    await scene.told("denied", lambda: Reason.DAY_LOSS in outcomes(scene), within_s=300)
    assert calls(await scene.gate.truth(), PLACE) == []
    assert len(journal(scene, BalanceAnchored)) == 1
    marks = journal(scene, EquityMarked)
    assert marks[-1].balance_cents - marks[0].balance_cents < -40_000


async def by_hand(scene: Scene, side: str) -> None:
    """A person trades ten contracts while no bot runs."""
    await scene.gate.account("foreign", contract=scene.contract, side=side, size=10)
    await scene.gate.play(1)


@fault("V22", sets=(f"strategies.pulse.last={OPEN_MINUTE + 2}",), foreign=True)
async def test_v22_a_busted_trade_is_taken_back_by_a_new_record(scene: Scene) -> None:
    await scene.ready()
    await scene.entered()
    await scene.gate.market("gap", points=-8.0)
    out = await scene.until("out", lambda truth: not scene.held(truth))
    await minutes(scene, 1)
    (trade,) = [one for one in out.fills if one.pnl is not None]
    await scene.gate.account("void", trade=trade.trade)
    await scene.message("trade_voided", within_s=40)
    await scene.until("protected again, or flat", lambda truth: _looked_after(scene, truth), 20)

    def both_records_stand(outcome: Outcome) -> None:
        booked = [one for one in outcome.of(Fill) if one.trade == trade.trade]
        assert [one.qty for one in booked] == [1, -1]

    scene.checks.append(both_records_stand)


def _looked_after(scene: Scene, truth: Truth) -> bool:
    return flat(truth) or scene.protected(truth)


@fault("V23")
async def test_v23_the_venues_fees_are_booked(scene: Scene) -> None:
    await scene.gate.account("fees", symbol="MES", fees=0.60, commissions=0.40)
    await scene.ready()
    for _ in range(2):
        await scene.entered()
        await scene.gate.market("gap", points=-8.0)
        await scene.until("out", lambda truth: not scene.held(truth))
        await scene.gate.play_to(58)
    await scene.message("fee_differs", within_s=30)

    def the_net_is_the_venues(outcome: Outcome) -> None:
        fees = [one.fee_cents for one in outcome.of(Fill)]
        assert set(fees) == {100}
        for leg in outcome.of(TradeClosed):
            assert round((leg.gross - leg.net) * 100) == 200 * leg.qty
        assert len(outcome.alarms("fee_differs")) == 1

    scene.checks.append(the_net_is_the_venues)


LOSS = "defense.circuit_breaker.day_loss_usd=55"  # with the fee of the entry, and 4 points


@fault(
    "V24",
    cases=("keep", "flatten"),
    sets=(LOSS,),
)
async def test_v24_a_loss_limit_hit_in_a_trade_fires_once(scene: Scene) -> None:
    await scene.gate.account("fees", symbol="MES", fees=40.0, commissions=0.0)
    await scene.ready(sets=(f"management.on_limit={scene.case}",))
    await scene.entered()
    await scene.gate.market("gap", points=-4.0)
    if scene.case == "flatten":
        await scene.until("out", flat, within_s=70)
    await minutes(scene, 3)
    truth = await scene.gate.truth()
    if scene.case == "keep":
        assert scene.protected(truth)
    assert len([one for one in truth.orders if one.role == "entry"]) == 1
    assert len([one for one in journal(scene, Intent) if one.role == "close"]) <= 1
    assert len([one for one in truth.orders if one.role == "close"]) == (scene.case == "flatten")
    assert set(outcomes(scene)[1:]) <= {Reason.DAY_LOSS, Reason.POSITION_OPEN}
    assert scene.case == "keep" or Reason.DAY_LOSS in outcomes(scene)
    assert "day" in (await scene.message("limit_reached", within_s=5)).text
    assert len([one for one in journal(scene, Alarm) if one.kind == "limit_reached"]) == 1


EARLY = ("management.times.last_entry=08:32", "management.times.flat=08:34")
FLAT_MINUTE = OPEN_MINUTE + 4  # 08:34 in Chicago


@fault("V25", cases=("position", "working entry"), sets=EARLY)
async def test_v25_flat_before_the_hour(scene: Scene) -> None:
    limit = ("strategies.pulse.below=8",) if scene.case == "working entry" else ()
    await scene.ready(sets=limit)
    before = await scene.until("entered", lambda truth: bool(working(truth)))
    opened_ns = before.orders[0].created_ns // MINUTE_NS * MINUTE_NS  # 09:31
    flat_ns = opened_ns + 3 * MINUTE_NS
    await minutes(scene, 2)
    await scene.gate.play_to(58)
    truth = await scene.until("flat", flat, within_s=70)
    assert max(one.updated_ns for one in truth.orders) <= flat_ns + 30 * SECOND_NS
    await minutes(scene, 2)
    late = [one for one in (await scene.gate.truth()).orders if one.role == "entry"]
    assert all(one.created_ns < flat_ns - MINUTE_NS for one in late)
