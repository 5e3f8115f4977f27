"""What we know of our orders and positions, made of the venue's rows as they come.

Rows come doubled, late, out of order or not at all, as events and as answers to searches; the same
row twice changes nothing. What is somebody else's is remembered as that.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from julie.core.clock import Clock
from julie.core.events import Fill, Intent, OrderState, OrderUpdate, PositionChanged
from julie.core.failpoints import failpoint
from julie.core.types import ExitReason, Side
from julie.execution.ledger import Ledger
from julie.execution.life import Life
from julie.execution.money import Money
from julie.execution.plans import OwnOrder, Plan, PlanLeg
from julie.execution.tags import Role, child_tag, read_tag, run_mark, tag_of
from julie.execution.venue import (
    OrderKind,
    Unreadable,
    VenueAccount,
    VenueEvent,
    VenueOrder,
    VenuePosition,
    VenueTrade,
)
from julie.execution.whose import ROLE_OF_LEG, Whose

PARTS: Final = 8  # into which one trade may be cut

Surprise = Callable[[str, str], None]  # a name, and what was seen


def part_number(trade: int, number: int) -> int:
    """The number of a part of a trade; the venue's own are above nought."""
    return -(PARTS * trade + number)


def whole_number(part: int) -> int:
    """The trade that a part is of."""
    return -part // PARTS


