"""Another instrument's columns, joined as of the close: `peer("NQ", column)` and its age in
minutes.
"""

from typing import Any

import numpy as np

from julie.core.compiled import compiled
from julie.market.columns.column import Column, Kernel, Mirror, Output
from julie.market.columns.raw import TS

PEER = Kernel(
    "peer", None, (Output("peer", Mirror.LINEAR, "the peer's value on its last closed bar"),)
)
PEER_AGE = Kernel(
    "peer_age", None, (Output("peer_age", Mirror.EVEN, "minutes since the peer's last bar"),)
)


def peer(symbol: str, column: Column) -> Column:
    """The column of another instrument, as of the last of its bars that had closed."""
    return Column(PEER, (column,), where=symbol, alias=column.alias)


def peer_age(symbol: str) -> Column:
    """Minutes between this row and the peer row it sees; 0 when both closed together."""
    return Column(PEER_AGE, (TS,), where=symbol)


@compiled
def join(
    ts: Any, peer_ts: Any, x: Any, out: Any, empty: float, start: int, stop: int, high: int
) -> None:
    """For each row the peer's last row that is not later; rows of one minute close together."""
    j = np.searchsorted(peer_ts[:high], ts[start], side="right") if start < stop else 0
    for t in range(start, stop):
        while j < high and peer_ts[j] <= ts[t]:
            j += 1
        out[t] = x[j - 1] if j > 0 and peer_ts[j - 1] > 0 else empty


@compiled
def join_age(ts: Any, peer_ts: Any, out: Any, start: int, stop: int, high: int) -> None:
    """Minutes since the peer's last row."""
    j = np.searchsorted(peer_ts[:high], ts[start], side="right") if start < stop else 0
    for t in range(start, stop):
        while j < high and peer_ts[j] <= ts[t]:
            j += 1
        out[t] = (ts[t] - peer_ts[j - 1]) / 60e9 if j > 0 and peer_ts[j - 1] > 0 else float("nan")
