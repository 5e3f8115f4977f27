"""Records as CSV for a spreadsheet: stable names, ISO times with offset, plain numbers.

A time column `x_ts` becomes `x_time` in Eastern time with its offset. Nothing is grouped or rounded
for show; not applicable is an empty field.
"""

import csv
import io
from pathlib import Path
from typing import Any, Final

import numpy as np

from julie.backtest.ledger import cents_of
from julie.backtest.record_files import (
    DECISIONS_FILE,
    NUMBERS_FILE,
    TRADES_FILE,
    metadata,
    read_columns,
    read_table,
)
from julie.backtest.records import NUMBERS
from julie.backtest.report.when import eastern_times
from julie.backtest.result import Coded, Column, Columns
from julie.backtest.runs import read_report
from julie.core.types import Code

KINDS: Final = ("trades", "equity", "verdicts")


def export_csv(kind: str, folder: Path) -> str:
    """One of `KINDS` of a run as CSV text."""
    made = {"trades": _trades, "equity": _equity, "verdicts": _verdicts}[kind](folder)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(made)
    writer.writerows(zip(*made.values(), strict=True))
    return text.getvalue()


def _trades(folder: Path) -> dict[str, list[Any]]:
    return _plain(read_columns(folder / TRADES_FILE))


def _equity(folder: Path) -> dict[str, list[Any]]:
    """Realised equity after each leg, in order of exit."""
    trades = read_columns(folder / TRADES_FILE)
    exits, ids, legs = (np.asarray(trades[name]) for name in ("exit_ts", "trade_id", "leg"))
    order = np.lexsort((legs, ids, exits))
    net = cents_of(np.asarray(trades["net"]))[order]
    start = round(read_report(folder).limits.start * 100)
    equity = start + np.cumsum(net)
    fall = np.maximum(np.maximum.accumulate(equity), start) - equity if len(net) else net
    return {
        "exit_time": eastern_times(exits[order]),
        "trade_id": ids[order].tolist(),
        "leg": legs[order].tolist(),
        "net": (net / 100).tolist(),
        "equity": (equity / 100).tolist(),
        "drawdown": (fall / 100).tolist(),
    }


def _verdicts(folder: Path) -> dict[str, list[Any]]:
    """One line a judge's answer; reason and numbers where it denied or scaled."""
    judges: list[str] = metadata(read_table(folder / DECISIONS_FILE), "judges")
    decisions = read_columns(folder / DECISIONS_FILE)
    codes = (
        np.stack([np.asarray(decisions[judge]) for judge in judges]) if judges else np.empty((0, 0))
    )
    judge_of, row_of = np.nonzero(codes != Code.NOT_ASKED)
    order = np.lexsort((judge_of, row_of))
    judge_of, row_of = judge_of[order], row_of[order]
    candidate = np.asarray(decisions["candidate_id"])[row_of]
    words = [code.name.lower() for code in Code]
    made: dict[str, list[Any]] = {
        "candidate_id": candidate.tolist(),
        "time": eastern_times(np.asarray(decisions["ts"])[row_of]),
        "instrument": _listed(decisions["instrument"], row_of),
        "strategy": _listed(decisions["strategy"], row_of),
        "side": _listed(decisions["side"], row_of),
        "judge": [judges[k] for k in judge_of.tolist()],
        "code": [words[int(code)] for code in codes[judge_of, row_of].tolist()],
    }
    return made | _numbers_beside(folder, made["candidate_id"], made["judge"])


def _numbers_beside(folder: Path, candidates: list[int], judges: list[str]) -> dict[str, list[Any]]:
    """Reason and numbers of each answer, empty where none were kept."""
    numbers = read_columns(folder / NUMBERS_FILE)
    keys = zip(_listed(numbers["candidate_id"]), _listed(numbers["judge"]), strict=True)
    place = {key: row for row, key in enumerate(keys)}
    found = [place.get(key, -1) for key in zip(candidates, judges, strict=True)]
    made: dict[str, list[Any]] = {}
    for name in ("reason", *NUMBERS):
        values = [*_listed(numbers[name]), ""]
        made[name] = [values[row] for row in found]
    return made


def _plain(columns: Columns) -> dict[str, list[Any]]:
    made: dict[str, list[Any]] = {}
    for name, column in columns.items():
        if name.endswith("_ts"):
            made[f"{name.removesuffix('_ts')}_time"] = eastern_times(np.asarray(column))
        else:
            made[name] = _listed(column)
    return made


def _listed(column: Column, rows: Any = slice(None)) -> list[Any]:
    if isinstance(column, Coded):
        return column.take(rows).words()
    values = column[rows]
    if values.dtype.kind == "b":
        return ["true" if value else "false" for value in values.tolist()]
    if values.dtype.kind != "f":
        return list(values.tolist())
    return ["" if value != value else _number(value) for value in values.tolist()]


def _number(value: float) -> str:
    """The shortest digits that are the number, never with an exponent."""
    text = np.format_float_positional(value, trim="-")
    return str(text)
