"""A start that is broken off leaves the account as asked, and finishes a flatten that was begun."""

import asyncio
import os
import signal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar, cast

import pytest

from julie.core.bus import Bus
from julie.core.errors import Exit, JulieError
from julie.core.scribe import Scribe
from julie.core.tasks import Tasks
from julie.core.types import DeskState
from julie.live.closing_down import close_all, close_down, leave_early
from julie.live.leaving import End, Leaving, heeding
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
        left = group.start("leaving", leave_early(ground, asked_for(end)))
        while not left.done():
            await bench.wait(0.2)
    return left.result()


def asked_for(end: End) -> Leaving:
    leaving = Leaving()
    leaving.ask(end)
    return leaving


class Ending:
    """A session with no desk."""

    not_ours: ClassVar[dict[str, int]] = {}
    day_over = False

    def __init__(self, bench: Bench) -> None:
        self.executor = bench.executor
        seq = len(bench.journal.records) + 1
        self.scribe = Scribe(bench.journal, Bus(), "run-1", bench.clock, seq)
        self.lines = SimpleNamespace(ticks={})

    @property
    def open_at_venue(self) -> bool:
        return bool(self.executor.book.open_plans())

    open_anywhere = open_at_venue


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


@pytest.mark.parametrize("meanwhile", ["nothing", "a person", "the STOP file"])
def test_a_kill_switch_that_is_thrown_while_a_session_ends_is_waited_for(meanwhile: str) -> None:
    async def case() -> None:
        async with Bench() as bench, Tasks() as group:
            bench.executor.submit([bench.entry()])
            await bench.wait(2)
            leaving, executor = asked_for(CTRL_C), bench.executor
            session: Any = Ending(bench)
            compare = executor.reconcile
            thrown: list[asyncio.Task[Any]] = []

            async def reconcile() -> Any:
                if meanwhile == "a person" and not thrown:
                    thrown.append(group.start("person", executor.flatten("a person")))
                    await asyncio.sleep(0)
                elif meanwhile == "the STOP file":
                    leaving.ask(STOP)
                return await compare()

            executor.reconcile = reconcile  # type: ignore[method-assign]
            ending = group.start("ending", close_down(session, leaving, None))
            while not ending.done():
                await bench.wait(0.1)
            for one in thrown:  # with the session all its tasks end
                one.cancel()
            left = ending.result()
            closed = meanwhile != "nothing"
            assert (bench.venue.net[MES], left.flat) == ((0, True) if closed else (2, False))
            assert [one.qty for one in bench.venue.stops()] == ([] if closed else [2])
            assert left.code is (await leaving.asked()).code

    asyncio.run(case())


@pytest.mark.parametrize("ends", ["the venue answers", "a signal"])
def test_a_stop_is_tried_on_while_the_venue_does_not_answer(
    ends: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("julie.live.closing_down.AGAIN_S", 0.01)

    async def case() -> None:
        async with Bench() as bench, Tasks() as group:
            bench.executor.submit([bench.entry()])
            await bench.wait(2)
            leaving, session = asked_for(STOP), cast("Any", Ending(bench))
            bench.venue.unreachable = True
            ending = group.start("ending", close_down(session, leaving, None))
            await bench.wait(100)
            assert not ending.done()
            assert "not_flat" in bench.alarms()
            if ends == "a signal":
                leaving.ask(CTRL_C)
            else:
                bench.venue.unreachable = False
            while not ending.done():
                await bench.wait(0.2)
            left = ending.result()
            if ends == "a signal":
                assert (left.flat, left.code) == (False, Exit.HALTED)
                assert "look at the platform" in left.words
            else:
                assert (left.flat, left.code, bench.venue.net[MES]) == (True, Exit.STOPPED, 0)

    asyncio.run(case())


def test_a_start_that_a_stop_breaks_off_says_where_it_is_not_flat() -> None:
    async def case() -> None:
        bench = Bench()
        async with bench:
            await started_again(bench, flattening=False)
        bench.venue.halted = True
        error = await left(bench, STOP)
        assert "NOT FLAT" in error.message
        assert error.exit_code is Exit.HALTED

    asyncio.run(case())


@pytest.mark.parametrize("meanwhile", ["nothing", "a person", "a fault"])
def test_what_halts_the_desk_while_all_is_closed_stays(meanwhile: str) -> None:
    async def case() -> None:
        async with Bench() as bench:
            bench.executor.submit([bench.entry()])
            await bench.wait(2)
            executor: Any = bench.executor
            async with Tasks() as group:
                ground: Any = SimpleNamespace(executor=executor)
                work = [group.start("all", close_all(ground, "the flat time has come"))]
                await bench.wait(0.2)
                if meanwhile == "a person":
                    work.append(group.start("person", executor.flatten("a person")))
                    await asyncio.sleep(0)
                elif meanwhile == "a fault":
                    executor.standing.halt("liquidated", "by the firm")
                while not all(one.done() for one in work):
                    await bench.wait(0.2)
            assert work[0].result() is True
            assert (executor.state is DeskState.HALTED) is (meanwhile != "nothing")

    asyncio.run(case())


def test_the_first_signal_breaks_off_no_end_that_is_under_way() -> None:
    async def case() -> list[str]:
        leaving, done = Leaving(), []
        with heeding(leaving, "keep", lambda: None, wanted=True):
            leaving.ask(STOP)
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.sleep(0.05)
            done.append((await leaving.asked()).why)
            os.kill(os.getpid(), signal.SIGTERM)
            try:
                await asyncio.sleep(5)
            except asyncio.CancelledError:
                done.append("broken off")
        return done

    assert asyncio.run(case()) == [STOP.why, "broken off"]
