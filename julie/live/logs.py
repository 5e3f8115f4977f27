"""The log of a bot: one file a topic (bot, trade, pattern, stream, order), written by a thread.

Whatever is logged anywhere in the process passes one boundary, where secrets are taken out of its
text and its trace. Trading never waits for the disk: lines wait in a bounded queue, and those that
do not fit are counted; the line of an alarm always fits. Beside the files stands the newest alarm's
record that has its line, so that a start knows which ones a killed bot left without one.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Final, NamedTuple, Self

from julie.core.clock import Clock, MachineClock
from julie.core.operator_section import TOPIC_FILES, LogsSection
from julie.core.zones import SECOND_NS, eastern_iso
from julie.live.log_files import LogFile, prune
from julie.live.said import Said, SaidFile
from julie.store.atomic import writable_folder

WAITING_MAX: Final = 20_000
LINE_MAX: Final = 16_000  # characters; a longer one is cut

# The topic of a logger is that of the longest name it begins with.
TOPICS: Final = MappingProxyType(
    {
        "": "bot",
        "julie.gateway": "order",
        "julie.execution": "order",
        "julie.gateway.hub": "stream",
        "julie.gateway.feed": "stream",
        "julie.gateway.market": "stream",
        "julie.market.aggregator": "stream",
        "julie.live.stream": "stream",
        "websockets": "stream",
        "julie.strategies": "pattern",
        "julie.defense": "pattern",
        "julie.desk": "pattern",
        "julie.trade": "trade",
        "julie.order": "order",
        "julie.pattern": "pattern",
        "julie.stream": "stream",
    }
)
# Their access lines carry addresses, and those of the hubs carry the token.
QUIET: Final = ("httpx", "httpcore", "websockets", "aiohttp", "asyncio", "urllib3", "apprise")

Redact = Callable[[str], str]


class Line(NamedTuple):
    """What waits to be written."""

    topic: str
    text: str
    said: Said | None  # the record that must have its line


def topic_of(name: str) -> str:
    """The file of a logger."""
    begin = max((one for one in TOPICS if name.startswith(one)), key=len)
    return TOPICS[begin]


class Logs(logging.Handler):
    """All log files of a data folder, from its making until `close`."""

    def __init__(
        self,
        data_dir: Path,
        mode: str,
        redact: Redact,
        section: LogsSection | None = None,
        clock: Clock | None = None,
    ) -> None:
        folder = writable_folder(data_dir / "logs")  # before `logging` knows of us
        super().__init__()
        self.folder = folder
        self.redact = redact
        self._section = section or LogsSection()
        self._clock = clock or MachineClock()  # files turn by the machine's day
        self._mode = mode.upper()
        files = (LogFile(self.folder, topic, self._section, self._clock) for topic in TOPIC_FILES)
        self._files = dict(zip(TOPIC_FILES, files, strict=True))
        self._waiting: deque[Line] = deque()
        self._news = threading.Condition()
        self._ends = False
        self._taken = self._written = 0
        self._said_file = SaidFile(folder)
        self.dropped = 0
        self._thread = threading.Thread(target=self._run, name="log writer", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        install(self, self._section.level)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        uninstall(self)
        self.close()

    def emit(self, record: logging.LogRecord) -> None:
        """Called by `logging`, on any thread."""
        try:
            text = self.format(record)
        except Exception as error:  # noqa: BLE001 - a line that cannot be written ends nothing
            text = f"a line of {record.name} could not be formatted: {type(error).__name__}"
        self.tell(topic_of(record.name), record.levelname, text, round(record.created * SECOND_NS))

    def tell(self, topic: str, level: str, text: str, ns: int, said: Said | None = None) -> None:
        """Put a line into the file of a topic; returns at once. `said` = the record of which a
        start makes good what is not written.
        """
        at = datetime.fromtimestamp(ns / SECOND_NS, UTC)
        stamp = f"{eastern_iso(ns)[:19].replace('T', ' ')}.{at.microsecond // 1000:03d} ET"
        cut = text if len(text) <= LINE_MAX else text[:LINE_MAX] + " ... (cut)"
        with self._news:
            if said is None and len(self._waiting) >= WAITING_MAX:
                self.dropped += 1
                return
            self._waiting.append(Line(topic, f"{stamp} {self._mode} {level} {cut}", said))
            self._taken += 1
            self._news.notify()

    def flush(self) -> None:
        """Return once everything told so far is in its file."""
        with self._news:
            due = self._taken
            self._news.wait_for(lambda: self._written >= due or not self._thread.is_alive(), 5.0)

    def close(self) -> None:
        """Write what waits and end; may be called twice."""
        with self._news:
            self._ends = True
            self._news.notify_all()
        self._thread.join(timeout=5.0)
        super().close()

    def _run(self) -> None:
        self._prune()
        while True:
            with self._news:
                self._news.wait_for(lambda: self._waiting or self._ends)
                taken, self._waiting = self._waiting, deque()
                ends = self._ends
            turned = sum(file.turned for file in self._files.values())
            self._write(taken)
            if sum(file.turned for file in self._files.values()) > turned:
                self._prune()
            with self._news:
                self._written += len(taken)
                self._news.notify_all()
                if ends and not self._waiting:
                    break
        for file in self._files.values():
            file.close()
        self._said_file.close()

    def _write(self, taken: deque[Line]) -> None:
        by_topic: dict[str, list[Line]] = {}
        for line in taken:
            by_topic.setdefault(line.topic, []).append(line)
        for topic, lines in by_topic.items():
            try:
                for line in lines:
                    told = self.redact(line.text).encode("utf-8", "backslashreplace")
                    self._files[topic].write(told + b"\n")
                    if line.said is not None:
                        self._said_file.put(line.said)
            except OSError:  # a full disk: nothing can be written about it here
                self.dropped += len(lines)
                self._said_file.stop()  # the next start says all from here on

    def _prune(self) -> None:
        try:
            prune(self.folder, self._section, self._clock.now_ns())
        except OSError as error:  # somebody took a file away meanwhile
            self.tell("bot", "WARNING", f"old logs were not deleted: {error}", self._clock.now_ns())


def install(logs: Logs, level: str) -> None:
    """Let everything that is logged in this process pass `logs`."""
    root, own = logging.getLogger(), logging.getLogger("julie")
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    root.addHandler(logs)
    logs.setLevel(logging.getLevelName(level.upper()))
    own.setLevel(min(own.level or logging.INFO, logs.level))


def uninstall(logs: Logs) -> None:
    """Take it off again."""
    logging.getLogger().removeHandler(logs)
