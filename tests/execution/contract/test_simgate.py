"""The gateway passes the broker contract: our client, real sockets, a simulated gateway as a child.

The cases share one child and its day; each has an executor of its own and leaves the account flat.
"""

import asyncio
from asyncio.subprocess import Process
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import pytest

from julie.core.calendar import load_calendar
from julie.core.clock import VirtualClock
from julie.core.events import Alarm
from julie.core.market_events import Hub, HubChanged, HubState, MarketEvent
from julie.core.tasks import Tasks
from julie.core.zones import MINUTE_NS
from julie.execution.executor import Executor
from julie.execution.venue import VenueEvent
from julie.gateway.client import Client
from julie.gateway.config import GatewaySection
from julie.gateway.feed import HubFeed
from julie.gateway.venue import GatewayVenue
from julie.gateway.venue_rows import Ticks, VenueRows
from julie.live.sim import Ready, end_child, start_child
from julie.live.venue_door import login_of
from tests.execution.contract.cases import CASES
from tests.execution.contract.through_executor import ExecutorBroker
from tests.simgate.server.gate import DAY, bars_file

pytestmark = [pytest.mark.tier2, pytest.mark.timeout(60)]


class SimMarket:
    """The child's market, in lockstep, with bars as a case draws them."""

    lift = 20_000

    def __init__(self, child: Process, ready: Ready) -> None:
        self.child = child
        self.clock = VirtualClock(ready.clock)
        self.contract = ready.contracts["MES"]
        self._http = httpx.AsyncClient(base_url=ready.url, timeout=20, trust_env=False)
        self._executor: Executor | None = None
        login, chance = login_of(ready), np.random.default_rng(3)
        self.client = Client(login.url, login.credentials, self.clock, chance)
        rows = VenueRows(ready.account_id, Ticks())
        self.venue = GatewayVenue(self.client, rows)
        self.feed = HubFeed(
            self.client,
            login.addresses,
            rows,
            (self.contract,),
            GatewaySection(),
            load_calendar(),
            self,
            quiet=lambda: True,
            exposed=lambda: True,
            lockstep=True,
        )
        self._tasks = Tasks()

    async def open(self) -> None:
        await self._tasks.__aenter__()
        self.feed.start(self._tasks)
        await self.bar(20_100, 20_100, 20_100, 20_100)
        async with asyncio.timeout(20):
            while any(self.feed.state(hub) is not HubState.LIVE for hub in Hub):
                await asyncio.sleep(0.02)
                await self.bar(20_100, 20_100, 20_100, 20_100)

    async def close(self) -> None:
        ours = set(self._tasks.running())
        for task in asyncio.all_tasks():
            if task.get_name() in ours:
                task.cancel()
        await self._tasks.__aexit__(None, None, None)
        await self._http.aclose()
        await self.client.aclose()
        await end_child(self.child)

    # what the streams bring

    def market(self, event: MarketEvent) -> None:
        self.clock.advance_to(event.ts_exchange)

    def user(self, event: VenueEvent) -> None:
        if self._executor is not None:
            self._executor.on_venue(event)

    def hub(self, change: HubChanged) -> None:
        return

    def alarm(self, alarm: Alarm) -> None:
        return

    # what a case asks for

    def listen(self, executor: Executor) -> None:
        self._executor = executor

    async def bar(self, o: int, h: int, low: int, c: int) -> None:
        drawn = [tick * 0.25 for tick in (o, h, low, c)]
        now = (await self._sim("clock"))["now_ns"]
        await self._sim("market", {"kind": "bars", "bars": [[*drawn, 8]]})
        await self._sim("clock", {"until_ns": (now // MINUTE_NS + 1) * MINUTE_NS})

    async def heard(self) -> bool:
        rows = await self._sim("connections")
        rows = rows["connections"] if isinstance(rows, dict) else rows
        newest = {row["hub"]: row["sent"] for row in sorted(rows, key=lambda row: row["number"])}
        return not self.feed.intake.waiting and all(
            self.feed.seen(hub) == newest.get(hub.value) for hub in Hub
        )

    async def _sim(self, name: str, body: Any = None) -> Any:
        method = "GET" if body is None else "POST"
        answer = await self._http.request(method, f"/_sim/{name}", json=body)
        assert answer.status_code == 200, (name, answer.text)
        return answer.json()


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as made:
        yield made


@pytest.fixture(scope="module")
def market(runner: asyncio.Runner, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimMarket]:
    file = bars_file(tmp_path_factory.mktemp("bars"), minutes=400)

    async def begin() -> SimMarket:
        words = f"--symbol MES --serve MES --date {DAY} --from 09:30 --until 16:00"
        child, ready = await start_child(
            ["--data", str(file), *words.split(), "--speed", "lockstep"]
        )
        made = SimMarket(child, ready)
        await made.open()
        return made

    made = runner.run(begin())
    yield made
    runner.run(made.close())


@pytest.mark.parametrize("name", CASES)
def test_the_contract(name: str, runner: asyncio.Runner, market: SimMarket) -> None:
    broker = ExecutorBroker(runner, market, name)
    try:
        CASES[name](broker)
    finally:
        broker.leave()
