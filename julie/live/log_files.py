"""One log file of a topic: put aside when it is large or a day old, the oldest deleted first.

`bot.log` is the one being written; those put aside bear the time at which that happened, such as
`bot-20250616-220000.log`. Together the files of a folder never exceed their ceiling by more than
the line that is being written.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

from julie.core.clock import Clock
from julie.core.operator_section import TOPIC_FILES, LogsSection
from julie.core.zones import DAY_NS, SECOND_NS

_MB: Final = 1 << 20


class LogFile:
    """The file of one topic."""

    def __init__(self, folder: Path, topic: str, section: LogsSection, clock: Clock) -> None:
        self.path = folder / f"{topic}.log"
        self._limit = int(section.file_mb * _MB)
        self._clock = clock
        self._file: BinaryIO | None = None
        self._size = 0
        self._day = 0
        self.turned = 0  # how often a file was put aside

    def write(self, lines: bytes) -> None:
        """Put lines at the end, in a new file where the old one is full or of another day."""
        day = self._clock.now_ns() // DAY_NS
        if self._file is not None and (day != self._day or self._size + len(lines) > self._limit):
            self._put_aside()
        if self._file is None:
            self._open(day)
            if self._size and self._size + len(lines) > self._limit:
                self._put_aside()
                self._open(day)
        if self._file is not None:
            self._file.write(lines)
            self._file.flush()
            self._size += len(lines)

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open(self, day: int) -> None:
        if self.path.exists() and self.path.stat().st_mtime_ns // DAY_NS < day:
            self._put_aside()
        self._file = self.path.open("ab")
        self._size = self.path.stat().st_size
        self._day = day

    def _put_aside(self) -> None:
        self.close()
        at = datetime.fromtimestamp(self._clock.now_ns() // SECOND_NS, UTC)
        for count in range(1000):
            more = f".{count}" if count else ""
            aside = self.path.with_name(f"{self.path.stem}-{at:%Y%m%d-%H%M%S}{more}.log")
            if not aside.exists():
                self.path.replace(aside)
                self.turned += 1
                return


def files_of(folder: Path) -> list[Path]:
    """All log files of a folder, the oldest first, those being written last."""
    aside = [path for topic in TOPIC_FILES for path in folder.glob(f"{topic}-*.log")]
    aside.sort(key=lambda path: (path.stat().st_mtime_ns, path.name))
    return aside + [path for topic in TOPIC_FILES if (path := folder / f"{topic}.log").exists()]


def prune(folder: Path, section: LogsSection, now_ns: int) -> int:
    """Delete what is too old, then the oldest until the rest fits; returns how many."""
    deleted = 0
    files = files_of(folder)
    total = sum(path.stat().st_size for path in files)
    oldest_ns = now_ns - section.keep_days * DAY_NS
    for path in files:
        if not path.stem.partition("-")[2]:  # it is being written
            break
        told = path.stat()
        if told.st_mtime_ns >= oldest_ns and total <= section.ceiling_mb * _MB:
            break
        path.unlink()
        total -= told.st_size
        deleted += 1
    return deleted
