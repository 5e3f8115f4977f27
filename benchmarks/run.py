"""`make bench`: every row, ours and the peers side by side, into results.json and the README.

`python -m benchmarks.run [ROW ...]` measures some rows only and writes nothing.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, Final

import numpy as np

from benchmarks import peer_runs
from benchmarks.case import RULE, SWEEP, long_file, one_contract, write_case, year_of
from benchmarks.cpu_share import cpu_rows
from benchmarks.journal_speed import journal_rows
from benchmarks.order_path import order_rows
from benchmarks.peer_runs import PEERS, Timed, timed
from benchmarks.portfolio import write_year
from benchmarks.reference import RULES, Bars, agreeing, booked, replay, signals
from benchmarks.results import HERE, Bar, Row, table, write
from benchmarks.stream import stream_rows
from julie.store.read import load_bars

ROOT: Final = HERE.parent
DATA: Final = HERE / ".data"
PEER_RUNS: Final = {"backtesting": 4, "backtrader": 2, "nautilus": 2, "vectorbt": 12}
OUR_RUNS: Final = 9
SINGLE: Final[dict[str, tuple[Bar | None, Bar | None]]] = {
    "backtesting": (Bar(least_ratio=8.0), None),
    "backtrader": (Bar(least_ratio=60.0), None),
    "nautilus": (Bar(least_ratio=60.0), None),
    "vectorbt": (None, Bar(least_ratio=1.0)),
}


def told(text: str) -> None:
    """A line of progress."""
    print(f"bench: {text}", flush=True)


def ours(row: str, runs: int = OUR_RUNS, out: Path | None = None) -> dict[str, Any]:
    """Our side of a row, in a process of its own."""
    words = [sys.executable, "-m", "benchmarks.ours", row, "--runs", str(runs)]
    if out is not None:
        words += ["--out", str(out)]
    done = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


class Bench:
    """One run of the benchmark; what several rows need is measured once."""

    def __init__(self) -> None:
        DATA.mkdir(exist_ok=True)
        self._peers: dict[str, Timed] = {}
        self._bars = one_contract(year_of(load_bars(long_file(), "NQ")))
        self._case, self._sweep = DATA / "case.npz", DATA / "sweep.npz"
        write_case(self._case, (RULE,), self._bars)
        write_case(self._sweep, SWEEP, self._bars)

    def peer(self, name: str) -> Timed:
        """A peer's run of the rule."""
        if name not in self._peers:
            told(f"{PEERS[name]} runs the rule")
            self._peers[name] = timed(name, self._case, PEER_RUNS[name])
        return self._peers[name]

    # rows

    def single_rule(self) -> list[Row]:
        """The rule against each peer, with the trades compared."""
        rows = []
        for name, (bar, goal) in SINGLE.items():
            peer = self.peer(name)
            out = DATA / "ours.npz"
            told(f"ours beside {peer.name}")
            mine = ours("single_rule", out=out)
            with np.load(out) as stored:
                own = {key: stored[key] for key in ("house", "next_bar")}
            equal = self._equal(name, peer.trades[0], own, self._case, 0)
            more = {
                "ours_best": _short(min(mine["seconds"])),
                "peer_best": _short(peer.best_s),
                "peer_process_s": _short(peer.process_s),
                "peer_version": peer.version,
                "fill_rule": RULES[name].words,
                "trades_equal": {key: f"{a} of {b}" for key, (a, b) in equal.items()},
                **{key: mine[key] for key in ("candidates", "verdicts", "trades")},
            }
            seconds, agrees = median(mine["seconds"]), all(a == b for a, b in equal.values())
            rows.append(
                Row("single_rule", seconds, "s", bar, goal, peer.name, peer.median_s, agrees, more)
            )
        return rows

    def _equal(
        self, name: str, peer: np.ndarray, own: dict[str, np.ndarray], case: Path, number: int
    ) -> dict[str, tuple[int, int]]:
        """Ours against the plain loop, the peer against the loop under its rule, and both."""
        bars, stops, targets = _ticks(case, number)
        rule = RULES[name]
        fills = booked(peer, bars, targets, rule) if not rule.exact else peer
        found = {
            "ours and the plain loop": agreeing(
                own["house"], replay(bars, stops, targets, RULES["backtesting"])
            ),
            f"{PEERS[name]} and the plain loop under its fill rule": agreeing(
                fills, replay(bars, stops, targets, rule)
            ),
        }
        same = {"backtesting": "house", "backtrader": "next_bar"}.get(name)
        if same is not None and same in own:
            found[f"ours and {PEERS[name]}"] = agreeing(own[same], fills)
        return found

    def sweep_10(self) -> list[Row]:
        """Ten parameter sets against vectorbt's one call."""
        told("vectorbt runs ten sets")
        peer = timed("vectorbt", self._sweep, 6, sweep=True)
        told("ours runs ten sets")
        out = DATA / "ours_sweep.npz"
        mine = ours("sweep_10", out=out)
        equal = True
        with np.load(out) as stored:
            for number, theirs in enumerate(peer.trades):
                own = {"house": stored[f"set_{number}"]}
                pairs = self._equal("vectorbt", theirs, own, self._sweep, number)
                equal = equal and all(a == b for a, b in pairs.values())
        more = {
            "ours_best": _short(min(mine["seconds"])), "peer_best": _short(peer.best_s),
            "trades": mine["trades"],
        }  # fmt: skip
        bar, goal = Bar(least_ratio=1.0), Bar(least_ratio=5.0)
        seconds = median(mine["seconds"])
        return [Row("sweep_10", seconds, "s", bar, goal, peer.name, peer.median_s, equal, more)]

    def portfolio_frame(self) -> list[Row]:
        """The frame portfolio over a year against backtesting.py's one rule."""
        peer = self.peer("backtesting")
        told("ours runs the portfolio over the year, and over es_1m with nq_1m")
        mine, real = ours("portfolio_year", 5), ours("portfolio_pair", 3)
        seconds = median(mine["seconds"])
        keys = ("rows", "candidates", "verdicts", "trades", "record_bytes")
        more = {
            **{key: mine[key] for key in keys},
            "es_1m_nq_1m": {
                "seconds": _short(median(real["seconds"])), **{key: real[key] for key in keys},
            },
        }  # fmt: skip
        bar, goal = Bar(least_ratio=1.0), Bar(least_ratio=2.0)
        enough = mine["candidates"] >= 20_000
        return [
            Row("portfolio_frame", seconds, "s", bar, goal, peer.name, peer.median_s, enough, more)
        ]

    def command_wall(self) -> list[Row]:
        """The whole command, and its memory, against vectorbt's whole process."""
        told("vectorbt's whole process for its one rule")
        walls = [timed("vectorbt", self._case, 1).process_s for _ in range(3)]
        with tempfile.TemporaryDirectory() as folder:
            files = write_year(Path(folder))
            told("python backtest.py over the year, to the written report")
            command(files, Path(folder) / "warm")
            taken = [command(files, Path(folder) / f"run{n}") for n in range(5)]
        seconds, megabytes = (median(column) for column in zip(*taken, strict=True))
        more = {"ours_best": _short(min(s for s, _ in taken)), "peer_best": _short(min(walls))}
        wall = Row(
            "command_wall", seconds, "s", Bar(least_ratio=1.0), Bar(most=3.0), "vectorbt, whole",
            median(walls), more=more,
        )  # fmt: skip
        return [wall, Row("memory_year", megabytes, "MB", Bar(most=600.0), Bar(most=350.0))]

    def live_step(self) -> list[Row]:
        """One row through everything."""
        told("ours steps row by row")
        found = ours("live_step")
        more = {"steps": found["steps"], "candidates": found["candidates"]}
        return [
            Row("live_step", found["p50"], "ms p50", Bar(most=1.0), Bar(most=1.0), more=more),
            Row("live_step", found["p99"], "ms p99", Bar(most=5.0), Bar(most=2.0), more=more),
        ]

    def slope(self) -> list[Row]:
        """Twelve years over twelve times one."""
        told("ours runs twelve years")
        found = ours("slope", 3)
        one, twelve = median(found["one"]), median(found["twelve"])
        more = {
            "one_year_s": _short(one), "twelve_years_s": _short(twelve),
            "rows": [found["one_rows"], found["twelve_rows"]], "peak_mb": round(found["peak_mb"]),
        }  # fmt: skip
        return [Row("slope", twelve / (12 * one), "x", Bar(most=1.15), Bar(most=1.0), more=more)]

    def rows(self) -> dict[str, Callable[[], list[Row]]]:
        """Every row by name."""
        return {
            "single_rule": self.single_rule,
            "sweep_10": self.sweep_10,
            "portfolio_frame": self.portfolio_frame,
            "command_wall": self.command_wall,
            "live_step": self.live_step,
            "slope": self.slope,
            "stream": stream_rows,
            "journal": journal_rows,
            "bar_to_order": order_rows,
            "cpu_share": cpu_rows,
        }


