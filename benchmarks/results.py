"""The rows of a benchmark, what each must reach, and the two files they are written to.

`ratio` is the peer's time over ours: 8 means eight times as quick. A row without a peer is held
against a number in its own unit.
"""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent
RESULTS: Final = HERE / "results.json"
README: Final = HERE / "README.md"
BEGIN, END = "<!-- results -->", "<!-- end of results -->"


@dataclass(frozen=True, slots=True)
class Bar:
    """What must be reached: a ratio at least, or our own number at most."""

    least_ratio: float | None = None
    most: float | None = None

    @property
    def words(self) -> str:
        """As it stands in the results."""
        if self.least_ratio is not None:
            return f"ratio >= {self.least_ratio:g}"
        return f"ours <= {self.most:g}"

    def holds(self, ours: float, ratio: float | None) -> bool:
        """Whether it is reached."""
        if self.least_ratio is not None:
            return ratio is not None and ratio >= self.least_ratio
        return self.most is not None and ours <= self.most


@dataclass(frozen=True, slots=True)
class Row:
    """One measured thing."""

    name: str
    ours: float
    unit: str
    bar: Bar | None  # None: the row has only a goal, or no further one
    goal: Bar | None
    peer: str | None = None
    peer_value: float | None = None
    agrees: bool = True  # whether trades equal the peer's, where they are compared
    more: Mapping[str, Any] = field(default_factory=dict)  # counts that belong to the row

    @property
    def ratio(self) -> float | None:
        """The peer's time over ours."""
        return None if self.peer_value is None else self.peer_value / self.ours

    @property
    def ok(self) -> bool:
        """Whether the bar is reached, with the same trades."""
        return self.agrees and (self.bar is None or self.bar.holds(self.ours, self.ratio))

    def plain(self) -> dict[str, Any]:
        """As it is written."""
        ratio = self.ratio
        return {
            "name": self.name, "ours": _digits(self.ours), "unit": self.unit, "peer": self.peer,
            "peer_value": _digits(self.peer_value), "ratio": _digits(ratio),
            "bar": self.bar and self.bar.words, "ok": self.ok,
            "goal": self.goal and self.goal.words,
            "goal_reached": self.goal and self.goal.holds(self.ours, ratio), **self.more,
        }  # fmt: skip


def _digits(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")


def machine() -> str:
    """What it ran on, in a line."""
    name = platform.processor() or platform.machine()
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                name = line.split(":", 1)[1].strip()
                break
    except OSError:  # only Linux has the file
        pass
    python = platform.python_version()
    return f"{name}, {os.cpu_count()} cores, {platform.system()}, Python {python}"


def write(rows: Sequence[Row], date: str) -> None:
    """`results.json`, and the same as a table in the README."""
    results = {"machine": machine(), "date": date, "rows": [row.plain() for row in rows]}
    RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    text = README.read_text(encoding="utf-8")
    head, tail = text.split(BEGIN)[0], text.split(END)[1]
    README.write_text(f"{head}{BEGIN}\n{table(results)}\n{END}{tail}", encoding="utf-8")


def table(results: Mapping[str, Any]) -> str:
    """The results for people."""
    lines = [
        f"{results['machine']}; {results['date']}",
        "",
        "| row | ours | peer | ratio | bar | goal |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for row in results["rows"]:
        against = "" if row["peer"] is None else f"{row['peer']}: {row['peer_value']:g}"
        ratio = "" if row["ratio"] is None else f"{row['ratio']:g}"
        bar = f"{row['bar'] or 'the same trades'} {'✓' if row['ok'] else '✗'}"
        goal = f"{row['goal']} {'✓' if row['goal_reached'] else '✗'}" if row["goal"] else ""
        ours = f"{row['ours']:g} {row['unit']}"
        lines.append(f"| `{row['name']}` | {ours} | {against} | {ratio} | {bar} | {goal} |")
    return "\n".join(lines)
