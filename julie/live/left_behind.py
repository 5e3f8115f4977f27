"""What an earlier run opened in an instrument that this one does not trade: then it does not start.

Nobody would guard it: the executor has hands for the contracts of the run alone. The journal says
what was open, the venue whether it still is; what somebody has closed meanwhile stops no start.
"""

from collections.abc import Sequence

from julie.core.clock import Clock
from julie.core.errors import UsageError
from julie.core.events import AuditRecord, Intent
from julie.core.scribe import Scribe
from julie.execution import recover
from julie.execution.book import Book
from julie.execution.floor import Traded
from julie.execution.ledger import Ledger
from julie.execution.plans import Plan
from julie.execution.venue import Venue, VenueOrder, VenueUnreachable
from julie.live.ground import Ground
from julie.live.recall import Past


async def refuse_left_behind(ground: Ground, past: Past) -> None:
    """Raise where something is open that nobody here would look after."""
    carried = ground.carried
    if not any(_is_strange(one, carried) for one in past.records):
        return
    plans = strange_plans(ground.scribe, ground.place.clock, carried, past)
    told = await still_open(ground.broker.venue, plans)
    if told:
        raise UsageError(
            f"an earlier run left open what this one does not trade: {'; '.join(told)}",
            "start with that instrument (live.symbols and live.trade as they were), or close it: "
            f"julie flatten --data-dir {ground.wanted.folder}",
            "no order was sent; what works at the venue works on",
        )


def _is_strange(record: AuditRecord, carried: Sequence[Traded]) -> bool:
    sent = record.payload
    if not isinstance(sent, Intent):
        return False
    return (sent.intent.partition(":")[0], sent.contract) not in _names(carried)


def _names(carried: Sequence[Traded]) -> set[tuple[str, str]]:
    return {(one.symbol, one.contract) for one in carried}


def strange_plans(
    scribe: Scribe, clock: Clock, carried: Sequence[Traded], past: Past
) -> list[Plan]:
    """Plans that the journal knows to be open, in instruments that this run does not trade."""
    book, known = Book(Ledger(scribe), clock, lambda name, text: None), _names(carried)
    recover.rebuild(book, {one.contract: one.symbol for one in carried}, past.records, past.runs)
    return [plan for plan in book.open_plans() if (plan.symbol, plan.contract) not in known]


async def still_open(venue: Venue, plans: Sequence[Plan]) -> list[str]:
    """Those that the venue still holds or works, in words."""
    if not plans:
        return []
    contracts = sorted({plan.contract for plan in plans})
    try:
        held = {row.contract: row.net for row in await venue.positions()}
        working = await venue.open_orders()
    except VenueUnreachable:
        return [f"{one}, and the venue does not say how it stands" for one in contracts]
    told = []
    for contract in contracts:
        ours = [plan for plan in plans if plan.contract == contract]
        net, orders = held.get(contract, 0), _of(ours, working)
        if net or orders:
            position = f"{'long' if net > 0 else 'short'} {abs(net)}" if net else "flat"
            told.append(f"{contract}: {position}, {len(orders)} of its orders open")
    return told


def _of(plans: Sequence[Plan], working: Sequence[VenueOrder]) -> list[VenueOrder]:
    own = [order for plan in plans for order in plan.orders]
    ids, tags = {order.id for order in own}, {order.tag for order in own}
    return [row for row in working if row.id in ids or row.tag in tags]
