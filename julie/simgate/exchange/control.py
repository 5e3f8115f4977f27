"""What a test does to an account: rights, money, somebody else's orders, liquidation, busts."""

from decimal import Decimal
from functools import singledispatchmethod
from typing import Final

import msgspec

from julie.core.errors import UsageError
from julie.core.money import cents
from julie.gateway.wire import (
    CancelOrder,
    CloseContract,
    ModifyOrder,
    OrderSide,
    OrderType,
    PartialClose,
    PlaceOrder,
    Reply,
)
from julie.simgate.exchange import bodies
from julie.simgate.exchange.floor import Floor
from julie.simgate.exchange.house import House
from julie.simgate.exchange.oracle import Oracle
from julie.simgate.exchange.positions import apply
from julie.simgate.exchange.setup import AccountRules, AccountSetup
from julie.simgate.exchange.state import Ledger, SimAccount, SimOrder
from julie.simgate.exchange.trading import STOPS, Trading

_TYPES: Final = {"market": OrderType.MARKET, "limit": OrderType.LIMIT, "stop": OrderType.STOP}


def new_account(setup: AccountSetup) -> SimAccount:
    """An account as it begins."""
    rules: AccountRules = setup.rules
    return SimAccount(
        id=setup.id,
        name=setup.name,
        balance=setup.balance_cents,
        start=setup.balance_cents,
        day_start=setup.balance_cents,
        best_close=setup.balance_cents,
        mll=rules.mll,
        dll=rules.dll,
        cap_tenths=rules.cap_tenths,
        scaling=rules.scaling,
        flat=rules.flat,
        auto_oco=setup.auto_oco,
    )


def _agreed(reply: Reply) -> None:
    if not reply.success:
        raise UsageError(
            f"the venue refused it: {reply.error_message or ''} ({reply.error_code})",
            "GET /_sim/truth shows how orders and positions stand",
        )


class Control:
    """Carries out account actions."""

    def __init__(self, house: House, floor: Floor, trading: Trading, oracle: Oracle) -> None:
        self._house = house
        self._floor = floor
        self._trading = trading
        self._oracle = oracle

    def account(self, named: int | None) -> SimAccount:
        """The account named, or the first."""
        ledger: Ledger = self._house.ledger
        if named is None:
            return next(iter(ledger.accounts.values()))
        if named not in ledger.accounts:
            raise UsageError(f"no account {named}", f"there are {sorted(ledger.accounts)}")
        return ledger.accounts[named]

    @singledispatchmethod
    def do(self, action: object) -> None:
        """Carry out one action."""
        raise UsageError(f"no such action: {action!r}")

    @do.register
    def _(self, action: bodies.CanTrade) -> None:
        account = self.account(action.account)
        account.can_trade = action.value
        self._oracle.barred(account.id, not action.value, silent=action.silent)
        if not action.silent:
            self._house.tell_account(account)

    @do.register
    def _(self, action: bodies.Balance) -> None:
        account = self.account(action.account)
        account.balance = cents(action.dollars) + (account.balance if action.relative else 0)
        if not action.silent:
            self._house.tell_account(account)

    @do.register
    def _(self, action: bodies.Foreign) -> None:
        price = None if action.price is None else Decimal(str(action.price))
        kind = _TYPES[action.type]
        reply = self._trading.place(
            PlaceOrder(
                account_id=self.account(action.account).id,
                contract_id=action.contract,
                type=kind,
                side=OrderSide.BID if action.side == "buy" else OrderSide.ASK,
                size=action.size,
                limit_price=price if kind is OrderType.LIMIT else None,
                stop_price=price if kind is OrderType.STOP else None,
            ),
            foreign=True,
        )
        if not reply.success:
            raise UsageError(f"the foreign order was refused: {reply.error_message}")
        self._at_once(reply.order_id, action.contract)

    def _order(self, number: int) -> SimOrder:
        found = self._house.ledger.orders.get(number)
        if found is None:
            raise UsageError(f"no order {number}", "GET /_sim/truth lists them")
        return found

    def _at_once(self, number: int | None, contract: str) -> None:
        """Somebody else's market order does not wait for our lockstep."""
        order = self._house.ledger.orders[number or 0]
        tick = self._house.last(contract)
        if order.live and order.type is OrderType.MARKET and tick is not None:
            self._floor.fill(order, order.left, tick, 0, 0)

    @do.register
    def _(self, action: bodies.ForeignModify) -> None:
        order = self._order(action.order)
        price = None if action.price is None else Decimal(str(action.price))
        stop = order.type in STOPS
        reply = self._trading.modify(
            ModifyOrder(
                account_id=order.account,
                order_id=order.id,
                size=action.size,
                limit_price=None if stop else price,
                stop_price=price if stop else None,
            )
        )
        _agreed(reply)

    @do.register
    def _(self, action: bodies.ForeignCancel) -> None:
        order = self._order(action.order)
        _agreed(self._trading.cancel(CancelOrder(account_id=order.account, order_id=order.id)))

    @do.register
    def _(self, action: bodies.ForeignClose) -> None:
        account, before = self.account(action.account).id, self._house.ledger.next_id
        asked: CloseContract | PartialClose
        if action.size is None:
            asked = CloseContract(account_id=account, contract_id=action.contract)
        else:
            asked = PartialClose(account_id=account, contract_id=action.contract, size=action.size)
        _agreed(self._trading.close(asked, foreign=True))
        self._at_once(before, action.contract)

    @do.register
    def _(self, action: bodies.Liquidate) -> None:
        account = self.account(action.account)
        account.violated, account.can_trade = True, False
        self._floor.clear(account.id)
        self._oracle.barred(account.id, value=True)
        self._house.tell_account(account)

    @do.register
    def _(self, action: bodies.VoidTrade) -> None:
        trade = next((one for one in self._house.ledger.trades if one.id == action.trade), None)
        if trade is None or trade.voided:
            raise UsageError(f"no trade {action.trade} that can be voided")
        trade.voided = True
        fills = self._house.ledger.fills
        place = next(k for k, one in enumerate(fills) if one.trade == trade.id)
        fills[place] = msgspec.structs.replace(fills[place], voided=True)
        account = self._house.ledger.accounts[trade.account]
        holding = self._house.holding(trade.account, trade.contract)
        value = self._house.market.stalls[trade.contract].contract.instrument.tick_value_cents
        back = sum(
            part.pnl or 0 for part in apply(holding, -trade.side, trade.size, trade.tick, value)
        )
        account.balance += trade.fees + trade.commissions - (trade.pnl or 0) + back
        self._house.tell_trade(trade, "close")
        self._house.tell_position(holding)
        self._house.tell_account(account)
        self._house.changed()

    @do.register
    def _(self, action: bodies.BracketMode) -> None:
        self.account(action.account).auto_oco = action.value == "auto_oco"

    @do.register
    def _(self, action: bodies.Fees) -> None:
        own = (cents(action.fees), cents(action.commissions))
        self.account(action.account).own_fees[action.symbol] = own

    @do.register
    def _(self, action: bodies.Renamed) -> None:
        account = self.account(action.account)
        account.name, account.visible = action.name or account.name, action.visible

    @do.register
    def _(self, action: bodies.Added) -> None:
        number = max(self._house.ledger.accounts) + 1
        made = AccountSetup(id=number, name=action.name, balance_cents=cents(action.balance))
        self._house.ledger.accounts[number] = new_account(made)
