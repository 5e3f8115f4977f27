"""After a liquidation the person reads which rule of the firm was broken, and by how much."""

import numpy as np
import pytest

from julie.core.record import ACCOUNT, RULES, DeskRecord
from julie.live.firm_rules import broken_rule


@pytest.mark.parametrize(
    ("balance", "words"),
    [
        (4_800_000, "the maximum loss limit: the balance of 48,000.00 USD is not above its floor"),
        (4_890_000, "the daily loss limit of 1,000.00 USD: the day stands at -1,100.00"),
        (4_990_000, "no limit of ours that the balance breaks; the day stands at -100.00 USD"),
    ],
)
def test_the_rule_its_limit_and_where_the_account_stands(balance: int, words: str) -> None:
    account, rules, none = np.zeros(1, ACCOUNT), np.zeros(1, RULES), np.zeros(0)
    account["day_start"], account["floor"] = 5_000_000, 4_800_000
    rules["mll"], rules["dll"] = 200_000, 100_000
    record = DeskRecord(account, rules, none, none, none, none, none, none, none)
    assert words in broken_rule(record, balance)
