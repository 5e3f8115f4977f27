"""Which rule of the firm a balance breaks, in words; the venue tells none when it liquidates."""

from julie.core.money import dollars
from julie.core.record import DeskRecord

PAGE = "the account's page at the venue tells which"


def broken_rule(record: DeskRecord, balance_cents: int) -> str:
    """The rule, its limit and where the account stands."""
    account, rules = record.account[0], record.rules[0]
    day = balance_cents - int(account["day_start"])
    floor, limit = int(account["floor"]), int(rules["dll"])
    if int(rules["mll"]) and balance_cents <= floor:
        return (
            f"the maximum loss limit: the balance of {dollars(balance_cents):,.2f} USD is not "
            f"above its floor of {dollars(floor):,.2f}"
        )
    if limit and day <= -limit:
        now = f"the day stands at {dollars(day):+,.2f}"
        return f"the daily loss limit of {dollars(limit):,.2f} USD: {now}"
    now = f"the day stands at {dollars(day):+,.2f} USD"
    return f"no limit of ours that the balance breaks; {now}, {PAGE}"
