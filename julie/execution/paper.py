"""The paper broker: a venue of our own on the real market's prints and quotes.

The matching rules are the backtest's: a stop at the print that reaches it, so a jump costs what it
costs; a limit only when traded through by a tick, at its own price, or at a better first print of
a minute; market orders and stops lose their slippage. A market order fills at the next print, or at
the next quote: then at the far side of the book where that is worse. Native brackets, one fill
taking the other leg away, closes that never turn a position.

What happened is kept before it is told, so a restart finds the account as everybody last heard it.
While the program is dead nobody watches this market: what the first print then finds, it fills.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import msgspec

from julie.core.clock import Clock
from julie.core.errors import Exit, JulieError
from julie.core.market_events import MarketEvent, Print, QuoteNow
from julie.core.ticks import to_ticks
from julie.core.types import Side
from julie.core.zones import MINUTE_NS, SECOND_NS
from julie.execution.floor import Traded
from julie.execution.paper_account import PaperAccount, PaperState
from julie.execution.paper_book import PaperBook
from julie.execution.venue import (
    Accepted,
    NewOrder,
    OrderKind,
    Outcome,
    RefusalCode,
    Refused,
    VenueAccount,
    VenueEvent,
    VenueOrder,
    VenuePosition,
    VenueStatus,
    VenueTrade,
)

LEG_TICKS: Final = 4  # nearer the venue takes none
REMEMBERED_NS: Final = 7 * 24 * 3600 * SECOND_NS


class PaperDamaged(JulieError):
    """What was kept of the paper account is not one."""

    exit_code = Exit.JOURNAL


Keep = Callable[[bytes], Awaitable[None]]


def open_state(saved: bytes | None, account_id: int, balance_cents: int) -> PaperState:
    """The account as it was kept, a new one where nothing is; raises `PaperDamaged`."""
    if saved is None:
        return PaperState(account_id, balance_cents)
    try:
        return msgspec.json.decode(saved, type=PaperState)
    except msgspec.DecodeError as error:
        raise PaperDamaged(
            f"the paper account cannot be read: {error}",
            "move its file out of the data folder; a new account begins with the next start",
        ) from error


class PaperVenue:
    """One account on paper; `keep` returns once the state it is given is safe."""

    def __init__(
        self,
        traded: Sequence[Traded],
        clock: Clock,
        slippage_ticks: int,
        told: Callable[[VenueEvent], None],
        state: PaperState,
        keep: Keep | None = None,
    ) -> None:
        state.contracts |= {one.contract: one for one in traded}
        self._traded = state.contracts  # an old month too, while something of it is left
        self._clock, self._told, self._keep = clock, told, keep
        self._untold: deque[VenueEvent] = deque()
        self._news = asyncio.Event()
        self._pen = asyncio.Lock()
        self._books = {one: PaperBook(slippage_ticks) for one in self._traded}
        self._slip = slippage_ticks
        self.off_grid = 0
        self.trouble = ""  # why the state could not be kept
        self._account = PaperAccount(state, self._heard, self._put)
        self._account.at(max((row.updated_ns for row in state.orders.values()), default=0))
        for row in state.orders.values():
            self._put(row)

    def _put(self, row: VenueOrder) -> None:
        state = self._account.state
        self._books[row.contract].put(row, state.distances.get(row.id, 0), row.id in state.closes)

    def _heard(self, event: VenueEvent) -> None:
        self._untold.append(event)
        self._news.set()

    @property
    def idle(self) -> bool:
        """Whether all that happened is kept and told."""
        return not self._untold and not self._pen.locked()

    # what it lives by

    async def run(self) -> None:
        """Keep and tell what the market does; until cancelled."""
        while True:
            await self._news.wait()
            await self._safe()

    async def _safe(self) -> None:
        """Return once all that happened is kept and told."""
        async with self._pen:
            while self._untold:
                events = list(self._untold)
                self._untold.clear()
                self._news.clear()
                if self._keep is not None:
                    await self._kept(self._keep)
                for event in events:
                    self._told(event)

    async def _kept(self, keep: Keep) -> None:
        try:
            await keep(msgspec.json.encode(self._account.state))
            self.trouble = ""
        except (JulieError, OSError) as error:  # it goes on in memory, and who looks can see it
            self.trouble = f"the paper account was not kept: {error}"

    # the market

    def market(self, event: MarketEvent) -> None:
        """A print or a quote: whatever it fills is filled."""
        one = self._traded.get(event.contract)
        if one is None:
            return
        self._account.at(event.ts_exchange)
        try:
            if isinstance(event, Print):
                self._print(event.contract, to_ticks(event.price, one.tick), event.ts_exchange)
            elif event.sound:
                self._quote(event, one)
        except ValueError:  # a price off the grid fills nothing
            self.off_grid += 1

    def _print(self, contract: str, tick: int, ts: int) -> None:
        state, minute = self._account.state, ts // MINUTE_NS
        before = state.last.get(contract)
        state.last[contract] = (tick, minute)
        book = self._books[contract]
        if before is None or before[1] != minute:
            book.point(tick, self._fill)
        else:
            book.travel(before[0], tick, self._fill)

    def _quote(self, event: QuoteNow, one: Traded) -> None:
        last = self._account.state.last.get(event.contract)
        bid, ask = to_ticks(event.bid, one.tick), to_ticks(event.ask, one.tick)
        far = {Side.LONG: ask - self._slip, Side.SHORT: bid + self._slip}
        for side, tick in far.items():
            fair = tick if last is None else (max if side > 0 else min)(last[0], tick)
            self._books[event.contract].market_orders(side, fair, self._fill)

    def _fill(self, order_id: int, tick: int) -> None:
        self._account.fill(self._account.state.orders[order_id], tick)

    # the venue's door

    async def place(self, order: NewOrder) -> Outcome:
        """Take an order."""
        no = self._no(order)
        if no is not None:
            return no
        self._account.at(self._clock.now_ns())
        self._account.forget(self._account.now_ns - REMEMBERED_NS)
        row = self._account.add(order)
        await self._safe()
        return Accepted(row.id)

    def _no(self, order: NewOrder) -> Refused | None:
        """What a venue would refuse."""
        if order.contract not in self._traded:
            return Refused(RefusalCode.NO_CONTRACT, order.contract)
        if order.tag in self._account.state.tags:
            return Refused(RefusalCode.TAG_IN_USE, order.tag)
        if any(
            leg is not None and leg < LEG_TICKS for leg in (order.stop_ticks, order.target_ticks)
        ):
            return Refused(RefusalCode.TOO_NEAR, f"a leg is {LEG_TICKS} ticks away or more")
        if order.kind is OrderKind.STOP:
            return self._wrong_side(order.contract, order.side, order.price_tick)
        return None

    def _wrong_side(self, contract: str, side: Side, tick: int | None) -> Refused | None:
        last = self._account.state.last.get(contract)
        if last is None or tick is None or (tick - last[0]) * side > 0:
            return None
        return Refused(RefusalCode.OUT_OF_RANGE, f"{tick} is not beyond the market at {last[0]}")

    async def modify(
        self, order_id: int, *, price_tick: int | None = None, qty: int | None = None
    ) -> Outcome:
        """Another price or size of a working order."""
        row = self._account.state.orders.get(order_id)
        if row is None or row.status is not VenueStatus.OPEN:
            return Refused(RefusalCode.NO_ORDER, f"order {order_id} does not work")
        if qty is not None and qty <= row.filled:
            return Refused(RefusalCode.BAD_SIZE, f"{qty} of {row.filled} filled")
        if row.kind is OrderKind.STOP and price_tick is not None:
            no = self._wrong_side(row.contract, row.side, price_tick)
            if no is not None:
                return no
        self._account.at(self._clock.now_ns())
        self._account.moved(row, price_tick, qty)
        await self._safe()
        return Accepted()

    async def cancel(self, order_id: int) -> Outcome:
        """Take an order off the book."""
        row = self._account.state.orders.get(order_id)
        if row is None or row.status.ended:
            return Refused(RefusalCode.NO_ORDER, f"order {order_id} does not work")
        self._account.at(self._clock.now_ns())
        self._account.cancel(row)
        await self._safe()
        return Accepted()

    async def close(self, contract: str) -> Outcome:
        """Close the position; the resting orders stay, as at the venue."""
        return await self._close(contract, abs(self._account.net(contract)))

    async def close_part(self, contract: str, qty: int) -> Outcome:
        """Close a part of it."""
        return await self._close(contract, qty)

    async def _close(self, contract: str, qty: int) -> Outcome:
        held = abs(self._account.net(contract))
        if not held:
            return Refused(RefusalCode.NO_POSITION, f"{contract} is flat")
        if not 1 <= qty <= held:
            return Refused(RefusalCode.BAD_SIZE, f"{qty} of {held} held")
        self._account.at(self._clock.now_ns())
        self._account.add_close(contract, qty)
        await self._safe()
        return Accepted()

    async def working_orders(self) -> tuple[VenueOrder, ...]:
        """The same as all that have not ended."""
        return await self.open_orders()

    async def open_orders(self) -> tuple[VenueOrder, ...]:
        """What works or waits."""
        return tuple(row for row in self._account.state.orders.values() if not row.status.ended)

    async def orders_since(self, ts: int) -> tuple[VenueOrder, ...]:
        """Orders created since; what ended a week ago is forgotten."""
        return tuple(row for row in self._account.state.orders.values() if row.created_ns >= ts)

    async def order(self, order_id: int) -> VenueOrder | None:
        """One order."""
        return self._account.state.orders.get(order_id)

    async def positions(self) -> tuple[VenuePosition, ...]:
        """What is held."""
        held = (one for one in self._traded if self._account.net(one))
        return tuple(self._account.position(one) for one in held)

    async def trades_since(self, ts: int) -> tuple[VenueTrade, ...]:
        """Fills since."""
        return tuple(one for one in self._account.state.trades if one.ts >= ts)

    async def account(self) -> VenueAccount:
        """The account."""
        return self._account.account()
