"""Market rows of the wire: delta quotes, prints, and ten levels of depth made from the quote."""

from typing import Final

from julie.core.zones import SECOND_NS
from julie.gateway.wire import Aggressor, DepthRow, DepthType, Print, Quote, Stamp
from julie.simgate.exchange.events import QUOTE, TRADE, MarketEvent
from julie.simgate.market.contracts import Contract
from julie.simgate.market.line import Line

LEVELS: Final = 10
EMPTY: Final = 0.0  # the price of a side on which nobody stands


def sides(line: Line, ns: int) -> tuple[int | None, int | None]:
    """Bid and ask as they are shown: crossed or one-sided where a script wants it."""
    bid, ask = line.bid, line.ask
    if bid is not None and ask is not None and ns < line.crossed_ns:
        return bid + line.crossed, ask
    if ns < line.halted_ns and line.limit == "up":
        return bid, None
    if ns < line.halted_ns and line.limit == "down":
        return None, ask
    return bid, ask


def quote_event(contract: Contract, line: Line, ns: int) -> MarketEvent | None:
    """The quote's change; at least its time. None before the first price."""
    if line.last is None:
        return None
    bid, ask = sides(line, ns)
    now = (line.last, bid, ask, line.volume)
    was, line.sent = line.sent, now
    stamp = Stamp(ns)
    row = Quote(
        symbol=contract.symbol_id,
        last_price=contract.price(line.last) if now[0] != was[0] else None,
        best_bid=_shown(contract, bid) if now[1] != was[1] else None,
        best_ask=_shown(contract, ask) if now[2] != was[2] else None,
        volume=line.volume if now[3] != was[3] else None,
        last_updated=stamp,
        timestamp=stamp,
        contract=contract.id,
    )
    return MarketEvent(QUOTE, contract.id, (row,), ns)


def _shown(contract: Contract, tick: int | None) -> float:
    return EMPTY if tick is None else contract.price(tick)


def whole_quote(contract: Contract, line: Line, ns: int) -> Quote:
    """All fields, as a subscriber hears them first."""
    if line.last is None:
        return Quote(symbol=contract.symbol_id, last_updated=Stamp(ns), contract=contract.id)
    bid, ask = sides(line, ns)
    opened = line.day_open or line.last
    change = line.last - opened
    return Quote(
        symbol=contract.symbol_id,
        last_price=contract.price(line.last),
        best_bid=_shown(contract, bid),
        best_ask=_shown(contract, ask),
        change=contract.price(change),
        change_percent=round(change / opened, 6),
        open=contract.price(opened),
        high=contract.price(line.day_high or line.last),
        low=contract.price(line.day_low or line.last),
        volume=line.volume,
        last_updated=Stamp(ns),
        timestamp=Stamp(ns),
        contract=contract.id,
    )


def print_event(contract: Contract, tick: int, volume: int, sold: bool, ns: int) -> MarketEvent:
    """A trade of the market."""
    row = Print(
        symbol_id=contract.symbol_id,
        price=contract.price(tick),
        timestamp=Stamp(ns),
        type=Aggressor.SELL if sold else Aggressor.BUY,
        volume=volume,
        contract_id=contract.id,
    )
    return MarketEvent(TRADE, contract.id, (row,), ns)


def depth_rows(contract: Contract, line: Line, ns: int) -> tuple[DepthRow, ...]:
    """A reset, then ten levels a side; sizes are made of price and time."""
    stamp = Stamp(ns)
    rows = [DepthRow(price=0.0, volume=0, type=DepthType.RESET, timestamp=stamp)]
    bid, ask = sides(line, ns)
    for tick, step, kind in ((bid, -1, DepthType.BID), (ask, 1, DepthType.ASK)):
        if tick is not None:
            rows.extend(
                DepthRow(
                    price=contract.price(tick + step * k),
                    volume=_size(tick + step * k, ns),
                    current_volume=0,
                    type=kind,
                    timestamp=stamp,
                )
                for k in range(LEVELS)
            )
    return tuple(rows)


def _size(tick: int, ns: int) -> int:
    """Contracts at a level: steady for some seconds, then others."""
    return 1 + (tick * 2654435761 + ns // (5 * SECOND_NS) * 40503) % 97