class Book:
    """Plans, orders, trades and positions of one account."""

    def __init__(self, ledger: Ledger, clock: Clock, surprise: Surprise) -> None:
        self.plans: dict[str, Plan] = {}  # the newest of each name
        self.old: list[Plan] = []  # earlier ones of a name used again
        self.live: list[Plan] = []  # those that are not over, or that the desk must hear more of
        self.by_tag: dict[str, OwnOrder] = {}
        self.by_id: dict[int, OwnOrder] = {}
        self.foreign: dict[int, VenueOrder] = {}
        self._whose = Whose(self.by_tag, self.by_id, self.foreign, self.orders)
        self.foreign_trades: dict[int, VenueTrade] = {}
        self.spent: set[int] = set()  # somebody else's orders that closed legs of ours
        self.waiting: dict[int, list[VenueTrade]] = defaultdict(list)  # their order is unknown yet
        self.trades: dict[int, VenueTrade] = {}
        self.positions: dict[str, VenuePosition] = {}
        self.account: VenueAccount | None = None
        self.runs: set[str] = {run_mark(ledger.run)}
        self.dropped: Counter[str] = Counter()
        self.filled_mono: dict[str, int] = {}  # when a fill of ours was last heard, by contract
        self.heard = 0  # rows that changed something, ever
        self.said_ns = 0  # the newest time by the venue's clock, of all its rows
        self._attempts: Counter[str] = Counter()
        self._nets: dict[str, int] = {}
        self._ledger, self._clock, self._surprise = ledger, clock, surprise
        self.money: Money | None = None  # who compares fees and balance
        self.silent = False  # facts that the journal already holds are not written again
        self.fresh_fill = False  # one was written since the hand last looked

    # what is known

    def open_plans(self, contract: str | None = None) -> list[Plan]:
        """Plans that are not over."""
        return [p for p in self.live if contract in (None, p.contract) and not p.done]

    def orders(self, contract: str | None = None) -> Iterator[OwnOrder]:
        """Orders of the plans that are not over."""
        return (order for plan in self.open_plans(contract) for order in plan.orders)

    def net(self, contract: str) -> int:
        """Contracts that our plans hold, shorts negative."""
        return sum(plan.net for plan in self.live if plan.contract == contract)

    def rest(self) -> None:
        """Look no more at plans that are over and told; news of one of them brings it back."""
        self.live = [plan for plan in self.live if not plan.told]

    def _stir(self, plan: Plan) -> None:
        if plan not in self.live:
            self.live.append(plan)

    def venue_net(self, contract: str) -> int:
        """Contracts that the venue last said it holds for us."""
        position = self.positions.get(contract)
        return position.net if position is not None else 0

    # our own orders

    def next_tag(self, key: str, role: Role, leg: int) -> str:
        """A tag that was never used."""
        return tag_of(self._ledger.run, key, self._attempts[key] + 1, role, leg)

    def plant(self, intent: Intent) -> OwnOrder:
        """Enter an order that is about to leave, or that a journal tells of."""
        tag = read_tag(intent.tag)
        if tag is None:
            raise ValueError(f"an intent has a tag of the house: {intent}")
        self._attempts[intent.intent] = max(self._attempts[intent.intent], tag.attempt)
        self.runs.add(tag.run)
        role = Role.ENTRY if intent.role == "adopt" else Role(intent.role)
        plan = self._plan_of(intent, tag.symbol)
        leg = _leg_of(plan, tag.leg, intent)
        order = OwnOrder(
            intent.tag,
            plan,
            leg,
            role,
            intent.side,
            intent.qty,
            OrderKind(intent.kind),
            intent.price_tick,
        )
        leg.recovered = leg.recovered or self.silent
        leg.orders.append(order)
        self.by_tag[intent.tag] = order
        if role is Role.CLOSE and intent.reason is not None:
            leg.closing = intent.reason
        if intent.role == "adopt" and intent.price_tick is not None:
            leg.stop_tick = intent.price_tick - int(intent.side) * intent.stop_ticks
        return order

    def _plan_of(self, intent: Intent, symbol: str) -> Plan:
        plan = self.plans.get(intent.intent)
        fresh = intent.role in ("entry", "adopt")
        if plan is not None and not (fresh and plan.done):
            self._stir(plan)
            return plan
        if plan is not None:
            self.old.append(plan)
        side = intent.side if fresh else Side(-intent.side)
        plan = Plan(
            intent.intent,
            symbol,
            intent.contract,
            side,
            intent.stop_ticks,
            intent.decided_ns,
            [],
            self._clock.now_ns(),
            adopted=intent.role == "adopt" or ":x" in intent.intent,
        )
        self.plans[intent.intent] = plan
        self._stir(plan)
        return plan

    def settle(self, order: OwnOrder, state: OrderState, text: str = "") -> None:
        """Our own knowledge of an order: sent, refused, proven absent."""
        if order.life.move(state):
            self.told(order, text)

    def bind(self, order: OwnOrder, order_id: int) -> None:
        """The venue's number of an order of ours, and the trades that came before it."""
        if order.id not in (None, order_id):
            self._surprise("two_orders", f"{order.tag} is {order.id} and {order_id}")
            return
        order.id = order_id
        self.by_id[order_id] = order
        self.foreign.pop(order_id, None)
        mistaken = [t for t in self.foreign_trades.values() if t.order_id == order_id]
        for trade in mistaken:  # taken for somebody else's until now
            del self.foreign_trades[trade.id]
        for trade in (*mistaken, *self.waiting.pop(order_id, [])):
            self._fill(order, trade)
        self._mark(order.plan.contract)

    def told(self, order: OwnOrder, text: str = "") -> None:
        """Write where an order stands."""
        self._stir(order.plan)
        self.heard += 1
        order.said = text or order.said
        if self.silent:
            return
        name = "" if order.id is None else str(order.id)
        price = order.price_tick
        self._ledger.note(
            OrderUpdate(name, order.tag, order.life.state, order.filled, text, order.qty, price)
        )

    # the venue's rows

    def hear(self, row: VenueEvent) -> None:
        """Take a row, however it came."""
        match row:
            case VenueOrder():
                self._order(row)
                self.said_ns = max(self.said_ns, row.created_ns, row.updated_ns)
            case VenueTrade():
                self._trade(row)
                self.said_ns = max(self.said_ns, row.ts)
            case VenuePosition():
                self._position(row)
                self.said_ns = max(self.said_ns, row.ts)
            case VenueAccount():
                self.account = row
                if self.money is not None:
                    self.money.account()
            case Unreadable():
                self._surprise("unreadable", f"{row.what}; as it came: {row.raw or 'see there'}")
        if not isinstance(row, VenueAccount) and row.contract is not None:
            self._mark(row.contract)

    def _order(self, row: VenueOrder) -> None:
        order = self._own(row)
        if order is None:
            self._foreigner(row)
            return
        if order.id is None:
            self.bind(order, row.id)
        if order.id == row.id:
            self._news(order, row)

    def _own(self, row: VenueOrder) -> OwnOrder | None:
        if row.id in self.spent:
            return None
        return self._whose.ours(row) or self._leg_of_bracket(row) or self._whose.close_at_work(row)

    def _leg_of_bracket(self, row: VenueOrder) -> OwnOrder | None:
        """A leg of a native bracket, seen for the first time."""
        entry = self._whose.entry_behind(row)
        if entry is None:
            return None
        order = self.child_of(entry, row.kind)
        order.side, order.qty, order.price_tick = row.side, row.qty, row.price_tick
        order.sent_ns = row.created_ns
        return order

    def child_of(self, entry: OwnOrder, kind: OrderKind) -> OwnOrder:
        """The leg of an entry's native bracket; made when it is first seen."""
        role = ROLE_OF_LEG[kind]
        tag = child_tag(entry.tag, role)
        if tag in self.by_tag:
            return self.by_tag[tag]
        side = Side(-entry.side)
        order = OwnOrder(tag, entry.plan, entry.leg, role, side, entry.qty, kind)
        order.native = True
        order.sent_ns, order.sent_mono = entry.sent_ns, self._clock.mono_ns()
        entry.leg.orders.append(order)
        self.by_tag[tag] = order
        return order

    def _foreigner(self, row: VenueOrder) -> None:
        before = self.foreign.get(row.id)
        if before == row or (before is not None and before.updated_ns > row.updated_ns):
            self.dropped["order, foreign"] += 1
            return
        self.foreign[row.id] = row
        self.heard += 1
        for trade in self.waiting.pop(row.id, []):
            self.foreign_trades[trade.id] = trade
        tag = read_tag(row.tag)
        if tag is not None and tag.run not in self.runs:
            self._surprise("two_desks", f"order {row.id} bears the tag {row.tag}")
        elif before is None:
            self._surprise("foreign_orders", f"order {row.id} on {row.contract} is not ours")

    def _news(self, order: OwnOrder, row: VenueOrder) -> None:
        if order.abandoned and (row.filled or not row.status.ended):
            order.life, order.abandoned = Life(OrderState.UNKNOWN), False
            self._stir(order.plan)
            self._surprise("late_order", f"{order.tag} came to the venue after all")
        newer = row.updated_ns >= order.life.updated_ns
        changed = order.life.hear(row.status, row.filled, row.updated_ns)
        if newer and row.price_tick not in (None, order.price_tick):
            order.price_tick, changed = row.price_tick, True
        if newer and row.qty != order.qty:
            order.qty, changed = row.qty, True
        if not changed:
            self.dropped["order, repeated" if newer else "order, older"] += 1
            return
        self.told(order)

    def _trade(self, row: VenueTrade) -> None:
        before = self.trades.get(row.id)
        if before is not None and (before.voided or not row.voided):
            self.dropped["trade, repeated"] += 1
            return
        self.trades[row.id] = row
        self.heard += 1
        if self.money is not None:
            self.money.traded(row)
        order = self.by_id.get(row.order_id)
        if row.voided:
            if before is not None:
                self._taken_back(order, row)
        elif order is not None:
            self._fill(order, row)
        elif row.order_id in self.foreign:
            self.foreign_trades[row.id] = row
        else:
            self.waiting[row.order_id].append(row)

    def _fill(self, order: OwnOrder, row: VenueTrade) -> None:
        failpoint("K6")
        self.filled_mono[row.contract] = self._clock.mono_ns()
        order.traded += row.qty
        order.trades.append(row)
        self._stir(order.plan)
        self._write_fill(order, row, row.qty)
        if self.money is not None and not self.silent:
            self.money.fee(row)
        if self.money is not None and order.plan.adopted:
            self.money.aside(row)
        if order.traded >= order.qty and order.life.move(OrderState.FILLED):
            self.told(order)

    def take_part(self, order: OwnOrder, part: VenueTrade) -> None:
        """What of somebody else's trade closed a leg of ours; the trade is used up."""
        whole = whole_number(part.id)
        order.id = part.order_id  # known by its number, but the number stays the whole order's
        self.spent.add(part.order_id)
        self.trades[part.id] = part
        self.trades.setdefault(whole, part)
        self.foreign_trades.pop(whole, None)
        if part.voided:
            self._void(order, part)
        else:
            self._fill(order, part)
        self._mark(part.contract)

    def disown(self, plan: Plan) -> None:
        """A plan is the desk's no more; what its untold legs made is outside its books."""
        plan.adopted = True
        orders = (order for leg in plan.legs if not leg.entry_told for order in leg.orders)
        for row in [row for order in orders for row in order.trades if not row.voided]:
            if self.money is not None:
                self.money.aside(row)

    def _taken_back(self, order: OwnOrder | None, row: VenueTrade) -> None:
        """A trade is void, and with it what closed legs of ours by it."""
        self.foreign_trades.pop(row.id, None)
        if order is not None:
            self._void(order, row)
            return
        for other in list(self.by_tag.values()):
            for part in other.trades:
                if part.id < 0 and whole_number(part.id) == row.id and not part.voided:
                    self.take_part(other, replace(part, voided=True))

    def _void(self, order: OwnOrder, row: VenueTrade) -> None:
        order.voided += row.qty
        self._stir(order.plan)
        order.trades = [row if trade.id == row.id else trade for trade in order.trades]
        self._write_fill(order, row, -row.qty)
        if self.money is not None and order.plan.adopted:
            self.money.aside(row, -1)
        self._surprise("trade_voided", f"trade {row.id} of {row.qty} on {row.contract} was voided")

    def _write_fill(self, order: OwnOrder, row: VenueTrade, qty: int) -> None:
        if self.silent:
            return
        self.fresh_fill = True
        pnl = row.pnl_cents
        fill = Fill(
            str(row.order_id), row.contract, row.side, qty, row.price_tick, row.fee_cents,
            row.id, order.tag, pnl,
        )  # fmt: skip
        self._ledger.note(fill, row.ts)

    def _position(self, row: VenuePosition) -> None:
        before = self.positions.get(row.contract)
        if before is not None and before.ts > row.ts:
            self.dropped["position, older"] += 1
            return
        self.positions[row.contract] = row
        if before is None or before.net != row.net:
            self.heard += 1

    def _mark(self, contract: str) -> None:
        """Write what is held, where it changed."""
        net = self.net(contract)
        if self._nets.get(contract, 0) == net:
            return
        self._nets[contract] = net
        if not self.silent:
            side = Side.LONG if net >= 0 else Side.SHORT
            self._ledger.note(PositionChanged(contract, side, abs(net), self._why(contract)))

    def _why(self, contract: str) -> ExitReason | None:
        """The reason of a close at work on the contract, or of the last one."""
        plans = [one for one in (*self.old, *self.plans.values()) if one.contract == contract]
        newest = sorted(plans, key=lambda one: one.born_ns)[-1:]
        legs = (leg for plan in self.open_plans(contract) or newest for leg in plan.legs)
        return next((leg.closing for leg in legs if leg.closing is not None), None)


def _leg_of(plan: Plan, number: int, intent: Intent) -> PlanLeg:
    for leg in plan.legs:
        if leg.number == number:
            return leg
    leg = PlanLeg(number, intent.qty, intent.target_ticks, plan.side)
    plan.legs.append(leg)
    return leg
