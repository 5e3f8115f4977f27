"""The hand on one contract: it does one thing at a time, and looks after what it holds between.

Orders of the desk are done in the sequence in which they came; whatever wakes it, the guard has a
look before it rests. Hands of different contracts do not wait for each other.
"""

from collections import deque

from julie.core.permits import Approved, CancelEntry, Close, Entry, NearerStop, Protect, Reducing
from julie.core.timers import Bell
from julie.core.types import Reason
from julie.execution.closing import close_leg
from julie.execution.entering import Entries, drop, enter
from julie.execution.floor import Floor
from julie.execution.guard import watch
from julie.execution.orders import ENTERING, PROTECTING, role_of
from julie.execution.plans import OwnOrder, Plan, PlanLeg
from julie.execution.sending import WITHDRAWN, cancel, lay, move
from julie.execution.tags import Role

Order = Approved[Entry] | Reducing
LAST_WORD_S = 2.0  # how long a cancelled entry may take to say how it ended


class Hand:
    """Works the orders of one contract."""

    def __init__(self, floor: Floor, entries: Entries, contract: str) -> None:
        self._floor, self._entries, self._contract = floor, entries, contract
        self._orders: deque[Order] = deque()
        self._bell = Bell(floor.clock)
        self._resting = True
        floor.bells.add(self._bell)

    @property
    def idle(self) -> bool:
        """Nothing to do, and nothing being done."""
        return self._resting and not self._orders and not self._bell.rung

    def take(self, order: Order) -> None:
        """Queue an order of the desk."""
        self._orders.append(order)
        self._bell.ring()

    def drop(self) -> None:
        """Forget what waits: the position is being flattened."""
        while self._orders:
            self._refuse(self._orders.popleft())

    def _refuse(self, order: Order) -> None:
        if isinstance(order, Approved):
            drop(self._floor, self._entries, order.value, Reason.HALTED)

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            self._resting = False
            while self._orders:
                await self._do(self._orders.popleft())
                if self._orders and self._bare and not self._floor.off(self._contract):
                    await self._watch()
            pause = 1.0 if self._floor.off(self._contract) else await self._watch()
            self._resting = True
            await self._bell.wait(pause)

    @property
    def _bare(self) -> bool:
        """Whether something stands without its stop, which no other order comes before."""
        plans = self._floor.book.open_plans(self._contract)
        return any(leg.bare for plan in plans for leg in plan.legs)

    async def _watch(self) -> float:
        await self._floor.written()
        return await watch(self._floor, self._contract)

    async def _do(self, order: Order) -> None:
        if self._floor.flattening:
            self._refuse(order)
            return
        match order:
            case Approved(value=entry):
                await enter(self._floor, self._entries, entry)
            case CancelEntry():
                await self._cancel(order)
            case NearerStop():
                await self._nearer(order)
            case Close():
                await self._close(order)
            case Protect():
                await self._protect(order)

    def _leg(self, name: str, role: int) -> tuple[Plan, PlanLeg] | None:
        """The leg whose entry or stop an order's name speaks of: instrument, plan, slot."""
        key, _, slot = name.rpartition(":")
        plan = self._floor.book.plans.get(key)
        legs = plan.legs if plan is not None else []
        fits = slot.isdigit() and role_of(int(slot)) == role
        number = int(slot) // 3 if fits else -1
        found = next((leg for leg in legs if leg.number == number), None)
        return (plan, found) if plan is not None and found is not None else None

    async def _cancel(self, order: CancelEntry) -> None:
        named = self._leg(order.order, ENTERING)
        if named is None:
            return
        _, leg = named
        entries = leg.alive(Role.ENTRY)
        for one in entries:
            one.withdrawn = True
        await self._floor.until(lambda: all(_numbered(one) for one in entries), LAST_WORD_S)
        for one in entries:
            await cancel(self._floor, one, WITHDRAWN)
        await self._floor.until(lambda: not leg.entering, LAST_WORD_S)
        for one in entries:
            if one.alive:
                await self._floor.look_up(one)

    async def _nearer(self, order: NearerStop) -> None:
        named = self._leg(order.order, PROTECTING)
        if named is None or named[1].closing is not None:
            return
        plan, leg = named
        side = int(plan.side)
        for stop in leg.alive(Role.STOP):
            at = stop.price_tick
            if stop.shown and at is not None and (order.to_tick - at) * side > 0:
                stop.moves = 0
                await move(self._floor, stop, order.to_tick, "nearer")

    async def _close(self, order: Close) -> None:
        chosen = self._legs_to_close(order)
        if not chosen:
            self._floor.alarm("close", f"{self._contract}: nothing of {order.qty} is left to close")
        for plan, leg in chosen:
            leg.told = True
            await close_leg(self._floor, plan, leg, order.reason)

    def _legs_to_close(self, order: Close) -> list[tuple[Plan, PlanLeg]]:
        """The leg of just that many contracts, if there is one, else from the first on."""
        legs = [
            (plan, leg)
            for plan in self._floor.book.open_plans(self._contract)
            for leg in plan.legs
            if leg.held > 0 and leg.closing is None and plan.side is order.position.side
        ]
        exact = [one for one in legs if one[1].held == order.qty]
        if exact:
            return exact[:1]
        chosen, left = [], order.qty
        for plan, leg in legs:
            if leg.held <= left:
                chosen.append((plan, leg))
                left -= leg.held
        return chosen

    async def _protect(self, order: Protect) -> None:
        """A stop for what stands bare; never for more than that."""
        for plan in self._floor.book.open_plans(self._contract):
            for leg in plan.legs:
                bare = min(leg.held - leg.cover, order.qty)
                if bare > 0 and leg.closing is None:
                    leg.stop_tick = order.stop_tick
                    leg.target_tick = order.target_tick or leg.target_tick
                    await lay(self._floor, plan, leg, Role.STOP, bare, order.stop_tick)
                    return


def _numbered(order: OwnOrder) -> bool:
    return order.id is not None or not order.alive
