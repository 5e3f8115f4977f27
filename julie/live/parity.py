"""A live run held against the backtest of the same bars: candidates, verdicts with their numbers,
brackets, sizes, fills and exits, field by field.

Only what is named anew by every run may differ, and local times. A candidate whose working entry
was taken off again is told live as it was decided; of it the backtest knows the end.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np

from julie.backtest.harvest import decision_columns, number_columns, trade_columns
from julie.backtest.result import Coded, Column, Columns
from julie.backtest.runner import Run
from julie.core.types import Reason
from julie.core.zones import EASTERN, SECOND_NS
from julie.desk.verdicts import code_columns
from julie.live.recorded import IDS, NEAR, PRICES, Key, Numbered, Row, Table, Tables
from julie.store.contracts import month_code

ABSENT: Final = "absent"
LATER: Final = frozenset(
    one.word for one in (Reason.EXPIRED, Reason.WITHDRAWN, Reason.NO_NEXT_BAR)
)  # what became of an entry after its decision


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that is not the same."""

    table: str
    key: Key
    field: str  # empty = the whole row
    live: object
    tested: object

    def __str__(self) -> str:
        at = datetime.fromtimestamp(int(str(self.key[0])) // SECOND_NS, ZoneInfo(EASTERN))
        named = " ".join(str(part) for part in self.key[1:])
        what = f" {self.field}" if self.field else ""
        return (
            f"{self.table} {at:%Y-%m-%d %H:%M} {named}{what}:"
            f" live {self.live}, backtest {self.tested}"
        )


@dataclass(frozen=True, slots=True)
class Parity:
    """What was compared, and where the two are not one."""

    compared: dict[str, int]  # rows of the backtest by table
    differences: tuple[Difference, ...]


def compare(live: Tables, tested: Tables) -> Parity:
    """Both, row by row; what only one of them has is a difference."""
    others = tested.named()
    found = [one for name, rows in live.named().items() for one in _apart(name, rows, others[name])]
    return Parity({name: len(rows) for name, rows in others.items()}, tuple(found))


def _apart(name: str, live: Table, tested: Table) -> Iterator[Difference]:
    for key in sorted({*live, *tested}, key=lambda one: (int(str(one[0])), str(one))):
        mine, other = live.get(key), tested.get(key)
        if mine is None or other is None:
            has = "has it"
            yield Difference(
                name, key, "", ABSENT if mine is None else has, ABSENT if other is None else has
            )
            continue
        for field in dict.fromkeys((*mine, *other)):
            a, b = mine.get(field, ABSENT), other.get(field, ABSENT)
            if not _alike(a, b) and not (field == "reason" and a == "" and b in LATER):
                yield Difference(name, key, field, a, b)


def _alike(a: object, b: object) -> bool:
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(_alike, a, b))
    return a == b or (a != a and b != b)  # the same, or on both sides no number


def tested(run: Run, first_ts: int, end_ns: int) -> Tables:
    """The rows of a backtest, of the bars between two times."""
    c, names = run.judged.candidates, [one.name for one in run.facts.strategies]
    symbols = [bars.instrument.symbol for bars in run.facts.series]
    keys = Numbered()
    candidates: list[Key] = [
        keys(ts, symbols[k], names[s], side)
        for ts, k, s, side in zip(
            c.ts.tolist(), c.instrument.tolist(), c.strategy.tolist(), c.side.tolist(), strict=True
        )
    ]
    found = Tables(bars=_bars(run, first_ts, end_ns))
    found.candidates = dict(zip(candidates, _candidates(run), strict=True))
    keys = Numbered()
    for row in _trades(run):
        found.trades[keys(row["decided_ts"], row["strategy"], row["side"], row["leg"])] = row
    found.fills = _fills(run)
    return found


def _bars(run: Run, first_ts: int, end_ns: int) -> Table:
    found: Table = {}
    for bars in run.facts.series:
        lo, hi = np.searchsorted(bars.ts, (first_ts, end_ns)).tolist()
        months = [month_code(name, NEAR) for name in bars.contract]
        columns = [np.nan_to_num(getattr(bars, name)[lo:hi]).tolist() for name in PRICES]
        for ts, of, *prices in zip(
            bars.ts[lo:hi].tolist(), bars.contract_of[lo:hi].tolist(), *columns, strict=True
        ):
            row: Row = dict(zip(PRICES, prices, strict=True))
            found[ts, bars.instrument.symbol] = row | {"month": months[of]}
    return found


def _candidates(run: Run) -> list[Row]:
    columns = _plain(decision_columns(run.judged, run.facts))
    codes = {
        f"code of {name}": values.tolist()
        for name, values in code_columns(run.judged, run.facts.chain).items()
    }
    kept = ("confidence", "ref_close", "sl_ticks", "tp_ticks", "note")
    reasons = [Reason(value).word if value else "" for value in columns["reason"]]
    rows: list[Row] = [
        {name: columns[name][i] for name in kept}
        | {"reason": reasons[i], "traded": columns["trade_id"][i] >= 0}
        | {name: values[i] for name, values in codes.items()}
        for i in range(len(reasons))
    ]
    numbers = _plain(number_columns(run.judged, run.facts.chain))
    for i, candidate in enumerate(numbers["candidate_id"]):
        four = (numbers[f"n{n}"][i] for n in range(1, 5))
        rows[candidate][f"numbers of {numbers['judge'][i]}"] = (numbers["reason"][i], *four)
    return rows


def _trades(run: Run) -> list[Row]:
    columns = _plain(trade_columns(run.record, run.judged, run.facts, run.line.day))
    months = [month_code(name or "", NEAR) for name in columns["contract"]]
    return [
        {name: values[i] for name, values in columns.items() if name not in IDS}
        | {"month": months[i]}
        for i in range(len(months))
    ]


def _fills(run: Run) -> Table:
    """What the venue must have done for the legs that closed, a fill an entry and an exit."""
    record = run.record
    legs = record.trades[: int(record.account[0]["legs"])]
    keys, found = Numbered(), Table()
    sides = [
        (int(row[f"{end}_ns"]), way, sign * int(row["side"]), int(row["qty"]), int(row[tick]))
        for row in legs
        for end, way, sign, tick in (
            ("entry", "in", 1, "entry_tick"),
            ("exit", "out", -1, "exit_tick"),
        )
    ]
    for ts, way, side, qty, tick in sorted(sides, key=lambda one: one[0]):
        found[keys(ts, way, side)] = {"qty": qty, "price_tick": tick}
    return found


def _plain(columns: Columns) -> dict[str, list[Any]]:
    return {name: _values(column) for name, column in columns.items()}


def _values(column: Column) -> list[Any]:
    if isinstance(column, Coded):
        return [column.names[code] if code >= 0 else None for code in column.codes.tolist()]
    return list(np.asarray(column).tolist())


def said(found: Parity, shown: int = 10) -> Sequence[str]:
    """The outcome in words."""
    counts = ", ".join(f"{n:,} {name}" for name, n in found.compared.items())
    lines = [f"{len(found.differences)} differences in {counts}"]
    return [*lines, *(f"  {one}" for one in found.differences[:shown])]