def _short(value: float) -> float:
    return float(f"{value:.4g}")


def _ticks(case: Path, number: int) -> tuple[Bars, list[int], list[int]]:
    """A case in whole ticks, for the plain loop."""
    with np.load(case) as stored:
        tick = float(stored["tick"])
        names = ("open", "high", "low", "close")
        prices = [np.rint(stored[name] / tick).astype(int).tolist() for name in names]
        pair = int(stored["fast"][number]), int(stored["slow"][number])
        o, h, low, close = prices
        bars = Bars(o, h, low, close, signals(stored["close"], *pair))
        stops, targets = (
            np.rint(stored[name][number] / tick).astype(int).tolist() for name in ("stop", "target")
        )
    return bars, stops, targets


def command(files: Sequence[tuple[Path, str]], out: Path) -> tuple[float, float]:
    """Wall seconds and peak megabytes of `python backtest.py` without plots."""
    words = [sys.executable, "backtest.py", "--no-plots", "--json", "--out", str(out)]
    for file, symbol in files:
        words += ["--data", str(file), "--symbol", symbol]
    measured = [sys.executable, "-m", "benchmarks.watched", *words]
    done = subprocess.run(measured, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    code, seconds, megabytes = json.loads(done.stdout)
    if code != 0 or not (out / "report.html").is_file():
        raise SystemExit(f"bench: {' '.join(words)} left no report (exit {code})")
    shutil.rmtree(out)
    return seconds, megabytes


def main(names: Sequence[str]) -> int:
    """Measure the rows asked for, or all of them; returns the exit code."""
    if not long_file().is_file():
        print(
            f"bench: skipped: {long_file()} is not there.\n"
            "-> set JULIE_DATA to the folder that holds nq_1m_long.parquet"
        )
        return 0
    for peer in PEERS:
        peer_runs.python_of(peer)
    bench = Bench()
    known = bench.rows()
    chosen = list(names) or list(known)
    rows = [row for name in chosen for row in known[name]()]
    today = datetime.now(UTC).date().isoformat()
    if names:
        print(json.dumps([row.plain() for row in rows], indent=1))
    else:
        write(rows, today)
    print(table({"machine": "", "date": today, "rows": [row.plain() for row in rows]}))
    return 0 if all(row.ok for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
