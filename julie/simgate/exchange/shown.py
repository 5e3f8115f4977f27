"""What the exchange shows of itself: contracts, whole quotes, depth, truth, violations."""

from julie.gateway.wire import DepthRow, Quote
from julie.simgate.exchange.bodies import Truth, Violation
from julie.simgate.exchange.house import House
from julie.simgate.exchange.oracle import Oracle
from julie.simgate.exchange.state import KeptRule
from julie.simgate.exchange.truth import truth_of
from julie.simgate.market.market import Market
from julie.simgate.market.telling import depth_rows, whole_quote


class Shown:
    """The reading half of the exchange."""

    _market: Market
    _house: House
    _oracle: Oracle

    def contracts(self) -> tuple[str, ...]:
        """Contracts that trade now: the active ones in the order of the setup, then neighbours."""
        now = self._market.now_ns
        active = [one.product.active(now).id for one in self._market.series]
        others = [one.contract.id for one in self._market.trading if one.contract.id not in active]
        return (*active, *others)

    def quote(self, contract: str) -> Quote:
        """The whole quote, for a subscriber's first message."""
        stall = self._market.stalls[contract]
        return whole_quote(stall.contract, stall.line, self._market.now_ns)

    def depth(self, contract: str) -> tuple[DepthRow, ...]:
        """Ten levels a side made from the quote, with a reset first."""
        stall = self._market.stalls[contract]
        return depth_rows(stall.contract, stall.line, self._market.now_ns)

    def rules(self) -> tuple[KeptRule, ...]:
        """The rules for orders, and how often each was met."""
        return tuple(self._house.ledger.rules)

    def truth(self) -> Truth:
        """All that happened so far."""
        return truth_of(self._house)

    def violations(self) -> list[Violation]:
        """What the oracle found so far, naked positions that still stand included."""
        self._oracle.look()
        return list(self._house.ledger.oracle.found)
