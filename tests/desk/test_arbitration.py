"""At most one candidate of a close and instrument survives: tier, expectancy, confidence, name."""

from typing import Any

import pytest

from julie.defense.overrides import Overrides
from julie.risk.config import AccountSection
from tests.desk.standing import LONG, SHORT, Played, new_desk

STILL = (1000, 1001, 999, 1000)
# strategies by their place in the alphabet: 0 liquidity_sweep, 1 orb, 2 regime_adaptive
A, B, C = {"strategy": 0}, {"strategy": 1}, {"strategy": 2}
WON, LOST, CANCELLED = "working", "outranked", "opposite_cancelled"

TABLE: dict[str, tuple[list[dict[str, Any]], list[str]]] = {
    "alone": ([A], [WON]),
    "the name settles what nothing else does": ([B, A, C], [LOST, WON, LOST]),
    "a lower tier wins over everything": (
        [A | {"expectancy": 9.0, "confidence": 1.0}, B | {"tier": 1}],
        [LOST, WON],
    ),
    "tier 3 yields": ([A | {"tier": 3}, B], [LOST, WON]),
    "then the better expectancy": (
        [A | {"confidence": 1.0}, B | {"expectancy": 0.1}],
        [LOST, WON],
    ),
    "an unknown expectancy counts as nothing": ([A, B | {"expectancy": -0.1}], [WON, LOST]),
    "then the surer one": ([A | {"confidence": 0.5}, B | {"confidence": 0.6}], [LOST, WON]),
    "opposite sides cancel each other": (
        [A | {"side": LONG}, B | {"side": SHORT}],
        [CANCELLED, CANCELLED],
    ),
    "whatever their confidence": (
        [A | {"side": LONG, "confidence": 1.0}, B | {"side": SHORT}],
        [CANCELLED, CANCELLED],
    ),
    "unless one outranks by a tier": (
        [A | {"side": LONG}, B | {"side": SHORT, "tier": 1}],
        [LOST, WON],
    ),
    "two on a side against one cancel too": (
        [A | {"side": LONG}, B | {"side": LONG}, C | {"side": SHORT}],
        [CANCELLED, CANCELLED, CANCELLED],
    ),
    "a higher tier's opposite does not disturb": (
        [A | {"side": LONG, "tier": 1}, B | {"side": LONG, "tier": 1}, C | {"side": SHORT}],
        [WON, LOST, LOST],
    ),
    "one strategy on both sides cancels itself": (
        [A | {"side": LONG}, A | {"side": SHORT}],
        [CANCELLED, CANCELLED],
    ),
    "the denied do not take part": (
        [A | {"chain_place": 0, "chain_reason": 31}, B | {"side": SHORT}],
        ["in_chop", WON],
    ),
    "a survivor that is not viable has no substitute": (
        [A | {"viability_reason": 61}, B],
        ["no_room", LOST],
    ),
}


@pytest.mark.tier1
@pytest.mark.parametrize("name", TABLE)
def test_table(name: str) -> None:
    rows, wanted = TABLE[name]
    played = Played(new_desk(strategies=3))
    played.bar(STILL, ask=rows)
    assert [played.outcome(place) for place in range(len(rows))] == wanted
    assert len(played.orders) == wanted.count(WON)


BOTH = ("MES", "MNQ")
NQ = {"instrument": 1, "ref_tick": 5000, "atr": 20.0}


def minute_of_two(*ask: dict[str, Any], **changes: Any) -> Played:
    played = Played(new_desk(BOTH, **changes), BOTH)
    played.bar(STILL, (5000, 5001, 4999, 5000), ask=ask)
    return played


class TestTheSecondInstrumentOfAMinute:
    """Approval reserves contracts, loss and direction at once."""

    def test_each_instrument_has_its_own_survivor(self) -> None:
        played = minute_of_two({}, NQ)
        assert [played.outcome(0), played.outcome(1)] == ["working", "working"]

    def test_a_correlated_group_has_one_direction(self) -> None:
        played = minute_of_two({}, NQ | {"side": SHORT})
        assert [played.outcome(0), played.outcome(1)] == ["working", "correlated_side"]

    def test_a_plain_account_may_take_both(self) -> None:
        played = minute_of_two({}, NQ | {"side": SHORT}, account="plain")
        assert [played.outcome(0), played.outcome(1)] == ["working", "working"]

    def test_contracts_are_summed_in_mini_equivalents(self) -> None:
        played = minute_of_two({}, NQ, section={"contracts": 30})
        first, second = (order.value.qty for order in played.orders)  # type: ignore[union-attr]
        assert (first, second) == (30, 20)  # 5 minis are 50 micros

    def test_no_room_is_left(self) -> None:
        played = minute_of_two(
            {}, NQ, section={"contracts": 50}, risk={"caps": {"loss_per_trade": 0.0}}
        )
        assert [played.outcome(0), played.outcome(1)] == ["working", "position_cap"]

    def test_the_loss_to_the_stop_is_reserved(self) -> None:
        rows = ({"sl": 100, "tp": 100}, NQ | {"sl": 300, "tp": 300})
        one = minute_of_two(*rows, section={"contracts": 3})  # 378.66 and 453.66 USD of 750
        assert [one.outcome(0), one.outcome(1)] == ["working", "loss_left"]
        two = minute_of_two(*rows, section={"contracts": 2})  # 252.44 and 302.44 USD
        assert [two.outcome(0), two.outcome(1)] == ["working", "working"]

    def test_what_open_stops_can_still_lose_is_reserved_too(self) -> None:
        """Without a move of the market, filled or working makes no difference to the limit."""
        played = Played(new_desk(BOTH, section={"contracts": 3}), BOTH)
        calm = (5000, 5001, 4999, 5000)
        played.bar(STILL, calm, ask=[{"sl": 100, "tp": 100}])
        played.bar(STILL, calm)
        played.bar(STILL, calm, ask=[NQ | {"sl": 300, "tp": 300}])
        assert [played.outcome(0), played.outcome(1)] == ["trade 0", "loss_left"]

    def test_positions_are_counted(self) -> None:
        played = minute_of_two({}, NQ, risk={"caps": {"open_positions": 1}})
        assert [played.outcome(0), played.outcome(1)] == ["working", "max_positions"]

    def test_margin_is_shared(self) -> None:
        """A micro takes 50 (MES) and 100 USD (MNQ) a day."""
        no_breaker = Overrides(judges={"circuit_breaker": "off"})
        for balance, outcome in ((149.0, "margin"), (150.0, "working")):
            account = AccountSection(profile="plain", balance=balance)
            played = minute_of_two({}, NQ, account=account, judges=no_breaker)
            assert [played.outcome(0), played.outcome(1)] == ["working", outcome]
