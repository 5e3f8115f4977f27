"""Plays tiers N and S of the fault matrix over many seeds, and writes docs/fault-soak.md.

`make soak SEEDS=20`: workers, two unless told, take seeds from one heap. A seed kills a busy
session 25 times, plays the rows of chance, and lays faults over each other. Tier S, a day and the
growth of the logs, is played once. A seed that breaks anything is named with what it broke and how
it is played again.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
TABLE: Final = ROOT / "docs" / "fault-soak.md"
KILLS: Final = 25
STATIONS: Final = tuple(f"K{k}" for k in range(1, 16))
BY_CHANCE: Final = ("N6", "V13", "M10", "M18", "H12")
ONCE: Final = ("P26", "H16")
COMBINED: Final = "combined"
FOLDER: Final = "tests/fault"
RANDOM: Final = "test_process_random.py"
FILES: Final = (
    RANDOM,
    "test_nightly_orders.py",
    "test_nightly_market.py",
    "test_nightly_history.py",
    "test_nightly_combined.py",
)
DAY: Final = "test_nightly_endurance.py"
TOLD: Final = re.compile(r"^seed \d+: (\d+) kills, (\d+) in flight, (.*)$", re.MULTILINE)
HEAD: Final = """\
# Faults over many seeds

Made by `make soak`. Each seed kills a busy session again and again: from outside at any instant, at
a failpoint that was drawn, or a drawn time behind it, with a start after each; then it plays the
rows of chance of the fault matrix, and lays two or three faults over one trade. *In flight* are
kills that met an order or a position. All invariants are asserted on the simulated gateway's own
record, over all lives together."""
WHERE: Final = """\
## Where the kills fell

The failpoint that a life passed last. K13, half a status file, is passed each second and counts
where it was aimed at; K14 lies in the migration of a journal, which a running session never passes:
row P19 of a commit plays it."""
LOOK_S: Final = 0.2
DAY_SEED: Final = 0  # tier S stands in the heap as a seed of its own


@dataclass(slots=True)
class Played:
    """What became of a seed, or of tier S."""

    seed: int
    lines: list[dict[str, Any]]
    said: str
    code: int
    wall_s: float
    kills: int = 0
    flying: int = 0
    where: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        told = TOLD.search(self.said)
        if told is not None:
            self.kills, self.flying = int(told[1]), int(told[2])
            for word in told[3].split():
                name, _, count = word.partition(":")
                self.where[name] += int(count)

    def of(self, ident: str) -> list[dict[str, Any]]:
        """The lines of a row."""
        return [line for line in self.lines if ident in line["ids"]]

    @property
    def broken(self) -> list[str]:
        """Rows that do not hold, or were not played."""
        wanted = ONCE if self.seed == DAY_SEED else (*BY_CHANCE, COMBINED)
        red = [one for one in wanted if not _held(self.of(one))]
        return red if self.seed == DAY_SEED or self.survived else ["P9", *red]

    @property
    def survived(self) -> bool:
        """Whether the kills came, and nothing was broken by them."""
        return bool(self.kills) and _held([one for one in self.lines if RANDOM in one["test"]])


def _held(lines: Sequence[Mapping[str, Any]]) -> bool:
    return bool(lines) and all(line["outcome"] == "passed" for line in lines)


class Run:
    """One seed under way, in a process of its own."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._folder = tempfile.TemporaryDirectory(prefix="soak-")
        self._began = time.monotonic()
        files = (DAY,) if seed == DAY_SEED else FILES
        environ = {
            **os.environ,
            "JULIE_FAULT_FOLDER": self._folder.name,
            "JULIE_FAULT_ROWS": "",
            "JULIE_FAULT_SEED": str(seed or 1),
            "JULIE_KILLS": str(KILLS),
            "JULIE_KILL_SEEDS": f"{seed}:{seed + 1}",
        }
        there = [f"{FOLDER}/{one}" for one in files if (ROOT / FOLDER / one).exists()]
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *there]
        self._said = (Path(self._folder.name) / "said.txt").open("w+", encoding="utf-8")
        self._child = subprocess.Popen(
            command, cwd=ROOT, env=environ, stdout=self._said, stderr=self._said
        )

    def over(self) -> Played | None:
        """What became of it, once it has ended."""
        try:
            code = self._child.wait(LOOK_S)
        except subprocess.TimeoutExpired:
            return None
        self._said.seek(0)
        said = self._said.read()
        self._said.close()
        lines = [
            json.loads(line)
            for file in Path(self._folder.name).glob("worker-*.jsonl")
            for line in file.read_text(encoding="utf-8").splitlines()
        ]
        self._folder.cleanup()
        return Played(self.seed, lines, said, code, time.monotonic() - self._began)


