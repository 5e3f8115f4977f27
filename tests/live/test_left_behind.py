"""What an earlier run left open in an instrument that is not traded any more refuses the start."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from julie.core.errors import Exit, UsageError
from julie.core.types import Side
from julie.execution.floor import Traded
from julie.live.left_behind import refuse_left_behind
from julie.live.recall import Past
from tests.execution.bench import MES, Bench, run

ONLY_MNQ = (Traded("MNQ", "CON.F.US.MNQ.U26", 0.25, 50),)
AS_BEFORE = (Traded("MES", MES, 0.25, 125), *ONLY_MNQ)
HEARD_AS_ES = (Traded("ES", MES, 0.25, 125),)


async def starts(bench: Bench, carried: tuple[Traded, ...] = ONLY_MNQ) -> None:
    """Start on what the bench has left."""
    executor: Any = bench.executor
    ground: Any = SimpleNamespace(
        carried=carried,
        scribe=executor._floor.ledger._scribe,
        place=SimpleNamespace(clock=bench.clock),
        broker=SimpleNamespace(venue=bench.venue),
        wanted=SimpleNamespace(folder=Path("data/sim")),
    )
    await refuse_left_behind(ground, Past(records=tuple(bench.journal.records)))


async def refused(bench: Bench, carried: tuple[Traded, ...] = ONLY_MNQ) -> str:
    """What such a start is told."""
    written = list(bench.journal.records)
    with pytest.raises(UsageError) as told:
        await starts(bench, carried)
    assert told.value.exit_code == Exit.USAGE
    assert bench.journal.records == written
    return str(told.value)


def test_a_position_in_an_instrument_of_before_refuses_the_start():
    async def case(bench):
        bench.executor.submit([bench.entry()])
        await bench.turn()
        for carried in (ONLY_MNQ, HEARD_AS_ES):
            told = await refused(bench, carried)
            assert f"{MES}: long 2, 2 of its orders open" in told
            assert "start with that instrument" in told
            assert "julie flatten --data-dir" in told
        await starts(bench, AS_BEFORE)
        assert bench.venue.net[MES] == 2

    run(case)


def test_an_entry_that_still_works_there_does_too():
    async def case(bench):
        bench.executor.submit([bench.entry(limit=900)])
        await bench.turn()
        assert f"{MES}: flat, 3 of its orders open" in await refused(bench)

    run(case)


def test_what_was_closed_meanwhile_does_not():
    async def case(bench):
        bench.executor.submit([bench.entry()])
        await bench.turn()
        bench.deaf = True  # the journal does not hear of it
        bench.venue.foreign_market(MES, Side.SHORT, 2)
        for order in bench.venue.alive():
            bench.venue.foreign_cancel(order.id)
        await starts(bench)
        assert bench.executor.book.open_plans(MES)

    run(case)


def test_a_venue_that_does_not_say_counts_as_open():
    async def case(bench):
        bench.executor.submit([bench.entry()])
        await bench.turn()
        bench.venue.unreachable = True
        assert "the venue does not say how it stands" in await refused(bench)

    run(case)


def test_a_journal_without_such_a_plan_asks_the_venue_nothing():
    async def go() -> None:
        bench = Bench()
        bench.venue.unreachable = True
        await starts(bench)
        assert not bench.journal.records

    asyncio.run(go())
