"""The pre-trade gate: every reason with an occasion and a near miss."""

from typing import Any

import pytest

from tests.desk.standing import MINUTE_NS, SHORT, Played, new_desk

STILL = (1000, 1001, 999, 1000)
LIMIT = {"entry_kind": 1}


def outcome(gate: dict[str, Any] | None = None, /, **row: Any) -> str:
    """What becomes of one candidate at 1,000 ticks with an ATR of 16."""
    played = Played(new_desk(risk={"gate": gate or {}}))
    played.bar(STILL, ask=[row])
    return played.outcome()


class TestStopDistance:
    @pytest.mark.parametrize(("sl", "wanted"), [(3, "stop_distance"), (4, "working")])
    def test_at_least_four_ticks(self, sl: int, wanted: str) -> None:
        assert outcome(sl=sl) == wanted

    @pytest.mark.parametrize(("sl", "wanted"), [(40, "working"), (41, "stop_distance")])
    def test_at_most(self, sl: int, wanted: str) -> None:
        assert outcome({"stop_pts_high": 10.0}, sl=sl) == wanted


class TestCollar:
    """0.5 % of the price (5 ticks here) or 8 ATR (128 ticks), whichever is more."""

    @pytest.mark.parametrize(("tp", "wanted"), [(128, "working"), (129, "collar")])
    def test_target(self, tp: int, wanted: str) -> None:
        assert outcome(tp=tp) == wanted

    @pytest.mark.parametrize(("sl", "wanted"), [(128, "working"), (129, "collar")])
    def test_stop(self, sl: int, wanted: str) -> None:
        assert outcome(sl=sl) == wanted

    @pytest.mark.parametrize(("limit", "wanted"), [(880, "working"), (879, "collar")])
    def test_the_stop_of_a_limit_lies_beyond_the_limit(self, limit: int, wanted: str) -> None:
        """120 ticks under the price, and 8 more to the stop."""
        assert outcome(**LIMIT, limit_tick=limit, sl=8) == wanted

    def test_a_limit_on_the_wrong_side_of_the_market(self) -> None:
        assert outcome(**LIMIT, limit_tick=1129, sl=8, tp=8) == "collar"

    def test_the_target_of_a_limit_is_measured_from_the_price(self) -> None:
        assert outcome(**LIMIT, limit_tick=950, tp=170) == "working"

    def test_by_price_where_it_is_more(self) -> None:
        assert outcome(ref_tick=40_000, tp=200) == "working"
        assert outcome(ref_tick=40_000, tp=201) == "collar"

    def test_an_unknown_atr_leaves_the_price(self) -> None:
        assert outcome(ref_tick=40_000, tp=200, atr=float("nan")) == "working"
        assert outcome(ref_tick=2_000, tp=11, atr=float("nan")) == "collar"


class TestLossLeft:
    @pytest.mark.parametrize(("contracts", "wanted"), [(7, "working"), (8, "loss_left")])
    def test_the_loss_to_the_stop_fits_the_day(self, contracts: int, wanted: str) -> None:
        """80 ticks of one are 101.22; 750 USD are left."""
        record = new_desk(section={"contracts": contracts}, risk={"caps": {"loss_per_trade": 0.0}})
        played = Played(record)
        played.bar(STILL, ask=[{"sl": 80}])
        assert played.outcome() == wanted


class TestRate:
    """Approvals in any minute, over all instruments; the seventh waits."""

    @pytest.mark.parametrize(
        ("most", "wanted"), [(1, "entry_rate"), (2, "working"), (0, "working")]
    )
    def test_so_many_a_minute(self, most: int, wanted: str) -> None:
        both = ("MES", "MNQ")
        played = Played(new_desk(both, risk={"gate": {"entries_a_minute": most}}), both)
        other = {"instrument": 1, "ref_tick": 5000, "atr": 20.0}
        played.bar(STILL, (5000, 5001, 4999, 5000), ask=[{}, other])
        assert [played.outcome(0), played.outcome(1)] == ["working", wanted]

    def test_a_minute_later_it_is_free(self) -> None:
        played = Played(new_desk(risk={"gate": {"entries_a_minute": 1}}))
        played.bar(STILL, ask=[{}])
        played.bar((1000, 1014, 999, 1010), ask=[{"side": SHORT}])
        assert played.outcome() == "working"


class TestEntriesADay:
    def test_the_gate_counts_though_the_judge_is_off(self) -> None:
        played = Played(new_desk(risk={"gate": {"entries_a_day": 1}}))
        played.bar(STILL, ask=[{}], asked=(0, 0, 0))
        played.bar((1000, 1014, 999, 1010))
        played.bar(STILL, ask=[{}], asked=(0, 0, 0))
        assert played.outcome() == "entries_a_day"


class TestDuplicates:
    """The same side of an instrument within n seconds of its last approval."""

    def again(self, seconds: int, side: int = 1, *, instrument: int = 0) -> str:
        both = ("MES", "MNQ")
        played = Played(new_desk(both, risk={"gate": {"duplicate_s": seconds}}), both)
        calm = (5000, 5001, 4999, 5000)
        played.bar(STILL, calm, ask=[{}], asked=(0, 0, 0))
        played.bar((1000, 1014, 999, 1010), calm)
        row = {"side": side, "instrument": instrument, "ref_tick": 5000 if instrument else 1000}
        played.bar(STILL, calm, ask=[row | {"atr": 20.0}], asked=(0, 0, 0))
        return played.outcome()

    def test_within_the_time(self) -> None:
        assert self.again(121) == "duplicate"

    def test_behind_it(self) -> None:
        assert self.again(120) == "working"

    def test_the_other_side(self) -> None:
        assert self.again(600, SHORT) == "working"

    def test_another_instrument(self) -> None:
        assert self.again(600, instrument=1) == "working"

    def test_shipped(self) -> None:
        assert self.again(30) == "working"


class TestHalted:
    def test_a_halted_account_is_not_active(self) -> None:
        played = Played(new_desk(restart=False))
        played.bar(STILL)
        played.account["balance"] -= 195_000
        played.bar(STILL)
        played.day += 1
        played.bar(STILL, ask=[{}], asked=(0, 0, 0))
        assert played.outcome() == "not_active"


def test_every_approval_is_dated() -> None:
    played = Played(new_desk())
    played.bar(STILL, ask=[{}])
    last = int(played.record.instruments[0]["last_entry_ns"][0])
    assert last == int(played.plan["decided_ns"])
    assert last % MINUTE_NS == 0
