"""From the journal's records back to the executor's book: start-up is recovery.

Records are read in the order in which they were written, and nothing is written again. An order
whose intent stands there without an answer may have been sent: it is unknown, and the venue's
record settles it before anything else is done.
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from typing import Final

from julie.core.bookings import DayClosed
from julie.core.events import (
    Asked,
    AuditRecord,
    BalanceAnchored,
    Fill,
    Flattening,
    Intent,
    OrderState,
    OrderUpdate,
    StateChanged,
)
from julie.core.taken import MinuteTaken
from julie.core.types import ExitReason
from julie.core.zones import MINUTE_NS
from julie.execution import fills
from julie.execution.book import Book
from julie.execution.life import ended
from julie.execution.money import Money
from julie.execution.plans import OwnOrder
from julie.execution.sending import WITHDRAWN
from julie.execution.tags import Role, entry_tag, run_mark
from julie.execution.venue import OrderKind, VenueStatus, VenueTrade

KINDS: Final = (
    "Intent",
    "Asked",
    "OrderUpdate",
    "Fill",
    "StateChanged",
    "Flattening",
    "MinuteTaken",
    "BalanceAnchored",
    "DayClosed",
)
FLATTEN: Final = "flatten"  # why the desk is halted behind the kill switch
_STATUS: Final = {
    OrderState.FILLED: VenueStatus.FILLED,
    OrderState.CANCELLED: VenueStatus.CANCELLED,
    OrderState.EXPIRED: VenueStatus.EXPIRED,
    OrderState.REJECTED: VenueStatus.REJECTED,
}


@dataclass(slots=True)
class Recovered:
    """What the journal says beside the book."""

    causes: tuple[str, ...] = ()
    flattening: str | None = None  # the reason of a flatten that was not finished
    entries_ns: list[int] = field(default_factory=list)
    since_ns: int | None = None  # of the first order


def rebuild(
    book: Book,
    symbols: Mapping[str, str],
    records: Iterable[AuditRecord],
    runs: Iterable[str] = (),
) -> Recovered:
    """Read the records into an empty book; `symbols` by contract that is traded, `runs` are those
    whose orders are ours as well.
    """
    found = Recovered()
    book.runs |= {run_mark(run) for run in runs}
    book.silent = True
    try:
        for record in records:
            book.runs.add(run_mark(record.run))
            _take(book, found, symbols, record)
            if book.money is not None:
                _compared(book.money, record)
    finally:
        book.silent = False
    for order in list(book.orders()):
        if order.life.state in (OrderState.PLANNED, OrderState.SENT):
            order.life.state = OrderState.UNKNOWN
    return found


def _take(book: Book, found: Recovered, symbols: Mapping[str, str], record: AuditRecord) -> None:
    match record.payload:
        case Intent() as intent if intent.tag:
            order = book.plant(intent)
            order.sent_ns = order.plan.born_ns = record.ts_exchange
            found.since_ns = found.since_ns or record.ts_exchange
            if intent.role == "entry":
                found.entries_ns.append(record.ts_exchange)
        case Asked(tag=tag) as asked if tag in book.by_tag:
            _asked(book.by_tag[tag], asked)
        case OrderUpdate() as update:
            _update(book, update)
        case Fill() as fill if fill.tag:
            _fill(book, fill, record.ts_exchange)
        case MinuteTaken() as minute:
            for symbol in _with_a_bar(symbols, minute):
                fills.take(book, symbol, minute.ts + MINUTE_NS)
            fills.dropped(book)
        case StateChanged(causes=causes):
            _stands(found, causes)
        case Flattening(reason=reason, done=done):
            found.flattening = None if done else reason
        case _:
            pass


def _with_a_bar(symbols: Mapping[str, str], minute: MinuteTaken) -> Set[str]:
    """Instruments whose fills the desk was told with the minute; the others' wait for their bar."""
    bars = [bar for bar in minute.bars if bar is not None]
    found = {symbols.get(bar.traded or bar.contract, "") for bar in bars}
    return set(symbols.values()) if "" in found else found  # months that nobody knows any more


def _compared(money: Money, record: AuditRecord) -> None:
    """Where the comparison of balances stood."""
    match record.payload:
        case BalanceAnchored() as anchor:
            money.anchored(anchor)
        case DayClosed():
            money.day_closed()
        case MinuteTaken(balance_cents=cents) if cents is not None:
            money.governed()
        case _:
            pass


def _stands(found: Recovered, causes: tuple[str, ...]) -> None:
    found.causes = causes
    if FLATTEN not in causes:  # a person has let the desk go on
        found.flattening = None


def _asked(order: OwnOrder, asked: Asked) -> None:
    if asked.verb == "close":
        order.leg.closing, order.leg.close_asked = ExitReason[asked.reason.upper()], True
    elif asked.verb == "cancel":
        order.withdrawn = order.withdrawn or asked.reason == WITHDRAWN


def _update(book: Book, update: OrderUpdate) -> None:
    order = book.by_tag.get(update.tag) or _child(book, update)
    if order is None:
        return
    if update.order and order.id is None:
        book.bind(order, int(update.order))
    order.qty = update.qty or order.qty
    order.price_tick = order.price_tick if update.price_tick is None else update.price_tick
    if order.role is Role.STOP and update.price_tick is not None:
        order.leg.stop_tick = update.price_tick
    order.life.move(update.state)
    order.life.filled = max(order.life.filled, update.filled + order.voided)
    if ended(update.state):
        order.life.status = _STATUS[update.state]
        order.abandoned = update.text.startswith("not_sent")
        order.refused = update.state is OrderState.REJECTED


def _child(book: Book, update: OrderUpdate) -> OwnOrder | None:
    entry = book.by_tag.get(entry_tag(update.tag))
    if entry is None:
        return None
    return book.child_of(entry, OrderKind.STOP if update.tag.endswith("-SL") else OrderKind.LIMIT)


def _fill(book: Book, fill: Fill, ts: int) -> None:
    order = book.by_tag.get(fill.tag)
    if order is None:
        return
    row = VenueTrade(
        fill.trade, int(fill.order), fill.contract, fill.side, abs(fill.qty), fill.price_tick,
        fill.fee_cents, fill.pnl_cents, fill.qty < 0, ts,
    )  # fmt: skip
    if row.id < 0:
        book.take_part(order, row)
        return
    if order.id is None:
        book.bind(order, row.order_id)
    book.hear(row)
