"""History from the venue into the dataset: minutes of each contract month, laid over what is there.

The venue serves each month alone and gives at most so many bars a call; what the venue has not is
not invented.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from julie.core.instruments import Instrument
from julie.core.zones import MINUTE_NS, SECOND_NS
from julie.gateway.client import Client
from julie.gateway.errors import CallRefused
from julie.gateway.wire import BarRow, BarUnit
from julie.live.warm import Watched, forgotten, months_of
from julie.store.dataset import bars_folder, split_by_contract, with_present, write_contracts
from julie.store.rows import Rows


class Fetched(NamedTuple):
    """What came of one contract month."""

    symbol: str
    contract: str
    rows: int
    new: int
    file: str


async def fetch(
    client: Client,
    instrument: Instrument,
    contract: str,
    start_ns: int,
    end_ns: int,
    data_dir: Path,
    *,
    simulated: bool,
) -> list[Fetched]:
    """Fetch closed minutes that open in [start, end) of every month that may have led then."""
    found = []
    folder = bars_folder(data_dir, instrument.symbol, 60)
    watched = Watched(instrument, contract)
    for month in months_of(watched, start_ns):
        try:
            bars = client.history.bars(month, start_ns, end_ns - MINUTE_NS, BarUnit.MINUTE, 1)
            listing = await bars
        except CallRefused as error:
            if forgotten(error, watched, month):
                continue
            raise
        if not listing.rows:
            continue
        ((filed, own),) = split_by_contract(_rows(listing.rows, month, simulated=simulated))
        merged, replaced, _ = with_present(folder, filed, own)
        write_contracts(folder, {filed: merged})
        file = str(folder / f"{filed}.parquet")
        found.append(Fetched(instrument.symbol, month, len(own), len(own) - replaced, file))
    return found


def _rows(bars: Sequence[BarRow], contract: str, *, simulated: bool) -> Rows:
    ts = np.array([round(bar.t.timestamp()) * SECOND_NS for bar in bars], dtype=np.int64)

    def numbers(name: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return np.array([float(getattr(bar, name)) for bar in bars], dtype=np.float64)

    prices = {name: numbers(name) for name in ("o", "h", "l", "c", "v")}
    digest = hashlib.sha256(ts.tobytes() + b"".join(one.tobytes() for one in prices.values()))
    return Rows(
        ts,
        prices["o"],
        prices["h"],
        prices["l"],
        prices["c"],
        prices["v"],
        (contract.rsplit(".", 1)[-1],),
        np.zeros(len(ts), dtype=np.int32),
        None,
        None,
        ("ts", "open", "high", "low", "close", "volume"),
        contract,
        digest.hexdigest(),
        simulated,
    )
