"""The desk's memory as bytes: what a new start takes over from the last trading day.

Rules, limits and strategies are those of today's configuration; account, streaks, pauses, counters
and open plans are those of the day that ended. Instruments and strategies are found again by name.
The layout has a name, so that bytes of another one are refused and never misread.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

import msgspec
import numpy as np

from julie.core.errors import Exit, JulieError
from julie.core.record import ACCOUNT, INSTRUMENT, PAIR, PLAN, STRATEGY, TRADE, Rows
from julie.desk.desk import Desk, Standing
from julie.desk.records import PlanFacts, Rule
from julie.execution.orders import ORDER

T = TypeVar("T")

TYPES: Final = {
    "account": ACCOUNT, "instruments": INSTRUMENT, "strategies": STRATEGY, "pairs": PAIR,
    "plans": PLAN, "trades": TRADE, "books": ORDER,
}  # fmt: skip
# what our trades left on an instrument or strategy; all else is today's configuration
OF_INSTRUMENT: Final = ("fee", "streak", "paused_until", "off_part", "last_entry_ns")
OF_STRATEGY: Final = ("streak", "off_day", "refused", "refused_day")


class RecordError(JulieError):
    """The desk's record of an earlier day cannot be taken over."""

    exit_code = Exit.JOURNAL


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is kept beside the arrays."""

    ts: int
    symbols: list[str]
    strategies: list[str]
    whole: list[Rule]  # the strategies' facts, for trades of one that is gone
    rows: list[int]
    opened: list[int]
    facts: list[PlanFacts]
    pending: list[int]

    @staticmethod
    def layout_of() -> str:
        """The name of this program's layout."""
        told = repr([(name, kind.descr) for name, kind in TYPES.items()])
        return f"desk-{hashlib.sha256(told.encode()).hexdigest()[:12]}"


@dataclass(frozen=True, slots=True)
class _Kept:
    layout: str
    beside: Remembered
    standing: Standing
    arrays: dict[str, bytes]


def pack(desk: Desk, beside: Remembered) -> bytes:
    """The desk as bytes; of the trades only those that are still being written."""
    record = desk.record
    arrays = {name: getattr(record, name) for name in TYPES if name not in ("trades", "books")}
    plans, account = record.plans.copy(), record.account.copy()
    place = {old: new for new, old in enumerate(beside.pending)}
    for plan in plans:
        plan["row"] = [place.get(int(row) - 1, -1) + 1 for row in plan["row"]]
    account["legs"] = len(place)
    arrays |= {"plans": plans, "account": account, "books": desk.books}
    arrays["trades"] = record.trades[beside.pending]
    kept = _Kept(
        Remembered.layout_of(),
        replace(beside, pending=list(place.values())),
        desk.standing(),
        {name: _bytes(rows) for name, rows in arrays.items()},
    )
    return msgspec.msgpack.encode(kept)


def _bytes(rows: Rows) -> bytes:
    """The same rows are the same bytes: what lies between the fields is blank."""
    blank = np.zeros(rows.shape, rows.dtype)
    blank[...] = rows
    return blank.tobytes()


def newest_of(data: bytes) -> int:
    """The newest minute that a record of the desk had heard."""
    return _read(data).beside.ts


def flat_in(data: bytes) -> bool:
    """Whether a record of the desk holds no plan, nor a leg that is closed in part."""
    try:
        kept = _read(data)
    except RecordError:
        return False  # of an older layout
    plans = np.frombuffer(kept.arrays["plans"], PLAN)
    return not plans["state"].any() and not kept.beside.pending


def unpack(data: bytes, desk: Desk, symbols: Sequence[str], rules: Sequence[Rule]) -> Remembered:
    """Take over what an earlier day left into a desk of today; strategies that are gone but still
    hold a plan stand behind today's.
    """
    kept = _read(data)
    found = {name: np.frombuffer(kept.arrays[name], TYPES[name]).copy() for name in TYPES}
    known = kept.beside
    places = [_place(symbols, known.symbols, k, found["plans"]) for k in range(len(known.symbols))]
    whole = _with_ghosts(known, found["plans"], rules)
    _take_over(desk, found, known, places, whole)
    desk.stand(kept.standing, places)
    n = len(symbols)
    return replace(
        known,
        whole=whole,
        rows=_placed(known.rows, places, n, 0),
        opened=_placed(known.opened, places, n, 0),
        facts=_placed(known.facts, places, n, PlanFacts()),
    )


