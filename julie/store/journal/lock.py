"""One writer a folder: a lock of the operating system on the file `lock`, which says who holds it.

The system takes the lock back when its holder ends, however it ends: a lock is never stale. The
file itself stays, because removing it would let two starts at once hold two different files.
"""

import json
import os
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from julie.core.errors import UsageError
from julie.core.zones import SECOND_NS
from julie.store.journal.errors import JournalHeld

_FAR: Final = 1 << 30  # the locked byte lies far behind the text, which stays readable on Windows


class FolderLock:
    """The right to write into a folder, from its making until `release`."""

    def __init__(self, folder: Path, run: str, started_ns: int) -> None:
        self._handle = _opened(folder / "lock")
        try:
            seize(self._handle)
        except OSError as error:
            holder = _holder(self._handle)
            os.close(self._handle)
            raise JournalHeld(folder, holder) from error
        since = datetime.fromtimestamp(started_ns // SECOND_NS, UTC).isoformat()
        told = {"pid": os.getpid(), "host": socket.gethostname(), "run": run, "since": since}
        os.ftruncate(self._handle, 0)
        os.write(self._handle, json.dumps(told).encode())

    def release(self) -> None:
        """Let the next one in."""
        os.close(self._handle)


def last_run(folder: Path) -> str:
    """The run that holds a folder, or held it last; empty = it cannot be read."""
    try:
        return str(json.loads((folder / "lock").read_bytes())["run"])
    except (OSError, ValueError, KeyError, TypeError):  # nobody's, or being written just now
        return ""


def _opened(file: Path) -> int:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise UsageError(
            f"cannot write {file}: {error.strerror or error}",
            "name a folder you may write to with --data-dir",
        ) from error


if sys.platform == "win32":
    import msvcrt

    def seize(handle: int) -> None:
        """Take the system's lock on an open file, or raise `OSError` at once."""
        os.lseek(handle, _FAR, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        os.lseek(handle, 0, os.SEEK_SET)

else:
    import fcntl

    def seize(handle: int) -> None:
        """Take the system's lock on an open file, or raise `OSError` at once."""
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _holder(handle: int) -> str:
    os.lseek(handle, 0, os.SEEK_SET)
    try:
        told = json.loads(os.read(handle, 4096))
    except ValueError:  # it is being written at this moment
        return "it does not say which"
    return ", ".join(f"{name} {value}" for name, value in told.items())
