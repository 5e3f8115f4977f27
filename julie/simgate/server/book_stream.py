"""The book of a contract as a stream: what changed of its ten levels since the last time."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from julie.gateway.wire import DepthRow, DepthType, Stamp
from julie.simgate.server.hubs import Hubs

if TYPE_CHECKING:
    from julie.simgate.exchange.exchange import Exchange

_SIDES = (DepthType.ASK, DepthType.BID)
Level = tuple[DepthType, float]


class BookStream:
    """Sends the changes of every book that somebody listens to."""

    def __init__(self, exchange: "Exchange", hubs: Hubs) -> None:
        self._exchange = exchange
        self._hubs = hubs
        self._levels: dict[str, dict[Level, int]] = {}

    def send(self) -> None:
        """The changes since the last call."""
        for contract in self._exchange.contracts():
            group = f"ContractMarketDepth:{contract}"
            if not self._hubs.listened(group):
                self._levels.pop(contract, None)
                continue
            rows = self._changes(contract, self._exchange.depth(contract))
            if rows:
                self._hubs.depth_event(contract, rows)

    def _changes(self, contract: str, rows: Sequence[DepthRow]) -> list[DepthRow]:
        levels = {(row.type, row.price): row for row in rows if row.type in _SIDES}
        known = self._levels.get(contract)
        self._levels[contract] = {level: row.volume for level, row in levels.items()}
        if known is None:
            return []  # the whole book was the answer to the subscription
        now = Stamp(self._exchange.now_ns)
        changed = [row for level, row in levels.items() if known.get(level) != row.volume]
        gone = [
            DepthRow(price=price, volume=0, type=side, timestamp=now, contract_id=contract)
            for side, price in known
            if (side, price) not in levels
        ]
        return changed + gone
