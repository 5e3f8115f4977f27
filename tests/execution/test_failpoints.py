"""Each failpoint of an order's life is passed where its name says, told by what the journal and the
venue hold at that instant.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from julie.core import failpoints
from julie.core.events import Asked, Fill, Intent, OrderState, OrderUpdate
from julie.core.failpoints import FAILPOINTS, VARIABLE, FailpointReached
from julie.core.permits import NearerStop, Position
from julie.core.types import Side
from tests.execution.bench import MES, Bench
from tests.execution.test_killed import (
    open_then_close,
    open_then_flatten,
    open_without_stop,
    work_then_cancel,
)

Act = Callable[[Bench], Awaitable[None]]
Holds = Callable[[Bench], bool]
OF_STORE = {"K13", "K14"}  # files and migrations: the store's own tests


async def enter(bench: Bench) -> None:
    bench.executor.submit([bench.entry()])
    await bench.wait(2)


async def move(bench: Bench) -> None:
    bench.executor.submit([bench.entry()])
    await bench.turn()
    held = Position("MES", MES, Side.LONG, 2)
    bench.executor.submit([NearerStop("MES:0:1", held, 992, 996)])
    await bench.wait(2)


async def orphan(bench: Bench) -> None:
    """A position that is not ours, to be compared."""
    bench.venue.foreign_market(MES, Side.LONG, 2)
    await bench.wait(6)


def noted(bench: Bench, kind: type, safe: bool = False) -> list:
    """What the journal holds of a kind; `safe` = committed."""
    journal = bench.journal
    records = journal.records[: journal.safe] if safe else journal.records
    return [one.payload for one in records if isinstance(one.payload, kind)]


def answered(bench: Bench, safe: bool) -> bool:
    return any(one.state is OrderState.WORKING for one in noted(bench, OrderUpdate, safe))


def asked(bench: Bench, verb: str) -> bool:
    return any(one.verb == verb for one in noted(bench, Asked, safe=True))


CASES: dict[str, tuple[Act, Holds]] = {
    "K1": (enter, lambda b: not noted(b, Intent) and not b.venue.calls),
    "K2": (enter, lambda b: len(noted(b, Intent, safe=True)) == 1 and not b.venue.calls),
    "K3": (enter, lambda b: len(b.venue.accepted) == 1 and not answered(b, safe=False)),
    "K4": (enter, lambda b: answered(b, safe=False) and not answered(b, safe=True)),
    "K5": (enter, lambda b: answered(b, safe=True)),
    "K6": (enter, lambda b: bool(b.venue.trades) and not noted(b, Fill)),
    "K7": (enter, lambda b: len(noted(b, Fill, safe=True)) == 1),
    "K8": (open_without_stop, lambda b: len(b.venue.stops()) == 1),
    "K9": (move, lambda b: asked(b, "move") and b.venue.stops()[0].price_tick == 996),
    "K10": (work_then_cancel, lambda b: asked(b, "cancel") and not b.venue.alive()),
    "K11": (open_then_flatten, lambda b: not b.venue.alive() and b.venue.net[MES] == 2),
    "K12": (open_then_close, lambda b: b.venue.calls[-1] == "close" and b.venue.net[MES] == 0),
    "K15": (orphan, lambda b: any(one.role == "adopt" for one in noted(b, Intent))),
}


def test_no_failpoint_is_forgotten() -> None:
    assert set(CASES) | OF_STORE == set(FAILPOINTS)


@pytest.mark.parametrize("point", CASES)
def test_the_failpoint_is_passed_where_its_name_says(
    point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    act, holds = CASES[point]
    seen: list[bool] = []

    async def play() -> None:
        bench = Bench()
        reached = failpoints._Armed.passed

        def passed(self: failpoints._Armed, name: str) -> None:
            try:
                reached(self, name)
            except FailpointReached:
                seen.append(holds(bench))
                raise

        monkeypatch.setattr(failpoints._Armed, "passed", passed)
        failpoints._read.cache_clear()
        with suppress(BaseExceptionGroup, FailpointReached):
            async with bench:
                monkeypatch.setenv(VARIABLE, f"{point}:1:raise")
                await act(bench)

    asyncio.run(play())
    assert seen == [True], f"{point}: {FAILPOINTS[point]}"
