"""Minutes of history from the venue: whole or refused, for warm-up, backfill and files.

The venue gives the newest 20,000 bars of a window at most, so a longer one is paged backwards, each
page within the budget of bar calls.
"""

from collections.abc import Sequence

from julie.gateway.client import Client
from julie.gateway.errors import BadAnswer
from julie.gateway.wire import BarRow, BarUnit


async def minutes(client: Client, contract: str, first_ns: int, last_ns: int) -> Sequence[BarRow]:
    """Closed minutes of one contract that open in [first, last], oldest first, each once."""
    if last_ns < first_ns:
        return ()
    found = await client.history.bars(contract, first_ns, last_ns, BarUnit.MINUTE, 1)
    if not found.complete:
        raise BadAnswer(f"bars of {contract}: {len(found.misfits)} of them cannot be read")
    return found.rows
