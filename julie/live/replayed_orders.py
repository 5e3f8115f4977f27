"""Orders that a replayed desk asks for, held against those that left when the run was alive.

An entry is compared leg by leg with its intent. Of a close and of a stop that came nearer the
journal must show that it was asked for. Orders of a run's last minute may not have left, and of an
entry that did not come to the venue the desk was told. No desk asks for a person's test orders.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from julie.core.events import Asked, Intent
from julie.core.permits import Approved, Close, Entry, NearerStop
from julie.core.taken import MinuteTaken
from julie.desk.commands import Order
from julie.live.trial_order import is_by_hand

ENTRY: Final = "entry"


@dataclass(frozen=True, slots=True)
class Wanted:
    """An order that the desk asks for now, in the journal's own words."""

    ts: int
    symbol: str
    line: tuple[object, ...]
    must: bool = True  # it left; orders of the last minute may not have


class Sent:
    """The orders of the replayed desk."""

    def __init__(self, symbols: Sequence[str]) -> None:
        self._symbols = tuple(symbols)
        self.wanted: list[Wanted] = []
        self.dropped: set[str] = set()  # plans of which an entry did not come to the venue

    def take(self, taken: MinuteTaken, orders: Sequence[Order], *, last: bool) -> None:
        """A minute's orders, and what the executor told of earlier ones."""
        for symbol, left in zip(self._symbols, taken.dropped, strict=False):
            plans = [one for one in self.wanted if one.symbol == symbol and one.line[0] == ENTRY]
            if left and plans:
                self.dropped.add(str(plans[-1].line[1]))
        for order in orders:
            for symbol, line in _lines(order):
                self.wanted.append(Wanted(taken.ts, symbol, line, not last))


def _lines(order: Order) -> Iterator[tuple[str, tuple[object, ...]]]:
    """An order as the journal tells it: entries leg by leg, closes and moves by their plan."""
    match order:
        case Approved():
            entry = order.value
            for line in _entry_lines(entry):
                yield entry.symbol, line
        case NearerStop():
            plan = order.order.rpartition(":")[0]
            yield order.position.symbol, ("move", plan, order.to_tick)
        case Close():
            yield order.position.symbol, ("close", order.position.symbol, order.reason.word)
        case _:
            return


def _entry_lines(entry: Entry) -> Iterator[tuple[object, ...]]:
    plan = entry.intent.rpartition(":")[0]
    for place, leg in enumerate(entry.legs):
        yield (
            ENTRY, plan, place, entry.contract, int(entry.side), leg.qty, entry.stop_ticks,
            leg.target_ticks, entry.kind.name.lower(), entry.limit_tick, entry.decided_ns,
        )  # fmt: skip


def _line(intent: Intent) -> tuple[object, ...]:
    return (
        intent.role, intent.intent, intent.leg, intent.contract, int(intent.side), intent.qty,
        intent.stop_ticks, intent.target_ticks, intent.kind, intent.price_tick, intent.decided_ns,
    )  # fmt: skip


def apart(sent: Sent, written: Sequence[Intent | Asked]) -> Iterator[tuple[int, str]]:
    """Every entry that left was asked for as it stands, and what the desk asks for has left; gives
    the time, 0 where it is not known, and what is wrong.
    """
    entries = [
        _line(one)
        for one in written
        if isinstance(one, Intent) and one.role == ENTRY and not is_by_hand(one.intent)
    ]
    asked = [one for one in written if isinstance(one, Asked)]
    wanted = [one for one in sent.wanted if one.line[0] == ENTRY]
    for line in entries:
        if line not in [one.line for one in wanted]:
            yield 0, f"an entry was sent that nobody asks for now: {line}"
    for one in sent.wanted:
        if not one.must:
            continue
        if one.line[0] == ENTRY:
            if str(one.line[1]) not in sent.dropped and one.line not in entries:
                yield one.ts, f"an entry that was not sent then: {one.line}"
        elif not any(_same(one.line, was) for was in asked):
            yield one.ts, f"not asked for then: {one.line}"


def by_hand(written: Sequence[Intent | Asked]) -> int:
    """How many test orders a person placed."""
    plans = {one.intent for one in written if isinstance(one, Intent) and one.role == ENTRY}
    return sum(map(is_by_hand, plans))


def _same(line: tuple[object, ...], was: Asked) -> bool:
    """Whether a line of the journal is that order: a stop that moved, or a leg that was closed."""
    verb, name, value = line
    plan = str(name).replace(":", ".")
    if was.verb != verb or f"-{plan}" not in was.tag:
        return False
    return value == (was.price_tick if verb == "move" else was.reason)