def soaked(seeds: Sequence[int], workers: int) -> list[Played]:
    """All seeds; the page is written anew after each."""
    heap, running, done = list(seeds), list[Run](), list[Played]()
    while heap or running:
        while heap and len(running) < workers:
            running.append(Run(heap.pop(0)))
        for one in list(running):
            found = one.over()
            if found is None:
                continue
            running.remove(one)
            done.append(found)
            done.sort(key=lambda played: played.seed)
            print(line_of(found), flush=True)
            if found.broken or found.code:
                print(trouble_of(found), flush=True)
            TABLE.write_text(page_of(done, workers), encoding="utf-8")
    return done


def trouble_of(one: Played) -> str:
    """What a person needs to see it, and to see it again."""
    why = "\n".join(line["why"] for line in one.lines if line["outcome"] != "passed")
    again = f"python -m tools.fault_soak --first {one.seed} --seeds 1 --no-day"
    return f"{why or one.said[-8000:]}\nagain: {again}\n"


def line_of(one: Played) -> str:
    """A seed as a line of the table."""
    if one.seed == DAY_SEED:
        told = [f"{name}: {_told(one.of(name))}" for name in ONCE]
        return f"tier S, {one.wall_s:.0f} s: " + "; ".join(told)
    rows = [_told(one.of(name)) for name in BY_CHANCE]
    lines = one.of(COMBINED)
    together = f"{sum(line['outcome'] == 'passed' for line in lines)} of {len(lines)}"
    held = "held" if one.survived else "**broken**"
    cells = [one.seed, held, one.kills, one.flying, *rows, together, f"{one.wall_s:.0f}"]
    return _row(cells)


def _told(lines: Sequence[Mapping[str, Any]]) -> str:
    if not _held(lines):
        return "**broken**" if lines else "**missing**"
    return "; ".join(line["told"] for line in lines if line.get("told")) or "held"


def page_of(done: Sequence[Played], workers: int) -> str:
    """docs/fault-soak.md."""
    seeds = [one for one in done if one.seed != DAY_SEED]
    where: Counter[str] = sum((one.where for one in seeds), Counter())
    kills, flying = sum(one.kills for one in seeds), sum(one.flying for one in seeds)
    share = f"{flying / kills:.0%}" if kills else "none"
    heads = ("seed", "kills hold", "kills", "in flight", *BY_CHANCE, COMBINED, "s")
    stations = (*STATIONS, "none")
    found = f"{len(seeds)} seeds, {kills} kills, {share} of them in flight. {_machine(workers)}"
    counts = _row(where[name] for name in stations)
    return "\n".join(
        [
            *(HEAD, "", found, "", _row(heads), _rule(heads), *map(line_of, seeds)),
            *("", WHERE, "", _row(stations), _rule(stations), counts),
            *("", "## Once a soak", "", *_days(done), ""),
        ]
    )


def _row(cells: Iterable[object]) -> str:
    return "| " + " | ".join(map(str, cells)) + " |"


def _rule(cells: Sequence[object]) -> str:
    return _row("---" for _ in cells)


def _machine(workers: int) -> str:
    return (
        f"Python {platform.python_version()} on {platform.system()} {platform.machine()},"
        f" {os.cpu_count()} cores, {workers} seeds at a time."
    )


def _days(done: Sequence[Played]) -> list[str]:
    found = [one for one in done if one.seed == DAY_SEED]
    if not found:
        return ["Not played."]
    lines = ["| row | fault | outcome |", "| --- | --- | --- |"]
    about = {"P26": "a day with a reconnect each minute", "H16": "logs at debug level"}
    return lines + [f"| {name} | {about[name]} | {_told(found[0].of(name))} |" for name in ONCE]


def main() -> int:
    """Play all seeds, write, judge."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seeds", type=int, default=20)
    asked.add_argument("--first", type=int, default=1)
    asked.add_argument("--workers", type=int, default=2)
    asked.add_argument("--no-day", action="store_true", help="leave tier S out")
    given = asked.parse_args()
    seeds = list(range(given.first, given.first + given.seeds))
    done = soaked(seeds if given.no_day else [DAY_SEED, *seeds], given.workers)
    bad = [one for one in done if one.broken or one.code]
    for one in bad:
        print(f"seed {one.seed}: {', '.join(one.broken)}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
