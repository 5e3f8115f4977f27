"""The paper orders of one contract as rows of the matching engine, and what a price fills of them.

Between two prints of a minute the price passes what lies between, nearest first; but a print is
all that is known to have traded, so a stop gets the print that reached it and a limit its own
price.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from julie.core.types import Side
from julie.execution.matching import fills_at, first_at, first_between, slipped
from julie.execution.orders import (
    CLOSING,
    ENTERING,
    FREE,
    HELD,
    LIMIT,
    MARKET,
    ORDER,
    PROTECTING,
    STOP,
    TAKING,
    WORKING,
)
from julie.execution.venue import OrderKind, VenueOrder, VenueStatus

ROOM: Final = 16
_KIND: Final = {OrderKind.MARKET: MARKET, OrderKind.LIMIT: LIMIT, OrderKind.STOP: STOP}
_STATE: Final = {
    VenueStatus.OPEN: WORKING,
    VenueStatus.PENDING: WORKING,
    VenueStatus.SUSPENDED: HELD,
}

Fill = Callable[[int, int], None]  # order, price


class PaperBook:
    """Rows for the engine, in the order in which the orders came."""

    def __init__(self, slippage_ticks: int) -> None:
        self._ids: list[int] = []
        self._rows: Any = np.zeros(ROOM, ORDER)
        self._slip = slippage_ticks

    def put(self, row: VenueOrder, distance: int, closes: bool) -> None:
        """Write an order's row anew, or for the first time."""
        state = FREE if row.status.ended else _STATE.get(row.status, FREE)
        if row.id not in self._ids:
            if state == FREE:
                return
            self._ids.append(row.id)
            if len(self._ids) > len(self._rows):
                self._rows = np.concatenate([self._rows, np.zeros(ROOM, ORDER)])
        kind = _KIND[row.kind]
        role = CLOSING if closes else ENTERING
        if row.parent_id is not None:
            role = PROTECTING if kind == STOP else TAKING
        elif kind == STOP:
            role = PROTECTING
        self._rows[self._ids.index(row.id)] = (
            state, kind, int(row.side), role, row.qty - row.filled, row.price_tick or 0, distance,
            0 if kind == LIMIT else self._slip,
        )  # fmt: skip

    def _tidy(self) -> bool:
        """Forget what is over, never while a price is matched; whether anything is left."""
        works = self._rows[: len(self._ids)]["state"] != FREE
        if not works.all():
            kept = self._rows[: len(self._ids)][works]
            self._ids = [one for one, alive in zip(self._ids, works, strict=True) if alive]
            self._rows = np.zeros(len(kept) + ROOM, ORDER)
            self._rows[: len(kept)] = kept
        return bool(self._ids)

    def _filled(self, row: int, tick: int, fill: Fill) -> None:
        fill(self._ids[row], int(slipped(self._rows[row], tick)))

    def point(self, tick: int, fill: Fill) -> None:
        """A price stands: closes first, then stops, targets and entries."""
        if not self._tidy():
            return
        for role in range(ENTERING + 1):
            row = first_at(self._rows, len(self._ids), role, 0, tick)
            while row >= 0:
                self._filled(row, tick, fill)
                row = first_at(self._rows, len(self._ids), role, row + 1, tick)

    def travel(self, a: int, b: int, fill: Fill) -> None:
        """The price goes from one print to the next."""
        if not self._tidy():
            return
        for side in Side:
            self.market_orders(side, b, fill)
        for row in range(len(self._ids)):  # a limit laid beyond the market takes the market
            if self._works(row, LIMIT) and fills_at(self._rows[row], a):
                better = fills_at(self._rows[row], b)
                self._filled(row, b if better else int(self._rows[row]["price"]), fill)
        if a == b:
            return
        for _ in range(4 * len(self._ids) + 4):
            row, at = first_between(self._rows, len(self._ids), a, b, b > a)
            if row < 0:
                return
            stop = self._rows[row]["kind"] == STOP
            self._filled(row, b if stop else int(self._rows[row]["price"]), fill)
            a = at

    def _works(self, row: int, kind: int) -> bool:
        return bool(self._rows[row]["state"] == WORKING and self._rows[row]["kind"] == kind)

    def market_orders(self, side: Side, tick: int, fill: Fill) -> None:
        """Fill the market orders of a side at a price, closes first."""
        for row in self._waiting(side):
            self._filled(row, tick, fill)

    def _waiting(self, side: Side) -> list[int]:
        rows = self._rows[: len(self._ids)]
        found = np.flatnonzero(
            (rows["state"] == WORKING) & (rows["kind"] == MARKET) & (rows["side"] == int(side))
        )
        return sorted((int(row) for row in found), key=lambda row: int(rows[row]["role"]))
