"""The program, loaded once a worker: gateways and bots of rows are forks of it and start at once.

A fork does what `julie` does behind its imports, in a process and a session of its own, and can be
killed like any. The loader reads one line a life (JSON), answers with its process id, and leaves
its exit code in a file of the row's folder. Rows about the start itself use `run_bot.py` as it is.
"""

import asyncio
import atexit
import contextlib
import gc
import importlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
LOOK_S: Final = 0.01  # of the wall
WARM_DAYS: Final = 2
WALL: Final = "JULIE_FAULT_WALL"  # a file by which a row sets the clock of a bot


def _left(folder: Path, pid: int) -> Path:
    return folder / f"exit-{pid}"


class Life:
    """A forked process, as asyncio shows its own."""

    def __init__(self, pid: int, folder: Path) -> None:
        self.pid = pid
        self._left = _left(folder, pid)
        self._code: int | None = None

    @property
    def returncode(self) -> int | None:
        """None while it runs; minus the signal that killed it."""
        if self._code is None and self._left.exists():
            self._code = int(self._left.read_text("ascii"))
        return self._code

    def send_signal(self, number: int, /) -> None:
        """A signal, where it still runs."""
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):  # it ended just now
                os.kill(self.pid, number)

    def kill(self) -> None:
        """`kill -9`."""
        self.send_signal(signal.SIGKILL)

    async def wait(self) -> int:
        """Its exit code, once there is one."""
        while True:
            if (code := self.returncode) is not None:
                return code
            await asyncio.sleep(LOOK_S)


class Loader:
    """The loaded program, which forks whenever it is asked to; it ends with this process."""

    def __init__(self) -> None:
        command = (sys.executable, "-m", "tests.fault.loaded")
        self._child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True
        )
        atexit.register(self.close)
        assert self._line() == "ready"

    def _line(self) -> str:
        assert self._child.stdout is not None
        return self._child.stdout.readline().strip()

    def born(
        self,
        words: Sequence[str],
        folder: Path,
        environ: Mapping[str, str],
        out: Path,
        err: Path,
        where: Path | None = None,
    ) -> Life:
        """`julie` with these words, in the folder or elsewhere; what it says goes to files."""
        assert self._child.stdin is not None
        asked = {
            "words": list(words), "folder": str(folder), "environ": dict(environ),
            "out": str(out), "err": str(err), "where": str(where or folder),
        }  # fmt: skip
        self._child.stdin.write(json.dumps(asked) + "\n")
        self._child.stdin.flush()
        return Life(int(self._line()), folder)

    def close(self) -> None:
        """No more of them."""
        if self._child.stdin is not None:
            self._child.stdin.close()
        self._child.wait()


@lru_cache(maxsize=1)
def loader() -> Loader:
    """That of this worker; made when the first row asks."""
    return Loader()


def _live(asked: Mapping[str, Any]) -> None:
    """What a fork does: the program, from its words to its exit code."""
    from julie.cli.main import main

    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    for name, number in (("out", 1), ("err", 2)):
        handle = os.open(asked[name], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(handle, number)
        os.close(handle)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ.clear()
    os.environ.update(asked["environ"])
    time.tzset()
    os.chdir(asked["where"])
    if WALL in asked["environ"]:
        _set_by(Path(asked["environ"][WALL]))
    code = 1
    try:
        main(asked["words"])
    except SystemExit as ended:
        code = int(ended.code or 0)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _set_by(file: Path) -> None:
    """The machine's clock is ahead by as many seconds as the file says, once there is one; a
    second number there: for how many of them it slept.
    """
    from julie.core.clock import MachineClock

    def said(place: int) -> int:
        numbers = file.read_text("ascii").split() if file.exists() else []
        return round(float(numbers[place]) * 1e9) if place < len(numbers) else 0

    def wall_ns(clock: MachineClock) -> int:
        del clock
        return time.time_ns() + said(0)

    def asleep_ns(clock: MachineClock) -> int:
        del clock
        return said(1)

    setattr(MachineClock, "wall_ns", wall_ns)  # noqa: B010 - mypy knows no such assignment
    setattr(MachineClock, "asleep_ns", asleep_ns)  # noqa: B010


def _load() -> None:
    """Import what they import, and call what was compiled: that it is read again takes its time."""
    for name in (
        "julie.cli.run",
        "julie.cli.simgate",
        "julie.live.compose",
        "julie.simgate.serving",
    ):
        importlib.import_module(name)
    with contextlib.suppress(ImportError):  # no dependency; pyarrow loads it where it finds it
        importlib.import_module("pandas")
    _called()
    gc.collect()
    gc.freeze()


def _called() -> None:
    from julie.backtest.audit.audit import audit
    from julie.backtest.runner import Request
    from julie.core.instruments import instrument
    from julie.core.secrets import read_secrets, system_keyring
    from julie.settings import default_tree, load_settings
    from julie.strategies.catalogue import catalogue
    from julie.synth import generate

    read_secrets(keyring=system_keyring())  # looks through all packages for keyrings
    bars = generate(days=WARM_DAYS, seed=1, symbols=("MES",)).bars["MES"]
    settings = load_settings(default_tree(), for_backtest=True).tree
    few = tuple(catalogue().values())[:1]
    audit(Request((bars,), (instrument("MES"),), few, settings), 1, {}, 1, lambda done, total: None)


class _Register:
    """Who was born here, and where the exit codes go."""

    def __init__(self) -> None:
        self.folders: dict[int, Path] = {}

    def reap(self, *_: object) -> None:
        """Write down how they ended."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            folder = self.folders.pop(pid)
            if folder.is_dir():
                part = folder / f"ended-{pid}.part"
                part.write_text(str(os.waitstatus_to_exitcode(status)), "ascii")
                part.replace(_left(folder, pid))


def main() -> None:
    """Fork a life for every line."""
    register = _Register()
    _load()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    signal.signal(signal.SIGCHLD, register.reap)
    for line in sys.stdin:
        asked = json.loads(line)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        if (pid := os.fork()) == 0:
            _live(asked)
        register.folders[pid] = Path(asked["folder"])
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
