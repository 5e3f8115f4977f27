"""Plays the fault rows and random kills once for every seed, and writes docs/fault-soak.md.

`make soak SEEDS=20`: each seed kills a busy session 25 times at instants of its own, then plays
every row with its own chances. A seed that breaks anything is named with what it broke, and
`JULIE_FAULT_SEED=n make fault` plays it again.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Final, NamedTuple

from tools.fault_table import REQUIRED, ROOT, played, rows_of

TABLE: Final = ROOT / "docs" / "fault-soak.md"
KILLS: Final = 25
RANDOM: Final = "tests/fault/test_process_random.py"
TOLD: Final = re.compile(r"^seed \d+: (\d+) kills, (\d+) in flight, (.*)$", re.MULTILINE)


class Killed(NamedTuple):
    """What the random kills of a seed came to."""

    held: bool
    kills: int
    flying: int
    where: str


def killed(seed: int) -> Killed:
    """Kill a busy session again and again."""
    environ = {**os.environ, "JULIE_KILLS": str(KILLS), "JULIE_KILL_SEEDS": f"{seed}:{seed + 1}"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", RANDOM]
    ran = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True)
    told = TOLD.search(ran.stdout)
    if ran.returncode or told is None:
        print(ran.stdout[-4000:])
        return Killed(False, 0, 0, "")
    return Killed(True, int(told[1]), int(told[2]), told[3])


def main() -> int:
    """Play all seeds, write, judge."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seeds", type=int, default=20)
    asked.add_argument("--first", type=int, default=1)
    asked.add_argument("--kills-only", action="store_true", help="leave the rows out")
    given = asked.parse_args()
    lines, bad = [], 0
    for seed in range(given.first, given.first + given.seeds):
        began = time.monotonic()
        kills = killed(seed)
        broken = [] if given.kills_only else _rows(seed)
        bad += bool(broken) or not kills.held
        wall = time.monotonic() - began
        said = "held" if kills.held else "BROKEN"
        rows = "left out" if given.kills_only else " ".join(broken) or "all hold"
        lines.append(
            f"| {seed} | {said} | {kills.kills} | {kills.flying} | {kills.where} | {rows} |"
            f" {wall:.0f} |"
        )
        print(lines[-1], flush=True)
        _write(TABLE, lines)
    return 1 if bad else 0


def _rows(seed: int) -> list[str]:
    os.environ["JULIE_FAULT_SEED"] = str(seed)
    found, _ = played(2, "")
    return [row.ident for row in rows_of(found, REQUIRED) if row.outcome != "passed"]


def _write(path: Path, lines: list[str]) -> None:
    head = [
        "# Faults over many seeds",
        "",
        "Made by `make soak`. *Kills* are `kill -9` at random instants of a busy session with a",
        "start behind each; *where* counts the failpoints behind which they fell.",
        "",
        "| seed | kills hold | kills | in flight | where | rows that broke | s |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    path.write_text("\n".join([*head, *lines]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
