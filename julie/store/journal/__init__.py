"""The journal: every fact of every run, on the disk before anything acts on it."""

from julie.store.journal.errors import (
    JournalBehind,
    JournalDamaged,
    JournalError,
    JournalHeld,
    JournalNewer,
    JournalUnwritable,
)
from julie.store.journal.files import journal_of
from julie.store.journal.journal import SqliteJournal
from julie.store.journal.kinds import RawRecord
from julie.store.journal.reader import Day, JournalReader, Run, Wanted

__all__ = [
    "Day",
    "JournalBehind",
    "JournalDamaged",
    "JournalError",
    "JournalHeld",
    "JournalNewer",
    "JournalReader",
    "JournalUnwritable",
    "RawRecord",
    "Run",
    "SqliteJournal",
    "Wanted",
    "journal_of",
]
