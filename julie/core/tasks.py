"""The one group that owns every task of the program.

A task that fails with what nobody handled ends the group: the others are cancelled, and trading
stops safely instead of going on with a part of the program missing.
"""

import asyncio
from collections.abc import Coroutine, Iterator
from types import TracebackType
from typing import Any, Self, TypeVar

from julie.core.errors import JulieError

T = TypeVar("T")


class Tasks:
    """A task group whose members have names."""

    def __init__(self) -> None:
        self._group = asyncio.TaskGroup()
        self._running: set[str] = set()

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._group.__aexit__(kind, error, trace)

    def start(self, name: str, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run `work` as a member of the group; its name is told when it fails."""
        if name in self._running:
            work.close()
            raise ValueError(f"a task {name!r} runs already")
        self._running.add(name)
        task = self._group.create_task(self._named(name, work), name=name)

        def ended(_: asyncio.Task[T]) -> None:
            work.close()  # a task cancelled before its first step never awaited it
            self._running.discard(name)

        task.add_done_callback(ended)
        return task

    def running(self) -> tuple[str, ...]:
        """Names of the tasks that have not ended."""
        return tuple(sorted(self._running))

    async def _named(self, name: str, work: Coroutine[Any, Any, T]) -> T:
        try:
            return await work
        except Exception as error:
            error.add_note(f"in task {name!r}")
            raise


def cause_of(group: ExceptionGroup[Exception]) -> Exception:
    """The error with a cure among those that ended a group, else the group's only one, else it."""
    leaves = list(_leaves(group))
    cured = next((one for one in leaves if isinstance(one, JulieError)), None)
    return cured or (leaves[0] if len(leaves) == 1 else group)


def _leaves(group: ExceptionGroup[Exception]) -> Iterator[Exception]:
    for one in group.exceptions:
        if isinstance(one, ExceptionGroup):
            yield from _leaves(one)
        else:
            yield one
