"""A copy of the journal as it is at one moment, while the bot may go on writing.

The copy is a single file, checked, and takes its name only when it is whole. It has an epoch of its
own: put back as journal.db, it is not taken for a journal that has lost its end.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from julie.core.errors import UsageError
from julie.store.atomic import atomic
from julie.store.journal.errors import JournalDamaged
from julie.store.journal.files import last_id, open_for_reading, structure_faults, told
from julie.store.journal.mark import new_epoch


def backup(journal: Path, out: Path) -> int:
    """Copy the journal into the new file `out`; returns the number of records in it."""
    if out.exists():
        raise UsageError(
            f"{out} is there already", "name another file with --out", "it was left as is"
        )
    with told(journal), closing(open_for_reading(journal)) as source, atomic(out) as part:
        with closing(sqlite3.connect(part, isolation_level=None)) as target:
            source.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")
            target.execute("UPDATE about SET epoch = ?", (new_epoch(),))
            faults = structure_faults(target, quick=False)
            count = last_id(target)
        if faults:
            raise JournalDamaged(journal, faults[0])
    return count
