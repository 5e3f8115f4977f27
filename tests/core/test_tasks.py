"""One group owns every task; what fails ends it."""

import asyncio

import pytest

from julie.core.tasks import Tasks


async def wait_for_ever() -> None:
    await asyncio.Event().wait()


def test_a_failing_task_ends_the_group_and_is_named() -> None:
    async def fail() -> None:
        raise RuntimeError("no bars")

    async def scene() -> None:
        async with Tasks() as tasks:
            tasks.start("desk", wait_for_ever())
            assert tasks.running() == ("desk",)
            tasks.start("feed", fail())

    with pytest.raises(ExceptionGroup) as caught:
        asyncio.run(scene(), debug=True)
    (inner,) = caught.value.exceptions
    assert isinstance(inner, RuntimeError)
    assert inner.__notes__ == ["in task 'feed'"]


def test_ended_tasks_leave_the_list() -> None:
    async def answer() -> int:
        return 7

    async def scene() -> tuple[int, tuple[str, ...]]:
        async with Tasks() as tasks:
            result = await tasks.start("desk", answer())
            return result, tasks.running()

    assert asyncio.run(scene(), debug=True) == (7, ())


def test_a_name_runs_once() -> None:
    async def scene() -> None:
        async with Tasks() as tasks:
            first = tasks.start("desk", wait_for_ever())
            with pytest.raises(ValueError, match="runs already"):
                tasks.start("desk", wait_for_ever())
            first.cancel()

    asyncio.run(scene(), debug=True)
