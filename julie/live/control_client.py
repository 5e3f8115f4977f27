"""A window's or a terminal's end of the bot's local socket (`core.ports.BusClient`).

A thread of its own reads the lines; `poll`, `status` and `answer` never block, and no callback ever
runs on that thread.
"""

import contextlib
import secrets
import socket
import threading
from collections import OrderedDict, deque
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from julie.core.errors import JulieError
from julie.core.events import AuditRecord, Command
from julie.live.control_place import NobodyThere, Place, Silent, read_place
from julie.live.control_wire import (
    TOPICS,
    Answer,
    Heard,
    Hello,
    Line,
    Welcome,
    line_from,
    line_of,
    record_from,
)
from julie.store.status import Status

CONNECT_S: Final = 1.0
TAKEN_S: Final = 1.0  # a bot whose loop turns acknowledges in milliseconds
KEPT: Final = 8192  # records that wait for `poll`
ANSWERS: Final = 256


class NoAnswer(JulieError):
    """A bot is there and does not answer; `busy` = it has begun, and is still at it."""

    def __init__(self, verb: str, found: str, *, busy: bool = False) -> None:
        self.busy = busy
        super().__init__(
            f"the bot did not answer to `{verb}`: {found}",
            "`julie status` tells how it is; `julie flatten` works without it",
        )


def new_command(verb: str, **arguments: str) -> Command:
    """A command with an id of its own."""
    return Command(f"{verb}-{secrets.token_hex(4)}", verb, tuple(arguments.items()))


class SocketClient:
    """Connected to the bot of a data folder; raises `NobodyThere` where none runs, and
    `Silent` where one does not answer.
    """

    def __init__(self, data_dir: Path, topics: Sequence[str] = TOPICS) -> None:
        place = read_place(data_dir)
        self._socket = _connected(data_dir, place)
        self._records: deque[Heard] = deque(maxlen=KEPT)
        self._taken: set[str] = set()
        self._answers: OrderedDict[str, Answer] = OrderedDict()
        self._news = threading.Condition()
        self._status: Status | None = None
        self._welcome: Welcome | None = None
        self._lost = 0
        self._end = ""
        self._thread = threading.Thread(target=self._read, name="bot socket", daemon=True)
        self._thread.start()
        self._say(line_of("hello", Hello(tuple(topics), place.token)))
        with self._news:
            self._news.wait_for(lambda: self._welcome or self._end, CONNECT_S)
        if self._welcome is None:
            found = self._end or f"no greeting in {CONNECT_S:g} s"
            self.close()
            raise Silent(data_dir, place.pid, found)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def welcome(self) -> Welcome:
        """Who the bot is."""
        if self._welcome is None:
            raise RuntimeError("a client that was never greeted")
        return self._welcome

    @property
    def ended(self) -> str:
        """Why the connection ended; empty while it holds."""
        return self._end

    @property
    def lost(self) -> int:
        """Records that the bot dropped because we were too slow."""
        return self._lost

    def poll(self) -> Sequence[AuditRecord]:
        """What has happened since the last look; never blocks."""
        return [one for one in self.poll_all() if isinstance(one, AuditRecord)]

    def poll_all(self) -> Sequence[Heard]:
        """The same, with records of kinds that only a newer program knows."""
        found: list[Heard] = []
        while self._records:
            found.append(self._records.popleft())
        return found

    def status(self) -> Status | None:
        """The newest status, if one came yet."""
        return self._status

    def send(self, command: Command) -> None:
        """Ask for something; the answer comes under its id."""
        self._say(line_of("command", command))

    def answer(self, id_: str) -> Answer | None:
        """The answer to a command, once it is there."""
        return self._answers.get(id_)

    def ask(self, command: Command, answer_s: float, taken_s: float = TAKEN_S) -> Answer:
        """Send a command and wait for its answer; raises `NoAnswer`."""
        self.send(command)
        with self._news:
            self._news.wait_for(lambda: self._is_taken(command.id) or self._end, taken_s)
            if not self._is_taken(command.id):
                raise NoAnswer(command.verb, self._end or f"nothing came in {taken_s:g} s")
            self._news.wait_for(lambda: command.id in self._answers or self._end, answer_s)
        answer = self._answers.get(command.id)
        if answer is None:
            late = f"it is not done after {answer_s:g} s"
            raise NoAnswer(command.verb, self._end or late, busy=not self._end)
        return answer

    def wait(self, seconds: float) -> None:
        """Return at the next line of the bot, or after that time."""
        with self._news:
            if not self._end:
                self._news.wait(seconds)

    def close(self) -> None:
        """Leave; may be called twice."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        if self._thread is not threading.current_thread():
            self._thread.join(timeout=1.0)

    def _is_taken(self, id_: str) -> bool:
        return id_ in self._taken or id_ in self._answers

    def _say(self, line: bytes) -> None:
        try:
            self._socket.sendall(line)
        except OSError as error:
            if self._thread is not threading.current_thread():
                self._thread.join(timeout=1.0)  # what the bot said before it closed counts
            self._finish(f"the connection broke: {error}")

    def _read(self) -> None:
        end = "the bot closed the connection"
        try:
            with self._socket.makefile("rb") as lines:
                for text in lines:
                    self._take(line_from(text))
        except (OSError, ValueError) as error:
            end = f"the connection broke: {error}"
        self._finish(end)

    def _take(self, line: Line) -> None:
        with self._news:
            if line.record is not None:
                self._records.append(record_from(line.record))
            elif line.status is not None:
                self._status = line.status
            elif line.taken is not None:
                self._taken.add(line.taken)
            elif line.answer is not None:
                self._answers[line.answer.id] = line.answer
                self._taken.discard(line.answer.id)
                while len(self._answers) > ANSWERS:
                    self._answers.popitem(last=False)
            else:
                self._welcome = line.welcome or self._welcome
                self._lost = line.lost or self._lost
                self._end = line.bye or self._end
            self._news.notify_all()

    def _finish(self, why: str) -> None:
        with self._news:
            self._end = self._end or why
            self._news.notify_all()


def _connected(data_dir: Path, place: Place) -> socket.socket:
    try:
        if place.socket is None:
            return _opened(socket.AF_INET, ("127.0.0.1", place.port))
        return _opened(socket.AF_UNIX, place.socket)
    except OSError as error:
        raise NobodyThere(data_dir, f"nobody answers, {error.strerror or error}") from error


def _opened(family: int, address: object) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.settimeout(CONNECT_S)
        made.connect(address)  # type: ignore[arg-type]  # a path or a pair, as the family wants
        made.settimeout(None)
    except BaseException:
        made.close()
        raise
    return made


def ask(data_dir: Path, verb: str, *, answer_s: float = 10.0, **arguments: str) -> Answer:
    """Send one command to the bot of a data folder and wait for its answer."""
    with SocketClient(data_dir, ()) as client:
        return client.ask(new_command(verb, **arguments), answer_s)
