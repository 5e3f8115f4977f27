"""What the broker is told: through which door, under which name, and never more than is held."""

from julie.core.permits import Approved, CancelEntry, Close, Entry, NearerStop, Position
from julie.core.types import EntryKind, ExitReason, Side
from tests.desk.standing import QUIET, Played, bought, new_desk

STILL = (1000, 1001, 999, 1000)
FAR = {"sl": 8, "tp": 60}
TRAIL = {"trail": {"by": "atr", "atr": 1.0}}
NEAR = QUIET._replace(atr=1.0)


def test_an_entry_goes_out_approved_with_its_bracket() -> None:
    (order,) = Played(new_desk()).bar(STILL, ask=[{}])
    assert isinstance(order, Approved)
    entry = order.value
    assert isinstance(entry, Entry)
    assert (entry.intent, entry.side, entry.kind) == ("MES:1:0", Side.LONG, EntryKind.MARKET)
    assert (entry.stop_ticks, entry.legs[0].target_ticks, entry.qty) == (8, 12, 1)


def test_a_limit_entry_names_its_price() -> None:
    (order,) = Played(new_desk()).bar(STILL, ask=[{"entry_kind": 1, "limit_tick": 995}])
    assert isinstance(order, Approved)
    assert (order.value.kind, order.value.limit_tick) == (EntryKind.LIMIT, 995)


def test_the_native_bracket_needs_no_further_order() -> None:
    assert len(bought().orders) == 1


def test_a_moved_stop() -> None:
    played = bought(new_desk(management=TRAIL), **FAR)
    (order,) = played.bar((1010, 1010, 1010, 1010), seen=NEAR)
    held = Position("MES", "MES", Side.LONG, 1)
    assert order == NearerStop("MES:1:1", held, 993, 1006)


def test_both_legs_of_a_plan_move_and_close_together() -> None:
    played = bought(new_desk(management=TRAIL, section={"contracts": 3}), tp1=30, tp=60)
    moved = played.bar((1010, 1010, 1010, 1010), seen=NEAR)
    whole = Position("MES", "MES", Side.LONG, 3)
    assert moved == [
        NearerStop("MES:1:1", whole, 993, 1006),
        NearerStop("MES:1:4", whole, 993, 1006),
    ]
    closed = played.bar((1010, 1010, 1010, 1010), seen=QUIET._replace(exits=1))
    assert closed == [
        Close(whole, 1, ExitReason.REVERSAL),
        Close(whole, 2, ExitReason.REVERSAL),
    ]


def test_an_order_keeps_its_name_whatever_else_is_traded() -> None:
    """The stop of the first plan is moved after a second plan began on another instrument."""
    both = ("MES", "MNQ")
    played = Played(new_desk(both, management=TRAIL), both)
    calm = (5000, 5001, 4999, 5000)
    played.bar(STILL, calm, ask=[FAR])
    second = {"instrument": 1, "ref_tick": 5000, "sl": 40, "tp": 80, "atr": 20.0}
    (other,) = played.bar(STILL, calm, ask=[second])
    assert isinstance(other, Approved)
    assert other.value.intent == "MNQ:2:0"
    (moved,) = played.bar((1010, 1010, 1010, 1010), None, seen=NEAR)
    assert isinstance(moved, NearerStop)
    assert moved.order == "MES:1:1"


def test_two_limits_of_a_plan_are_cancelled_by_name() -> None:
    played = Played(new_desk(section={"contracts": 2}))
    row = {"entry_kind": 1, "limit_tick": 990, "tp1": 6, "expires_bars": 1}
    played.bar(STILL, ask=[row])
    assert played.bar(STILL) == [CancelEntry("MES:1:0", "MES"), CancelEntry("MES:1:3", "MES")]


def test_refused_candidates_tell_the_broker_nothing() -> None:
    played = Played(new_desk())
    assert (
        played.bar(STILL, ask=[{"viability_reason": 61}, {"side": -1, "bracket_reason": 71}]) == []
    )
