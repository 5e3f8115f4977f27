"""The bot of a row: a real process that can be killed, or the same composition in the test's loop.

Both are given the line of the gateway, a data folder, and rules of `provoking.py`.
"""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol

import msgspec

from julie.core.failpoints import VARIABLE
from julie.live.sim import Ready
from tests.fault.loaded import loader

ROOT: Final = Path(__file__).parents[2]
RULES: Final = Path(__file__).parent / "provoking.py"
START_S: Final = 60.0  # of the wall, on a busy machine
QUIET: Final = (  # judges and floors that need weeks of history, or more of a market than this one
    "defense.order=[session, news, holiday, circuit_breaker, account_rules, directional_loss]",
    "risk.viability.atr_floor=0",
    "risk.viability.need.trend=0",
    "account.profile=topstepx_150k",
)


def settings_of(rules: Sequence[str], sets: Sequence[str]) -> tuple[str, ...]:
    """What is set: those of the frame first, so that a row's own win."""
    sized = [f"strategies.{name}.sizing=fixed" for name in rules]
    return (*QUIET, *sized, *sets)


class Bot(Protocol):
    """One life of a bot."""

    async def start(self) -> None:
        """Begin; returns at once."""
        ...

    async def stop(self) -> int:
        """End in good order; the exit code."""
        ...

    async def end(self) -> None:
        """Leave nothing behind, whatever happened."""
        ...

    async def gone(self) -> int:
        """Wait until it has ended by itself; the exit code."""
        ...

    def see(self) -> None:
        """Raise where it ended although it should run."""
        ...

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        ...


class Child(Protocol):
    """A process, whoever started it."""

    @property
    def pid(self) -> int:
        """Its number."""
        ...

    @property
    def returncode(self) -> int | None:
        """None while it runs."""
        ...

    def send_signal(self, number: int, /) -> None:
        """A signal."""
        ...

    def kill(self) -> None:
        """`kill -9`."""
        ...

    async def wait(self) -> int:
        """Its exit code, once there is one."""
        ...


class ProcessBot:
    """`python run_bot.py`, headless: a fork of the loaded program, or `bare` the command itself."""

    def __init__(
        self,
        ready: Ready,
        folder: Path,
        speed: float,
        rules: Sequence[str],
        sets: Sequence[str],
        *,
        failpoint: str = "",
        words: Sequence[str] = (),
        environ: Mapping[str, str] | None = None,
        bare: bool = False,
    ) -> None:
        self._folder, self._bare = folder, bare
        self._line = folder / "READY.json"
        self._line.write_bytes(msgspec.json.encode(ready))
        self._words = [
            *("--sim", str(self._line), "--data-dir", str(folder / "data")),
            *("--speed", f"{speed:g}", "--headless"),
            *(word for name in rules for word in ("--strategies", f"{RULES}:{name}")),
            *(word for one in settings_of(rules, sets) for word in ("--set", one)),
            *words,
        ]
        self._environ = {**os.environ, "NO_COLOR": "1", **(environ or {})}
        self._environ.pop(VARIABLE, None)
        if failpoint:
            self._environ[VARIABLE] = failpoint
        self._child: Child | None = None
        self.said = folder / "terminal.txt"

    async def start(self) -> None:
        """Begin; what it says goes to a file."""
        if not self._bare:
            words = ("run", *self._words)
            self._child = loader().born(words, self._folder, self._environ, self.said, self.said)
            return
        with self.said.open("ab") as file:
            self._child = await asyncio.create_subprocess_exec(
                *(sys.executable, str(ROOT / "run_bot.py"), *self._words),
                stdin=DEVNULL, stdout=file, stderr=file, env=self._environ,
                start_new_session=True, cwd=self._folder,
            )  # fmt: skip

    @property
    def child(self) -> Child:
        """The process."""
        assert self._child is not None, "the bot was not started"
        return self._child

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._child is not None and self._child.returncode is None

    def see(self) -> None:
        """Raise where it ended although it should run."""
        if not self.alive:
            told = self.said.read_text("utf-8")[-3000:]
            raise AssertionError(f"the bot ended with {self.child.returncode}:\n{told}")

    def send(self, number: int) -> None:
        """A signal."""
        self.child.send_signal(number)

    async def kill(self) -> None:
        """`kill -9`."""
        if self.alive:
            self.child.kill()
        await self.gone()

    async def gone(self) -> int:
        """Wait until it has ended, by whatever; its exit code, minus the signal that killed it."""
        async with asyncio.timeout(START_S):
            return await self.child.wait()

    async def stop(self) -> int:
        """End in good order."""
        if self.alive:
            self.send(signal.SIGTERM)
        return await self.gone()

    async def end(self) -> None:
        """Leave nothing behind."""
        if self.alive:
            self.child.kill()
            await self.child.wait()
