"""What the journal of a live run says, as rows of the records that a backtest writes.

Names, units and values are those of the records of a backtest, so that a run and its backtest can
be laid side by side. Names that every run and venue gives anew are left out.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Final

from julie.core.bookings import TradeClosed
from julie.core.events import AuditRecord, Decision, Fill, JudgedCandidate
from julie.core.taken import MinuteTaken
from julie.core.types import Reason
from julie.core.zones import MINUTE_NS
from julie.execution.tags import Role, read_tag
from julie.store.contracts import month_code
from julie.store.journal import RawRecord

Row = dict[str, object]
Key = tuple[object, ...]
Table = dict[Key, Row]
IDS: Final = frozenset({"trade_id", "candidate_id", "contract"})
NEAR: Final = 2025  # contract names bear two digits of their year
PRICES: Final = ("open", "high", "low", "close", "volume")


@dataclass(slots=True)
class Tables:
    """A run in rows, by what tells one row from another."""

    bars: Table = field(default_factory=dict)
    candidates: Table = field(default_factory=dict)
    trades: Table = field(default_factory=dict)
    fills: Table = field(default_factory=dict)

    def named(self) -> Mapping[str, Table]:
        """All of them by name."""
        return {one.name: getattr(self, one.name) for one in fields(self)}


class Numbered:
    """Keys of which none comes twice: the same once more gets the next number."""

    def __init__(self) -> None:
        self._seen: Counter[Key] = Counter()

    def __call__(self, *key: object) -> Key:
        self._seen[key] += 1
        return (*key, self._seen[key])


@dataclass(slots=True)
class _Keys:
    candidates: Numbered = field(default_factory=Numbered)
    trades: Numbered = field(default_factory=Numbered)
    fills: Numbered = field(default_factory=Numbered)
    judged: dict[int, Key] = field(default_factory=dict)  # by the run's own number


def recorded(records: Iterable[AuditRecord | RawRecord], symbols: Sequence[str]) -> Tables:
    """The rows of a live run over these instruments, in its order."""
    found, keys = Tables(), _Keys()
    for record in records:
        if isinstance(record, AuditRecord):
            _take(found, keys, record, symbols)
    return found


def _take(found: Tables, keys: _Keys, record: AuditRecord, symbols: Sequence[str]) -> None:
    match record.payload:
        case MinuteTaken() as taken:
            for symbol, bar in zip(symbols, taken.bars, strict=True):
                if bar is not None:
                    prices = {name: getattr(bar, name) for name in PRICES}
                    month = month_code(bar.contract, NEAR)
                    found.bars[bar.ts, symbol] = {**prices, "month": month}
        case Decision() as decision:
            for one in decision.candidates:
                key = keys.candidates(decision.ts, one.symbol, one.strategy, int(one.side))
                keys.judged[one.candidate] = key
                found.candidates[key] = candidate_row(one, decision.judges)
        case TradeClosed() as closed:
            key = keys.trades(closed.decided_ts, closed.strategy, closed.side, closed.leg)
            found.trades[key] = trade_row(closed)
            judged = keys.judged.get(closed.candidate_id)
            if judged is not None:
                found.candidates[judged]["traded"] = True
        case Fill() as fill:
            tag = read_tag(fill.tag)
            way = "in" if tag is not None and tag.role is Role.ENTRY else "out"
            minute = record.ts_exchange - record.ts_exchange % MINUTE_NS
            found.fills[keys.fills(minute, way, int(fill.side))] = {
                "qty": fill.qty,
                "price_tick": fill.price_tick,
            }


def candidate_row(one: JudgedCandidate, judges: Sequence[str]) -> Row:
    """A candidate with its bracket, what each judge said, and with which numbers."""
    row: Row = {
        "confidence": one.confidence,
        "ref_close": one.ref_close,
        "sl_ticks": one.sl_ticks,
        "tp_ticks": one.tp_ticks,
        "note": one.note,
        "reason": "" if one.outcome is Reason.NONE else one.outcome.word,
        "traded": False,
    }
    row |= {f"code of {judge}": int(code) for judge, code in zip(judges, one.codes, strict=True)}
    for said in one.spoken:
        row[f"numbers of {said.judge}"] = (said.reason.word, *said.numbers)
    return row


def trade_row(closed: TradeClosed) -> Row:
    """A closed leg."""
    row: Row = {one.name: getattr(closed, one.name) for one in fields(closed)}
    month = month_code(closed.contract, NEAR)
    return {name: value for name, value in row.items() if name not in IDS} | {"month": month}