def _read(data: bytes) -> _Kept:
    try:
        kept = msgspec.msgpack.decode(data, type=_Kept)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise _unreadable(str(error)) from error
    if kept.layout != Remembered.layout_of():
        raise _unreadable(f"its layout is {kept.layout}, here it is {Remembered.layout_of()}")
    return kept


def _unreadable(why: str) -> RecordError:
    return RecordError(
        f"the desk's record of the last day cannot be read: {why}",
        "go on with the version that wrote it until all is flat, then start with a new --data-dir",
        "nothing was changed",
    )


def _place(symbols: Sequence[str], known: Sequence[str], k: int, plans: Rows) -> int:
    """Where an instrument of the record stands today; -1 = it is not traded any more."""
    if known[k] in symbols:
        return symbols.index(known[k])
    if plans[k]["state"] != 0:
        raise RecordError(
            f"the record holds an open plan on {known[k]}, which is not traded now",
            f"start with {known[k]} until that plan is closed",
            "nothing was changed",
        )
    return -1


def _with_ghosts(known: Remembered, plans: Rows, rules: Sequence[Rule]) -> list[Rule]:
    """Today's strategies, and behind them those that are gone but still hold a plan."""
    names = [rule.name for rule in rules]
    open_ones = dict.fromkeys(int(plan["strategy"]) for plan in plans if plan["state"] != 0)
    return [*rules, *(known.whole[s] for s in open_ones if known.strategies[s] not in names)]


def _take_over(
    desk: Desk, found: dict[str, Rows], known: Remembered, places: list[int], whole: list[Rule]
) -> None:
    record = desk.record
    names = [rule.name for rule in whole]
    missing = len(whole) - len(record.strategies)
    if missing:
        ghosts = np.zeros(missing, STRATEGY)
        ghosts["exits"], ghosts["rank"] = -1, len(whole)
        pairs = np.zeros((missing, len(record.instruments)), PAIR)
        pairs["last_row"] = -(1 << 40)
        record = record._replace(
            strategies=np.concatenate([record.strategies, ghosts]),
            pairs=np.concatenate([record.pairs, pairs]),
        )
        desk.record = record
    record.account[:] = found["account"]
    of_strategy = [names.index(one) if one in names else -1 for one in known.strategies]
    kept_pairs = found["pairs"].reshape(len(known.strategies), len(known.symbols))
    for s, to in enumerate(of_strategy):
        if to >= 0:
            _copy(OF_STRATEGY, found["strategies"][s], record.strategies[to])
    books = found["books"].reshape(len(known.symbols), -1)
    for k, here in enumerate(places):
        if here >= 0:
            _copy(OF_INSTRUMENT, found["instruments"][k], record.instruments[here])
            record.plans[here], desk.books[here] = found["plans"][k], books[k]
            stays = [s for s, to in enumerate(of_strategy) if to >= 0]
            record.pairs[[of_strategy[s] for s in stays], here] = kept_pairs[stays, k]
    trades = record.trades[: len(found["trades"])]
    trades[:] = found["trades"]
    trades["instrument"] = [places[int(k)] for k in trades["instrument"]]
    for rows in (record.plans, trades):
        rows["strategy"] = [max(of_strategy[int(s)], 0) for s in rows["strategy"]]


def _copy(fields: Sequence[str], source: Any, to: Any) -> None:
    for field in fields:
        to[field] = source[field]


def _placed(values: Sequence[T], places: Sequence[int], n: int, blank: T) -> list[T]:
    """Values by today's instruments."""
    found = [blank] * n
    for value, here in zip(values, places, strict=True):
        if here >= 0:
            found[here] = value
    return found
