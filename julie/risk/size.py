"""How many contracts: the risk budget over the loss to the stop, under every cap, times the
multipliers.

`floor(min(budget / (stop x value + round-trip cost), caps))`, times regime, confidence and judges'
factors. A factor that would round one contract to none keeps one, or refuses, as `risk.scale_floor`
says.
"""

from typing import Any

from julie.core.compiled import machine
from julie.core.types import Reason

SIZE_ZERO, MARGIN, POSITION_CAP = (
    int(Reason.SIZE_ZERO),
    int(Reason.MARGIN),
    int(Reason.POSITION_CAP),
)


@machine
def contracts(record: Any, strategy: int, k: int, sl_ticks: int, factor: float) -> tuple[int, int]:
    """(contracts, refusal reason): one of them is zero."""
    account, rules = record.account[0], record.rules[0]
    one, rule = record.instruments[k], record.strategies[strategy]
    a_contract = sl_ticks * one.tick_value + 2 * one.fee
    if rule.fixed == 1:
        n = rule.contracts
    else:
        share = int((account.balance + rules.nominal) * rules.per_trade)
        budget = rule.cents_at_risk if rule.cents_at_risk > 0 else share
        if rules.max_risk > 0:
            budget = min(budget, rules.max_risk)
        n = budget // a_contract
    most = rules.max_micro if one.micro == 1 else rules.max_mini
    if most > 0:
        n = min(n, most)
    free = account.cap - account.used
    n = min(n, free // one.tenths)
    if n < 1:
        return 0, (POSITION_CAP if free < one.tenths else SIZE_ZERO)
    scaled = int(n * factor + 1e-9)
    if scaled < 1:
        if rules.scale_keep == 0:
            return 0, SIZE_ZERO
        scaled = 1
    if one.margin > 0 and scaled * one.margin > account.balance + rules.nominal:
        return 0, MARGIN
    return scaled, 0
