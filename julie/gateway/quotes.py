"""The top of every book, put together from quotes that carry only what changed.

A book with one side only, or one whose sides meet or cross, is told as such and used by nobody; the
last good one is kept beside it.
"""

from math import nan

from julie.core.market_events import QuoteNow
from julie.gateway.wire import Quote


def _side(change: float | None, before: float) -> float:
    """A side after a change; what is missing is unchanged, nought is an empty side."""
    if change is None:
        return before
    return change if change > 0.0 else nan


class Books:
    """The newest quote of each contract."""

    def __init__(self) -> None:
        self._now: dict[str, QuoteNow] = {}
        self._good: dict[str, QuoteNow] = {}
        self.unsound = 0  # quotes after which a book was crossed, locked or one-sided

    def merge(self, contract: str, change: Quote, ts_local: int) -> QuoteNow:
        """The quote after a change."""
        known = self._now.get(contract) or QuoteNow(contract, nan, nan, nan, 0, 0)
        stamp = change.last_updated or change.timestamp
        now = QuoteNow(
            contract,
            _side(change.best_bid, known.bid),
            _side(change.best_ask, known.ask),
            known.last if change.last_price is None else change.last_price,
            ts_local if stamp is None else int(stamp),
            ts_local,
        )
        self._now[contract] = now
        if now.sound:
            self._good[contract] = now
        else:
            self.unsound += 1
        return now

    def now(self, contract: str) -> QuoteNow | None:
        """The newest quote, sound or not."""
        return self._now.get(contract)

    def good(self, contract: str) -> QuoteNow | None:
        """The last sound quote."""
        return self._good.get(contract)

    def forget(self) -> None:
        """Before a new connection: its first quotes are whole, and changes build on nothing old."""
        self._now.clear()
