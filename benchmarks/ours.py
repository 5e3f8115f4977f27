"""Our side of each row, measured in a process of its own: `python -m benchmarks.ours ROW ...`.

Prints one line of JSON. Times are of whole runs in the process, from bars in memory to the columns
of the records, without imports; the first run, which may load or compile, is left out.
"""

import argparse
import gc
import json
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.case import SWEEP, long_file, one_contract, rule_request, year_of
from benchmarks.portfolio import pair_request, settings_of, year_request
from julie.backtest.engine import market_of, walk_desk
from julie.backtest.finish import finish
from julie.backtest.harvest import decision_columns, number_columns, trade_columns
from julie.backtest.record_files import write_records
from julie.backtest.runner import Request, Run, fresh_record, run
from julie.backtest.sweep import sweep
from julie.core.bars import Bars
from julie.core.types import Code, ExitReason
from julie.desk.verdicts import code_columns
from julie.execution.matching import FILLS, NEXT_BAR
from julie.store.read import load_bars

Found = dict[str, Any]


def recorded(one: Run) -> int:
    """Make every column of the records; returns how many candidates they hold."""
    trade_columns(one.record, one.judged, one.facts, one.line.day)
    decisions = decision_columns(one.judged, one.facts)
    code_columns(one.judged, one.pipeline.chain)
    number_columns(one.judged, one.pipeline.chain)
    return len(decisions["candidate_id"])


def seconds_of(work: Callable[[], object], runs: int) -> list[float]:
    """Seconds of some runs behind a first one."""
    work()
    found = []
    for _ in range(runs):
        gc.collect()
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return found


def trades_of(record: Any) -> np.ndarray:
    """Trades closed by their bracket: side, entry row and tick, exit row and tick."""
    legs = record.trades[: int(record.account[0]["legs"])]
    legs = legs[legs["exit_reason"] != ExitReason.FLATTEN]  # still open when the bars end
    names = ("side", "entry_row", "entry_tick", "exit_row", "exit_tick")
    return np.column_stack([legs[name].astype(np.int64) for name in names])


def under(one: Run, fills: int) -> np.ndarray:
    """The run's trades under another fill rule."""
    record = fresh_record(one)
    record.rules["fills"] = fills
    market = market_of(one.request.series, one.request.traded, one.line, one.swept.kept)
    walk_desk(record, one.judged, market, one.line)
    return trades_of(record)


def counts(one: Run) -> dict[str, int]:
    """Candidates, verdicts and trades of a run."""
    codes = code_columns(one.judged, one.pipeline.chain)
    asked = sum(int((column != Code.NOT_ASKED).sum()) for column in codes.values())
    trades = len(np.unique(one.record.trades["trade_id"][: int(one.record.account[0]["legs"])]))
    return {"candidates": len(one.judged.candidates), "verdicts": asked, "trades": trades}


def year() -> Bars:
    """The last year of the long series as one contract."""
    return one_contract(year_of(load_bars(long_file(), "NQ")))


def single_rule(runs: int, out: Path | None) -> Found:
    """The rule through the real desk; its trades go to `out`, under our and backtrader's fills."""
    request = rule_request(year())
    seconds = seconds_of(lambda: recorded(run(request)), runs)
    one = run(request)
    if out is not None:
        np.savez(out, house=trades_of(one.record), next_bar=under(one, NEXT_BAR))
    return {"seconds": seconds, "fill_rule": FILLS[0][1], **counts(one)}


def sweep_10(runs: int, out: Path | None) -> Found:
    """Ten parameter sets of the rule."""
    request = rule_request(year())
    sets = [{"ema_cross": one.params()} for one in SWEEP]

    def all_ten() -> list[Run]:
        found: list[Run] = sweep(request, sets)
        for one in found:
            recorded(one)
        return found

    seconds = seconds_of(all_ten, runs)
    trades = [trades_of(one.record) for one in all_ten()]
    if out is not None:
        columns: dict[str, Any] = {f"set_{number}": rows for number, rows in enumerate(trades)}
        np.savez(out, **columns)
    return {"seconds": seconds, "sets": len(sets), "trades": [len(rows) for rows in trades]}


def portfolio(request: Request, runs: int) -> Found:
    """Six strategies and nine judges."""
    seconds = seconds_of(lambda: recorded(run(request)), runs)
    one = run(request)
    with tempfile.TemporaryDirectory() as folder:
        loaded = settings_of()
        result = finish(one, loaded, "bench", "2025-01-01")
        write_records(result, Path(folder))
        size = sum(file.stat().st_size for file in Path(folder).iterdir())
    rows = sum(len(bars) for bars in request.series)
    return {"seconds": seconds, "rows": rows, **counts(one), "record_bytes": size}


def slope(runs: int) -> Found:
    """The portfolio over twelve years and over the last of them."""
    bars = load_bars(long_file(), "NQ")
    spans = {"one": (year_of(bars), 3), "twelve": (bars, 1)}  # the short one oftener
    found: Found = {name: [] for name in spans}
    for _ in range(runs):  # in turn, so that both meet the machine in the same mood
        for name, (series, times) in spans.items():
            request = pair_request((series,), ("MNQ",))
            found[name] += seconds_of(lambda request=request: recorded(run(request)), times)  # type: ignore[misc]
    return found | {f"{name}_rows": len(series) for name, (series, _) in spans.items()}


def main() -> None:
    """Measure one row."""
    words = argparse.ArgumentParser()
    words.add_argument("row")
    words.add_argument("--runs", type=int, default=7)
    words.add_argument("--out", type=Path)
    asked = words.parse_args()
    found = _measured(asked.row, asked.runs, asked.out)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**found, "peak_mb": peak}))


def _measured(row: str, runs: int, out: Path | None) -> Found:
    if row == "single_rule":
        return single_rule(runs, out)
    if row == "sweep_10":
        return sweep_10(runs, out)
    if row == "portfolio_year":
        return portfolio(year_request(), runs)
    if row == "portfolio_pair":
        return portfolio(pair_request(), runs)
    if row == "slope":
        return slope(runs)
    if row == "live_step":
        from benchmarks.live import live_step

        return live_step()
    raise SystemExit(f"no row {row!r}")


if __name__ == "__main__":
    main()
