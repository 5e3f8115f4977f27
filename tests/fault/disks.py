"""The disk under the journal of a bot in the test's own process, in the hand of the test."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from julie.store.journal.writer import Writer


class Disk:
    """What the writer meets: nothing, no space, or a flush that takes long."""

    def __init__(self) -> None:
        self.full = False
        self.slow_s = 0.0
        self.refused = 0


@contextmanager
def disk() -> Iterator[Disk]:
    """The disk under the journal, in the hand of the test."""
    found, write = Disk(), Writer._transaction

    def transaction(self: Writer, batch: list[Any]) -> None:
        if found.full:
            found.refused += 1
            raise sqlite3.OperationalError("database or disk is full")
        threading.Event().wait(found.slow_s)
        write(self, batch)

    with patch.object(Writer, "_transaction", transaction):
        yield found
