"""What a row left: the gateway's truth and verdict, and all that the bot wrote."""

import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from julie.core.events import Alarm, AuditRecord
from julie.core.zones import SECOND_NS
from julie.live.log_files import files_of
from julie.simgate.exchange.bodies import PositionTruth, Truth, Violation
from julie.store.journal import JournalDamaged, JournalReader, Wanted, journal_of

P = TypeVar("P")
LINE: Final = 240  # characters of a line of the story
UNTOLD: Final = frozenset({"MinuteTaken", "ConfigTaken", "Health", "EquityMarked"})


class Message(NamedTuple):
    """One line for a person, as the log holds it."""

    code: str
    text: str


@dataclass(slots=True)
class Outcome:
    """A finished row."""

    seed: int
    folder: Path
    truth: Truth
    violations: list[Violation]
    rules: str
    sentinels: tuple[str, ...]
    journal: list[AuditRecord] = field(default_factory=list)
    log: str = ""
    messages: list[Message] = field(default_factory=list)
    status: dict[str, Any] | None = None
    exit_codes: list[int] = field(default_factory=list)
    flat_s: float | None = None  # how long the last flatten took; None = the row forbids one
    left: list[PositionTruth] = field(default_factory=list)  # held after that
    back_s: float | None = None  # from a fault's end until the desk was back
    foreign: bool = False  # somebody else traded too
    open_question: bool = False  # whose orders they are, only a person can say
    checks: list[Callable[["Outcome"], None]] = field(default_factory=list)

    told_at_end: list[str] = field(default_factory=list)

    def of(self, kind: type[P]) -> list[P]:
        """Payloads of one kind, over all lives of the bot."""
        return [one.payload for one in self.journal if isinstance(one.payload, kind)]

    @property
    def safe_s(self) -> float | None:
        """How long a position stood without stops at most, by the venue's own record; None where
        nothing was held.
        """
        naked = self.truth.naked_ns
        return None if naked is None else naked / SECOND_NS

    def alarms(self, kind: str) -> list[str]:
        """What was told under one code."""
        return [one.text for one in self.of(Alarm) if one.kind == kind]

    def story(self) -> str:
        """What to read when an invariant is broken: seed, rules, and the seconds round it."""
        at = self.violations[0].from_ns if self.violations else self.truth.clock
        near = [
            f"{(one.ns - at) / SECOND_NS:+8.3f} s {one.kind} {one.about}"[:LINE]
            for one in self.truth.timeline
            if abs(one.ns - at) <= 5 * SECOND_NS or one.kind in ("order", "fill", "position")
        ]
        heard = [
            f"{(one.ts_exchange - at) / SECOND_NS:+8.3f} s {one.payload}"[:LINE]
            for one in self.journal
            if one.kind not in UNTOLD
        ]
        return "\n".join(
            [
                f"seed {self.seed}, what was asked of the gateway:",
                *self.rules.splitlines(),
                *(str(one) for one in self.violations),
                *("the venue:", *near[-80:], "the journal:", *heard[-80:]),
            ]
        )


def read_journal(folder: Path, *kinds: str) -> list[AuditRecord]:
    """The records of a data folder, over all runs; none where there is no journal."""
    if not journal_of(folder).exists():
        return []
    try:
        reader = JournalReader(journal_of(folder))
    except JournalDamaged as error:
        if "it is empty" in error.message:  # a bot is about to make it
            return []
        raise
    with reader:
        return [one for one in reader.records(Wanted(kinds=kinds)) if isinstance(one, AuditRecord)]


def read_log(folder: Path) -> str:
    """All log files, one behind the other."""
    files = sorted((folder / "logs").glob("*.log"))
    return "\n".join(one.read_text("utf-8") for one in files)


def read_messages(folder: Path) -> list[Message]:
    """The operator's lines: `CODE (xN): what. The desk. -> The person.`; those of a day before
    stand in a file that was put aside.
    """
    lines: list[str] = []
    for file in files_of(folder / "logs"):
        if file.name.startswith("bot"):
            with contextlib.suppress(FileNotFoundError):  # it is being put aside: the next look
                lines += file.read_text("utf-8").splitlines()
    found = []
    for line in lines:
        _, mark, told = line.partition(" WARNING SIM ")
        code, colon, text = told.partition(": ")
        if mark and colon and " -> " in text:
            found.append(Message(code.partition(" (x")[0], text))
    return found


def read_status(folder: Path) -> dict[str, Any] | None:
    """`logs/status.json`; it must parse whenever it is there."""
    path = folder / "logs" / "status.json"
    if not path.exists():
        return None
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found
