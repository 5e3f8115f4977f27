"""The chain: every judge is asked about every candidate, and the first denier in order is the
reason.

All of it is array work over the candidate table, whether it holds the run or the few candidates
of one close. Judges of our own record cannot be asked here, because they depend on trades yet to
come: the chain says for whom they count, and the desk asks them in time order and merges their
answers by the same order. Whatever does not depend on the candidates is settled when the chain is
built.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from julie.core.errors import ConfigError, StrategyError
from julie.core.sessions import minute_since_open
from julie.core.types import Code, Reason
from julie.core.unit_watch import NEVER_OFF, Unit, gaps
from julie.core.venue_times import VENUE, LastEntry
from julie.defense.base import (
    MOST_NUMBERS,
    AnyJudge,
    Candidates,
    Clause,
    Column,
    Judge,
    Mask,
    Params,
    RecordJudge,
    Session,
    Style,
    Verdicts,
)
from julie.defense.catalogue import catalogue
from julie.defense.overrides import SESSIONS, Asker, Mode, Overrides, Settled, check_names, settle

STYLES: Final = len(Style)
NO_ONE: Final = -1
# plain numbers: an array compares with an enum's member ten times slower
ALLOW, SCALE, DENY, NOT_READY = map(int, (Code.ALLOW, Code.SCALE, Code.DENY, Code.NOT_READY))
OFF, ON = int(Mode.OFF), int(Mode.ON)
_WHOLE_DAY: Final = (0, 1440)

Flags = npt.NDArray[np.int8]
Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Spoken:
    """What deniers and scalers said: one row a verdict, the observed ones too."""

    candidate: npt.NDArray[np.int64]  # row of the candidate table
    judge: npt.NDArray[np.int16]  # place in the chain
    code: Flags
    reason: npt.NDArray[np.int16]
    factor: Floats
    numbers: Floats  # 4 x rows: n1 to n4


@dataclass(frozen=True, slots=True, eq=False)
class ChainResult:
    """The chain's answer about a candidate table; all matrices are candidates x judges."""

    codes: Flags
    modes: Flags  # Mode of each judge for each candidate
    factor: Floats  # product of what counts
    first_denier: npt.NDArray[np.int16]  # place in the chain, -1 = none
    reason: npt.NDArray[np.int16]
    spoken: Spoken

    @property
    def counts(self) -> Mask:
        """Whether each judge's answer counts, judges x candidates."""
        counts: Mask = self.modes.T == ON
        return counts


def denials(codes: Flags, modes: Flags) -> Mask:
    """Which counting judge denied which candidate."""
    denied: Mask = (codes >= DENY) & (modes == ON)
    return denied


def denied_alone(codes: Flags, modes: Flags) -> Mask:
    """The denials without which the candidate would have passed the chain."""
    denied = denials(codes, modes)
    alone: Mask = denied & (denied.sum(axis=1, keepdims=True) == 1)
    return alone


@dataclass(slots=True)
class _Ledger:
    """Verdicts of deniers and scalers as they are spoken."""

    # rows of the table, the same as the clause counts them, the judge's place
    parts: list[tuple[Places, Places, int, Clause]] = field(default_factory=list)

    def spoken(self) -> Spoken:
        sizes = [len(rows) for rows, *_ in self.parts]
        total = sum(sizes)
        made = Spoken(
            np.empty(total, np.int64),
            np.empty(total, np.int16),
            np.empty(total, np.int8),
            np.empty(total, np.int16),
            np.empty(total),
            np.empty((MOST_NUMBERS, total)),
        )
        at = 0
        for (rows, own, place, clause), size in zip(self.parts, sizes, strict=True):
            here = slice(at, at + size)
            made.candidate[here], made.judge[here] = rows, place
            made.code[here], made.reason[here] = clause.code, clause.reason
            made.factor[here] = clause.factor_of(own)
            made.numbers[:, here] = clause.numbers_of(own)
            at += size
        return made


