"""The invariants of the fault matrix, asserted on what a row left.

I1, I2, I6 and I7 are the oracle's; the others compare what the bot wrote with the gateway's truth.
"""

import itertools
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import replace
from typing import Any, Final

from msgspec import structs

from julie.core.bookings import EquityMarked, TradeClosed
from julie.core.events import (
    Alarm,
    Fill,
    Intent,
    OrderState,
    OrderUpdate,
    PositionChanged,
    StateChanged,
)
from julie.core.taken import MinuteTaken
from julie.core.types import DeskState
from julie.execution.book import whole_number
from julie.simgate.exchange.bodies import Fill as TrueFill
from julie.simgate.exchange.bodies import OrderTruth
from julie.store.journal import journal_of
from julie.store.journal.verify import verify
from tests.fault.flat_market import TICK
from tests.fault.outcome import Outcome

REJECTED: Final = 5
PUT_BACK: Final = "put-back-"  # stops that the kill switch lays again
FLATTEN_S: Final = 5.0
FOLDER_MAX: Final = 64 << 20  # bytes that a row may leave
REQUESTS_A_MINUTE: Final = 200


def assert_invariants(outcome: Outcome) -> None:
    """All of them; the first that is broken is told with seed, rules and timeline."""
    try:
        assert outcome.violations == [], "the oracle found a violation"
        for check in CHECKS:
            check(outcome)
    except AssertionError as error:
        raise AssertionError(f"{error}\n{outcome.story()}") from error


def agrees(outcome: Outcome) -> bool:
    """Whether the journal has caught up with the venue, by I3."""
    try:
        for check in (orders_agree, fills_agree, positions_agree, all_settled):
            check(outcome)
    except AssertionError:
        return False
    return True


def ours(outcome: Outcome) -> list[OrderTruth]:
    """The venue's orders that the bot must know; the kill switch writes none of its own down."""
    theirs = closed_for_others(outcome)
    return [
        one
        for one in outcome.truth.orders
        if not one.foreign and one.id not in theirs and not (one.tag or "").startswith(PUT_BACK)
    ]


def closed_for_others(outcome: Outcome) -> set[int]:
    """Orders by which the kill switch closed what nobody of ours held: on contracts of which the
    journal never meant anything.
    """
    meant = {one.contract for one in outcome.of(Intent)}
    orders = outcome.truth.orders if outcome.foreign else ()
    return {one.id for one in orders if one.role == "close" and one.contract not in meant}


def orders_agree(outcome: Outcome) -> None:
    """I3: the orders of the journal are the venue's: id, side, size, price."""
    if outcome.open_question:
        return
    told: dict[int, OrderUpdate] = {}
    sizes: dict[int, dict[str, int]] = {}  # one that closed several legs was booked in parts
    for one in outcome.of(OrderUpdate):
        if one.order:
            told[int(one.order)] = one
            sizes.setdefault(int(one.order), {})[one.tag] = one.qty
    true = {one.id: one for one in ours(outcome) if one.status != REJECTED}
    known = {one.id for one in outcome.truth.orders}
    assert set(true) <= set(told), f"I3: the journal lacks orders {sorted(set(true) - set(told))}"
    assert set(told) <= known, f"I3: no such orders at the venue: {sorted(set(told) - known)}"
    sides = {one.tag: int(one.side) for one in outcome.of(Intent)}
    for number, order in true.items():
        update = told[number]
        size = sum(sizes[number].values())
        assert size in (0, order.size), f"I3: size of {number}: {update} is {order}"
        side = sides.get(update.tag)
        assert side in (None, order.side), f"I3: side of {number}: {side} is {order}"
        if order.price is not None and update.price_tick is not None:
            price = round(order.price / TICK)
            assert update.price_tick == price, f"I3: price of {number}: {update} is {order}"


def fills_agree(outcome: Outcome) -> None:
    """I3: the fills of the journal are the venue's, each once: trade, order, side, size, price."""
    booked: Counter[tuple[int, ...]] = Counter(
        (one.trade, int(one.order), int(one.side), one.qty, one.price_tick)
        for one in booked_fills(outcome)
    )
    true: Counter[tuple[int, ...]] = Counter(
        (one.trade, one.order, one.side, one.size, one.tick) for one in true_fills(outcome)
    )
    assert booked == true, f"I3: fills lost {true - booked}, made up {booked - true}"


def booked_fills(outcome: Outcome) -> list[Fill]:
    """Fills of the journal; a trade that closed several legs was booked in parts."""
    parts: dict[int, list[Fill]] = {}
    whole = [one for one in outcome.of(Fill) if one.trade >= 0 and one.qty > 0]
    for one in outcome.of(Fill):
        if one.trade < 0:
            parts.setdefault(whole_number(one.trade), []).append(one)
    return whole + [
        replace(
            some[0],
            trade=trade,
            qty=sum(one.qty for one in some),
            fee_cents=sum(one.fee_cents for one in some),
            pnl_cents=sum(one.pnl_cents or 0 for one in some),
        )
        for trade, some in parts.items()
    ]


