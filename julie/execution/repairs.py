"""What is done about each difference between the venue's record and ours.

A position that differs for no known reason must differ twice before anything is done; where trades
of somebody else make up the difference, once is enough.
"""

from dataclasses import replace
from typing import Final

from julie.core.events import Asked, Intent
from julie.core.failpoints import failpoint
from julie.core.timers import sleep
from julie.core.types import ExitReason, Side
from julie.execution.floor import Floor
from julie.execution.others import book_closed, explained, taken_over
from julie.execution.reconcile import POSITIONS, Difference, compare
from julie.execution.settle import claimed
from julie.execution.tags import Role
from julie.execution.venue import VenueStatus

APART_S: Final = 2.0
BEHIND_S: Final = 3.5  # how far the venue's searches may lag behind its events
UNEXPLAINED: Final = 3  # comparisons in a row, then a person must look


async def reconcile(floor: Floor, since_ns: int) -> tuple[Difference, ...] | None:
    """Read, compare, read again where a position differs, act; None = the venue does not say."""
    account = await floor.ask(floor.venue.account())
    if account is None:
        return None
    floor.book.hear(account)
    found = await _read(floor, since_ns)
    if found is None:
        return None
    odd = {one for one in found if one.name in POSITIONS and not explained(floor, one)}
    if odd:
        floor.only_time = True
        await sleep(floor.clock, max(APART_S, BEHIND_S - _since_fill(floor, odd)))
        floor.only_time = False
        again = await _read(floor, since_ns)
        if again is None:
            return None
        found = tuple(
            one for one in again if one.name not in POSITIONS or one in odd or explained(floor, one)
        )
    for one in found:
        await _act(floor, one)
        failpoint("K15")
    _over(floor, found)
    return tuple(one for one in found if not floor.standing.holds(_left(one.contract)))


def _left(contract: str) -> str:
    """The cause under which a position is left alone."""
    return f"unknown_position:{contract}"


def _over(floor: Floor, found: tuple[Difference, ...]) -> None:
    """Differences that are gone, and positions that were left alone."""
    contracts = {one.contract for one in found if one.name in POSITIONS}
    for contract in [one for one in floor.unexplained if one not in contracts]:
        del floor.unexplained[contract]
    there = {_left(contract) for contract in contracts}
    for cause in floor.standing.causes:
        if cause.name.startswith(_left("")) and cause.name not in there:
            floor.standing.release(cause.name)


def _since_fill(floor: Floor, odd: set[Difference]) -> float:
    """Seconds since the last fill of ours on contracts that differ."""
    return min(floor.since(floor.book.filled_mono.get(one.contract, 0)) for one in odd)


async def _read(floor: Floor, since_ns: int) -> tuple[Difference, ...] | None:
    rows = await floor.look(since_ns)
    if rows is None:
        return None
    positions = {row.contract: row for row in floor.book.positions.values() if row.qty}
    return compare(floor.book, positions, [row for row in rows if not row.status.ended])


async def _act(floor: Floor, one: Difference) -> None:
    if one.name == "missing_leg":  # the guard's own matter
        return
    if one.name in POSITIONS and floor.standing.holds(_left(one.contract)):
        if _is_left(floor, one):
            return  # told, and left alone
        floor.standing.release(_left(one.contract))  # what protected it is gone
    if one.name in POSITIONS and claimed(floor, one.contract):
        return
    absent = one.name in POSITIONS and (one.venue - one.ours) * one.ours < 0
    if not absent:  # an absence is told once it is explained, or found again and again
        floor.alarm(one.name, _with_fate(floor, one))
    match one.name:
        case "two_desks":
            floor.standing.halt("two_desks", one.text)
        case "orphan_order":
            await _cancel(floor, one)
        case "unknown_position":
            _take_over(floor, one, one.venue)
        case _:
            _fit(floor, one)


async def _cancel(floor: Floor, one: Difference) -> None:
    if one.order_id is not None:
        floor.ledger.note(Asked("cancel", "", str(one.order_id), reason="orphan_order"))
        await floor.ledger.soon()
        await floor.venue.cancel(one.order_id)


def _fit(floor: Floor, one: Difference) -> None:
    """Somebody closed what is ours, or added to it: by the venue's own trades."""
    more = (one.venue - one.ours) * (1 if one.ours > 0 else -1)
    if more > 0:
        _take_over(floor, one, one.venue - one.ours)
        return
    if book_closed(floor, one):
        floor.alarm(one.name, one.text)
        floor.unexplained.pop(one.contract, None)
        if one.venue * one.ours < 0:  # and went beyond it: the rest is theirs
            rest = replace(one, name="unknown_position", ours=0)
            floor.alarm(rest.name, _with_fate(floor, rest))
            _take_over(floor, rest, one.venue)
        return
    count = floor.unexplained.get(one.contract, 0) + 1
    floor.unexplained[one.contract] = count
    if count >= UNEXPLAINED:
        floor.alarm(one.name, one.text)
        floor.standing.halt("phantom_trade", f"{one.text}; no trade explains it")


def _is_left(floor: Floor, one: Difference) -> bool:
    """Whether a position that is not ours is only told."""
    known = one.contract in floor.traded and one.contract in floor.book.positions
    return not known or one.covered or floor.rules.unknown_position == "leave"


def _with_fate(floor: Floor, one: Difference) -> str:
    """The difference in words, and of a position that nobody of us opened what is done with it."""
    if one.name != "unknown_position":
        return one.text
    if one.covered:
        return f"{one.text}; it is left alone: stops of another desk cover it"
    if _is_left(floor, one):
        return f"{one.text}; it is left alone"
    if floor.rules.unknown_position == "flatten":
        return f"{one.text}; it is being closed"
    away = floor.rules.adopted_stop_ticks
    return f"{one.text}; it is adopted, with a stop {away} ticks away"


def _take_over(floor: Floor, found: Difference, net: int) -> None:
    """A position that nobody of us opened: protect it, close it, or only tell."""
    contract = found.contract
    one, row = floor.traded.get(contract), floor.book.positions.get(contract)
    taken_over(floor, contract)
    if one is None or row is None or _is_left(floor, found):
        symbol = one.symbol if one is not None else contract
        text = f"{net} of {contract} are not ours"
        floor.standing.reduce(_left(contract), text, symbol=symbol)
        return
    side = Side.LONG if net > 0 else Side.SHORT
    key = f"{one.symbol}:x{floor.clock.now_ns() // 1_000_000_000}"
    tick = round(row.average / one.tick)
    intent = Intent(
        key,
        contract,
        side,
        abs(net),
        floor.rules.adopted_stop_ticks,
        floor.book.next_tag(key, Role.ENTRY, 0),
        "adopt",
        price_tick=tick,
    )
    floor.ledger.note(intent)
    order = floor.book.plant(intent)
    order.life.hear(VenueStatus.FILLED, abs(net), 0)
    floor.book.told(order, "adopted")
    if floor.rules.unknown_position == "flatten":
        order.leg.closing = ExitReason.RECONCILE
