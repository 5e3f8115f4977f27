"""Judges of our own record in a played desk: what they are given, and what becomes of one asked."""

from typing import Any

from julie.defense.overrides import Overrides
from julie.risk.config import AccountSection, Profile
from tests.desk.standing import Played

STILL = (1000, 1001, 999, 1000)
WON, LOST = (1000, 1014, 999, 1010), (1000, 1001, 990, 995)
BREAKER, RULES, SIDE = (1, 0, 0), (0, 1, 0), (0, 0, 1)
BOTH = ("MES", "MNQ")


def breaker(**numbers: Any) -> Overrides:
    """Other numbers of the circuit breaker, and no pause of a side."""
    return Overrides(judges={"circuit_breaker": numbers, "directional_loss": "off"})


def account(**rules: Any) -> AccountSection:
    """An account with these rules alone."""
    return AccountSection(profile="mine", profiles={"mine": Profile(**rules)})


def trade(played: Played, bar: tuple[int, int, int, int], **row: Any) -> None:
    """One trade decided on a quiet bar and ended by the next, whatever the judges say."""
    played.bar(STILL, ask=[row], asked=(0, 0, 0))
    assert played.outcome() == "working"
    played.bar(bar)
    assert int(played.plan["state"]) == 0


def asked(played: Played, who: tuple[int, int, int], **row: Any) -> str:
    """What becomes of a candidate that only one judge is asked about."""
    played.bar(STILL, ask=[row], asked=who)
    return played.outcome()


def asked_two(played: Played) -> str:
    played.bar(STILL, (5000, 5001, 4999, 5000), ask=[{"sl": 4, "tp": 8}], asked=RULES)
    return played.outcome()
