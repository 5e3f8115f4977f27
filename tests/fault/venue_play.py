"""Plays a scene of the live order path, from the gateway's start to the account's close.

A scene that its test did not judge is judged here, and each must let everything be closed.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from julie.core.market_events import Hub, HubState
from julie.core.tasks import Tasks
from julie.execution.config import ExecutionSection
from tests.fault.flat_market import write_flat
from tests.fault.gate import started
from tests.fault.rows import row_told, seed_of
from tests.fault.venue_scene import SPEED, Scene

BEGINS: Final = datetime(2025, 4, 15, 13, 30, tzinfo=UTC)


class _Over(Exception):
    """The scene has been played."""


def _first(group: BaseExceptionGroup[AssertionError]) -> AssertionError:
    """The one that a person reads."""
    one: BaseException = group
    while isinstance(one, BaseExceptionGroup):
        one = one.exceptions[0]
    return one if isinstance(one, AssertionError) else AssertionError(str(one))


@asynccontextmanager
async def _opened(
    folder: Path, rules: ExecutionSection, words: Sequence[str] = ()
) -> AsyncIterator[Scene]:
    """A gateway, and our side of it ready to trade."""
    file = write_flat(folder / "MES.csv", [(BEGINS, 180)], spread=0.0)
    hours = ("--date", "2025-04-15", "--from", "09:31", "--until", "12:20")
    given = ("--data", str(file), "--symbol", "MES", *hours, "--speed", str(SPEED))
    child, ready = await started((*given, "--seed", str(seed_of()), *words), folder)
    scene = Scene(ready, folder, rules)
    try:
        async with Tasks() as tasks:
            await scene.executor.recover([])
            tasks.start("executor", scene.executor.run())
            scene.feed.start(tasks)
            await scene.until(lambda: all(scene.feed.state(h) is HubState.LIVE for h in Hub))
            await scene.until(lambda: scene.executor.gate("MES").name == "NONE")
            yield scene
            raise _Over
    except* _Over:
        pass
    except* AssertionError as failed:
        raise _first(failed) from None
    finally:
        await scene.journal.close()
        await scene.client.aclose()
        await scene.http.aclose()
        child.kill()
        await child.wait()


def play(
    act: Callable[[Scene], Awaitable[None]],
    folder: Path,
    *words: str,
    **rules: Any,
) -> None:
    """Run one scene from the login to the end."""

    async def whole() -> None:
        given = ExecutionSection.model_validate({"reconcile_s": 6, **rules})
        async with _opened(folder, given, words) as scene:
            await act(scene)
            if not scene.judged and scene.book_net() == await scene.net():
                await scene.books_hold(foreign=True)
            await scene.close_all()
            told = await scene.outcome()
        row_told(folder, told)

    asyncio.run(whole())
