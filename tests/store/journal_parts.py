"""Records of every kind, and a bot of its own process that writes them until it is killed.

Run as a program: FOLDER STOP_AFTER. It appends in bursts, prints the number of each record that a
commit acknowledged, and ends by SIGKILL itself after STOP_AFTER of them, or is killed before.
"""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np

from julie.core.bookings import ConfigTaken, DayClosed, EquityMarked, TradeClosed
from julie.core.clock import VirtualClock
from julie.core.events import (
    Alarm,
    Asked,
    AuditRecord,
    BalanceAnchored,
    BarClosed,
    Command,
    Decision,
    Fill,
    Flattening,
    Health,
    Intent,
    JudgedCandidate,
    OrderState,
    OrderUpdate,
    Payload,
    PositionChanged,
    StateChanged,
)
from julie.core.taken import LegFill, MinuteTaken, TakenBar
from julie.core.types import Code, DeskState, ExitReason, Reason, Side
from julie.store.journal import SqliteJournal

RUN = "paper-1"
MINUTE_NS = 60 * 10**9
ROOT = Path(__file__).resolve().parents[2]


def payload(n: int) -> Payload:
    """The n-th payload; all kinds come round."""
    side = Side.LONG if n % 2 else Side.SHORT
    price = 6000 + n * 0.25
    made: tuple[Payload, ...] = (
        BarClosed(
            "ES", "ESM5", n * MINUTE_NS, 60, price, price + 1, price - 1, price, float("nan")
        ),
        Decision(
            n * MINUTE_NS,
            ("session", "chop", "news"),
            (
                JudgedCandidate(
                    n,
                    "ES",
                    "orb",
                    side,
                    (Code.ALLOW, Code.DENY, Code.NOT_ASKED),
                    Reason.NEWS_BLACKOUT,
                    (1.5, float("inf")),
                ),
                JudgedCandidate(n + 1, "NQ", "sma", side, (Code.ALLOW,) * 3, Reason.NONE),
            ),
        ),
        Intent(f"i{n}", "ESM5", side, 1 + n % 3, 12),
        OrderUpdate(f"o{n}", f"i{n}-1", OrderState.WORKING, 0, "Ünïcode ≥ 'quoted'"),
        Fill(f"o{n}", "ESM5", side, 1, 24_000 + n, 61),
        PositionChanged("ESM5", side, n % 3, ExitReason.STOP if n % 3 == 0 else None),
        StateChanged(DeskState.REDUCING, "data is stale"),
        Alarm("stream", "no quote for 10 s"),
        Command(f"c{n}", "pause", (("reason", "lunch"),)),
        Health((("queue", float(n)), ("rss_mb", 180.5))),
        _trade(n),
        EquityMarked(5_000_000 + n, -1_250, 4_800_000),
        ConfigTaken("ab" * 32, "risk:\n  per_trade: 0.0025\n"),
        DayClosed(20_000 + n, 5_000_000, -12_300, 4, "desk-1", bytes(range(256))),
        _minute(n),
        Asked("move", f"i{n}-1", f"o{n}", 24_000 + n, None, "trail"),
        Flattening("kill switch", n % 2 == 0),
        BalanceAnchored(645_601, 1_234_500 - n),
    )
    return made[n % len(made)]


KINDS = 18


def _trade(n: int) -> TradeClosed:
    return TradeClosed(
        n, 1, "orb", "Breakout", "breakout", "standard", "ES", "ESM5", 1, 2, 1, "market", 2,
        6000.25, 3, 6004.25, "target", 5990.0, 6004.25, float("nan"), 1.0, 12.5, 400.0, 7.56,
        392.44, -25.0, 400.0, 12, "NY_AM", "b17", None, None, n, False,
    )  # fmt: skip


def _minute(n: int) -> MinuteTaken:
    bar = TakenBar(
        "ESM5", n * MINUTE_NS, 6000.0, 6001.0, 5999.75, 6000.25, float("nan"), 12.5, True
    )
    fills = (LegFill(0, 1, 24_000 + n, 1, 0, n, 61), LegFill(1, 1, 23_990, 0, 2, n + 1))
    stopped = (1 + ExitReason.MANUAL, 0)
    return MinuteTaken(
        n * MINUTE_NS, (bar, None), (fills, ()), (1, 0), stopped, (0, Reason.NOT_READY), 5_000_000
    )


def record(seq: int, run: str = RUN) -> AuditRecord:
    """The record of a run with this number, always the same."""
    return AuditRecord(run, seq, seq * MINUTE_NS, seq * MINUTE_NS + 5, payload(seq))


def opened(folder: Path, run: str = RUN) -> SqliteJournal:
    """The folder's journal for writing."""
    return SqliteJournal.open(folder, run, VirtualClock(1_750_000_000 * 10**9))


def written(folder: Path, count: int, run: str = RUN) -> Path:
    """A journal of that many records, closed; returns its file."""

    async def write() -> Path:
        journal = opened(folder, run)
        for _ in range(count):
            journal.append(record(journal.next_seq, run))
        await journal.commit()
        await journal.close()
        return journal.path

    return asyncio.run(write())


def start_bot(folder: Path, stop_after: int) -> "subprocess.Popen[bytes]":
    """The program below in a process of its own."""
    words = [sys.executable, "-m", "tests.store.journal_parts", str(folder), str(stop_after)]
    return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE)


def killed_journal(folder: Path, count: int) -> int:
    """A journal whose bot was killed after `count` commits; returns the last acknowledged."""
    bot = start_bot(folder, count)
    told, _ = bot.communicate(timeout=15)
    assert bot.returncode == -signal.SIGKILL
    return last_told(told)


def last_told(told: bytes) -> int:
    """The last whole line of what a bot printed."""
    lines = told.split(b"\n")[:-1]
    return int(lines[-1]) if lines else 0


def flip_pages(path: Path) -> None:
    """Damage a byte of every page behind the first three."""
    content = bytearray(path.read_bytes())
    for place in range(4096 * 3, len(content), 4096):
        content[place] ^= 0xFF
    path.write_bytes(content)


def cut_in_half(path: Path) -> None:
    """Leave only the first half of a file."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


async def _run(folder: Path, stop_after: int) -> None:
    journal = opened(folder)
    chance = np.random.default_rng(journal.next_seq)
    os.write(1, f"{journal.next_seq - 1}\n".encode())
    for _ in range(stop_after):
        for _ in range(int(chance.integers(1, 12))):
            journal.append(record(journal.next_seq))
        await journal.commit()
        os.write(1, f"{journal.next_seq - 1}\n".encode())
        for _ in range(int(chance.integers(0, 3))):  # these nobody acknowledges
            journal.append(record(journal.next_seq))
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    asyncio.run(_run(Path(sys.argv[1]), int(sys.argv[2])))
