"""The high-water mark: beside the journal stands how many records have been acknowledged.

SQLite drops the tail of a damaged write-ahead file, or a missing one, without a word: the journal
looks sound and ends too early. The mark is written after each commit, so it never promises more
than is on the disk, and a journal that ends before it has lost something. It names the journal by
its epoch; a backup has an epoch of its own, so putting one back is no loss.
"""

import os
import struct
from pathlib import Path
from typing import NamedTuple

_FORM = struct.Struct(">32sq")


class Marked(NamedTuple):
    """What a mark says: records of the journal with this epoch."""

    epoch: str
    records: int


def new_epoch() -> str:
    """A name for a journal that no other has."""
    return os.urandom(16).hex()


def mark_of(journal: Path) -> Path:
    """Where the mark of a journal stands."""
    return journal.with_suffix(".mark")


def read_mark(journal: Path) -> Marked | None:
    """The mark of a journal, if it has one."""
    file = mark_of(journal)
    if not file.exists():
        return None
    content = file.read_bytes()
    if len(content) != _FORM.size:
        return None  # a crash while it was first written: nothing had been acknowledged by then
    epoch, count = _FORM.unpack(content)
    return Marked(epoch.decode(errors="replace"), count)


class Mark:
    """The mark of the journal being written; rewriting it in place needs no room on the disk."""

    def __init__(self, journal: Path, epoch: str, count: int) -> None:
        self._epoch = epoch.encode()
        self._file = mark_of(journal).open("w+b", buffering=0)
        self.reach(count)

    def reach(self, count: int) -> None:
        """So many records are on the disk."""
        self._file.seek(0)
        self._file.write(_FORM.pack(self._epoch, count))

    def close(self) -> None:
        """Nothing more will be written."""
        self._file.close()
