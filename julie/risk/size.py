"""How many contracts: the risk budget over the loss to the stop, under every cap, times the
multipliers.

`floor(min(budget / (stop x value + round-trip cost), caps))`, times regime, confidence and judges'
factors. A factor that would round one contract to none keeps one, or refuses, as `risk.scale_floor`
says.
"""

from typing import Any

from julie.core.compiled import machine
from julie.core.types import Reason
from julie.risk.account import NO_LIMIT, planned

SIZE_ZERO, MARGIN, POSITION_CAP = (
    int(Reason.SIZE_ZERO),
    int(Reason.MARGIN),
    int(Reason.POSITION_CAP),
)


@machine
def _wanted(record: Any, strategy: int, a_contract: int) -> int:
    """Contracts that the strategy's sizing asks for, none of them losing more than a trade may."""
    account, rules, rule = record.account[0], record.rules[0], record.strategies[strategy]
    most = rules.max_risk // a_contract if rules.max_risk > 0 else NO_LIMIT
    if rule.fixed == 1:
        return int(min(rule.contracts, most))
    share = int((account.balance + rules.nominal) * rules.per_trade)
    budget = rule.cents_at_risk if rule.cents_at_risk > 0 else share
    return int(min(budget // a_contract, most))


@machine
def _free(record: Any, min_to_event: float) -> int:
    """Tenths of a mini still free under the account's cap; before news a share of it."""
    account, rules = record.account[0], record.rules[0]
    cap = account.cap
    if rules.cap_tenths > 0 and min_to_event <= rules.news_hour:
        cap = int(cap * rules.most_news_share)
    return int(cap - account.used)


@machine
def _margin_left(record: Any) -> int:
    """Money that no position or working entry holds as margin."""
    left = record.account[0].balance + record.rules[0].nominal
    for k in range(len(record.plans)):
        left -= planned(record.plans[k]) * record.instruments[k].margin
    return int(left)


@machine
def contracts(
    record: Any, strategy: int, k: int, sl_ticks: int, factor: float, min_to_event: float
) -> tuple[int, int]:
    """(contracts, refusal reason): one of them is zero."""
    rules, one = record.rules[0], record.instruments[k]
    n = _wanted(record, strategy, sl_ticks * one.tick_value + 2 * one.fee)
    most = rules.max_micro if one.micro == 1 else rules.max_mini
    if most > 0:
        n = min(n, most)
    free = _free(record, min_to_event)
    n = min(n, free // one.tenths)
    if n < 1:
        return 0, (POSITION_CAP if free < one.tenths else SIZE_ZERO)
    scaled = int(n * factor + 1e-9)
    if scaled < 1:
        if rules.scale_keep == 0:
            return 0, SIZE_ZERO
        scaled = 1
    if one.margin > 0 and scaled * one.margin > _margin_left(record):
        return 0, MARGIN
    return scaled, 0


@machine
def too_little(record: Any, k: int, qty: int, tp: int, tp1: int) -> bool:
    """Whether the targets, after cost, earn less than `min_net_profit`."""
    rules, one = record.rules[0], record.instruments[k]
    first = qty // 2 if tp1 > 0 else 0
    gross = (first * tp1 + (qty - first) * tp) * one.tick_value
    return bool(rules.min_net > 0 and gross - 2 * qty * one.fee < rules.min_net)
