"""The broker's two doors with the executor behind them, on whatever venue a market brings.

An order is taken when the venue accepted a call for it. The desk's contract is exchanged for the
venue's, and prices are lifted to where the venue's market stands.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Final, Protocol

from julie.core.bus import Bus
from julie.core.clock import VirtualClock
from julie.core.permits import CancelEntry, Entry, NearerStop, Protect, Reducing
from julie.core.scribe import Scribe
from julie.core.types import Reason
from julie.core.zones import MINUTE_NS
from julie.execution.config import ExecutionSection
from julie.execution.executor import Executor
from julie.execution.floor import Traded
from julie.execution.venue import Accepted, OrderKind, Outcome, Venue, VenueStatus
from julie.risk.approval import approve
from tests.execution.bench import Paper
from tests.execution.contract.cases import SYMBOL, Filled

PATIENCE_S: Final = 20.0


class Market(Protocol):
    """A venue under test, with its market in the test's hand."""

    contract: str
    clock: VirtualClock
    lift: int  # ticks between a case's prices and the market's

    @property
    def venue(self) -> Venue:
        """The venue."""
        ...

    def listen(self, executor: Executor) -> None:
        """From now on the venue's events go here."""
        ...

    async def bar(self, o: int, h: int, low: int, c: int) -> None:
        """Let a bar trade."""
        ...

    async def heard(self) -> bool:
        """Whether all that was told has been handled."""
        ...


class Watched:
    """A venue whose accepted changes are counted."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self.accepted = 0

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._venue, name)
        if name not in ("place", "modify", "cancel", "close", "close_part"):
            return call

        async def counted(*given: Any, **named: Any) -> Outcome:
            outcome: Outcome = await call(*given, **named)
            self.accepted += isinstance(outcome, Accepted)
            return outcome

        return counted


class ExecutorBroker:
    """A broker of the contract."""

    def __init__(self, runner: asyncio.Runner, market: Market, name: str) -> None:
        self._runner, self._market = runner, market
        self._venue = Watched(market.venue)
        scribe = Scribe(Paper(), Bus(), name, market.clock, 1)
        traded = Traded(SYMBOL, market.contract, 0.25, 125)
        venue: Any = self._venue
        rules = ExecutionSection()
        self.executor = Executor(venue, scribe, market.clock, [traded], rules)
        self._told: set[int] = set()
        self._since = market.clock.now_ns() - MINUTE_NS
        self._task: asyncio.Task[None] | None = None
        runner.run(self._begin())

    async def _begin(self) -> None:
        self._market.listen(self.executor)
        self._task = asyncio.get_running_loop().create_task(self.executor.run())
        await self._rest(lambda: self.executor.gate(SYMBOL) is Reason.NONE)
        await self._trades()

    def leave(self) -> None:
        """Nothing is left at the venue, and nobody works any more."""
        self._runner.run(self._leave())

    async def _leave(self) -> None:
        assert self._task is not None
        self._task.cancel()
        for order in await self._venue.open_orders():
            await self._venue.cancel(order.id)
        if await self._venue.positions():
            await self._venue.close(self._market.contract)
            up = self._market.lift + 100
            await self._market.bar(up, up, up, up)
        assert await self._venue.positions() == ()
        assert await self._venue.open_orders() == ()

    # the doors

    def place(self, entry: Entry) -> bool:
        lift = None if entry.limit_tick is None else entry.limit_tick + self._market.lift
        now = self._market.clock.now_ns()
        contract = self._contract(entry.contract)
        order = replace(entry, contract=contract, limit_tick=lift, decided_ns=now)
        return self._submitted(approve(order))

    def reduce(self, order: Reducing) -> bool:
        if isinstance(order, CancelEntry):
            return self._submitted(replace(order, contract=self._contract(order.contract)))
        contract = self._contract(order.position.contract)
        order = replace(order, position=replace(order.position, contract=contract))
        up = self._market.lift
        if isinstance(order, NearerStop):
            order = replace(order, from_tick=order.from_tick + up, to_tick=order.to_tick + up)
        elif isinstance(order, Protect):
            target = None if order.target_tick is None else order.target_tick + up
            order = replace(order, stop_tick=order.stop_tick + up, target_tick=target)
        return self._submitted(order)

    def _contract(self, named: str) -> str:
        return self._market.contract if named == SYMBOL else named

    def _submitted(self, order: Any) -> bool:
        before = self._venue.accepted

        async def submit() -> None:
            self.executor.submit([order])
            await self._rest()

        self._runner.run(submit())
        return self._venue.accepted > before

    async def _rest(self, also: Callable[[], bool] = lambda: True) -> None:
        """Until everybody has heard everything and nobody does anything."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                await asyncio.sleep(0)
                if await self._market.heard() and self.executor.idle and also():
                    return
                await asyncio.sleep(0.005)

    # the market and what is seen

    def bar(self, o: int, h: int, low: int, c: int) -> list[Filled]:
        async def played() -> list[Filled]:
            up = self._market.lift
            await self._market.bar(o + up, h + up, low + up, c + up)
            await self._rest()
            for _ in range(12):  # three seconds, in which what is left over is cleared away
                self._market.clock.advance(0.25)
                await self._rest()
            return [(side * qty, tick - up) for side, qty, tick in await self._trades()]

        return self._runner.run(played())

    async def _trades(self) -> list[tuple[int, int, int]]:
        rows = await self._venue.trades_since(self._since)
        fresh = [row for row in rows if row.id not in self._told]
        self._told |= {row.id for row in fresh}
        fresh.sort(key=lambda row: (row.ts, row.id))
        return [(int(row.side), row.qty, row.price_tick) for row in fresh]

    def position(self) -> int:
        async def read() -> int:
            return sum(row.net for row in await self._venue.positions())

        return self._runner.run(read())

    def working(self) -> int:
        async def read() -> int:
            return len(await self._venue.open_orders())

        return self._runner.run(read())

    def stops(self) -> list[tuple[int, int]]:
        async def read() -> list[tuple[int, int]]:
            return sorted(
                (row.qty - row.filled, (row.price_tick or 0) - self._market.lift)
                for row in await self._venue.open_orders()
                if row.kind is OrderKind.STOP and row.status is VenueStatus.OPEN
            )

        return self._runner.run(read())

    def lose_stop(self) -> None:
        async def lose() -> None:
            for row in await self._venue.open_orders():
                if row.kind is OrderKind.STOP:
                    await self._market.venue.cancel(row.id)
            await self._rest()

        self._runner.run(lose())


Played = Callable[[int, int, int, int], Awaitable[None]]
