"""Bars of history: sorted, each once, however many pages they come in."""

from datetime import datetime
from typing import Final

from julie.core.zones import SECOND_NS
from julie.gateway.answers import Listing
from julie.gateway.caller import Caller
from julie.gateway.wire import BarRow, BarUnit, Misfit, RetrieveBars, Stamp, routes

PAGE: Final = 20_000  # bars the venue gives at most in one answer


class History:
    """Reads bars."""

    def __init__(self, caller: Caller, page: int = PAGE) -> None:
        self._caller = caller
        self._page = page

    async def bars(
        self,
        contract_id: str,
        start_ns: int,
        end_ns: int,
        unit: BarUnit,
        unit_number: int,
        partial: bool = False,
    ) -> Listing[BarRow]:
        """Bars that open in [start, end], oldest first; the running one where `partial`."""
        found: dict[datetime, BarRow] = {}
        misfits: list[Misfit] = []
        while True:
            request = RetrieveBars(
                contract_id=contract_id,
                live=False,
                start_time=Stamp(start_ns),
                end_time=Stamp(end_ns),
                unit=unit,
                unit_number=unit_number,
                limit=self._page,
                include_partial_bar=partial,
            )
            reply, bad = await self._caller.read(routes.BARS, request)
            rows = reply.bars or ()
            misfits.extend(bad)
            before = len(found)
            found.update((row.t, row) for row in rows)
            if len(rows) + len(bad) < self._page or len(found) == before:
                break
            end_ns = round(min(found).timestamp()) * SECOND_NS
        return Listing(tuple(found[opens] for opens in sorted(found)), tuple(misfits))
