"""The newest alarm of the journal that has its line in the log; what has none yet.

An alarm is journaled at once, its line follows some hundredths of a second later, by a thread. What
a bot that was killed between the two left unsaid its next start says. A repetition is told late:
its line does not take back that of what came after it.
"""

from collections.abc import Sequence
from io import FileIO
from pathlib import Path
from typing import Final, NamedTuple

from julie.core.events import AuditRecord
from julie.store.journal import JournalReader, Wanted

NAME: Final = "said.txt"
KINDS: Final = ("Alarm", "StateChanged")
READ_MAX: Final = 4096


class Said(NamedTuple):
    """A record of the journal, by its run and number."""

    run: str
    seq: int


class SaidFile:
    """Holds the newest record with a line; one line, written over in a single call."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._file: FileIO | None = None
        self._newest: Said | None = None
        self._stopped = False

    def put(self, said: Said) -> None:
        """The line of this record is in its file."""
        newest = self._newest
        older = newest is not None and newest.run == said.run and newest.seq > said.seq
        if self._stopped or older:
            return
        if self._file is None:
            self._path.touch()
            self._file = self._path.open("r+b", buffering=0)
        self._file.seek(0)
        self._file.write(f"{said.run} {said.seq}\n".encode())
        self._newest = said

    def stop(self) -> None:
        """A line could not be written: what follows it does not count any more."""
        self._stopped = True

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None


def last_said(folder: Path) -> Said | None:
    """The newest record with a line in a data folder's log; None = it does not say."""
    try:
        with (folder / "logs" / NAME).open("rb") as file:
            line = file.read(READ_MAX).partition(b"\n")[0].decode("utf-8", "replace")
    except OSError:
        return None
    run, _, seq = line.rpartition(" ")
    return Said(run, int(seq)) if run and seq.isdecimal() else None


def unsaid(folder: Path, runs: Sequence[str]) -> list[AuditRecord]:
    """What may need a line and has none, of these runs, the oldest first. A log that does not say
    how far it came, or of another journal, is asked for the last run alone.
    """
    last = last_said(folder)
    first = runs.index(last.run) if last is not None and last.run in runs else len(runs) - 1
    found: list[AuditRecord] = []
    if not runs:
        return found
    with JournalReader.of(folder) as reader:
        for run in runs[first:]:
            told = last.seq if last is not None and last.run == run else 0
            rows = reader.records(Wanted(run=run, kinds=KINDS))
            found += [one for one in rows if isinstance(one, AuditRecord) and one.seq > told]
    return found
