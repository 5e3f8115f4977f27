"""How many contracts: budget, caps, factors, and what is refused."""

from typing import Any

import pytest

from julie.core.permits import Approved
from julie.risk.config import AccountSection, RiskSection
from tests.desk.standing import Played, new_desk

STILL = (1000, 1001, 999, 1000)


def sized(
    symbols: tuple[str, ...] = ("MES",), *, section: Any = None, **changes: Any
) -> tuple[int, str]:
    """(contracts, outcome) of a candidate with a stop of 8 ticks, sized by risk."""
    row = changes.pop("row", {})
    played = Played(new_desk(symbols, section={"sizing": "risk"} | (section or {}), **changes))
    played.bar(STILL, ask=[row])
    qty = [order.value.qty for order in played.orders if isinstance(order, Approved)]
    return (qty or [0])[0], played.outcome()


class TestBudget:
    def test_a_quarter_percent_of_the_balance(self) -> None:
        """125 USD over 8 x 1.25 + 1.22."""
        assert sized() == (11, "working")

    def test_the_round_trip_counts(self) -> None:
        """A stop of 4 ticks: 125 / 5.00 would be 25."""
        assert sized(row={"sl": 4})[0] == 20

    def test_a_share_is_a_setting(self) -> None:
        assert sized(risk={"per_trade_pct": 0.5})[0] == 22

    def test_a_strategy_s_own_budget(self) -> None:
        assert sized(section={"usd_at_risk": 50.0})[0] == 4

    def test_the_budget_follows_the_balance(self) -> None:
        account = AccountSection(profile="plain", balance=100_000.0)
        assert sized(account=account)[0] == 22

    def test_one_mini(self) -> None:
        assert sized(("ES",)) == (1, "working")

    def test_less_than_one_contract_is_none(self) -> None:
        assert sized(("ES",), row={"sl": 12}) == (0, "size_zero")


class TestExpress:
    """It starts at zero; what its size stands for is the account's nominal value."""

    def test_it_trades_from_zero(self) -> None:
        assert sized(account="express_50k") == (11, "working")

    def test_the_first_step_of_the_scaling_plan(self) -> None:
        """2 minis are 20 micros."""
        assert sized(account="express_50k", section={"sizing": "fixed", "contracts": 40})[0] == 20

    @pytest.mark.parametrize(("balance", "most"), [(1_499.0, 20), (1_500.0, 30), (2_000.0, 44)])
    def test_the_steps_look_at_the_last_close(self, balance: float, most: int) -> None:
        account = AccountSection(profile="express_50k", balance=balance)
        section = {"sizing": "fixed", "contracts": 50}
        assert sized(account=account, section=section)[0] == most  # 44: 500 USD a trade

    def test_below_zero_the_first_step_still_holds(self) -> None:
        played = Played(new_desk(account="express_50k"))
        played.bar(STILL)
        played.account["balance"] -= 50_000
        played.at("18:00", day=played.day + 1).bar(STILL)
        assert int(played.account["cap"]) == 20

    def test_it_does_not_rise_within_the_day(self) -> None:
        played = Played(new_desk(account="express_50k"))
        played.bar(STILL)
        played.account["balance"] += 300_000
        played.bar(STILL)
        assert int(played.account["cap"]) == 20
        played.at("18:00", day=played.day + 1).bar(STILL)
        assert int(played.account["cap"]) == 50


class TestCaps:
    def fixed(self, symbols: tuple[str, ...] = ("MES",), **changes: Any) -> int:
        section = {"sizing": "fixed", "contracts": 60}
        return sized(symbols, section=section, account="plain", **changes)[0]

    def test_500_usd_a_trade_for_fixed_sizes_too(self) -> None:
        assert self.fixed() == 44

    def test_micros_an_entry(self) -> None:
        assert self.fixed(risk={"caps": {"loss_per_trade": 0.0}}) == 50
        assert self.fixed(risk={"caps": {"loss_per_trade": 0.0, "micro_contracts": 7}}) == 7

    def test_minis_an_entry(self) -> None:
        risk = {"caps": {"loss_per_trade": 0.0}}
        section = {"sizing": "fixed", "contracts": 60}
        account = AccountSection(profile="plain", balance=5_000_000.0)
        found = sized(("ES",), section=section, account=account, risk=risk)
        assert found == (0, "loss_left")  # the caps let 10 pass, 10 x 103.78 is more than 750
        assert sized(("ES",), section={"sizing": "fixed", "contracts": 7}, risk=risk)[0] == 5


class TestFactors:
    """Judges scale; one contract is kept or refused, as the config says."""

    @pytest.mark.parametrize(("factor", "qty"), [(1.0, 11), (0.5, 5), (0.25, 2)])
    def test_the_product_rounds_down(self, factor: float, qty: int) -> None:
        assert sized(row={"factor": factor})[0] == qty

    def test_one_contract_is_kept(self) -> None:
        assert sized(section={"sizing": "fixed"}, row={"factor": 0.5}) == (1, "working")

    def test_or_refused(self) -> None:
        found = sized(
            section={"sizing": "fixed"}, row={"factor": 0.5}, risk={"scale_floor": "deny"}
        )
        assert found == (0, "size_zero")

    def test_a_factor_that_leaves_one_is_no_matter(self) -> None:
        two = {"sizing": "fixed", "contracts": 2}
        assert sized(section=two, row={"factor": 0.5}, risk={"scale_floor": "deny"})[0] == 1


class TestLeastNetProfit:
    """Targets x value x size less the round trip, when enforced."""

    def outcome(self, least: float, **row: Any) -> tuple[int, str]:
        risk = {"sltp_min": {"min_net_profit": least}}
        return sized(section={"sizing": "fixed", "contracts": 2}, risk=risk, row=row)

    def test_the_size_counts(self) -> None:
        """12 ticks of two contracts are 30.00, less 2.44."""
        assert self.outcome(27.56) == (2, "working")
        assert self.outcome(27.57) == (0, "min_net_profit")

    def test_both_targets_count(self) -> None:
        """6 and 12 ticks: 22.50 less 2.44."""
        assert self.outcome(20.06, tp1=6) == (2, "working")
        assert self.outcome(20.07, tp1=6) == (0, "min_net_profit")


def test_the_share_has_bounds() -> None:
    with pytest.raises(ValueError, match=r"per_trade_pct 0\.6 contradicts"):
        RiskSection(per_trade_pct=0.6)
