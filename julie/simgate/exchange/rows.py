"""What is remembered, as rows of the wire."""

from decimal import Decimal

from julie.gateway.wire import (
    AccountRow,
    OrderRow,
    OrderSide,
    OrderType,
    PositionRow,
    PositionType,
    Stamp,
    TradeRow,
)
from julie.simgate.exchange.positions import average
from julie.simgate.exchange.state import Holding, SimAccount, SimOrder, SimTrade
from julie.simgate.market.contracts import Contract

LIMITS = (OrderType.LIMIT, OrderType.JOIN_BID, OrderType.JOIN_ASK)


def dollars(cents: int) -> Decimal:
    """Cents as the wire has money."""
    return Decimal(cents) / 100


def account_row(one: SimAccount) -> AccountRow:
    """An account."""
    return AccountRow(
        id=one.id,
        name=one.name,
        balance=dollars(one.balance),
        can_trade=one.can_trade,
        is_visible=one.visible,
        simulated=True,
    )


def order_row(one: SimOrder, contract: Contract) -> OrderRow:
    """An order; a leg that waits has no price yet."""
    price = None if one.price is None else contract.exact(one.price)
    return OrderRow(
        id=one.id,
        account_id=one.account,
        contract_id=one.contract,
        symbol_id=contract.symbol_id,
        creation_timestamp=Stamp(one.created_ns),
        update_timestamp=Stamp(one.updated_ns),
        status=one.status,
        type=one.type,
        side=OrderSide.BID if one.side > 0 else OrderSide.ASK,
        size=one.size,
        fill_volume=one.filled,
        limit_price=price if one.type in LIMITS else None,
        stop_price=price if one.type in (OrderType.STOP, OrderType.TRAILING_STOP) else None,
        filled_price=contract.tick * one.paid / one.filled if one.filled else None,
        custom_tag=one.tag,
        parent_order_id=one.parent,
        linked_order_id=one.linked,
        trail_distance=one.trail,
        trail_price=None if one.trail is None else contract.exact(one.trail),
    )


def position_row(one: Holding, contract: Contract) -> PositionRow:
    """A position; flat is size 0 of no direction."""
    kind = PositionType.UNDEFINED
    if one.net:
        kind = PositionType.LONG if one.net > 0 else PositionType.SHORT
    return PositionRow(
        id=one.id,
        account_id=one.account,
        contract_id=one.contract,
        contract_display_name=contract.display,
        creation_timestamp=Stamp(one.opened_ns),
        type=kind,
        size=abs(one.net),
        average_price=contract.tick * Decimal(str(average(one))),
    )


def trade_row(one: SimTrade, contract: Contract) -> TradeRow:
    """A fill of ours."""
    return TradeRow(
        id=one.id,
        account_id=one.account,
        contract_id=one.contract,
        creation_timestamp=Stamp(one.ns),
        price=contract.exact(one.tick),
        side=OrderSide.BID if one.side > 0 else OrderSide.ASK,
        size=one.size,
        order_id=one.order,
        fees=dollars(one.fees),
        commissions=dollars(one.commissions),
        profit_and_loss=None if one.pnl is None else dollars(one.pnl),
        voided=one.voided,
    )
