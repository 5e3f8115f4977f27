"""An approved entry on its way to the venue: the last limits, then one order a leg.

Each leg is an order of its own with its native bracket. A leg that is refused makes the plan
smaller; three refusals in a row are told, five halt the desk, where it is the entry that is
refused and not one call too many. An entry that grew old on its way is
not sent, and nothing that failed is tried again.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from julie.core.events import Intent, OrderState
from julie.core.failpoints import failpoint
from julie.core.permits import Entry
from julie.core.tasks import Tasks
from julie.core.types import EntryKind, Reason
from julie.core.words import WORDS
from julie.core.zones import SECOND_NS
from julie.execution.fills import Dropped
from julie.execution.floor import Floor
from julie.execution.plans import OwnOrder, Plan
from julie.execution.sending import NOT_SENT, place
from julie.execution.tags import Role
from julie.execution.venue import Accepted, OrderKind, Outcome, RefusalCode, Refused

MINUTE_NS: Final = 60 * SECOND_NS
DAY_NS: Final = 24 * 3600 * SECOND_NS
OFF_AFTER: Final = 3
HALT_AFTER: Final = 5
LEGS: Final = 2  # a plan has no more, so that each has its slots (`execution.orders`)


@dataclass(frozen=True, slots=True)
class Believed:
    """An entry that the desk believes to be working."""

    symbol: str
    plan: str
    slot: int
    decided_ns: int


@dataclass(slots=True)
class Entries:
    """What is remembered of the entries of a run."""

    sent_ns: deque[int] = field(default_factory=deque)  # exchange time
    refused: int = 0  # in a row
    dropped: deque[Dropped] = field(default_factory=lambda: deque(maxlen=1000))


def key_of(intent: str) -> str:
    """The plan's name in the name of its first order."""
    return intent.rsplit(":", 1)[0]


async def enter(floor: Floor, entries: Entries, entry: Entry) -> None:
    """Send an entry, or say why not."""
    plan = _plan_to_go_on(floor, entry)
    reason = _forbidden(floor, entries, entry, plan)
    if reason is not Reason.NONE:
        drop(floor, entries, entry, reason)
        return
    failpoint("K1")
    orders = [_planted(floor, entry, k, qty) for k, qty in _sizes(entry, plan)]
    if not orders:
        return
    safe = await floor.ledger.safe()
    failpoint("K2")
    reason = Reason.NOT_SENT if not safe else _still(floor, entry)
    if not safe:
        trouble = floor.ledger.trouble
        floor.standing.halt("journal_unwritable", str(trouble or "it takes nothing"), sticky=False)
    if reason is not Reason.NONE:
        for order in orders:
            order.abandoned, order.why = True, reason
            floor.book.settle(order, OrderState.CANCELLED, f"{NOT_SENT}: {reason.word}")
        _tell(floor, entry, reason)
        return
    entries.sent_ns.append(floor.clock.now_ns())
    await _send(floor, entries, entry, orders)


def _plan_to_go_on(floor: Floor, entry: Entry) -> Plan | None:
    """The plan whose limit entry ran out and is now bought at market."""
    plan = floor.book.plans.get(key_of(entry.intent))
    return plan if plan is not None and not plan.done else None


def _forbidden(floor: Floor, entries: Entries, entry: Entry, plan: Plan | None) -> Reason:
    """The executor's own last limits, whatever the desk has checked."""
    gate = floor.standing.gate(entry.symbol)
    if floor.flattening:
        return Reason.HALTED
    if gate is not Reason.NONE:
        return gate
    if plan is not None and any(leg.entering for leg in plan.legs):
        return Reason.WORKING_ENTRY
    mine = [one for one in floor.book.open_plans() if one.symbol == entry.symbol]
    others = [one for one in mine if one is not plan]  # in another month, too
    if others or floor.book.venue_net(entry.contract) != floor.book.net(entry.contract):
        return Reason.POSITION_OPEN
    if entry.contract not in floor.traded:
        return Reason.CONTRACT_INACTIVE
    if len(entry.legs) > LEGS:
        return Reason.NO_BRACKET
    if entry.qty > floor.rules.most_contracts:
        return Reason.POSITION_CAP
    return _rate(floor, entries) or _still(floor, entry)