def true_fills(outcome: Outcome) -> list[TrueFill]:
    """Fills that are ours; of a foreign close as well, where the journal took it over: as much of
    it as closed what we held, for what is beyond that is somebody's own position.
    """
    adopted = {(one.trade, int(one.order)): one.qty for one in booked_fills(outcome)}
    unmeant, found = closed_for_others(outcome), []
    for one in outcome.truth.fills:
        ours = adopted.get((one.trade, one.order))
        if not one.foreign and one.order not in unmeant:
            found.append(one)
        elif ours is not None:
            size = min(one.size, ours)
            found.append(structs.replace(one, size=size, fees=one.fees * size / one.size))
    return found


def positions_agree(outcome: Outcome) -> None:
    """I3: the positions of the journal are the venue's, at the end."""
    if outcome.foreign:
        return
    held: dict[str, int] = {}
    for one in outcome.of(PositionChanged):
        held[one.contract] = int(one.side) * one.qty
    true = {one.contract: one.net for one in outcome.truth.positions}
    mine = {contract: net for contract, net in held.items() if net}
    assert mine == true, f"I3: positions: journal {mine}, venue {true}"


def money_agrees(outcome: Outcome) -> None:
    """I3: P&L and fees to the cent, by fill; by trade where all of them were booked."""
    fills = {one.trade: one for one in booked_fills(outcome)}
    for true in true_fills(outcome):
        booked = fills[true.trade]
        if booked.pnl_cents is not None and true.pnl is not None:
            assert booked.pnl_cents == round(true.pnl * 100), f"I3: P&L: {booked} is {true}"
        assert booked.fee_cents == round(true.fees * 100), f"I3: fees: {booked} is {true}"
    legs = outcome.of(TradeClosed)
    exits = sum(one.size for one in outcome.truth.fills if one.pnl is not None)
    voided = any(one.voided for one in outcome.truth.fills)
    if legs and not voided and not outcome.foreign and sum(one.qty for one in legs) == exits:
        gross = round(sum(one.gross for one in legs) * 100)
        true_gross = round(sum(one.pnl or 0.0 for one in outcome.truth.fills) * 100)
        assert gross == true_gross, f"I3: trades made {gross} cents, at the venue {true_gross}"


def journal_is_whole(outcome: Outcome) -> None:
    """I3: SQLite finds nothing, nor does our own look through every line."""
    path = journal_of(outcome.folder)
    if not path.exists():
        return
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert verify(path).faults == ()


def minutes_are_said(outcome: Outcome) -> None:
    """I3: behind each minute that the desk heard stands what it said of it, whoever was killed."""
    kinds = [one.payload for one in outcome.journal]
    heard = [one for one in kinds if isinstance(one, MinuteTaken | EquityMarked)]
    pairs = itertools.pairwise(heard)
    silent = [a.ts for a, b in pairs if isinstance(a, MinuteTaken) and isinstance(b, MinuteTaken)]
    assert not silent, f"nothing was said of the minutes {silent}"


def all_settled(outcome: Outcome) -> None:
    """No order is left of which nobody knows what became."""
    if outcome.open_question:
        return
    last = {one.tag: one for one in outcome.of(OrderUpdate)}
    unknown = [one.tag for one in last.values() if one.state is OrderState.UNKNOWN]
    assert not unknown, f"I3: never settled: {unknown}"


def messages_are_told(outcome: Outcome) -> None:
    """I4: every code of an alarm stands in the log as a line; the status is readable."""
    if not outcome.journal:
        return
    told = {one.code for one in outcome.messages}
    codes = {one.kind for one in outcome.of(Alarm)}
    codes |= {"halted" for one in outcome.of(StateChanged) if one.state is DeskState.HALTED}
    assert codes <= told, f"I4: alarms without a line in the log: {sorted(codes - told)}"
    if outcome.status is not None:
        assert outcome.status["desk_state"] in ("ACTIVE", "REDUCING", "HALTED")


def no_secret_leaves(outcome: Outcome) -> None:
    """I5: no sentinel in any byte under the data and log folders."""
    for path in sorted(outcome.folder.rglob("*")):
        if not path.is_file():
            continue
        content = path.read_bytes()
        found = [one for one in outcome.sentinels if one.encode() in content]
        assert not found, f"I5: {path.name} holds {len(found)} secrets"


def flatten_worked(outcome: Outcome) -> None:
    """I8: at the end everything could be closed."""
    if outcome.flat_s is None:
        return
    assert not outcome.left, f"I8: still held: {outcome.left}"
    assert outcome.flat_s <= FLATTEN_S, f"I8: flat only after {outcome.flat_s:.1f} s"


def bounded(outcome: Outcome) -> None:
    """I10, as far as a short row can tell: what is left on the disk stays small."""
    files: list[Any] = [one for one in outcome.folder.rglob("*") if one.is_file()]
    size = sum(one.stat().st_size for one in files)
    assert size <= FOLDER_MAX, f"I10: {size:,} bytes"


WITHOUT_A_DESK: Final = (
    orders_agree, fills_agree, positions_agree, money_agrees, all_settled, journal_is_whole,
    no_secret_leaves, bounded,
)  # fmt: skip
CHECKS: Final = (
    orders_agree, fills_agree, positions_agree, money_agrees, minutes_are_said, all_settled,
    journal_is_whole, messages_are_told, no_secret_leaves, flatten_worked, bounded,
)  # fmt: skip
