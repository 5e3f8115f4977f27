"""The same composition as `run_bot.py`, in the loop of the test."""

import asyncio
import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from julie.core.errors import JulieError
from julie.core.tasks import Tasks
from julie.live.compose import simulated
from julie.live.sim import Ready
from julie.live.wanted import Wanted
from julie.settings import default_tree, load_settings
from julie.strategies.catalogue import named
from tests.fault.bots import RULES, settings_of

END_S: Final = 20.0


class LoopBot:
    """One life of a bot, as a task."""

    def __init__(
        self,
        ready: Ready,
        folder: Path,
        rules: Sequence[str],
        sets: Sequence[str],
        run: str,
        tasks: Tasks,
    ) -> None:
        self._ready = ready
        found = tuple(named(f"{RULES}:{name}") for name in rules)
        tree = default_tree({one.name: one for one in found})
        settings = load_settings(tree, (), list(settings_of(rules, sets))).tree
        self._wanted = Wanted("sim", run, settings, folder / "data", strategies=found)
        self._tasks = tasks
        self._task: asyncio.Task[None] | None = None
        self.error: Exception | None = None
        self.ended = False  # by itself

    async def start(self) -> None:
        """Begin, as a member of the row's tasks."""
        self._task = self._tasks.start(self._wanted.run, self._live())

    async def _live(self) -> None:
        try:
            await simulated(self._wanted, self._ready)
        except JulieError as error:  # what ends a process with a code of its own
            self.error = error
        self.ended = True

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._task is not None and not self._task.done()

    @property
    def exit_code(self) -> int:
        """What the process would have ended with."""
        return self.error.exit_code if isinstance(self.error, JulieError) else 0

    def see(self) -> None:
        """Raise where it ended although it should run."""
        if self.error is not None:
            raise self.error
        assert not self.ended, "the bot ended by itself"

    async def gone(self) -> int:
        """Wait until it has ended; its exit code."""
        assert self._task is not None
        await self._task
        return self.exit_code

    async def stop(self) -> int:
        """End in good order."""
        await self.end()
        return 0

    async def end(self) -> None:
        """Leave nothing behind."""
        if self._task is None or self._task.done():
            return
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            async with asyncio.timeout(END_S):
                await self._task
