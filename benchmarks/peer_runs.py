"""The peers: an environment of its own for each, made on first use, and their timed runs."""

import hashlib
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

import numpy as np

from benchmarks.reference import FIELDS

HERE: Final = Path(__file__).parent
ENVS: Final = HERE / ".envs"
SCRIPTS: Final = HERE / "peers"
PEERS: Final = {
    "backtesting": "backtesting.py",
    "backtrader": "backtrader",
    "nautilus": "nautilus_trader",
    "vectorbt": "vectorbt",
}


@dataclass(frozen=True, slots=True)
class Timed:
    """What a peer took, and the trades it found: rows of `reference.FIELDS`, prices in ticks."""

    name: str
    version: str
    seconds: list[float]  # of each run, in the process, without imports
    process_s: float  # from the start of Python to its end, all runs
    trades: list[np.ndarray]

    @property
    def median_s(self) -> float:
        """Of the runs behind the first, which may compile."""
        return median(self.seconds[1:] or self.seconds)

    @property
    def best_s(self) -> float:
        """The quickest run."""
        return min(self.seconds)


def python_of(peer: str) -> Path:
    """The peer's own Python, with its pins installed."""
    pins = SCRIPTS / f"{peer}.txt"
    place = ENVS / peer
    python = place / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    stamp = place / f"{hashlib.sha256(pins.read_bytes()).hexdigest()[:12]}.pins"
    if not stamp.is_file():
        print(f"making benchmarks/.envs/{peer}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(place)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, "-r", str(pins)], check=True)
        stamp.touch()
    return python


def timed(peer: str, case: Path, runs: int, *, sweep: bool = False) -> Timed:
    """Run a peer's script on a case."""
    python = python_of(peer)
    out = case.with_name(f"{peer}_{case.stem}.npz")
    words = [
        str(python),
        str(SCRIPTS / f"{peer}_rule.py"),
        str(case),
        str(out),
        "--runs",
        str(runs),
    ]
    began = time.perf_counter()
    done = subprocess.run(
        words + ["--sweep"] * sweep, check=True, stdout=subprocess.PIPE, text=True, cwd=HERE
    )
    process_s = time.perf_counter() - began
    told = json.loads(done.stdout.splitlines()[-1])
    with np.load(case) as prices:
        tick = float(prices["tick"])
    trades = _trades(out, len(told["trades"]), tick)
    return Timed(PEERS[peer], told["version"], told["seconds"], process_s, trades)


def _trades(file: Path, sets: int, tick: float) -> list[np.ndarray]:
    with np.load(file) as stored:
        return [
            np.column_stack([_whole(stored[f"{name}_{number}"], name, tick) for name in FIELDS])
            for number in range(sets)
        ]


def _whole(values: np.ndarray, name: str, tick: float) -> np.ndarray:
    scaled = values / tick if name in ("entry", "exit") else values
    return np.rint(scaled).astype(np.int64)
