"""From candidate to trade, strategy by strategy: who denied, what refused, what was traded."""

import numpy as np
import numpy.typing as npt

from julie.backtest.ledger import Ledger, by_group
from julie.backtest.records import NO_TRADE, reason_word
from julie.backtest.report.model import DenialRow
from julie.backtest.result import Coded, RunResult
from julie.core.money import dollars
from julie.core.types import Code

_DENYING = (Code.DENY, Code.NOT_READY)


def verdicts(result: RunResult) -> int:
    """How many answers the judges gave."""
    return sum(int(np.count_nonzero(code != Code.NOT_ASKED)) for code in result.codes.values())


def refusals(result: RunResult) -> dict[str, int]:
    """Candidates that did not become a trade, by the reason that counted, most frequent first."""
    refused = np.asarray(result.decisions["trade_id"]) == NO_TRADE
    return _counted(_reasons(result).take(refused))


def denial_table(result: RunResult, book: Ledger) -> list[DenialRow]:
    """A row for each strategy that was enabled, silent, or spoke."""
    spoken = _coded(result, "strategy")
    traded = book.words("strategy")
    named = dict.fromkeys((*result.strategies, *result.silent, *spoken.names, *traded.names))
    net = dict(
        zip(
            traded.names,
            by_group(traded.codes.astype(np.int64), book.net, len(traded.names)).tolist(),
            strict=True,
        )
    )
    count = dict(
        zip(
            traded.names,
            np.bincount(traded.codes, minlength=len(traded.names)).tolist(),
            strict=True,
        )
    )
    made = []
    for strategy in named:
        rows = _rows_of(spoken, strategy)
        made.append(
            DenialRow(
                strategy=strategy,
                candidates=len(rows),
                denied=int(_denied(result, rows).sum()),
                by_judge=_by_judge(result, rows),
                refused=_refused(result, rows),
                trades=count.get(strategy, 0),
                net=dollars(net.get(strategy, 0)),
                silent=result.silent.get(strategy, ""),
            )
        )
    return made


def _rows_of(spoken: Coded, strategy: str) -> npt.NDArray[np.int64]:
    if strategy not in spoken.names:
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(spoken.codes == spoken.names.index(strategy))


def _denied(result: RunResult, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    denied = np.zeros(len(rows), dtype=np.bool_)
    for code in result.codes.values():
        denied |= np.isin(code[rows], _DENYING)
    return denied


def _by_judge(result: RunResult, rows: npt.NDArray[np.int64]) -> dict[str, int]:
    spoken = {
        judge: int(np.isin(code[rows], _DENYING).sum()) for judge, code in result.codes.items()
    }
    return {judge: count for judge, count in spoken.items() if count}


def _refused(result: RunResult, rows: npt.NDArray[np.int64]) -> dict[str, int]:
    refused = rows[np.asarray(result.decisions["trade_id"])[rows] == NO_TRADE]
    return _counted(_reasons(result).take(refused))


def _reasons(result: RunResult) -> Coded:
    reasons = result.decisions["reason"]
    if isinstance(reasons, Coded):
        return reasons
    found, codes = np.unique(np.asarray(reasons), return_inverse=True)
    return Coded(codes.astype(np.int32), tuple(reason_word(int(reason)) for reason in found))


def _coded(result: RunResult, name: str) -> Coded:
    column = result.decisions[name]
    return column if isinstance(column, Coded) else Coded.of(column)


def _counted(words: Coded) -> dict[str, int]:
    known = words.codes[words.codes >= 0]
    counts = np.bincount(known, minlength=len(words.names))
    order = np.argsort(-counts, kind="stable")
    return {words.names[k]: int(counts[k]) for k in order.tolist() if counts[k]}
