"""The paper broker passes the broker contract, on prints of every price along a bar's path."""

import asyncio
from collections.abc import Iterator
from itertools import pairwise

import pytest

from julie.core.clock import VirtualClock
from julie.core.market_events import Print
from julie.core.types import Side
from julie.core.zones import MINUTE_NS, SECOND_NS
from julie.execution.executor import Executor
from julie.execution.floor import Traded
from julie.execution.matching import path
from julie.execution.paper import PaperVenue, open_state
from julie.execution.venue import VenueEvent
from tests.execution.bench import MES, START
from tests.execution.contract.cases import CASES
from tests.execution.contract.through_executor import ExecutorBroker


class PaperMarket:
    """Prints for the paper broker."""

    contract = MES
    lift = 20_000

    def __init__(self) -> None:
        self.clock = VirtualClock(START // MINUTE_NS * MINUTE_NS)
        self._events: list[VenueEvent] = []
        self._executor: Executor | None = None
        traded = Traded("MES", MES, 0.25, 125, 61)
        self.venue = PaperVenue(
            [traded], self.clock, 1, self._events.append, open_state(None, 1, 5_000_000)
        )
        self._keeping = asyncio.get_running_loop().create_task(self.venue.run())

    def listen(self, executor: Executor) -> None:
        self._executor = executor

    async def bar(self, o: int, h: int, low: int, c: int) -> None:
        minute = (self.clock.now_ns() // MINUTE_NS + 1) * MINUTE_NS
        await self._print(o, minute)
        side = sum(row.net for row in await self.venue.positions())
        points = (o, *path(side, o, h, low, c), c)
        for a, b in pairwise(points):
            step = 1 if b > a else -1
            for tick in range(a + step, b + step, step):
                await self._print(tick, self.clock.now_ns() + SECOND_NS // 10)

    async def _print(self, tick: int, ts: int) -> None:
        self.clock.advance_to(ts)
        self.venue.market(Print(MES, tick * 0.25, 1, ts, ts, Side.LONG))
        await self.heard()

    async def heard(self) -> bool:
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        while self._events and self._executor is not None:
            self._executor.on_venue(self._events.pop(0))
        return not self._events


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as made:
        yield made


@pytest.mark.parametrize("name", CASES)
def test_the_contract(name: str, runner: asyncio.Runner) -> None:
    async def market() -> PaperMarket:
        return PaperMarket()

    broker = ExecutorBroker(runner, runner.run(market()), name)
    try:
        CASES[name](broker)
    finally:
        broker.leave()
