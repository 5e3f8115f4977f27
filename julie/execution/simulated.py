"""The matching engine behind the broker's two doors.

Backtest audits, paper and the simulated gateway trade on it. What it refuses, a venue would refuse:
a second entry, a stop that moves away, a close or a stop for more than is held.
"""

import numpy as np

from julie.core.permits import (
    Approved,
    CancelEntry,
    Close,
    Entry,
    NearerStop,
    Position,
    Protect,
    Reducing,
)
from julie.core.record import Rows
from julie.core.types import EntryKind
from julie.execution.matching import HOUSE, fill_bar
from julie.execution.orders import (
    CLOSES,
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
        self._held = dict.fromkeys(symbols, 0)
        self._slippage = slippage_ticks

    def place(self, entry: Approved[Entry]) -> None:
        """Work an entry with its native brackets, one order a leg."""
        wanted = entry.value
        book = self._book(wanted.symbol)
        if self._held[wanted.symbol] or any(order["state"] != FREE for order in book):
            raise Refused(f"{wanted.symbol}: an entry or position is working already")
        if len(wanted.legs) > LEGS:
            raise Refused(f"{wanted.symbol}: {len(wanted.legs)} legs, an entry has at most {LEGS}")
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
        before, fills = book.copy(), new_fills()
        n, side = fill_bar(book, o, h, low, c, HOUSE, fills)
        for fill, was in zip(fills[:n], before[fills[:n]["slot"]], strict=True):
            self._held[symbol] += int(fill["qty"]) * int(was["side"])
        return fills[:n], side

    def position(self, symbol: str) -> int:
        """Contracts held, shorts negative."""
        self._book(symbol)
        return self._held[symbol]

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
        if slot % 3 != 0 or slot >= CLOSES or book[slot]["state"] != WORKING:
            raise Refused(f"{order.order} is no working entry")
        book[slot : slot + 3]["state"] = FREE

    def _check(self, position: Position) -> None:
        """A reduction speaks of what is held, never of more or of the other side."""
        held = self.position(position.symbol)
        if held * position.side < position.qty:
            raise Refused(f"{position.symbol}: {position.side * position.qty} of {held} held")

    def _close(self, order: Close) -> None:
        """Whole legs, one of just that many contracts if there is one, else from the first on."""
        self._check(order.position)
        book, side = self._book(order.position.symbol), int(order.position.side)
        open_legs = [k for k in range(LEGS) if book[3 * k + 1]["state"] == WORKING]
        size = {leg: int(book[3 * leg + 1]["qty"]) for leg in open_legs}
        chosen = [leg for leg in open_legs if size[leg] == order.qty][:1] or open_legs
        if sum(size[leg] for leg in chosen) != order.qty:
            raise Refused(f"{order.position.symbol}: no legs of {order.qty} contracts are open")
        for leg in chosen:
            close_leg(book, leg, side, size[leg], self._slippage)

    def _nearer(self, order: NearerStop) -> None:
        book, slot = self._slot(order.order)
        if slot >= CLOSES or slot % 3 != 1 or not move_stop(book, slot // 3, order.to_tick):
            raise Refused(f"{order.order}: the stop is gone, or {order.to_tick} is not nearer")

    def _protect(self, order: Protect) -> None:
        self._check(order.position)
        book, side = self._book(order.position.symbol), -int(order.position.side)
        bare = abs(self.position(order.position.symbol)) - sum(
            int(one["qty"]) for one in book if one["state"] == WORKING and one["kind"] != LIMIT
        )
        if order.qty > bare:
            raise Refused(f"{order.position.symbol}: {bare} contracts stand without a stop")
        leg = next(k for k in range(LEGS) if all(book[3 * k : 3 * k + 3]["state"] == FREE))
        set_order(
            book, 3 * leg + 1, WORKING, STOP, side, order.qty, order.stop_tick, 0, self._slippage
        )
        if order.target_tick is not None:
            set_order(book, 3 * leg + 2, WORKING, LIMIT, side, order.qty, order.target_tick, 0, 0)
