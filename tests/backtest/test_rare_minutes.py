"""Minutes as a live desk may hear them and no file has them: fills without a bar, another contract
under an open plan, the last day of a contract.
"""

from dataclasses import replace

import pytest

from julie.backtest.audit.findings import Findings
from julie.backtest.audit.reference import Reference
from julie.backtest.audit.stepping import Stepper
from julie.backtest.runner import Run, fresh_record
from julie.core.permits import CancelEntry, Close
from julie.core.taken import LegFill, MinuteTaken
from julie.core.types import ExitReason
from julie.desk.minutes import DeskMinutes
from tests.backtest.provoking import drawn, provoked
from tests.backtest.test_minutes import fresh, graph_of

pytestmark = pytest.mark.tier1
STOP = 1  # slot of the first leg's stop
QUIET = (0, 1, -1, 0)


def heard(run: Run) -> list[MinuteTaken]:
    """What a desk hears of the run, minute by minute."""
    told: list[MinuteTaken] = []
    symbols = run.pipeline.symbols
    stepper = Stepper(run, graph_of(run), fresh_record(run), lambda taken, _: told.append(taken))
    nothing = Reference({s: {} for s in symbols}, dict.fromkeys(symbols, 0))
    stepper.walk(0, nothing, Findings(), lambda *_: None)
    return told


def traded_as(contract: str, taken: MinuteTaken) -> MinuteTaken:
    """The minute with the bar of a contract."""
    (bar,) = taken.bars
    assert bar is not None
    return replace(taken, bars=(replace(bar, contract=contract, traded=contract),))


def in_a_plan() -> tuple[DeskMinutes, list[MinuteTaken]]:
    """A desk in a long MES position, and the quiet minutes to come."""
    run = provoked((drawn(*[QUIET] * 20, cues=[2]),), rules=("cue",))
    desk, minutes = fresh(run), heard(run)
    while minutes and not desk.record.plans[0]["held"].any():
        desk.close(minutes.pop(0))
    assert minutes
    return desk, minutes


def test_a_minute_may_bring_fills_and_no_bar() -> None:
    desk, (now, *_) = in_a_plan()
    plan = desk.record.plans[0]
    stop, held = int(plan["stop"]), int(plan["held"].sum())
    fill = LegFill(STOP, held, stop - 1, 1, 1, now.ts + 20_000_000_000)
    told = desk.close(replace(now, bars=(None,), fills=((fill,),)))
    (leg,) = told.closed
    assert leg.exit_reason == "stop"
    assert leg.exit_price == (stop - 1) * 0.25
    assert leg.qty == held
    assert told.decision is None
    assert int(desk.record.plans[0]["state"]) == 0


def test_after_it_the_desk_goes_on_with_the_next_bar() -> None:
    desk, (now, after, *_) = in_a_plan()
    told = desk.close(replace(now, bars=(None,), fills=((),)))
    assert (told.orders, told.closed) == ((), ())
    assert int(desk.record.plans[0]["state"]) == 2
    desk.close(after)
    assert desk.last_ts == after.ts
    assert int(desk.record.plans[0]["state"]) == 2


def test_another_contract_under_an_open_plan_closes_it_in_its_own() -> None:
    desk, (now, after, later, *_) = in_a_plan()
    now, after, later = (traded_as("MESU5", one) for one in (now, after, later))
    before = list(desk.contracts)
    told = desk.close(now)
    (order,) = [one for one in told.orders if isinstance(one, Close)]
    assert order.reason is ExitReason.SESSION_END
    assert order.position.contract == before[0]
    assert desk.contracts == before  # until it is out
    held = int(desk.record.plans[0]["held"].sum())
    (bar,) = now.bars
    assert bar is not None
    fill = LegFill(6, held, round(bar.close / 0.25), 0, 0, after.ts)
    out = desk.close(replace(after, fills=((fill,),)))
    assert [one.exit_reason for one in out.closed] == ["session_end"]
    desk.close(later)
    assert desk.contracts == ["MESU5"]


def test_an_entry_whose_cancel_lost_the_race_at_a_roll_is_closed_in_its_own_contract() -> None:
    run = provoked((drawn(*[QUIET] * 20, cues=[2]),), rules=("cue",))
    desk, minutes = fresh(run), heard(run)
    while desk.record.plans[0]["state"] == 0:
        desk.close(traded_as("MESM5", minutes.pop(0)))
    qty = int(desk.record.plans[0]["qty"][0])
    now, after = (traded_as("MESU5", one) for one in minutes[:2])
    (cancel,) = desk.close(replace(now, fills=((),))).orders
    assert isinstance(cancel, CancelEntry)
    (bar,) = after.bars
    assert bar is not None
    late = LegFill(0, qty, round(bar.open / 0.25), 0, 0, after.ts)
    (order,) = desk.close(replace(after, fills=((late,),))).orders
    assert isinstance(order, Close)
    assert order.position.contract == cancel.contract == "MESM5"
