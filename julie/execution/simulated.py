"""The matching engine behind the broker's two doors: what backtest audits, paper and the simulated
gateway trade on.
"""

import numpy as np

from julie.core.permits import Approved, CancelEntry, Close, Entry, NearerStop, Protect, Reducing
from julie.core.record import Rows
from julie.core.types import EntryKind
from julie.execution.matching import HOUSE, entering_side, fill_bar
from julie.execution.orders import (
    FREE,
    LIMIT,
    MARKET,
    STOP,
    WORKING,
    close_leg,
    move_stop,
    new_books,
    new_fills,
    place_leg,
    set_order,
)

LEGS = 2


class Refused(Exception):
    """The venue's no: what was wrong with the order."""


class MatchingBroker:
    """Books of several instruments, filled bar by bar."""

    def __init__(self, symbols: tuple[str, ...], slippage_ticks: int) -> None:
        self._places = {symbol: k for k, symbol in enumerate(symbols)}
        self._books = new_books(len(symbols))
        self._slippage = slippage_ticks

    def place(self, entry: Approved[Entry]) -> None:
        """Work an entry with its native brackets, one order a leg."""
        wanted = entry.value
        book = self._book(wanted.symbol)
        if any(order["state"] != FREE for order in book):
            raise Refused(f"{wanted.symbol}: an entry or position is working already")
        market = wanted.kind is EntryKind.MARKET
        for k, leg in enumerate(wanted.legs):
            place_leg(
                book,
                k,
                MARKET if market else LIMIT,
                int(wanted.side),
                leg.qty,
                wanted.limit_tick or 0,
                wanted.stop_ticks,
                leg.target_ticks,
                self._slippage if market else 0,
            )
            book[3 * k + 1]["slip"] = self._slippage

    def reduce(self, order: Reducing) -> None:
        """Take out, close, protect or bring nearer."""
        match order:
            case CancelEntry():
                self._cancel(order)
            case Close():
                self._close(order)
            case NearerStop():
                self._nearer(order)
            case Protect():
                self._protect(order)

    def bar(self, symbol: str, o: int, h: int, low: int, c: int) -> tuple[Rows, int]:
        """Walk one bar; its fills in their sequence, and the side held on the walk."""
        book = self._book(symbol)
        side = int(entering_side(book))
        fills = new_fills()
        n = fill_bar(book, o, h, low, c, HOUSE, fills)
        return fills[:n], side

    def working(self, symbol: str) -> Rows:
        """The orders that work or wait, as they stand."""
        book = self._book(symbol)
        return np.array(book[book["state"] != FREE])

    def _book(self, symbol: str) -> Rows:
        if symbol not in self._places:
            raise Refused(f"no contract {symbol!r}")
        book: Rows = self._books[self._places[symbol]]
        return book

    def _slot(self, name: str) -> tuple[Rows, int]:
        symbol, _, slot = name.rsplit(":", 2)
        return self._book(symbol), int(slot)

    def _cancel(self, order: CancelEntry) -> None:
        book, slot = self._slot(order.order)
        if slot % 3 != 0 or book[slot]["state"] != WORKING:
            raise Refused(f"{order.order} is no working entry")
        book[slot : slot + 3]["state"] = FREE

    def _close(self, order: Close) -> None:
        book = self._book(order.position.symbol)
        for leg in range(LEGS):
            stop = book[3 * leg + 1]
            if stop["state"] == WORKING and stop["qty"] == order.qty:
                close_leg(book, leg, int(order.position.side), order.qty, self._slippage)
                return
        raise Refused(f"{order.position.symbol}: no leg of {order.qty} contracts is open")

    def _nearer(self, order: NearerStop) -> None:
        book, slot = self._slot(order.order)
        if not move_stop(book, slot // 3, order.to_tick):
            raise Refused(f"{order.order}: the stop is gone, or {order.to_tick} is not nearer")

    def _protect(self, order: Protect) -> None:
        book = self._book(order.position.symbol)
        side = -int(order.position.side)
        for leg in range(LEGS):
            if all(book[slot]["state"] == FREE for slot in range(3 * leg, 3 * leg + 3)):
                set_order(
                    book,
                    3 * leg + 1,
                    WORKING,
                    STOP,
                    side,
                    order.qty,
                    order.stop_tick,
                    0,
                    self._slippage,
                )
                if order.target_tick is not None:
                    set_order(
                        book, 3 * leg + 2, WORKING, LIMIT, side, order.qty, order.target_tick, 0, 0
                    )
                return
        raise Refused(f"{order.position.symbol}: both legs have orders already")
