"""The paper account: quotes, money, netting, and what a restart finds."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from julie.core.clock import VirtualClock
from julie.core.market_events import MarketEvent, Print, QuoteNow
from julie.core.tasks import Tasks
from julie.core.types import Side
from julie.core.zones import MINUTE_NS
from julie.execution.floor import Traded
from julie.execution.paper import PaperDamaged, PaperVenue, open_state
from julie.execution.venue import (
    Accepted,
    NewOrder,
    OrderKind,
    RefusalCode,
    Refused,
    VenueEvent,
    VenueOrder,
    VenueStatus,
    VenueTrade,
)
from julie.store.atomic import NotWritable
from tests.execution.bench import MES, START

NAN = float("nan")
TRADED = Traded("MES", MES, 0.25, 125, 61)


def order(
    tag: str = "a",
    side: Side = Side.LONG,
    qty: int = 2,
    stop: int | None = 8,
    target: int | None = 12,
) -> NewOrder:
    return NewOrder(tag, MES, side, qty, OrderKind.MARKET, stop_ticks=stop, target_ticks=target)


@dataclass
class Scene:
    """A paper account whose state is kept in memory; `disk` makes the keeping fail or wait."""

    clock: VirtualClock = field(
        default_factory=lambda: VirtualClock(START // MINUTE_NS * MINUTE_NS)
    )
    kept: bytes | None = None
    heard: list[VenueEvent] = field(default_factory=list)
    disk: Callable[[], Awaitable[object]] | None = None

    def __post_init__(self) -> None:
        self.venue = self.opened()

    def opened(self) -> PaperVenue:
        state = open_state(self.kept, 7, 5_000_000)
        return PaperVenue([TRADED], self.clock, 1, self.heard.append, state, self._keep)

    async def _keep(self, body: bytes) -> None:
        if self.disk is not None:
            await self.disk()
        self.kept = body

    async def tell(self, event: MarketEvent) -> None:
        self.venue.market(event)
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    async def trade_at(self, tick: int, after_s: float = 1.0) -> None:
        self.clock.advance(after_s)
        now = self.clock.now_ns()
        await self.tell(Print(MES, tick * 0.25, 1, now, now, Side.LONG))

    async def quote(self, bid: int, ask: int) -> None:
        self.clock.advance(1)
        now = self.clock.now_ns()
        await self.tell(QuoteNow(MES, bid * 0.25, ask * 0.25, NAN, now, now))

    def trades(self) -> list[VenueTrade]:
        return [one for one in self.heard if isinstance(one, VenueTrade)]


def play(case: Callable[[Scene], Awaitable[None]]) -> None:
    async def whole() -> None:
        scene = Scene()
        async with Tasks() as tasks:
            keeping = tasks.start("paper", scene.venue.run())
            await case(scene)
            keeping.cancel()

    asyncio.run(whole())


def test_profit_and_fees_move_the_balance() -> None:
    async def case(scene: Scene) -> None:
        await scene.trade_at(1000)
        await scene.venue.place(order())
        await scene.trade_at(1000)
        await scene.trade_at(1014)
        buy, sell = scene.trades()
        assert (buy.price_tick, buy.fee_cents, buy.pnl_cents) == (1001, 122, None)
        assert (sell.price_tick, sell.fee_cents, sell.pnl_cents) == (1013, 122, 12 * 2 * 125)
        assert (await scene.venue.account()).balance_cents == 5_000_000 + 3000 - 244
        assert await scene.venue.open_orders() == ()

    play(case)


def test_a_jump_costs_a_stop_what_it_jumps_and_gives_a_target_nothing() -> None:
    async def case(scene: Scene) -> None:
        await scene.trade_at(1000)
        for tag, to in (("a", 985), ("b", 1030)):
            await scene.venue.place(order(tag))
            await scene.trade_at(1000)
            await scene.trade_at(to)
            await scene.trade_at(1000, 5)
        assert [one.price_tick for one in scene.trades()] == [1001, 984, 1001, 1013]

    play(case)


def test_a_quiet_market_fills_a_market_order_at_the_far_side_of_the_book() -> None:
    async def case(scene: Scene) -> None:
        await scene.trade_at(1000)
        await scene.venue.place(order())
        await scene.quote(1005, 1007)
        assert [one.price_tick for one in scene.trades()] == [1007]
        await scene.venue.close(MES)
        await scene.quote(1009, 1006)  # crossed: no price of it is used
        assert len(scene.trades()) == 1
        await scene.quote(1004, 1006)
        assert [one.price_tick for one in scene.trades()] == [1007, 999]

    play(case)


def test_a_fill_beyond_the_position_is_two_trades() -> None:
    async def case(scene: Scene) -> None:
        await scene.trade_at(1000)
        await scene.venue.place(order("a", stop=None, target=None))
        await scene.trade_at(1000)
        await scene.venue.place(order("b", stop=None, target=None))
        await scene.trade_at(1003)
        assert (await scene.venue.positions())[0].average == (1001 + 1004) / 2 * 0.25
        await scene.venue.place(order("c", Side.SHORT, 5, None, None))
        await scene.trade_at(1010)
        closing, opening = scene.trades()[-2:]
        assert (closing.qty, closing.pnl_cents) == (4, (1009 * 4 - 2 * 1001 - 2 * 1004) * 125)
        assert (opening.qty, opening.pnl_cents) == (1, None)
        assert (await scene.venue.positions())[0].net == -1

    play(case)


def test_what_a_venue_refuses_is_refused() -> None:
    async def case(scene: Scene) -> None:
        await scene.trade_at(1000)
        codes = []
        assert isinstance(await scene.venue.place(order()), Accepted)
        for wrong in (
            order(),
            order("b", stop=3),
            NewOrder("c", MES, Side.SHORT, 1, OrderKind.STOP, 1000),
            NewOrder("d", "CON.F.US.EP.U26", Side.LONG, 1, OrderKind.MARKET),
        ):
            answer = await scene.venue.place(wrong)
            assert isinstance(answer, Refused)
            codes.append(answer.code)
        assert codes == [
            RefusalCode.TAG_IN_USE,
            RefusalCode.TOO_NEAR,
            RefusalCode.OUT_OF_RANGE,
            RefusalCode.NO_CONTRACT,
        ]
        for answer in (
            await scene.venue.close(MES),
            await scene.venue.cancel(99),
            await scene.venue.modify(2, price_tick=999),  # a leg that waits
        ):
            assert isinstance(answer, Refused)

    play(case)


def test_a_restart_finds_the_account_as_it_was() -> None:
    async def case(scene: Scene) -> None:
        await scene.trade_at(1000)
        await scene.venue.place(order())
        await scene.trade_at(1000)
        before = scene.venue
        scene.venue = after = scene.opened()
        assert await after.open_orders() == await before.open_orders()
        assert await after.positions() == await before.positions()
        assert await after.trades_since(0) == await before.trades_since(0)
        assert await after.account() == await before.account()
        assert isinstance(await after.place(order()), Refused)  # a tag is used for ever
        scene.heard.clear()
        await scene.trade_at(980, 3600)  # what the first print then finds, it fills
        await after._safe()
        assert [one.price_tick for one in scene.trades()] == [979]
        assert await after.positions() == ()

    play(case)


def test_nothing_is_told_before_it_is_kept() -> None:
    async def case(scene: Scene) -> None:
        gate = asyncio.Event()
        scene.disk = gate.wait
        scene.venue.market(Print(MES, 250.0, 1, scene.clock.now_ns(), 0, Side.LONG))
        async with Tasks() as tasks:
            placing = tasks.start("placing", scene.venue.place(order()))
            for _ in range(5):
                await asyncio.sleep(0)
            assert scene.heard == []
            assert not placing.done()
            gate.set()
        assert isinstance(placing.result(), Accepted)
        assert [one.status for one in scene.heard if isinstance(one, VenueOrder)] == [
            VenueStatus.PENDING,
            VenueStatus.SUSPENDED,
            VenueStatus.SUSPENDED,
        ]

    play(case)


@pytest.mark.parametrize(
    "error",
    [OSError(28, "No space left on device"), NotWritable("cannot write it: No space left on")],
    ids=["OSError", "NotWritable"],  # the second is what the folder's own writer says
)
def test_a_full_disk_stops_no_exit(error: Exception) -> None:
    async def case(scene: Scene) -> None:
        await scene.trade_at(1000)
        await scene.venue.place(order())
        await scene.trade_at(1000)

        async def full() -> None:
            raise error

        scene.disk, before = full, len(scene.trades())
        assert isinstance(await scene.venue.close(MES), Accepted)
        await scene.trade_at(1000)
        assert await scene.venue.positions() == ()
        assert "No space left" in scene.venue.trouble
        assert len(scene.trades()) == before + 1  # the fill was told all the same
        scene.disk = None
        await scene.venue.cancel(2)
        assert scene.venue.trouble == ""

    play(case)


def test_an_off_grid_price_fills_nothing_and_is_counted() -> None:
    async def case(scene: Scene) -> None:
        await scene.venue.place(order())
        now = scene.clock.now_ns()
        await scene.tell(Print(MES, 250.1, 1, now, now, Side.LONG))
        assert (scene.trades(), scene.venue.off_grid) == ([], 1)

    play(case)


def test_what_ended_long_ago_is_forgotten() -> None:
    async def case(scene: Scene) -> None:
        await scene.trade_at(1000)
        await scene.venue.place(order())
        await scene.trade_at(1000)
        await scene.trade_at(1014)
        scene.clock.advance(8 * 24 * 3600)
        await scene.venue.place(order("b"))
        assert len(await scene.venue.orders_since(0)) == 3
        assert await scene.venue.trades_since(0) == ()

    play(case)


def test_a_damaged_account_is_refused_in_words() -> None:
    with pytest.raises(PaperDamaged, match="cannot be read") as told:
        open_state(b'{"account_id": 7, "balance', 7, 0)
    assert "move its file" in (told.value.cure or "")
