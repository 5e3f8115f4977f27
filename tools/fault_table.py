"""Plays every row of the fault matrix that a commit must survive, and writes the table of them.

`make fault`: two workers take rows from one heap, so that neither waits for the other. The table
lists exactly the rows below; one that is missing, skipped, expected to fail or red is a failure,
and so is a test that names a row which is not here. The market of a row runs ten times faster than
life, and on a machine that halts for a moment a second of it may pass unseen. So a test that broke
is played again, alone and at a third of its pace: what breaks there as well is the program's, and
the table says which rows needed it. Where the venue's own record showed a naked position or a
doubled order, once is not enough: four playings, alone and at half of the pace, must all hold.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parent.parent
TABLE: Final = ROOT / "docs" / "fault-table.md"
REQUIRED: Final = MappingProxyType(
    {
        "P1": "kill -9 before the intent is on disk",
        "P2": "kill -9 after commit, before sending",
        "P3": "kill -9 after sending, before the answer",
        "P4": "kill -9 between answer and commit",
        "P5": "kill -9 with the entry working",
        "P6": "kill -9 between fill event, commit and leg repair",
        "P7": "kill -9 during a stop move",
        "P8": "kill -9 in the middle of flatten",
        "P10": "kill -9 twice, the second during recovery",
        "P11": "disk full",
        "P12": "disk slow (fsync 2 s)",
        "P13": "clock jumps ±1 h, ±3 s",
        "P14": "second instance, same account, same machine",
        "P15": "stale lock after a crash or reboot",
        "P16": "second instance on another machine",
        "P17": "corrupt journal (bit flips, truncated file, missing WAL)",
        "P18": "journal of a newer schema",
        "P19": "kill -9 during migration",
        "P20": "corrupt or half-written config",
        "P21": "corrupt model or bracket table",
        "P22": "half-written status file",
        "P23": "exception in a strategy, judge, column",
        "P25": "event loop blocked",
        "P27": "unclean stop: Ctrl-C twice, SIGTERM, log-off, console closed",
        "N1": "REST timeout after the order was accepted",
        "N2": "REST timeout before the order arrived",
        "N3": "accepted, filled at once, answer lost",
        "N4": "timeout on cancel",
        "N5": "timeout on a stop move",
        "N7": "429 on reads",
        "N8": "429 on an order",
        "N9": "500, 502, 503 for 1 s, 60 s, 30 min",
        "N10": "401 in the middle of the session",
        "N11": "token expires with the socket open for 24 h",
        "N12": "login refused: wrong key, locked, API access ended",
        "N13": "server logout event",
        "N14": "half-open socket: peer gone, no FIN",
        "N15": "stream silent but 'connected'",
        "N16": "one hub alive, one dead",
        "N17": "subscription lost after reconnect",
        "N18": "reconnect storm",
        "N19": "fill during the outage",
        "N20": "duplicate events",
        "N21": "events out of order",
        "N22": "event older than the REST snapshot",
        "N23": "partial or garbage frame",
        "N24": "unknown enum value",
        "N25": "missing, null, extra or retyped field",
        "N26": "payload wrapped or flat",
        "N27": "200 with success: false",
        "N28": "duplicate-tag refusal",
        "N29": "DNS failure, TLS error, proxy login page (HTML with 200)",
        "N30": "latency: 2 s on everything, 10 s spikes",
        "N31": "burst: 5,000 events/s for 60 s",
        "N32": "address change, VPN on, Wi-Fi to LAN",
        "N33": "our handler raises inside the stream library",
        "N34": "the library's stop or start hangs",
        "M1": "gap through the stop",
        "M2": "gap through the entry",
        "M3": "limit-up / limit-down, halt",
        "M4": "bad tick",
        "M5": "crossed or locked quotes, empty side",
        "M6": "zero volume, no trades for 10 minutes",
        "M7": "late tick, late bar",
        "M8": "missing bars",
        "M9": "REST bar differs from the built bar",
        "M11": "DST, spring and autumn",
        "M12": "holiday early close",
        "M13": "unplanned closure (day of mourning, outage)",
        "M14": "daily break and Sunday open",
        "M15": "contract roll",
        "M16": "expired or inactive contract",
        "M17": "tick size or point value differs from the table",
        "V1": "partial fill of the entry",
        "V2": "partial fill of the stop or target",
        "V3": "entry rejected",
        "V4": "stop leg rejected, entry filled",
        "V5": "target leg rejected, stop fine",
        "V6": "native brackets refused by an account setting",
        "V7": "bracket with the wrong sign, 0 ticks, or fractions of a tick",
        "V8": "orphan leg after a close",
        "V9": "OCO race: stop and target both fill",
        "V10": "fill arrives before the accept",
        "V11": "order stuck pending (status 6)",
        "V12": "cancel refused because filled",
        "V14": "position opened by someone else",
        "V15": "our position closed by someone else",
        "V16": "our stop moved or cancelled by someone else",
        "V17": "size differs",
        "V18": "auto-liquidation by the firm",
        "V19": "canTrade = false without liquidation",
        "V20": "account missing, renamed, two alike",
        "V21": "balance or limits out of step",
        "V22": "trade voided (busted)",
        "V23": "fees differ from the table",
        "V24": "loss limit hit during an open trade",
        "V25": "forced flat time",
        "V26": "max size or duplicate order in our own code",
        "V27": "runaway loop",
        "V28": "search returns a page, or lags 3 s behind",
        "H1": "bad value in the config",
        "H2": "contradictory config",
        "H3": "wrong account",
        "H4": "paper thought live, live thought paper",
        "H5": "secret in config, log, traceback, crash dump",
        "H6": "key file readable by all, .env in git",
        "H8": "kill switch: command, button, signal, data/STOP",
        "H9": "STOP file left behind",
        "H10": "system sleep, lid closed, hibernation",
        "H11": "update or restart forced by the system",
        "H13": "config changed with a position open",
        "H14": "reset of a breaker",
        "H15": "notifier down or slow",
        "H18": "wrong clock or zone of the machine",
        "H19": "other platform: path with spaces and umlauts, long path, CRLF, read-only",
        "H20": "old Python, missing system library, half upgrade",
    }
)


# Played with the others where somebody wrote them, and listed by the soak alone.
NIGHTLY: Final = frozenset({"P9", "P26", "N6", "M10", "M18", "V13", "H12", "H16"})
SLOWER: Final = "0.3"  # the pace of the second playing
GRAVE: Final = re.compile(r"invariant['\"]?[=:]\s*['\"](I[12])\b")  # as a failure tells of it
HALF: Final = "0.5"  # the pace where the venue's record showed one of these
TIMES: Final = 4  # and how often it must hold then; what shows every other time passes 1 of 16
SLOWEST: Final = 12  # tests that are named at the end


class Row(NamedTuple):
    """What became of a row: all tests that name it."""

    ident: str
    outcome: str  # passed, failed, skipped, missing
    tests: int
    safe_s: float | None  # the longest of its tests
    back_s: float | None
    seeds: tuple[int, ...]
    wall_s: float
    slower: bool = False  # a test of it broke, and held when it was played again
    grave: bool = False  # it broke by a naked position or a doubled order


def played(
    workers: int, only: str, seed: int | None = None, pace: str = "1"
) -> tuple[list[dict[str, Any]], str]:
    """Run the rows; the lines that they left, and what the workers said."""
    with tempfile.TemporaryDirectory(prefix="fault-") as name:
        folder = Path(name)
        environ = {**os.environ, "JULIE_FAULT_FOLDER": name, "JULIE_FAULT_ROWS": only}
        environ["JULIE_FAULT_PACE"] = pace
        if seed is not None:
            environ["JULIE_FAULT_SEED"] = str(seed)
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        command += ["-m", "fault and not tier4"]
        outputs = [(folder / f"said-{k}.txt").open("w") for k in range(workers)]
        running = [
            subprocess.Popen(
                [*command, "tests/fault"], cwd=ROOT, env=environ, stdout=out, stderr=out
            )
            for out in outputs
        ]
        codes = [one.wait() for one in running]
        for out in outputs:
            out.close()
        said = "\n".join((folder / f"said-{k}.txt").read_text()[-3000:] for k in range(workers))
        lines = [
            json.loads(line)
            for file in sorted(folder.glob("worker-*.jsonl"))
            for line in file.read_text(encoding="utf-8").splitlines()
        ]
    broken = [code for code in codes if code not in (0, 1, 5)]
    return lines, f"a worker ended with {broken}\n{said}" if broken else ""


def played_again(lines: list[dict[str, Any]], seed: int | None) -> list[dict[str, Any]]:
    """The lines, where a test that broke is replaced by what became of it at the slower pace."""
    broken = {line["test"]: line for line in lines if line["outcome"] == "failed"}
    if not broken:
        return lines
    for line in broken.values():
        print(failure_of(line))
    grave = [line for line in broken.values() if is_grave(line)]
    again: list[dict[str, Any]] = []
    for some, pace, times in (
        ([line for line in broken.values() if not is_grave(line)], SLOWER, 1),
        (grave, HALF, TIMES),
    ):
        if not some:
            continue
        rows = ",".join(sorted({ident for line in some for ident in line["ids"]}))
        print(f"again, alone, at {pace} of the pace, {times} times: {rows}")
        for _ in range(times):
            again += played(1, rows, seed, pace)[0]
    return judged_again(lines, again)


def is_grave(line: Mapping[str, Any]) -> bool:
    """Whether a test broke by what may cost money: a naked position, an order too many."""
    return bool(GRAVE.search(line["why"]))


def judged_again(
    lines: Sequence[dict[str, Any]], again: Iterable[dict[str, Any]]
) -> list[dict[str, Any]]:
    """What became of each test, where the later playings decide over one that broke: all of them
    must hold, and be as many as are due.
    """
    later: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in again:
        later[line["test"]].append(line)
    return [
        _judged(line, later[line["test"]]) if line["outcome"] == "failed" else line
        for line in lines
    ]


def _judged(line: dict[str, Any], later: Sequence[dict[str, Any]]) -> dict[str, Any]:
    grave = is_grave(line)
    if len(later) < (TIMES if grave else 1):
        return line
    worst = next((one for one in later if one["outcome"] != "passed"), later[0])
    return {**worst, "slower": True, "grave": grave}


def rows_of(lines: Iterable[Mapping[str, Any]], required: Iterable[str]) -> list[Row]:
    """One row for every required id, and for ids that nobody asked for."""
    by_id: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for line in lines:
        for ident in line["ids"]:
            by_id[ident].append(line)
    red = {name for name in NIGHTLY if any(one["outcome"] == "failed" for one in by_id[name])}
    asked = tuple(required)
    names = [*asked, *sorted(set(by_id) - set(asked) - NIGHTLY | red)]
    return [_row(ident, by_id.get(ident, [])) for ident in dict.fromkeys(names)]


def _row(ident: str, lines: Sequence[Mapping[str, Any]]) -> Row:
    outcomes = {line["outcome"] for line in lines}
    worst = next((one for one in ("failed", "skipped", "passed") if one in outcomes), "missing")
    safe = [line["safe_s"] for line in lines if line["safe_s"] is not None]
    seeds = sorted({line["seed"] for line in lines if line["seed"] is not None})
    wall = sum(line["wall_s"] for line in lines)
    back = [line["back_s"] for line in lines if line.get("back_s") is not None]
    times = max(safe, default=None), max(back, default=None)
    slower = any(line.get("slower") for line in lines)
    grave = any(line.get("grave") for line in lines)
    return Row(ident, worst, len(lines), *times, tuple(seeds), wall, slower, grave)


def table_of(rows: Sequence[Row]) -> str:
    """The page."""
    good = sum(row.outcome == "passed" for row in rows)
    head = [
        "# Faults that a commit survives",
        "",
        "Made by `make fault`. Each row is played against the simulated gateway, its invariants",
        "are asserted on the gateway's own record. *Safe* is the longest time for which a position",
        "stood without stops for all of it while the bot was there, by the venue's own record,",
        "until it was protected or closed; a row without it held nothing. *Back* is the time from",
        "a broken stream, or from the end of an outage, until the desk could trade again; seconds",
        "of the market in both, which moves once in a second. V17 is also played with a user hub",
        "that tells nothing: what a person bought is seen by the next reading of the account then.",
        "",
        "A row that *held slower* broke once and held when its test was played again, alone and at",
        "a third of the pace: there a machine that halts for a tenth of a second costs the market",
        "little. A test in which the venue saw a naked position or a doubled order is not let off",
        f"so easily: it must hold {TIMES} times more, alone and at half of the pace, and its row",
        f"says *held {TIMES} of {TIMES} alone*.",
        "",
        f"{good} of {len(rows)} rows hold.",
        "",
        "| row | fault | outcome | tests | safe s | back s | seed |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    return "\n".join(head + [_line(row) for row in rows]) + "\n"


def _line(row: Row) -> str:
    safe, back = ("" if one is None else f"{one:.1f}" for one in (row.safe_s, row.back_s))
    seeds = " ".join(map(str, row.seeds))
    about = REQUIRED.get(row.ident, "not a row of this table")
    held = f"held {TIMES} of {TIMES} alone" if row.grave else "held slower"
    outcome = held if row.slower and row.outcome == "passed" else row.outcome
    return f"| {row.ident} | {about} | {outcome} | {row.tests} | {safe} | {back} | {seeds} |"


def failure_of(line: Mapping[str, Any]) -> str:
    """What a person needs to see it, and to see it again."""
    again = f"python tools/fault_table.py --seed {line['seed'] or 1} --only {','.join(line['ids'])}"
    return f"--- {' '.join(line['ids'])} {line['test']}\n{line['why']}\nagain: {again}\n"


def main() -> int:
    """Play, write, judge."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--workers", type=int, default=2)
    asked.add_argument("--only", default="", help="rows, such as N1,V2; the page is not written")
    asked.add_argument("--seed", type=int, help="of the gateway and of chances")
    asked.add_argument("--print", action="store_true", help="do not write docs/fault-table.md")
    given = asked.parse_args()
    began = time.monotonic()
    only = [one for one in given.only.split(",") if one]
    lines, trouble = played(given.workers, given.only, given.seed)
    lines = played_again(lines, given.seed)
    rows = rows_of(lines, only or REQUIRED)
    page = table_of(rows)
    if only or given.print:
        print(page)
    else:
        TABLE.write_text(page, encoding="utf-8")
    bad = [row for row in rows if row.outcome != "passed" or row.ident not in REQUIRED]
    for line in lines:
        if line["outcome"] != "passed":
            print(failure_of(line))
    print(trouble, end="")
    slowest = sorted(lines, key=lambda line: -line["wall_s"])[:SLOWEST]
    print("slowest:", *(f"{line['wall_s']:6.1f} s {line['test']}" for line in slowest), sep="\n")
    wall = time.monotonic() - began
    print(f"{len(rows) - len(bad)} of {len(rows)} rows hold, {len(lines)} tests, {wall:.0f} s")
    if slower := [row.ident for row in rows if row.slower]:
        print("played twice:", ", ".join(slower))
    if bad:
        print("do not hold:", ", ".join(f"{row.ident} ({row.outcome})" for row in bad))
    return 1 if bad or trouble else 0


if __name__ == "__main__":
    sys.exit(main())
