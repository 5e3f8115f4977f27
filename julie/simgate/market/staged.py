"""What a script laid into a line is played when its second comes: prints, quotes, bursts.

While scripted prints are due the source stands still, its quote is repeated, and its next price is
one leap away.
"""

from typing import TYPE_CHECKING, Final

from julie.core.zones import SECOND_NS
from julie.gateway.wire import Quote, Stamp
from julie.simgate.exchange.events import QUOTE, MarketEvent
from julie.simgate.market.stalls import Stall

if TYPE_CHECKING:
    from julie.simgate.market.market import Market

EMPTY: Final = float("nan")  # written as null


def staged(market: "Market", stall: Stall, ns: int) -> bool:
    """Play what is due; whether the source stands still in this second."""
    line = stall.line
    if line.bursts:
        _burst(market, stall, ns)
    while line.quotes and line.quotes[0][0] <= ns:
        at, bid, ask = line.quotes.pop(0)
        _quote(market, stall, at, bid, ask)
    if not line.ticks:
        return False
    while line.ticks and line.ticks[0][0] <= ns:
        at, tick, volume = line.ticks.pop(0)
        market.leap(stall, tick)
        market.tell_quote(stall, at)
        market.tell_print(stall, volume, at)
    market.tell_quote(stall, ns)
    line.jump = True
    return True


def _burst(market: "Market", stall: Stall, ns: int) -> None:
    line = stall.line
    line.bursts = [one for one in line.bursts if one[0] >= ns]
    if line.last is None:
        return
    for _, rate in line.bursts:
        for k in range(rate // 2):
            at = ns - SECOND_NS + (2 * k + 1) * SECOND_NS // rate
            market.tell_quote(stall, at)
            market.tell_print(stall, 1, at)


def _quote(market: "Market", stall: Stall, at: int, bid: int | None, ask: int | None) -> None:
    line, price = stall.line, stall.contract.price
    line.bid, line.ask = bid, ask
    line.sent = (line.last, bid, ask, line.volume)
    row = Quote(
        symbol=stall.contract.symbol_id,
        best_bid=EMPTY if bid is None else price(bid),
        best_ask=EMPTY if ask is None else price(ask),
        last_updated=Stamp(at),
        timestamp=Stamp(at),
        contract=stall.contract.id,
    )
    market.tell(MarketEvent(QUOTE, stall.contract.id, (row,), at))
