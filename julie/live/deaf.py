"""Whether we do not hear: the market of an instrument, or what becomes of our account."""

from collections.abc import Callable

from julie.core.types import Reason
from julie.gateway.feed import HubFeed
from julie.live.rolls import Rolls


def unheard_of(rolls: Rolls, feed: HubFeed, *, streamed: bool) -> Callable[[str], Reason]:
    """Whether we are deaf, answered by the age of what was heard when somebody asks."""

    def unheard(symbol: str) -> Reason:
        lines = rolls.lines
        k = lines.symbols.index(symbol)
        heard = {lines.watched[k].contract, lines.traded[k].contract}
        if any(feed.stale(contract) for contract in heard):
            return Reason.STALE_DATA
        return Reason.NOT_RECONCILED if streamed and feed.blind else Reason.NONE

    return unheard
