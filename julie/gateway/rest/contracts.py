"""Contracts, and the one that takes orders now."""

from decimal import Decimal

from julie.core.instruments import Instrument
from julie.gateway.answers import Listing
from julie.gateway.caller import Caller
from julie.gateway.errors import ContractDisagrees
from julie.gateway.limiter import Need
from julie.gateway.wire import (
    ContractById,
    ContractRow,
    ContractsAvailable,
    ContractSearch,
    routes,
)


class Contracts:
    """Looks contracts up; `live` is the live data subscription, which accounts here do not have."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def search(self, text: str, live: bool = False) -> Listing[ContractRow]:
        """At most 20, matched loosely."""
        request = ContractSearch(search_text=text, live=live)
        reply, misfits = await self._caller.read(routes.CONTRACT_SEARCH, request)
        return Listing(reply.contracts or (), misfits)

    async def available(self, live: bool = False) -> Listing[ContractRow]:
        """The active contract of every product."""
        request = ContractsAvailable(live=live)
        reply, misfits = await self._caller.read(routes.CONTRACTS_AVAILABLE, request)
        return Listing(reply.contracts or (), misfits)

    async def by_id(self, contract_id: str, need: Need = Need.ORDINARY) -> ContractRow | None:
        """One contract, expired ones too."""
        request = ContractById(contract_id=contract_id)
        reply, _ = await self._caller.read(routes.CONTRACT_BY_ID, request, need)
        return reply.contract

    async def active(self, instrument: Instrument) -> ContractRow:
        """The contract of `instrument` that takes orders; its tick must be the table's."""
        symbol_id = f"F.US.{instrument.contract_root}"
        rows = [
            row
            for row in await self.available()
            if row.active_contract and row.symbol_id == symbol_id
        ]
        if len(rows) != 1:
            raise ContractDisagrees(
                f"{instrument.symbol}: the venue lists {len(rows)} active contracts of {symbol_id}",
                "trade another instrument, or wait for the venue to list one",
            )
        row = rows[0]
        ours = Decimal(str(instrument.tick)), Decimal(instrument.tick_value_cents) / 100
        if (row.tick_size, row.tick_value) != ours:
            raise ContractDisagrees(
                f"{row.id}: the venue's tick is {row.tick_size} worth {row.tick_value} USD, "
                f"the table's {ours[0]} worth {ours[1]} USD",
                f"correct instruments.{instrument.symbol} in config.yaml",
            )
        return row
