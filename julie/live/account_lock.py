"""One bot an account: a lock in the user's state folder, named by the address and the account.

The lock of the operating system decides where it works. Beside it the file says who holds it (pid,
its start, host, heartbeat), so that a folder shared by machines, or a number given to another
process, is told apart from a bot that runs. It says the data folder, too: so a command finds the
bots of this user, wherever they were started.
"""

import asyncio
import hashlib
import json
import logging
import os
import socket
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import msgspec

from julie.core.clock import Clock, MachineClock
from julie.core.errors import Exit, JulieError
from julie.core.zones import SECOND_NS, eastern_iso
from julie.live.processes import start_of
from julie.store.journal.lock import seize

LOG: Final = logging.getLogger(__name__)

BEAT_S: Final = 5.0
FRESH_S: Final = 30.0  # a younger heartbeat means that somebody is there
FRESH_ELSEWHERE_S: Final = 90.0  # another machine's clock may differ from ours
_SIZE: Final = 8192  # the file is written in one piece of this length, so nobody reads a half


class AccountHeld(JulieError):
    """Another bot trades this account."""

    exit_code = Exit.ANOTHER_INSTANCE

    def __init__(self, holder: "Holder", age_s: float) -> None:
        super().__init__(
            f"another bot trades this account: process {holder.pid} on {holder.host}, started "
            f"{eastern_iso(holder.since_ns)} (run {holder.run}), last heartbeat {age_s:.0f} s ago",
            "stop that one first, with Ctrl-C in its terminal or `julie stop`",
            "no request was sent",
        )


class StateFolder(JulieError):
    """The user's state folder cannot be written."""

    exit_code = Exit.ENVIRONMENT


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds an account."""

    pid: int
    host: str
    start: str  # mark of the process's start
    since_ns: int
    beat_ns: int
    run: str
    folder: str = ""  # its data folder

    @property
    def at_work(self) -> bool:
        """Whether it is a process of this machine that runs."""
        here = self.host == socket.gethostname()
        return here and bool(self.start) and start_of(self.pid) == self.start


def lock_folder() -> Path:
    """Where the locks of this user lie."""
    import platformdirs

    return platformdirs.user_state_path("julie") / "accounts"


def lock_name(api_url: str, account: str) -> str:
    """The file of an account."""
    return f"{account_mark(api_url, account)}.lock"


def account_mark(api_url: str, account: str) -> str:
    """What stands for an account; neither address nor account can be read from it."""
    text = f"{api_url.rstrip('/').lower()}|{account}"
    return hashlib.sha256(text.encode()).hexdigest()[:24]


class AccountLock:
    """The right to trade an account, from its making until `release`; raises `AccountHeld`."""

    def __init__(
        self,
        api_url: str,
        account: str,
        run: str,
        data_dir: Path,
        locks: Path | None = None,
        clock: Clock | None = None,
    ) -> None:
        # Heartbeats are compared between processes: always the machine's clock, never the stream's.
        self._clock = clock or MachineClock()
        self.path = (locks or lock_folder()) / lock_name(api_url, account)
        self._handle = _opened(self.path)
        self.took_over = ""  # whose lock was left behind; empty = nobody's
        try:
            self._take()
        except BaseException:
            os.close(self._handle)
            raise
        now = self._clock.now_ns()
        pid = os.getpid()
        folder = str(data_dir.resolve())
        self._own = Holder(pid, socket.gethostname(), start_of(pid), now, now, run, folder)
        self.beat()

    def beat(self) -> None:
        """Say that we are still there."""
        own = asdict(self._own) | {"beat_ns": self._clock.now_ns()}
        _write(self._handle, json.dumps(own).encode())

    async def run(self) -> None:
        """Say so every few seconds, until cancelled."""
        while True:
            await asyncio.sleep(BEAT_S)
            try:
                self.beat()
            except OSError as error:  # a full disk must not end the bot; the system's lock holds
                LOG.warning("the heartbeat of the account lock was not written: %s", error)

    def release(self) -> None:
        """Let the next one in; may be called twice."""
        if self._handle >= 0:
            _write(self._handle, b"")
            os.close(self._handle)
            self._handle = -1

    def _take(self) -> None:
        try:
            seize(self._handle)
        except OSError as error:
            holder = _holder(self._handle) or Holder(0, "this machine", "", 0, 0, "unknown")
            raise AccountHeld(holder, self._age_s(holder)) from error
        left = _holder(self._handle)
        if left is None:
            return
        age_s = self._age_s(left)
        if _is_there(left, age_s):
            raise AccountHeld(left, age_s)
        self.took_over = (
            f"process {left.pid} on {left.host} (run {left.run}) left the account's lock behind, "
            f"last heartbeat {age_s:.0f} s ago: taken over"
        )
        LOG.warning("%s", self.took_over)

    def _age_s(self, holder: Holder) -> float:
        return max(0.0, (self._clock.now_ns() - holder.beat_ns) / SECOND_NS)


def _is_there(holder: Holder, age_s: float) -> bool:
    """Whether a holder whom the system's lock does not show may still be at work."""
    if holder.host != socket.gethostname():
        return age_s < FRESH_ELSEWHERE_S
    return holder.at_work and age_s < FRESH_S


def _opened(path: Path) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StateFolder(
            f"cannot write {path.parent}: {error.strerror or error}",
            "make that folder writable, or set XDG_STATE_HOME to one that is",
        ) from error


def _holder(handle: int) -> Holder | None:
    os.lseek(handle, 0, os.SEEK_SET)
    return holder_in(os.read(handle, _SIZE))


def holder_in(content: bytes) -> Holder | None:
    """Who holds the lock, or held it when it died; None = it was released."""
    try:
        return msgspec.json.decode(content.strip(b" \x00"), type=Holder)
    except msgspec.MsgspecError:
        return None


def _write(handle: int, content: bytes) -> None:
    os.lseek(handle, 0, os.SEEK_SET)
    os.write(handle, content.ljust(_SIZE))
