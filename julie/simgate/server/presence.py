"""Whether the bot is there and hears the market, as the oracle wants to know.

The count of a naked position stops while the bot is away or cannot act: when none of its
connections is left, neither a hub's nor one that carried a call, or when a rule keeps every call
from the venue. It is back with the first call carried out for it.
"""

import asyncio
from typing import TYPE_CHECKING

from julie.simgate.server.hubs import Hubs
from julie.simgate.server.rules import RuleBook

if TYPE_CHECKING:
    from julie.simgate.exchange.exchange import Exchange


class Presence:
    """Watches the connections of whoever is logged in."""

    def __init__(self, exchange: "Exchange", hubs: Hubs, rules: RuleBook) -> None:
        self._exchange = exchange
        self._hubs = hubs
        self._rules = rules
        self._lines: set[asyncio.Transport] = set()
        self._is_here = False
        self._is_deaf = False

    def here(self, line: asyncio.Transport | None) -> None:
        """A call was carried out over a line."""
        if line is not None:
            self._lines.add(line)
        if not self._is_here:
            self._is_here = True
            self._exchange.presence(True)

    def look(self) -> None:
        """Notice that the last connection is gone, or that no market data arrives any more."""
        if not self._is_here:
            return
        self._lines = {line for line in self._lines if not line.is_closing()}
        gone = not self._lines and not self._hubs.connections()
        if gone or self._rules.blocks_calls():
            self._is_here = False
            self._exchange.presence(False)
        deaf = not self._hubs.hears_market() or self._rules.mutes_market()
        if deaf != self._is_deaf:
            self._is_deaf = deaf
            self._exchange.muted(None, deaf)
