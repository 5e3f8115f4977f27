"""Whether the bot is there, hears the market and knows its orders, as the oracle wants to know.

The count of a naked position stops while the bot is away or cannot act: when none of its
connections is left, neither a hub's nor one that carried a call, or when a rule keeps every call
from the venue. It is back with the first call carried out for it. A call that was lost leaves the
bot in doubt until it has read something, unless the user hub told what became of it.
"""

import asyncio
from typing import TYPE_CHECKING, Final

from julie.gateway.wire import (
    CancelOrder,
    CloseContract,
    ModifyOrder,
    OpenOrders,
    OpenPositions,
    OrderById,
    OrderQuery,
    OrderSearch,
    PartialClose,
    PlaceOrder,
    TradeSearch,
)
from julie.simgate.server.calls import NEVER_CAME, Answered
from julie.simgate.server.hubs import Hubs
from julie.simgate.server.rules import RuleBook

if TYPE_CHECKING:
    from julie.simgate.exchange.exchange import Exchange


_READS: Final = (OpenOrders, OpenPositions, OrderById, OrderQuery, OrderSearch, TradeSearch)
_ACTS: Final = (CancelOrder, CloseContract, ModifyOrder, PartialClose, PlaceOrder)


class Presence:
    """Watches the connections of whoever is logged in."""

    def __init__(self, exchange: "Exchange", hubs: Hubs, rules: RuleBook) -> None:
        self._exchange = exchange
        self._hubs = hubs
        self._rules = rules
        self._lines: set[asyncio.Transport] = set()
        self._is_here = False
        self._is_deaf = False
        self._is_unheard = False

    def here(self, line: asyncio.Transport | None) -> None:
        """A call was carried out over a line."""
        if line is not None:
            self._lines.add(line)
        if not self._is_here:
            self._is_here = True
            self._exchange.presence(True)

    def cut_lines(self) -> None:
        """Break every line that carried a call."""
        for line in self._lines:
            line.abort()

    def noted(self, answered: Answered, lost: bool) -> None:
        """A call was answered, or its answer is lost."""
        asked = answered.request
        unanswered = lost or answered.status >= 500
        if isinstance(asked, _READS) and answered.status == 200 and not lost:
            self._exchange.oracle.settled()
        if not isinstance(asked, _ACTS) or not unanswered:
            return
        done = answered.reply is not None and answered.status != NEVER_CAME
        if not done or self._hubs.newest("user") is None:
            contract, order = getattr(asked, "contract_id", None), getattr(asked, "order_id", None)
            self._exchange.oracle.lost(contract, order)

    def look(self) -> None:
        """Notice that the last connection is gone, or that no market data arrives any more."""
        if not self._is_here:
            return
        self._lines = {line for line in self._lines if not line.is_closing()}
        on_hubs = [one for one in self._hubs.connections() if one.life != "half_open"]
        gone = not self._lines and not on_hubs
        if gone or self._rules.blocks_calls():
            self._is_here = False
            self._exchange.presence(False)
        deaf = not self._hubs.hears_market() or self._rules.mutes_market()
        if deaf != self._is_deaf:
            self._is_deaf = deaf
            self._exchange.muted(None, deaf)
        unheard = not self._hubs.connections("user")
        if unheard != self._is_unheard:
            self._is_unheard = unheard
            self._exchange.oracle.unheard(unheard)
