"""The exchange's own desk: what it remembers, and how each change is told and written down."""

from collections.abc import Callable
from fnmatch import fnmatchcase
from itertools import islice
from typing import Final

from julie.gateway.wire import OrderStatus
from julie.simgate.exchange import rows
from julie.simgate.exchange.bodies import Mark, OrderRule, Role
from julie.simgate.exchange.events import (
    USER_ACCOUNT,
    USER_ORDER,
    USER_POSITION,
    USER_TRADE,
    Action,
    Sink,
    UserEvent,
)
from julie.simgate.exchange.setup import Habits, Setup
from julie.simgate.exchange.state import (
    Holding,
    KeptRule,
    Ledger,
    SimAccount,
    SimOrder,
    SimTrade,
    key,
)
from julie.simgate.market.contracts import Contract
from julie.simgate.market.market import Market

MICRO_COMMISSION: Final = 25  # cents a side
MINI_COMMISSION: Final = 50


class House:
    """Everything that trading, searching and judging share."""

    def __init__(
        self, market: Market, ledger: Ledger, sink: Sink, wall_ns: Callable[[], int]
    ) -> None:
        self.market = market
        self.ledger = ledger
        self.wall_ns = wall_ns
        self._sink = sink
        self._living: list[SimOrder] = []  # dead orders never live again
        self._known = 0
        self.changed: Callable[[], None] = lambda: None  # the oracle looks after every event

    @property
    def setup(self) -> Setup:
        """As the exchange was set up, with the habits as they are now."""
        return self.market.setup

    @property
    def habits(self) -> Habits:
        """The switches."""
        return self.market.setup.habits

    def contract(self, name: str) -> Contract | None:
        """The contract of an id."""
        stall = self.market.stalls.get(name)
        return None if stall is None else stall.contract

    def last(self, contract: str) -> int | None:
        """The price that stands."""
        return self.market.stalls[contract].line.last

    def holding(self, account: int, contract: str) -> Holding:
        """The position of an account, flat ones too."""
        name = key(account, contract)
        found = self.ledger.holdings.get(name)
        if found is None:
            found = Holding(id=self.ledger.next_position, account=account, contract=contract)
            self.ledger.holdings[name] = found
            self.ledger.next_position += 1
        return found

    def net(self, account: int, contract: str) -> int:
        """Contracts held, shorts negative."""
        found = self.ledger.holdings.get(key(account, contract))
        return found.net if found else 0

    def live(self, account: int | None = None, contract: str | None = None) -> list[SimOrder]:
        """Orders to which something may still happen, oldest first."""
        orders = self.ledger.orders
        if len(orders) > self._known:
            self._living += islice(orders.values(), self._known, None)
            self._known = len(orders)
        self._living = [one for one in self._living if one.live]
        return [
            one
            for one in self._living
            if (account is None or one.account == account)
            and (contract is None or one.contract == contract)
        ]

    def fee(self, account: SimAccount, contract: Contract, day: str) -> tuple[int, int]:
        """Fees and commission of a side and contract, in cents."""
        from datetime import date

        symbol = contract.instrument.symbol
        if symbol in account.own_fees:
            return account.own_fees[symbol]
        whole = contract.instrument.fee_cents(date.fromisoformat(day))
        commission = MICRO_COMMISSION if contract.instrument.weight < 1 else MINI_COMMISSION
        return max(whole - commission, 0), min(commission, whole)

    def met(
        self, role: Role, order: SimOrder | None, contract: str, *actions: str
    ) -> KeptRule | None:
        """The rule that meets an order now, counted."""
        tag = (order.tag if order else None) or ""
        for kept in self.ledger.rules:
            rule = kept.rule
            if (
                rule.action not in actions
                or kept.done >= rule.count
                or (rule.role is not None and rule.role != role)
                or not rule.from_ns <= self.market.now_ns < rule.until_ns
                or (rule.tag is not None and not _tagged(rule.tag, tag))
                or (rule.contract is not None and rule.contract != contract)
            ):
                continue
            kept.met += 1
            if kept.met >= rule.nth:
                kept.done += 1
                return kept
        return None

    def add_rule(self, rule: OrderRule, number: int) -> None:
        """One more rule."""
        self.ledger.rules.append(KeptRule(number=number, rule=rule))

    def mark(self, kind: str, **about: str | int | float | bool | None) -> None:
        """One line of the timeline."""
        line = Mark(ns=self.market.now_ns, wall_ns=self.wall_ns(), kind=kind, about=about)
        self.ledger.timeline.append(line)

    def tell_order(self, order: SimOrder, status: OrderStatus | None = None) -> None:
        """An order changed."""
        order.updated_ns = self.market.stamp()
        if status is not None:
            order.status = status
        contract = self.market.stalls[order.contract].contract
        row = rows.order_row(order, contract)
        self.mark("order", order=order.id, status=int(order.status), filled=order.filled)
        self._sink(
            UserEvent(USER_ORDER, order.account, Action.UPDATE, row, order.updated_ns, order.role)
        )
        self.changed()

    def tell_trade(self, trade: SimTrade, role: Role) -> None:
        """A fill."""
        contract = self.market.stalls[trade.contract].contract
        row = rows.trade_row(trade, contract)
        action = Action.UPDATE if trade.voided else Action.CREATE
        self._sink(UserEvent(USER_TRADE, trade.account, action, row, trade.ns, role))

    def tell_position(self, holding: Holding) -> None:
        """A position changed."""
        contract = self.market.stalls[holding.contract].contract
        action = Action.UPDATE if holding.net else Action.DELETE
        row = rows.position_row(holding, contract)
        self.mark("position", account=holding.account, contract=contract.id, net=holding.net)
        self._sink(UserEvent(USER_POSITION, holding.account, action, row, self.market.now_ns))

    def tell_account(self, account: SimAccount) -> None:
        """A balance or the trading rights changed."""
        self.mark(
            "account", account=account.id, balance=account.balance, can_trade=account.can_trade
        )
        row = rows.account_row(account)
        self._sink(UserEvent(USER_ACCOUNT, account.id, Action.UPDATE, row, self.market.now_ns))


def _tagged(pattern: str, tag: str) -> bool:
    """A pattern without a star is how a tag begins."""
    return fnmatchcase(tag, pattern) if "*" in pattern else tag.startswith(pattern)
