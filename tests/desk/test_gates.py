"""A gate refuses every entry by its own reason, after the judges have spoken."""

import pytest

from julie.core.types import Code, Reason
from tests.desk.standing import LONG, SHORT, Played, new_desk

STILL = (1000, 1001, 999, 1000)
GATES = [reason for reason in Reason if Reason.STALE_DATA <= reason <= Reason.STOPPING]


@pytest.mark.parametrize("gate", GATES)
def test_a_gate_refuses_with_its_own_reason(gate: Reason) -> None:
    played = Played(new_desk())
    assert played.bar(STILL, ask=[{"side": LONG}], barred=gate) == []
    assert played.outcome() == gate.word
    assert played.plan["state"] == 0


def test_judges_speak_behind_a_shut_gate() -> None:
    played = Played(new_desk())
    played.bar(STILL)
    played.account["breaker"] = Reason.DAY_LOSS
    played.bar(STILL, ask=[{"side": SHORT}], barred=Reason.PAUSED)
    assert played.outcome() == "day_loss"
    assert played.table.codes[0].tolist() == [Code.DENY, Code.ALLOW, Code.ALLOW]


def test_a_shut_gate_leaves_management_alone() -> None:
    played = Played(new_desk())
    played.bar(STILL, ask=[{}])
    played.bar(STILL, barred=Reason.STALE_DATA)
    played.bar((1000, 1014, 999, 1010), barred=Reason.STALE_DATA)
    assert played.exits() == [("target", 1013)]


def test_the_next_close_is_open_again() -> None:
    played = Played(new_desk())
    played.bar(STILL, ask=[{}], barred=Reason.CLOCK_SKEW)
    orders = played.bar(STILL, ask=[{}])
    assert len(orders) == 1
    assert played.outcome() == "working"
