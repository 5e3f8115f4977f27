"""What a fill leaves in the books: trade rows, money, the position, and who is told of them."""

from julie.simgate.exchange.bodies import Fill
from julie.simgate.exchange.house import House
from julie.simgate.exchange.positions import apply
from julie.simgate.exchange.state import SimOrder, SimTrade


def book_trades(house: House, order: SimOrder, size: int, tick: int, slip: int, phase: int) -> None:
    """So many contracts of an order filled at a price: one trade, or two where it turns."""
    ledger = house.ledger
    stall = house.market.stalls[order.contract]
    account, instrument = ledger.accounts[order.account], stall.contract.instrument
    holding = house.holding(order.account, order.contract)
    day = house.market.date
    fee, commission = house.fee(account, stall.contract, day)
    for part in apply(holding, order.side, size, tick, instrument.tick_value_cents):
        if part.pnl is None and abs(holding.net) == part.size:
            holding.id, holding.opened_ns = ledger.next_position, house.market.stamp()
            ledger.next_position += 1
        trade = SimTrade(
            id=ledger.next_trade, order=order.id, account=account.id,
            contract=order.contract, side=order.side, size=part.size, tick=tick,
            ns=house.market.stamp(), fees=fee * part.size,
            commissions=commission * part.size, pnl=part.pnl,
        )  # fmt: skip
        ledger.next_trade += 1
        ledger.trades.append(trade)
        account.balance += (part.pnl or 0) - trade.fees - trade.commissions
        ledger.fills.append(
            Fill(
                ns=trade.ns, trade=trade.id, order=order.id, account=account.id,
                contract=order.contract, side=1 if order.side > 0 else -1, size=part.size,
                price=stall.contract.price(tick), tick=tick, slip=slip, phase=phase,
                role=order.role, tag=order.tag,
                pnl=None if part.pnl is None else part.pnl / 100,
                fees=(trade.fees + trade.commissions) / 100, foreign=order.foreign,
            )
        )  # fmt: skip
        house.mark("fill", order=order.id, trade=trade.id, size=part.size, tick=tick)
        house.tell_trade(trade, order.role)
        house.tell_position(holding)
        house.tell_account(account)
