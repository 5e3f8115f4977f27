"""What every peer script shares: the prices it reads, its clock, the trades it leaves.

A script is called as `python <peer>_rule.py CASE.npz TRADES.npz --runs N [--sweep]` and prints
one line of JSON: the seconds of each run, without imports and without reading the file.
"""

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

FEE = 0.37  # USD a side
POINT = 2.0  # USD of a point
CASH = 10_000_000.0
FIELDS = ("side", "entry_row", "entry", "exit_row", "exit")


@dataclass(frozen=True)
class Case:
    """Prices of the rule's bars, and its parameter sets with their distances in points.

    The distances are rounded to whole ticks by our rule: stops up, targets down.
    """

    ts: Any  # ns UTC
    open: Any
    high: Any
    low: Any
    close: Any
    tick: float
    fast: Any  # [sets] bars of the averages
    slow: Any
    stop: Any  # [sets, rows]; 0 where the range is not known yet
    target: Any


@dataclass(frozen=True)
class Trades:
    """Closed trades, one row each: rows of the bars and prices of both fills."""

    side: Any
    entry_row: Any
    entry: Any
    exit_row: Any
    exit: Any


def ema(close: Any, span: int) -> Any:
    """Exponential average, seeded with the first close."""
    alpha, mean, out = 2.0 / (span + 1.0), close[0], np.empty(len(close))
    for row, price in enumerate(close.tolist()):
        mean += alpha * (price - mean)
        out[row] = mean
    return out


def crosses(fast: Any, slow: Any, known_from: int) -> Any:
    """1 where the fast average closes above the slow one, -1 where below, 0 elsewhere."""
    signal = np.zeros(len(fast), np.int8)
    above, below = fast > slow, fast < slow
    signal[1:][above[1:] & ~above[:-1]] = 1
    signal[1:][below[1:] & ~below[:-1]] = -1
    signal[:known_from] = 0
    return signal


Run = Callable[[Case, Any, int], Trades]  # (case, prices in its own form, parameter set)
Sweep = Callable[[Case, Any], list[Trades]]


def main(
    package: str,
    run: Run,
    sweep: Sweep | None = None,
    own_form: Callable[[Case], Any] = lambda case: None,
) -> None:
    """Time the peer, write its trades, print what was measured.

    What turns the prices into the peer's own form is not timed, as ours are not read from a file.
    """
    words = argparse.ArgumentParser()
    words.add_argument("case", type=Path)
    words.add_argument("trades", type=Path)
    words.add_argument("--runs", type=int, default=3)
    words.add_argument("--sweep", action="store_true")
    asked = words.parse_args()
    case = _read(asked.case)
    sets = range(len(case.fast)) if asked.sweep else range(1)
    seconds = []
    found: list[Trades] = []
    for _ in range(asked.runs):
        bars = own_form(case)
        began = time.perf_counter()
        if asked.sweep and sweep:
            found = sweep(case, bars)
        else:
            found = [run(case, bars, one) for one in sets]
        seconds.append(time.perf_counter() - began)
    _write(asked.trades, found)
    counts = [len(one.side) for one in found]
    print(json.dumps({"version": version(package), "seconds": seconds, "trades": counts}))


def _read(file: Path) -> Case:
    with np.load(file) as stored:
        return Case(**{name: stored[name] for name in Case.__dataclass_fields__})


def _write(file: Path, found: list[Trades]) -> None:
    columns = {
        f"{name}_{number}": np.asarray(getattr(one, name))
        for number, one in enumerate(found)
        for name in FIELDS
    }
    np.savez(file, **columns)
