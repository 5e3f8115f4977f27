"""What the judges said of candidates, read out of a close's or a whole run's judgement: codes,
numbers of those that deny or scale, and the notes of the rules.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from julie.core.candidates import Array, Candidates
from julie.core.types import Code
from julie.defense.chain import Chain
from julie.desk.pipeline import Judged
from julie.desk.table import RECORD_JUDGES
from julie.risk.viability import NUMBERS as VIABILITY_NUMBERS
from julie.strategies.base import Strategy

VIABILITY = "viability"
BRACKET = "bracket"
BRACKET_NUMBERS = ("found", "needed")


class Numbers(NamedTuple):
    """One row a denier or scaler, by candidate and judge."""

    candidate: Array
    judge: Array  # place in `speakers`
    reason: Array
    numbers: Array  # rows x 4


def speakers(chain: Chain) -> tuple[str, ...]:
    """Everybody whose numbers are kept: the judges in their order, viability, brackets."""
    return (*chain.names, VIABILITY, BRACKET)


def code_columns(judged: Judged, chain: Chain) -> dict[str, npt.NDArray[np.int8]]:
    """One code a judge and candidate, in the chain's order, and viability's behind them."""
    codes = {
        name: np.ascontiguousarray(judged.chain.codes[:, at]) for at, name in enumerate(chain.names)
    }
    for at, name in enumerate(RECORD_JUDGES):
        if name in codes:
            codes[name] = judged.table.codes[:, at]
    return codes | {VIABILITY: judged.viable.codes}


def number_names(chain: Chain) -> dict[str, tuple[str, ...]]:
    """What n1 to n4 are, by judge."""
    named = {judge.name: judge.numbers for judge in chain.judges}
    return named | {VIABILITY: VIABILITY_NUMBERS, BRACKET: BRACKET_NUMBERS}


def spoken_numbers(judged: Judged, chain: Chain) -> Numbers:
    """Numbers of judges that deny or scale, of viability, and of brackets that were refused."""
    spoken, t = judged.chain.spoken, judged.table
    names = speakers(chain)
    parts = [(spoken.candidate, spoken.judge.astype(np.int32), spoken.reason, spoken.numbers.T)]
    for at, name in enumerate(RECORD_JUDGES):
        rows = np.flatnonzero(t.codes[:, at] == Code.DENY)
        if name in chain.names:
            where = np.full(len(rows), chain.names.index(name), np.int32)
            parts.append((rows, where, t.reasons[rows, at], t.numbers[rows, at]))
    for name, reasons, numbers in (
        (VIABILITY, judged.viable.reason, judged.viable.numbers),
        (BRACKET, judged.laid.reason, judged.laid.numbers),
    ):
        rows = np.flatnonzero(reasons)
        four = np.full((len(rows), 4), np.nan)
        four[:, :2] = numbers[rows]
        parts.append((rows, np.full(len(rows), names.index(name), np.int32), reasons[rows], four))
    candidate, judge, reason, numbers = (
        np.concatenate([part[i] for part in parts]) for i in range(4)
    )
    order = np.lexsort((judge, candidate))
    return Numbers(candidate[order], judge[order], reason[order], numbers[order])


def notes(c: Candidates, strategies: Sequence[Strategy]) -> Array:
    """What each rule wanted to be remembered of its candidate, as `name=value` words."""
    found = np.full(len(c), "", dtype=object)
    for place, one in enumerate(strategies):
        names = [name for name in c.notes if name.startswith(f"{one.name}.")]
        rows = np.flatnonzero(c.strategy == place)
        if not names or not len(rows):
            continue
        pattern = " ".join(f"{name.split('.', 1)[1]}=%.6g" for name in names)
        values = zip(*(c.notes[name][rows].tolist() for name in names), strict=True)
        found[rows] = [pattern % row for row in values]
    return found
