"""Writing a file whole or not at all.

The content goes to a neighbour first, is forced to disk, then takes the name in one step: a reader
sees the old file or the new one, and a crash or Ctrl-C leaves the old one in place.
"""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from julie.core.errors import Exit, UsageError


class NotWritable(UsageError):
    """A folder in which nothing can be put."""

    exit_code = Exit.ENVIRONMENT


def _refused(place: Path, error: OSError) -> NotWritable:
    full = error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
    cure = "choose a folder you may write to (--out, --data-dir) or ask for the right to this one"
    if full:
        cure = "make room on that disk, or choose a folder on another one (--out, --data-dir)"
    told = f"cannot write {place}: {error.strerror or error}"
    return NotWritable(told, cure, "nothing there was changed")


def writable_folder(folder: Path) -> Path:
    """Make the folder if it is missing, and make sure that files can be put there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        raise _refused(folder, error) from error


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """A neighbour to write into; it takes the name `path` when the block ends without an error."""
    folder = writable_folder(path.parent)
    handle, name = tempfile.mkstemp(dir=folder, prefix=f".{path.name}.", suffix=".part")
    os.close(handle)
    part = Path(name)
    try:
        yield part
        _force(part)
        part.chmod(0o644)
        part.replace(path)
        _force(folder)
    except OSError as error:
        raise _refused(path, error) from error
    finally:
        part.unlink(missing_ok=True)


def _force(path: Path) -> None:
    """Bring a file, or on POSIX the entries of a folder, to the disk itself."""
    if path.is_dir() and os.name == "nt":
        return  # Windows keeps folder entries by itself and cannot open a folder
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text whole or not at all."""
    with atomic(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")


def write_bytes(path: Path, content: bytes) -> None:
    """Write bytes whole or not at all."""
    with atomic(path) as part:
        part.write_bytes(content)