class Chain:
    """Judges in order, with all their numbers settled for the strategies of a run."""

    def __init__(
        self,
        judges: Sequence[AnyJudge],
        askers: Sequence[Asker],
        overrides: Overrides | None = None,
        last_entry: LastEntry = VENUE,
    ) -> None:
        layers = overrides or Overrides()
        self.judges = tuple(judges)
        self.names = tuple(judge.name for judge in judges)
        check_names(layers, tuple(dict.fromkeys((*self.names, *catalogue()))))
        self._settled = [settle(judge, layers, askers) for judge in judges]
        self._modes = _mode_table(self.judges, self._settled)
        self._places = _place_tables(askers, last_entry)
        self.columns = _columns_of(self.judges)
        self._reads = [
            tuple(c.name for c in judge.columns) if isinstance(judge, Judge) else ()
            for judge in judges
        ]
        self._column_judges = [
            (place, judge) for place, judge in enumerate(judges) if isinstance(judge, Judge)
        ]
        self.units = [Unit("judge", name) for name in self.names]
        # asked about rows that are no candidates, live only where a plan is open: never off
        self.between = [Unit("judge", f"{one} between closes", NEVER_OFF) for one in self.names]
        self._asking = np.array([isinstance(judge, Judge) for judge in judges], np.int8)

    def params(self, name: str) -> Params:
        """The numbers of `defense.<judge>`."""
        return self._settled[self.names.index(name)].params

    def asked(self, result: ChainResult) -> dict[str, Flags]:
        """For each judge of our own record: its mode for each candidate."""
        return {
            judge.name: np.ascontiguousarray(result.modes[:, place])
            for place, judge in enumerate(self.judges)
            if isinstance(judge, RecordJudge)
        }

    def binds(self, name: str) -> bool:
        """Whether a judge's answer counts for any strategy in any session."""
        if name not in self.names:
            return False
        return bool((self._settled[self.names.index(name)].modes == Mode.ON).any())

    def reads(self, name: str) -> tuple[str, ...]:
        """The columns a judge reads, by name; nothing when it is not in the chain."""
        return self._reads[self.names.index(name)] if name in self.names else ()

    def denied_by(self, name: str, rows: Candidates) -> Mask:
        """Where a column judge denies rows that are no candidates, by strategy 0."""
        denied = np.zeros(len(rows), np.bool_)
        if name not in self.names or not self._places["own_session"].size:
            return denied
        at = self.names.index(name)
        judge = self.judges[at]
        if isinstance(judge, Judge):
            place = np.asarray(rows.session, np.int64)
            pieces = self.between[at].asked(
                lambda a, b: self._ask_some(judge, at, rows, place, slice(a, b)),
                rows.ts, 0, len(rows),
            )  # fmt: skip
            for a, b, answer in pieces:
                for clause in answer.clauses:
                    denied[a:b] |= clause.when & (clause.code == DENY)
            for a, b in gaps(pieces, 0, len(rows)):
                denied[a:b] = True
        return denied

    def __call__(self, candidates: Candidates) -> ChainResult:
        """Ask every judge about every candidate."""
        n = len(candidates)
        place = candidates.strategy.astype(np.int64) * SESSIONS + candidates.session
        modes = self._modes.take(place * STYLES + candidates.style, axis=1)  # judges x candidates
        codes = self._asking[:, None] * (modes != OFF)  # allowed where asked
        factor = np.ones(n)
        ledger = _Ledger()
        if n:
            facts = {name: table[place] for name, table in self._places.items()}
            seen = Candidates(candidates.data, candidates.columns | facts, candidates.notes)
            with np.errstate(invalid="ignore"):
                self._judge(seen, place, codes, modes, factor, ledger)
        return self._result(codes, modes, factor, ledger.spoken())

    def _judge(
        self,
        seen: Candidates,
        place: Places,
        codes: Flags,
        modes: Flags,
        factor: Floats,
        ledger: "_Ledger",
    ) -> None:
        """Write every column judge's answers into the matrices and the ledger."""
        unready = self._unready(seen)
        for at, judge in self._column_judges:
            row = codes[at]
            if at in unready:
                row[unready[at] & (row == ALLOW)] = NOT_READY
            for rows, own, clause in self._says(judge, at, seen, place, row == ALLOW):
                row[rows] = clause.code
                ledger.parts.append((rows, own, at, clause))
                if clause.code == SCALE:
                    counting = modes[at, rows] == ON
                    factor[rows[counting]] *= clause.factor_of(own[counting])

    def _says(
        self, judge: Judge, at: int, seen: Candidates, place: Places, asked: Mask
    ) -> Iterator[tuple[Places, Places, Clause]]:
        """Each clause with its rows, of the table and of the answer; a judge that fails lets nobody
        pass whom it was asked about.
        """
        unit, known = self.units[at], None
        if not unit.failed:
            try:
                said = list(self._ask(judge, at, seen, place).spoken(asked))
            except Exception as error:  # noqa: BLE001  # whatever a unit raises is its own
                known = error
            else:
                yield from ((rows, rows, clause) for clause, rows in said)
                return
        ts = seen.ts
        first = np.concatenate(([0], np.flatnonzero(np.diff(ts)) + 1, [len(ts)]))
        pieces = unit.pieces(
            lambda a, b: self._ask_some(judge, at, seen, place, slice(first[a], first[b])),
            ts[first[:-1]], 0, len(first) - 1, known,
        )  # fmt: skip
        for a, b, answer in pieces:
            for clause, own in answer.spoken(asked[first[a] : first[b]]):
                yield own + first[a], own, clause
        for a, b in gaps(pieces, 0, len(first) - 1):
            rows = first[a] + np.flatnonzero(asked[first[a] : first[b]])
            yield rows, rows, Clause(asked, Code.DENY, Reason.JUDGE_FAILED, 1.0, ())

    def _ask_some(
        self, judge: Judge, at: int, seen: Candidates, place: Places, rows: slice
    ) -> Verdicts:
        """Some rows alone."""
        return self._ask(judge, at, seen.take(rows), place[rows])

    def _ask(self, judge: Judge, at: int, seen: Candidates, place: Places) -> Verdicts:
        answer = judge.rule(seen, self._settled[at].view(place))
        shape = (len(seen),)
        for clause in answer.clauses:
            if clause.when.shape != shape:
                raise StrategyError(
                    f"judge {judge.name} answered in the shape {clause.when.shape}, not {shape}",
                    "a judge's rule is elementwise over the candidate table",
                )
        return answer

    def _unready(self, seen: Candidates) -> dict[int, Mask]:
        """Where a declared column has no value, by judge; one sum looks at all columns first."""
        total = np.zeros(len(seen))
        for name in self.columns:
            total += seen.columns[name]
        if not np.isnan(total).any():
            return {}
        missing = {name: np.isnan(seen.columns[name]) for name in self.columns}
        found: dict[int, Mask] = {}
        for at, _ in self._column_judges:
            masks = [missing[name] for name in self._reads[at]]
            if masks:
                found[at] = np.logical_or.reduce(masks)
        return found

    def _result(self, codes: Flags, modes: Flags, factor: Floats, spoken: Spoken) -> ChainResult:
        n = len(factor)
        denied = denials(codes, modes)
        first = np.full(n, NO_ONE, np.int16)
        reason = np.zeros(n, np.int16)
        rows = np.flatnonzero(denied.any(axis=0))
        if len(rows):
            first[rows] = denied[:, rows].argmax(axis=0)
            reason[rows[codes[first[rows], rows] == NOT_READY]] = Reason.NOT_READY
            decisive = (spoken.code == DENY) & (first[spoken.candidate] == spoken.judge)
            reason[spoken.candidate[decisive]] = spoken.reason[decisive]
        return ChainResult(codes.T, modes.T, factor, first, reason, spoken)


