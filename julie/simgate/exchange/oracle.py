"""The oracle: what no bot may do, measured by the exchange alone, at every event.

I1 a position is nowhere covered by working stops for more than five seconds; the count stops while
the bot is away and begins again with its login. I2 one leg of a plan is accepted once, exits never
exceed the position for more than five seconds, a close never turns it round; nor does an entry,
unless somebody else opened what it met within the last five seconds. I6 no entry is asked
for while market data are muted, the user hub is gone or trading rights are, for more than five
seconds, nor while a call that changes something was lost and nothing has been read since. I7 the
request budgets hold over any window.

In lockstep a whole minute passes before the bot may act, so there its seconds are the machine's.
"""

import re
from collections import deque
from collections.abc import Callable
from typing import Final, Literal

from julie.core.zones import SECOND_NS
from julie.gateway.wire import OrderStatus
from julie.simgate.exchange.bodies import Request, Violation
from julie.simgate.exchange.house import House
from julie.simgate.exchange.state import OracleState, SimOrder

PATIENCE_NS: Final = 5 * SECOND_NS
UNTOLD_NS: Final = 30 * SECOND_NS  # what no event tells must be read within this time
BUDGETS: Final = {"bars": (50, 30 * SECOND_NS), "rest": (200, 60 * SECOND_NS)}
_LEG: Final = re.compile(r"(julie-[0-9a-f]{8}-.+)-\d+-(L\d+)")
_ALL: Final = "*"
Name = Literal["I1", "I2", "I6", "I7"]


