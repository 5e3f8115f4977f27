"""Account rules of the venue: maximum loss, daily loss limit, position caps, one side a correlated
group, conduct.

The maximum loss is tested on balance + open P&L: touched means halted until the account is reset.
The daily loss limit, where the account carries it, ends the trading day once it was hit. Entries a
day are capped by conduct, and in the hour before a news window no entry may take the position above
half the cap. `risk.account` computes every distance.
"""

from typing import Any

from julie.core.compiled import machine
from julie.core.types import Reason
from julie.defense.base import record_judge

MAXIMUM_LOSS, DAILY_LOSS_LIMIT = int(Reason.MAXIMUM_LOSS), int(Reason.DAILY_LOSS_LIMIT)
POSITION_CAP, CORRELATED_SIDE = int(Reason.POSITION_CAP), int(Reason.CORRELATED_SIDE)
ENTRIES_A_DAY, NEWS_HALF_CAP = int(Reason.ENTRIES_A_DAY), int(Reason.NEWS_HALF_CAP)


@machine
def group_side(record: Any, group: int) -> int:
    """Net direction of a correlated group: the side of its open or working plans, 0 when flat."""
    for k in range(len(record.plans)):
        if record.plans[k].state != 0 and record.instruments[k].group == group:
            return int(record.plans[k].side)
    return 0


@machine
def judge_account(record: Any, k: int, side: int, min_to_event: float, numbers: Any) -> int:
    """Reason of the denial, 0 = allow; numbers: what is used and what is allowed."""
    account, rules, one = record.account[0], record.rules[0], record.instruments[k]
    if account.halted == 1 or account.equity <= account.floor:
        numbers[0], numbers[1] = account.equity / 100.0, account.floor / 100.0
        return MAXIMUM_LOSS
    if account.stopped == 1 or (rules.dll > 0 and -account.day_net >= rules.dll):
        numbers[0], numbers[1] = account.day_net / 100.0, -rules.dll / 100.0
        return DAILY_LOSS_LIMIT
    cap, used = account.cap, account.used
    if used + one.tenths > cap:
        numbers[0], numbers[1] = used / 10.0, cap / 10.0
        return POSITION_CAP
    net = group_side(record, one.group) if rules.one_side == 1 else 0
    if net != 0 and net != side:
        numbers[0], numbers[1] = net, side
        return CORRELATED_SIDE
    if rules.entries_a_day > 0 and account.entries >= rules.entries_a_day:
        numbers[0], numbers[1] = account.entries, rules.entries_a_day
        return ENTRIES_A_DAY
    if (
        rules.cap_tenths > 0
        and min_to_event <= rules.news_hour
        and used + one.tenths > cap * rules.most_news_share
    ):
        numbers[0], numbers[1] = used / 10.0, cap * rules.most_news_share / 10.0
        return NEWS_HALF_CAP
    return 0


account_rules = record_judge(name="account_rules", numbers=("used", "allowed"))(judge_account)