def _rate(floor: Floor, entries: Entries) -> Reason:
    now = floor.clock.now_ns()
    while entries.sent_ns and entries.sent_ns[0] <= now - DAY_NS:
        entries.sent_ns.popleft()
    if len(entries.sent_ns) >= floor.rules.entries_a_day:
        floor.standing.halt("entries", f"{len(entries.sent_ns)} entries within a day")
        return Reason.ENTRIES_A_DAY
    last = sum(1 for ts in entries.sent_ns if ts > now - MINUTE_NS)
    return Reason.ENTRY_RATE if last >= floor.rules.entries_a_minute else Reason.NONE


def _still(floor: Floor, entry: Entry) -> Reason:
    """Whether the decision is young enough and nothing forbids it now."""
    age = floor.clock.now_ns() - entry.decided_ns
    if age > floor.rules.max_signal_age_s * SECOND_NS:
        return Reason.STALE_SIGNAL
    return Reason.HALTED if floor.flattening else floor.standing.gate(entry.symbol)


def _sizes(entry: Entry, plan: Plan | None) -> list[tuple[int, int]]:
    """(leg, contracts) still to be entered; what a cancelled limit had bought is bought."""
    had = {leg.number: leg.entered for leg in plan.legs} if plan is not None else {}
    sizes = [(k, leg.qty - had.get(k, 0)) for k, leg in enumerate(entry.legs)]
    return [(k, qty) for k, qty in sizes if qty > 0]


def _planted(floor: Floor, entry: Entry, k: int, qty: int) -> OwnOrder:
    key = key_of(entry.intent)
    kind = OrderKind.LIMIT if entry.kind is EntryKind.LIMIT else OrderKind.MARKET
    intent = Intent(
        key,
        entry.contract,
        entry.side,
        qty,
        entry.stop_ticks,
        floor.book.next_tag(key, Role.ENTRY, k),
        Role.ENTRY.value,
        k,
        kind.value,
        entry.limit_tick,
        entry.legs[k].target_ticks,
        entry.decided_ns,
    )
    floor.ledger.note(intent)
    return floor.book.plant(intent)


async def _send(floor: Floor, entries: Entries, entry: Entry, orders: list[OwnOrder]) -> None:
    """All legs at once: one that waits for its answer keeps no other from leaving."""
    if len(orders) == 1:
        outcomes = [await place(floor, orders[0])]
    else:
        async with Tasks() as group:
            sent = [group.start(order.tag, place(floor, order)) for order in orders]
        outcomes = [task.result() for task in sent]
    _count(floor, entries, entry, outcomes)


def _count(floor: Floor, entries: Entries, entry: Entry, outcomes: list[Outcome]) -> None:
    """Refusals in a row: the venue says no to something that we do not understand."""
    if any(isinstance(outcome, Accepted) for outcome in outcomes):
        entries.refused = 0
        return
    refused = next((one for one in outcomes if isinstance(one, Refused)), None)
    if refused is None:
        return
    busy = refused.code is RefusalCode.RATE_LIMIT  # it says nothing of the entry
    entries.refused += not busy
    said = refused.text or refused.code.value
    floor.alarm("entry_refused", f"{entry.symbol}: the entry was refused: {said}")
    if refused.code is RefusalCode.BRACKET_MODE:
        floor.standing.halt("brackets_refused", f"{RefusalCode.BRACKET_MODE.value} ({said})")
    elif refused.code is RefusalCode.NO_CONTRACT:
        name, text = f"no_contract_{entry.symbol}", f"{entry.contract} takes no orders ({said})"
        floor.standing.reduce(name, text, Reason.CONTRACT_INACTIVE, entry.symbol)
    elif busy:
        return
    elif entries.refused >= HALT_AFTER:
        floor.standing.halt("entry_refused", f"{entries.refused} entries refused in a row: {said}")
    elif entries.refused == OFF_AFTER:
        floor.alarm(
            "entry_refused", f"{entry.symbol}: {OFF_AFTER} entries refused in a row: {said}"
        )


def drop(floor: Floor, entries: Entries, entry: Entry, reason: Reason) -> None:
    """An entry becomes no order, and why."""
    key, text = key_of(entry.intent), WORDS[reason].plain
    for k in range(len(entry.legs)):
        entries.dropped.append(Dropped(entry.symbol, key, 3 * k, reason, text))
    _tell(floor, entry, reason)


def _tell(floor: Floor, entry: Entry, reason: Reason) -> None:
    key, text = key_of(entry.intent), WORDS[reason].plain
    floor.alarm("not_sent", f"{key}: the entry was not sent: {text}")