class Oracle:
    """Watches one house."""

    def __init__(
        self, house: House, clock: Callable[[], int], budget_clock: Callable[[], int]
    ) -> None:
        self._house = house
        self._now = clock
        self._budget_now = budget_clock
        self._asked: dict[str, deque[int]] = {name: deque() for name in BUDGETS}
        house.changed = self.look

    @property
    def _state(self) -> OracleState:
        return self._house.ledger.oracle

    def presence(self, here: bool) -> None:
        """The bot went away, or logged in."""
        state = self._state
        if here and state.away:
            now = self._now()
            state.naked_ns = dict.fromkeys(state.naked_ns, now)
            state.surplus_ns = dict.fromkeys(state.surplus_ns, now)
        if not here and not state.away:
            self.look()
        state.away = not here

    def muted(self, contract: str | None, mute: bool) -> None:
        """Market data reach the bot no more, or again."""
        name = contract or _ALL
        if mute:
            self._state.muted_ns.setdefault(name, self._now())
        else:
            self._state.muted_ns.pop(name, None)

    def unheard(self, gone: bool) -> None:
        """Nobody listens to the user hub any more, or somebody does again."""
        if not gone:
            self._state.unheard_ns = None
        elif self._state.unheard_ns is None:
            self._state.unheard_ns = self._now()

    def barred(self, account: int, value: bool, silent: bool = False) -> None:
        """Trading rights were taken, or given back; `silent` where no event tells it."""
        if value:
            later = UNTOLD_NS - PATIENCE_NS if silent else 0
            self._state.barred_ns.setdefault(account, self._now() + later)
        else:
            self._state.barred_ns.pop(account, None)

    def lost(self, contract: str | None, order: int | None = None) -> None:
        """A call about a contract or an order was lost: the bot cannot know what became of it."""
        known = self._house.ledger.orders.get(order or 0)
        found = contract or (known.contract if known else None)
        if found is not None:
            self._state.doubted_ns.setdefault(found, self._now())

    def settled(self) -> None:
        """The bot has read orders, positions or trades."""
        self._state.doubted_ns.clear()

    def entry_asked(self, account: int, contract: str) -> None:
        """An entry was asked for: was it allowed to be?"""
        now, state = self._now(), self._state
        since = [
            (state.muted_ns.get(_ALL), "market data muted"),
            (state.muted_ns.get(contract), "market data muted"),
            (state.unheard_ns, "no user hub"),
            (state.barred_ns.get(account), "no trading rights"),
        ]
        for start, why in since:
            if start is not None and now - start > PATIENCE_NS:
                self._found("I6", contract, start, now, f"an entry was asked for: {why}")
                return
        lost = state.doubted_ns.get(contract)
        if lost is not None:
            self._found("I6", contract, lost, now, "an entry was asked for: a lost call is open")

    def accepted(self, order: SimOrder) -> None:
        """An order was accepted: once for each leg of a plan."""
        found = _LEG.fullmatch(order.tag or "")
        if found is None:
            return
        leg = f"{order.account}|{found[1]}|{found[2]}"
        first = self._state.legs.setdefault(leg, order.id)
        if first != order.id:
            now = self._now()
            what = f"orders {first} and {order.id} are one leg: {found[1]} {found[2]}"
            self._found("I2", order.contract, now, now, what)

    def flipped(self, order: SimOrder, before: int, after: int) -> None:
        """A close that turned a position round; or an entry, unless it met what nobody could know
        of when it left.
        """
        closed = order.role == "close" and not order.foreign and before * after < 0
        if closed and not self._met(order, before):
            now = self._now()
            self._found(
                "I2", order.contract, now, now, f"close {order.id} turned {before} to {after}"
            )

    def _met(self, order: SimOrder, before: int) -> bool:
        """Whether an entry of a plan met a position that somebody else has just opened."""
        ledger = self._house.ledger
        earlier = (one for one in reversed(ledger.trades) if one.order != order.id)
        last = next((one for one in earlier if one.contract == order.contract), None)
        if last is None or not ledger.orders[last.order].foreign:
            return False
        opened = last.side * last.size == before and self._now() - last.ns <= PATIENCE_NS
        return opened and _LEG.fullmatch(order.tag or "") is not None

    def asked(self, request: Request) -> None:
        """A request came: do the budgets hold?"""
        name = "bars" if request.path.lower().endswith("/retrievebars") else "rest"
        most, window = BUDGETS[name]
        times, now = self._asked[name], self._budget_now()
        times.append(now)
        while times and times[0] <= now - window:
            times.popleft()
        if len(times) > most:
            what = f"{len(times)} requests in {window // SECOND_NS} s"
            self._found("I7", name, times[0], now, what)
            times.clear()

    def look(self) -> None:
        """After every event: which positions stand naked, which exits are too many."""
        if self._state.away:
            return
        now, live = self._now(), self._house.live()
        for name, holding in self._house.ledger.holdings.items():
            mine = [
                one
                for one in live
                if one.account == holding.account and one.contract == holding.contract
            ]
            covered = _left(mine, "stop", holding.net)
            naked = covered < abs(holding.net)
            told = f"{holding.net} held, stops for {covered}"
            if holding.net:
                began = self._state.naked_ns.get(name, now)
                self._state.longest_ns = max(self._state.longest_ns or 0, now - began)
            self._count(self._state.naked_ns, "I1", name, naked, now, told)
            for role in ("stop", "target"):
                there = _left(mine, role, holding.net)
                surplus = there > abs(holding.net)
                told = f"{holding.net} held, {role}s for {there}"
                self._count(self._state.surplus_ns, "I2", f"{name}|{role}", surplus, now, told)

    def _count(
        self, since: dict[str, int], invariant: Name, name: str, broken: bool, now: int, told: str
    ) -> None:
        mark = f"{invariant}|{name}"
        if not broken:
            start = since.pop(name, None)
            place = self._state.open_found.pop(mark, None)
            if place is not None:
                self._end(place, now)
            elif start is not None and now - start > PATIENCE_NS:
                self._found(invariant, name.split("|")[1], start, now, told)
            return
        start = since.setdefault(name, now)
        if now - start > PATIENCE_NS and mark not in self._state.open_found:
            self._state.open_found[mark] = len(self._state.found)
            self._found(invariant, name.split("|")[1], start, 0, told)

    def _end(self, place: int, now: int) -> None:
        was = self._state.found[place]
        self._state.found[place] = Violation(
            invariant=was.invariant, contract=was.contract, from_ns=was.from_ns, to_ns=now,
            detail=was.detail,
        )  # fmt: skip

    def _found(self, name: Name, contract: str, start: int, end: int, detail: str) -> None:
        self._state.found.append(
            Violation(invariant=name, contract=contract, from_ns=start, to_ns=end, detail=detail)
        )


def _left(orders: list[SimOrder], role: str, net: int) -> int:
    """Contracts of working exits; against a flat position both sides count."""
    return sum(
        one.left
        for one in orders
        if one.role == role and one.status is OrderStatus.OPEN and (net == 0 or one.side * net < 0)
    )
