"""Circuit breaker: the day is over when the day's loss, a run of losses or the trailing budget says
so.

Day loss (realised net + open at the adverse quote, cost of exit taken off) at 750 USD or 3 % of the
day's opening balance, the nearer. Losses running: 3 of one strategy switch that strategy off for
the day, 5 of the account all of them. Trailing budget used to 90 % (1 - distance to the floor / D).
It fires once and holds until the next trading day. A loss is worse than one tick x size; a scratch
neither adds nor clears.
"""

from typing import Any

from julie.core.compiled import machine
from julie.core.section import key
from julie.core.types import Reason
from julie.defense.base import Params, record_judge

DAY_LOSS, TRAILING_BUDGET = int(Reason.DAY_LOSS), int(Reason.TRAILING_BUDGET)
STRATEGY_LOSSES, ACCOUNT_LOSSES = int(Reason.STRATEGY_LOSS_STREAK), int(Reason.ACCOUNT_LOSS_STREAK)


class P(Params):
    """Limits of a day; 0 = no such limit."""

    day_loss_usd: float = key(750.0, "loss of the day, open positions included", "USD", ge=0)
    day_loss_pct: float = key(3.0, "or this share, the nearer", "% of the day's opening", ge=0)
    strategy_losses: int = key(3, "losses running that switch a strategy off", "trades", ge=0)
    account_losses: int = key(5, "losses running that switch all off", "trades", ge=0)
    trailing_used_pct: float = key(90.0, "share of the trailing budget", "%", ge=0, le=100)


@machine
def budget_used(account: Any, rules: Any) -> bool:
    """Whether the trailing budget is used up to its share."""
    if rules.mll == 0 or rules.trailing_used == 0:
        return False
    return bool(1.0 - (account.equity - account.floor) / rules.mll >= rules.trailing_used)


@machine
def reason_to_stop(account: Any, rules: Any) -> int:
    """The reason for which the whole account should stop now, 0 = none."""
    if -account.day_net >= account.day_limit:
        return DAY_LOSS
    if rules.streak_account > 0 and account.streak >= rules.streak_account:
        return ACCOUNT_LOSSES
    return TRAILING_BUDGET if budget_used(account, rules) else 0


@machine
def fire(account: Any, rules: Any) -> None:
    """Stop the account for the rest of the day where the breaker binds; it fires once and holds."""
    if rules.breaker == 1 and account.breaker == 0:
        account.breaker = reason_to_stop(account, rules)


@machine
def judge_breaker(record: Any, strategy: int, numbers: Any) -> int:
    """Reason of the denial, 0 = allow; numbers: day net and limit, streak and its limit."""
    account, rules, rule = record.account[0], record.rules[0], record.strategies[strategy]
    reason = int(account.breaker)
    if reason == 0:
        reason = reason_to_stop(account, rules)
    streak, most = account.streak, rules.streak_account
    if reason == 0 and rule.off_day == account.day and rules.streak_strategy > 0:
        reason, streak, most = STRATEGY_LOSSES, rule.streak, rules.streak_strategy
    if reason != 0:
        numbers[0], numbers[1] = account.day_net / 100.0, -account.day_limit / 100.0
        numbers[2], numbers[3] = streak, most
    return reason


circuit_breaker = record_judge(
    name="circuit_breaker", params=P, numbers=("day net $", "limit $", "losses running", "most")
)(judge_breaker)
