"""The contract of today, as the venue says, held against the calendar of rolls.

The venue decides which month takes orders. The table says which months may lead at a date: of the
index futures one, but for the days of the roll, when the old and the new one may; of others any of
their cycle within half a year. A venue that names another month is not believed and not traded.
"""

from datetime import date, timedelta
from typing import Final

from julie.core.instruments import INDEX_CYCLE, MONTH_CODES, Instrument
from julie.gateway.client import Client
from julie.gateway.errors import ContractDisagrees
from julie.gateway.wire import ContractRow

ROLL_FIRST_DAYS: Final = 11  # before the third Friday: the Monday of the week before
ROLL_LAST_DAYS: Final = 1  # the day before it: afterwards only the next month trades
FAR: Final = timedelta(days=200)


def third_friday(year: int, month: int) -> date:
    """Expiry of an index future."""
    first = date(year, month, 1)
    return first + timedelta(days=(4 - first.weekday()) % 7 + 14)


def months(cycle: str, day: date) -> list[tuple[int, int]]:
    """Delivery months of a cycle from the month of `day` on, for a year and a half."""
    numbers = sorted(MONTH_CODES.index(code) + 1 for code in cycle)
    every = [(day.year + ahead, month) for ahead in range(3) for month in numbers]
    return [one for one in every if one >= (day.year, day.month)]


def may_lead(instrument: Instrument, day: date) -> tuple[str, ...]:
    """Month codes, such as Z26, that may be the active contract on a trading day."""
    coming = months(instrument.cycle, day)
    if instrument.cycle != INDEX_CYCLE:
        return tuple(code(*one) for one in coming if date(*one, 1) - day <= FAR)
    lead, after, *_ = [one for one in coming if day < third_friday(*one)]
    left = (third_friday(*lead) - day).days
    if left > ROLL_FIRST_DAYS:
        return (code(*lead),)
    return (code(*after),) if left < ROLL_LAST_DAYS else (code(*lead), code(*after))


def code(year: int, month: int) -> str:
    """A delivery month as contract ids name it."""
    return f"{MONTH_CODES[month - 1]}{year % 100:02d}"


async def front_month(client: Client, instrument: Instrument, day: date) -> ContractRow:
    """The active contract, its tick and its month as the table has them; else `GatewayError`."""
    row = await client.contracts.active(instrument)
    wanted = may_lead(instrument, day)
    named = row.id.rsplit(".", 1)[-1]
    if named not in wanted:
        raise ContractDisagrees(
            f"{instrument.symbol}: the venue's active contract is {row.id}, but on {day} "
            f"{' or '.join(wanted)} should lead",
            "wait until the venue has rolled, or see whether instruments."
            f"{instrument.symbol}.cycle is right",
        )
    return row
