"""Positions: read, closed, partly closed. Closing leaves the resting orders where they are."""

from julie.execution.venue import Outcome
from julie.gateway.answers import Listing
from julie.gateway.caller import Caller
from julie.gateway.limiter import Need
from julie.gateway.wire import CloseContract, OpenPositions, PartialClose, PositionRow, routes


class Positions:
    """The position calls of one account."""

    def __init__(self, caller: Caller, account_id: int) -> None:
        self._caller = caller
        self._account_id = account_id

    async def held(self, need: Need = Need.ORDINARY) -> Listing[PositionRow]:
        """What is held; a contract that is flat is not in it."""
        request = OpenPositions(account_id=self._account_id)
        reply, misfits = await self._caller.read(routes.OPEN_POSITIONS, request, need)
        return Listing(reply.positions or (), misfits)

    async def close(self, contract_id: str) -> Outcome:
        """Close the whole position at market."""
        request = CloseContract(account_id=self._account_id, contract_id=contract_id)
        return await self._caller.act(routes.CLOSE, request, Need.URGENT)

    async def close_part(self, contract_id: str, size: int) -> Outcome:
        """Close a part at market."""
        request = PartialClose(account_id=self._account_id, contract_id=contract_id, size=size)
        return await self._caller.act(routes.PARTIAL_CLOSE, request, Need.URGENT)
