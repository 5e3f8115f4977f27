"""A start that is broken off leaves the account as asked, and finishes a flatten that was begun."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from julie.core.bus import Bus
from julie.core.errors import Exit, JulieError
from julie.core.scribe import Scribe
from julie.core.tasks import Tasks
from julie.live.closing_down import leave_early
from julie.live.leaving import End
from tests.execution.bench import MES, Bench

CTRL_C = End("Ctrl-C was received", Exit.INTERRUPTED, "keep")
STOP = End("the STOP file: me, storm", Exit.STOPPED, "flatten")


async def started_again(bench: Bench, *, flattening: bool) -> None:
    """A position is open, the bot dies, and its next start is broken off in the middle."""
    bench.executor.submit([bench.entry()])
    await bench.wait(2)
    assert bench.venue.net[MES] == 2
    if flattening:
        await broken_off(bench, bench.executor.flatten("test"))
    bench.executor = bench._executor()
    await broken_off(bench, bench.executor.recover(list(bench.journal.records)))


async def broken_off(bench: Bench, work: Any) -> None:
    async with Tasks() as group:
        task = group.start("work", work)
        await asyncio.sleep(0)
        task.cancel()
    await bench.turn()


async def left(bench: Bench, end: End) -> JulieError:
    scribe = Scribe(bench.journal, Bus(), "run-1", bench.clock, len(bench.journal.records) + 1)
    ground: Any = SimpleNamespace(
        executor=bench.executor, scribe=scribe,
        wanted=SimpleNamespace(folder=Path("data/live")), lines=SimpleNamespace(ticks={}),
    )  # fmt: skip
    async with Tasks() as group:
        leaving = group.start("leaving", leave_early(ground, end))
        while not leaving.done():
            await bench.wait(0.2)
    return leaving.result()


@pytest.mark.parametrize("flattening", [True, False])
def test_ctrl_c_while_it_starts(flattening: bool) -> None:
    async def case() -> None:
        bench = Bench()
        async with bench:
            await started_again(bench, flattening=flattening)
        error = await left(bench, CTRL_C)
        assert bench.executor.flatten_due is False
        assert bench.venue.net[MES] == (0 if flattening else 2)
        assert ("everything is closed" in error.message) is flattening
        assert error.exit_code is Exit.INTERRUPTED
        assert str(error.cure).startswith("start again")

    asyncio.run(case())


def test_after_a_stop_the_file_is_to_be_deleted_first() -> None:
    async def case() -> None:
        bench = Bench()
        async with bench:
            await bench.turn()
        error = await left(bench, STOP)
        assert "delete data/live/STOP, then start again" in str(error.cure)
        quiet = await left(bench, CTRL_C)
        assert quiet.message.endswith("nothing of ours is open by the journal")

    asyncio.run(case())
