"""Our fills, as the venue booked them."""

from julie.gateway.answers import Listing
from julie.gateway.caller import Caller
from julie.gateway.limiter import Need
from julie.gateway.wire import Stamp, TradeRow, TradeSearch, routes


class Trades:
    """The trade search of one account."""

    def __init__(self, caller: Caller, account_id: int) -> None:
        self._caller = caller
        self._account_id = account_id

    async def since(
        self, start_ns: int, end_ns: int | None = None, need: Need = Need.ORDINARY
    ) -> Listing[TradeRow]:
        """Fills by time, voided ones too; they carry the order's id and no tag."""
        request = TradeSearch(
            account_id=self._account_id,
            start_timestamp=Stamp(start_ns),
            end_timestamp=None if end_ns is None else Stamp(end_ns),
        )
        reply, misfits = await self._caller.read(routes.TRADE_SEARCH, request, need)
        return Listing(reply.trades or (), misfits)