def _mode_table(judges: Sequence[AnyJudge], settled: Sequence[Settled]) -> Flags:
    """Mode of each judge at (strategy x 5 + session) x styles + style; exempt styles are off."""
    rows = []
    for judge, one in zip(judges, settled, strict=True):
        table = np.repeat(one.modes, STYLES).reshape(-1, STYLES)
        table[:, list(judge.exempt)] = Mode.OFF
        rows.append(table.ravel())
    return np.array(rows, np.int8) if rows else np.zeros((0, 1), np.int8)


def _place_tables(askers: Sequence[Asker], last_entry: LastEntry) -> dict[str, Floats]:
    """What strategies and venue say about time, at strategy x 5 + session."""
    own, start, stop = [], [], []
    for asker in askers:
        first, last = map(minute_since_open, asker.window) if asker.window else _WHOLE_DAY
        for session in Session:
            own.append(float(session in asker.sessions))
            start.append(float(first))
            stop.append(float(last))
    return {
        "own_session": np.array(own),
        "window_start": np.array(start),
        "window_stop": np.array(stop),
        "last_entry": np.full(len(own), float(last_entry.minute)),
        "early_last_entry": np.full(len(own), float(last_entry.early_min)),
    }


def _columns_of(judges: Sequence[AnyJudge]) -> dict[str, Column]:
    """The columns to gather for the candidates, by the name under which judges read them."""
    found: dict[str, Column] = {}
    for judge in judges:
        for column in judge.columns if isinstance(judge, Judge) else ():
            if found.setdefault(column.name, column) != column:
                raise ConfigError(
                    f"judge {judge.name} calls {column.expression} {column.name!r},"
                    " another judge something else",
                    "give the column a name of its own with .named(...)",
                )
    return found
